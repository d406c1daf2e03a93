/** `query`: the query shapes of the server, as JSON, NDJSON or CSV. */
import { readFileSync } from 'node:fs';
import { CLIENT_HELP, CLIENT_OPTIONS, connect } from './client.ts';
import { type Command, print, UsageError } from './command.ts';
import { toCsv } from './csv.ts';
import { totalsPages } from './totals-pages.ts';

interface ShapeRows {
  readonly path: string;
  /** The rows of an answer, for NDJSON and CSV. */
  readonly rows: (answer: Row) => readonly Row[];
}

const listed = (name: string, member = name): ShapeRows => ({
  path: `/api/v1/${name}`,
  rows: (answer) => rowsOf(answer[member]),
});

/** Shape by name: its path and where its rows are. */
const SHAPES: Readonly<Record<string, ShapeRows>> = {
  zones: listed('zones'),
  events: listed('events'),
  totals: listed('totals', 'rows'),
  things: listed('things'),
  features: listed('features'),
  latest: listed('latest', 'readings'),
  nearest: { path: '/api/v1/nearest', rows: (answer) => rowsOf(answer[String(answer.kind)]) },
  top: listed('top', 'rows'),
  compare: listed('compare', 'zones'),
  cube: { path: '/api/v1/cube', rows: cubeRows },
  count: listed('count', 'counts'),
  inside: { path: '/api/v1/inside', rows: insideRows },
  figures: listed('figures'),
  indicators: listed('indicators'),
  accounts: listed('accounts'),
  rejections: listed('rejections'),
  series: { path: '/api/v1/series', rows: seriesRows },
};
/** Questions whose parameters may go in a body. */
const BY_BODY = new Set([
  'zones',
  'things',
  'series',
  'events',
  'features',
  'latest',
  'nearest',
  'top',
  'cube',
  'compare',
  'inside',
  'count',
]);
/** An address longer than this goes as a body: servers and proxies take 8 KiB of it. */
const MAX_ADDRESS = 6000;
const FORMATS = ['json', 'ndjson', 'csv'] as const;

export const query: Command = {
  name: 'query',
  summary:
    'Ask the index: zones, series, latest, events, features, things, nearest, top, compare, cube, inside, count, totals, ...',
  help: `Usage: jingwei query <shape> [--<parameter> <value> ...] [--format json|ndjson|csv]

Shapes: ${Object.keys(SHAPES).join(', ')}
Parameters are those of the HTTP API, e.g.
  jingwei query zones --dggrs h3 --level 7 --property pm25
  jingwei query totals --dataset demo-air --dggrs beidou2d --level 5 --bucket PT1H --format csv
  jingwei query events --type case --limit 20 --format ndjson
  jingwei query nearest --kind features --near 104.62,35.58 --type hospital --k 3
  jingwei query inside --polygon @district.geojson
  --polygon @<file> a GeoJSON Polygon or MultiPolygon from a file
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
      values[key] = key === 'polygon' && value.startsWith('@') ? polygonIn(value.slice(1)) : value;
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
    const isLong = new URLSearchParams(values as Record<string, string>).toString().length > MAX_ADDRESS;
    const answer =
      isLong && BY_BODY.has(name!)
        ? await client.send<Row>('POST', `/api/v1/query/${name}`, values)
        : await client.get<Row>(shape.path, values);
    write(shape.rows(answer), answer, format);
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

/** Text of the geometry in a file: of a geometry, or of one feature. */
function polygonIn(path: string): string {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly type?: string;
      readonly geometry?: unknown;
    };
    return JSON.stringify(read.type === 'Feature' ? read.geometry : read);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--polygon @${path} cannot be read: ${why}`);
  }
}

/** Cells of a cube as rows. */
function cubeRows(answer: Row): readonly Row[] {
  const column = (name: string) => (Array.isArray(answer[name]) ? (answer[name] as readonly unknown[]) : []);
  return column('zone').map((zone, i) => ({
    id: column('zones')[zone as number],
    t: column('t')[column('bucket')[i] as number],
    count: column('count')[i],
    value: column('value')[i],
  }));
}

/** Counts of everything in an area as rows. */
function insideRows(answer: Row): readonly Row[] {
  const counts = (answer.countsBy ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(counts).flatMap(([kind, list]) =>
    rowsOf(list).map((row) => ({
      kind,
      dataset: row.dataset,
      what: row.property ?? row.featureType ?? row.category,
      count: row.count,
    })),
  );
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
