import type { GridId, Span } from '../../query/shapes.ts';
import { ubigint } from '../../sql/macros.ts';
import { columnOf } from '../../zones.ts';
import type { StoreState } from '../state.ts';

/** Columns a request may ask for. `dataset`, `property`, `datastream` are the store's integer ids. */
export type RowColumn =
  | 'time'
  | 'result_delay_ms'
  | 'datastream'
  | 'dataset'
  | 'property'
  | 'result'
  | 'h3'
  | 'beidou'
  | 'height'
  | 'quality';

/** Inclusive ranges of point ids of one grid. */
export interface ZoneRanges {
  readonly dggrs: GridId;
  readonly ranges: readonly { readonly lo: bigint; readonly hi: bigint }[];
}

/** Which stored observations, whether they lie in hot tables or in sealed parts. */
export interface RowsRequest {
  readonly spans: readonly Span[];
  /** Dataset ids; null for all. */
  readonly datasets: readonly number[] | null;
  /** Property ids; null for all. */
  readonly properties: readonly number[] | null;
  /** Only these datastreams; absent for all of the datasets and properties. */
  readonly datastreams?: readonly number[] | undefined;
  /** Only points in one of these ranges. */
  readonly zones?: ZoneRanges | undefined;
  /** Further conditions, each over `time`, `result`, `h3`, `beidou`, `quality`. */
  readonly where?: readonly string[] | undefined;
  /** As few as are needed: a sealed part reads only these. */
  readonly columns: readonly RowColumn[];
}

/** SQL whose rows have the columns asked for, in that order; null when nothing can hold such rows. */
export function rowsSql(state: StoreState, request: RowsRequest): string | null {
  const { spans, datasets, properties, datastreams, zones, where = [], columns } = request;
  const conditions = [
    ...(datastreams === undefined ? [] : [idsSql('o.datastream', datastreams)]),
    ...(datasets === null ? [] : [idsSql('d.dataset', datasets)]),
    ...(properties === null ? [] : [idsSql('d.property', properties)]),
    ...(zones === undefined ? [] : [zonesSql(zones)]),
    ...where,
  ];
  const named = datasets !== null || properties !== null || columns.some(isNamed);
  const list = columns.map((column) => `${isNamed(column) ? 'd' : 'o'}.${column}`).join(', ');
  const join = named ? ' JOIN datastream d ON d.id = o.datastream' : '';
  const pieces = state.partitions.all.flatMap(({ name, from, to }) => {
    const touched = spans.filter((span) => span.from < to && span.to > from);
    if (touched.length === 0) return [];
    return [
      `SELECT ${list} FROM ${name} o${join} WHERE ${[spansSql('o.time', touched), ...conditions].join(' AND ')}`,
    ];
  });
  return pieces.length === 0 ? null : pieces.join(' UNION ALL ');
}

function isNamed(column: RowColumn): boolean {
  return column === 'dataset' || column === 'property';
}

function zonesSql({ dggrs, ranges }: ZoneRanges): string {
  if (ranges.length === 0) return 'false';
  const column = columnOf(dggrs);
  return `(${ranges.map(({ lo, hi }) => `${column} BETWEEN ${ubigint(lo)} AND ${ubigint(hi)}`).join(' OR ')})`;
}

/** SQL for "the id in this column is one of these". */
function idsSql(column: string, ids: readonly number[]): string {
  return ids.length === 0 ? 'false' : `${column} IN (${ids.join(',')})`;
}

/** SQL for "the instant in this column is in one of these spans". */
export function spansSql(column: string, spans: readonly Span[]): string {
  const one = spans.map(
    ({ from, to }) => `(${column} >= ${Math.ceil(from)}::BIGINT AND ${column} < ${Math.ceil(to)}::BIGINT)`,
  );
  return one.length === 1 ? one[0]! : `(${one.join(' OR ')})`;
}
