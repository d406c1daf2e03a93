/** `export`: declarations as a file that can be registered again, rows as NDJSON or CSV. */
import { createWriteStream } from 'node:fs';
import { stringify } from 'yaml';
import { CLIENT_HELP, CLIENT_OPTIONS, type Client, connect } from './client.ts';
import { type Command, type Invocation, required, say, text, UsageError } from './command.ts';
import { toCsv } from './csv.ts';

type Row = Readonly<Record<string, unknown>>;

/** What can be exported, and how it is asked for. */
const KINDS: Readonly<Record<string, (client: Client, invocation: Invocation) => Promise<readonly Row[]>>> = {
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
  totals: async (client, invocation) =>
    (
      await client.get<{ rows: Row[] }>('/api/v1/totals', {
        dataset: required(invocation, 'dataset'),
        dggrs: text(invocation, 'dggrs') ?? 'h3',
        level: text(invocation, 'level') ?? '7',
        bucket: text(invocation, 'bucket'),
        from: text(invocation, 'from'),
        to: text(invocation, 'to'),
      })
    ).rows,
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
    const rows = await ask(connect(invocation), invocation);
    await write(format(kind, rows, text(invocation, 'format')), text(invocation, 'out'));
    say(`${rows.length} ${kind} exported`);
    if (rows.length < ROWS_MAX || (kind !== 'events' && kind !== 'features')) return 0;
    say(`There may be more than ${ROWS_MAX}: narrow the span`);
    return 1;
  },
};

function format(kind: string | undefined, rows: readonly Row[], wanted: string | undefined): string {
  if (kind === 'declarations') return stringify({ declarations: rows });
  if (wanted === 'csv') return toCsv(rows);
  if (wanted === undefined || wanted === 'ndjson')
    return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  throw new UsageError('--format is one of ndjson, csv');
}

function write(content: string, path: string | undefined): Promise<void> {
  const out = path === undefined ? process.stdout : createWriteStream(path, { mode: 0o600 });
  return new Promise((resolve, reject) => {
    out.once('error', reject);
    if (path === undefined) out.write(content, () => resolve());
    else out.end(content, () => resolve());
  });
}
