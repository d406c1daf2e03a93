/** `export`: declarations as a file that can be registered again, rows as NDJSON or CSV. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { stringify } from 'yaml';
import { CLIENT_HELP, CLIENT_OPTIONS, type Client, connect } from './client.ts';
import { type Command, type Invocation, required, say, text, UsageError } from './command.ts';
import { toCsv } from './csv.ts';
import { totalsPages } from './totals-pages.ts';

type Row = Readonly<Record<string, unknown>>;

type Pages = AsyncIterable<readonly Row[]> | Promise<readonly Row[]>;

/** What can be exported, and how it is asked for: at once, or page by page. */
const KINDS: Readonly<Record<string, (client: Client, invocation: Invocation) => Pages>> = {
  declarations: (client) => client.get('/api/v1/declarations'),
  things: async (client) => (await client.get<{ things: Row[] }>('/api/v1/things')).things,
  events: async (client, invocation) =>
    (
      await client.get<{ events: Row[] }>('/api/v1/events', {
        dataset: text(invocation, 'dataset'),
        from: text(invocation, 'from'),
        to: text(invocation, 'to'),
        limit: '10000',
      })
    ).events,
  features: async (client, invocation) =>
    (
      await client.get<{ features: Row[] }>('/api/v1/features', {
        dataset: text(invocation, 'dataset'),
        limit: '10000',
      })
    ).features,
  totals: (client, invocation) =>
    totalsPages(client, {
      dataset: required(invocation, 'dataset'),
      dggrs: text(invocation, 'dggrs') ?? 'h3',
      level: text(invocation, 'level') ?? '7',
      bucket: text(invocation, 'bucket'),
      from: text(invocation, 'from'),
      to: text(invocation, 'to'),
    }),
};
/** Rows of one answer at most: above it the export would be silently short. */
const ROWS_MAX = 10_000;

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write declarations (YAML) or rows (NDJSON, CSV) to a file',
  help: `Usage: jingwei export declarations [--out <file>]
       jingwei export things|events|features [--dataset <id>] [--from <t>] [--to <t>] [--format ndjson|csv] [--out <file>]
       jingwei export totals --dataset <id> [--dggrs h3|beidou2d] [--level <n>] [--bucket PT1H] [--format ndjson|csv] [--out <file>]

Declarations come as YAML that "jingwei ingest" and POST /api/v1/declarations take again. Without
--out everything goes to standard output. More than ${ROWS_MAX} events or features need a narrower span.
${CLIENT_HELP}`,
  options: {
    ...CLIENT_OPTIONS,
    out: { type: 'string' },
    format: { type: 'string' },
    dataset: { type: 'string' },
    dggrs: { type: 'string' },
    level: { type: 'string' },
    bucket: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
  },
  async run(invocation) {
    const [kind, ...rest] = invocation.positionals;
    const ask = KINDS[kind ?? ''];
    if (!ask || rest.length > 0) throw new UsageError(`One of ${Object.keys(KINDS).join(', ')} is wanted`);
    const pages = ask(connect(invocation), invocation);
    let count = 0;
    const lines = async function* () {
      let first = true;
      for await (const rows of pages instanceof Promise ? [pages] : pages) {
        yield format(kind, rows, text(invocation, 'format'), first);
        first = false;
        count += rows.length;
      }
    };
    await write(lines(), text(invocation, 'out'));
    say(`${count} ${kind} exported`);
    if (count < ROWS_MAX || (kind !== 'events' && kind !== 'features')) return 0;
    say(`There may be more than ${ROWS_MAX}: narrow the span`);
    return 1;
  },
};

function format(
  kind: string | undefined,
  rows: readonly Row[],
  wanted: string | undefined,
  first: boolean,
): string {
  if (kind === 'declarations') return stringify({ declarations: rows });
  if (wanted === 'csv') return toCsv(rows, first);
  if (wanted === undefined || wanted === 'ndjson')
    return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  throw new UsageError('--format is one of ndjson, csv');
}

async function write(pages: AsyncIterable<string>, path: string | undefined): Promise<void> {
  if (path === undefined) {
    for await (const page of pages) process.stdout.write(page);
    return;
  }
  const source = Readable.from(pages);
  const out = source.pipe(createWriteStream(path, { mode: 0o600 }));
  source.once('error', (error) => out.destroy(error));
  await finished(out);
}
