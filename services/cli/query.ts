/** `query`: the query shapes of the server, as JSON, NDJSON or CSV. */
import { CLIENT_HELP, CLIENT_OPTIONS, connect } from './client.ts';
import { type Command, print, UsageError } from './command.ts';
import { toCsv } from './csv.ts';
import { totalsPages } from './totals-pages.ts';

/** Shape by name: its path and where its rows are. */
const SHAPES: Readonly<Record<string, { readonly path: string; readonly rows: string }>> = {
  zones: { path: '/api/v1/zones', rows: 'zones' },
  events: { path: '/api/v1/events', rows: 'events' },
  totals: { path: '/api/v1/totals', rows: 'rows' },
  things: { path: '/api/v1/things', rows: 'things' },
  features: { path: '/api/v1/features', rows: 'features' },
  figures: { path: '/api/v1/figures', rows: 'figures' },
  indicators: { path: '/api/v1/indicators', rows: 'indicators' },
  accounts: { path: '/api/v1/accounts', rows: 'accounts' },
  rejections: { path: '/api/v1/rejections', rows: 'rejections' },
  series: { path: '/api/v1/series', rows: '' },
};
const FORMATS = ['json', 'ndjson', 'csv'] as const;

export const query: Command = {
  name: 'query',
  summary: 'Ask the index: zones, events, totals, things, features, series, figures, accounts, rejections',
  help: `Usage: jingwei query <shape> [--<parameter> <value> ...] [--format json|ndjson|csv]

Shapes: ${Object.keys(SHAPES).join(', ')}
Parameters are those of the HTTP API, e.g.
  jingwei query zones --dggrs h3 --level 7 --property pm25
  jingwei query totals --dataset demo-air --dggrs beidou2d --level 5 --bucket PT1H --format csv
  jingwei query events --type case --limit 20 --format ndjson
  --format <format> json (the whole answer with its provenance, default), ndjson or csv (rows only).
                    Totals as ndjson or csv come whole, however many there are: they are asked for page by page
${CLIENT_HELP}`,
  options: { ...CLIENT_OPTIONS, format: { type: 'string' } },
  openOptions: true,
  async run(invocation) {
    const [name, ...rest] = invocation.positionals;
    const shape = SHAPES[name ?? ''];
    if (!shape || rest.length > 0)
      throw new UsageError(`One shape is wanted: ${Object.keys(SHAPES).join(', ')}`);
    const format = FORMATS.find((known) => known === (invocation.options.format ?? 'json'));
    if (!format) throw new UsageError(`--format is one of ${FORMATS.join(', ')}`);
    const { url: _url, token: _token, format: _format, help: _help, ...parameters } = invocation.options;
    const values: Record<string, string | undefined> = {};
    for (const [key, value] of Object.entries(parameters)) {
      if (typeof value !== 'string') throw new UsageError(`--${key} needs a value`);
      values[key] = value;
    }
    const client = connect(invocation);
    if (name === 'totals' && format !== 'json') {
      let first = true;
      for await (const rows of totalsPages(client, values)) {
        write(rows, undefined, format, first);
        first = false;
      }
      return 0;
    }
    const answer = await client.get<Record<string, unknown>>(shape.path, values);
    write(shape.rows === '' ? seriesRows(answer) : rowsOf(answer[shape.rows]), answer, format);
    return 0;
  },
};

type Row = Readonly<Record<string, unknown>>;

function write(rows: readonly Row[], answer: unknown, format: (typeof FORMATS)[number], header = true): void {
  if (format === 'json') print(JSON.stringify(answer));
  else if (format === 'csv') process.stdout.write(toCsv(rows, header));
  else process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value : [];
}

/** Columns of a series as rows, one a bucket. */
function seriesRows(answer: Row): readonly Row[] {
  const column = (name: string): readonly unknown[] => {
    const values = answer[name];
    return Array.isArray(values) ? values : [];
  };
  return column('t').map((t, i) => ({
    t,
    mean: column('mean')[i],
    min: column('min')[i],
    max: column('max')[i],
    count: column('count')[i],
  }));
}
