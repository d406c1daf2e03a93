import type { GridId, Span } from '../../query/shapes.ts';
import { ubigint } from '../../sql/macro-text.ts';
import { columnOf } from '../../zones.ts';

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

/** SQL for "the point is in one of these ranges". */
export function zonesSql({ dggrs, ranges }: ZoneRanges): string {
  if (ranges.length === 0) return 'false';
  const column = columnOf(dggrs);
  return `(${ranges.map(({ lo, hi }) => `${column} BETWEEN ${ubigint(lo)} AND ${ubigint(hi)}`).join(' OR ')})`;
}

/** SQL for "the id in this column is one of these". */
export function idsSql(column: string, ids: readonly number[]): string {
  return ids.length === 0 ? 'false' : `${column} IN (${ids.join(',')})`;
}

/** SQL for "the instant in this column is in one of these spans". */
export function spansSql(column: string, spans: readonly Span[]): string {
  const one = spans.map(
    ({ from, to }) => `(${column} >= ${Math.ceil(from)}::BIGINT AND ${column} < ${Math.ceil(to)}::BIGINT)`,
  );
  return one.length === 1 ? one[0]! : `(${one.join(' OR ')})`;
}
