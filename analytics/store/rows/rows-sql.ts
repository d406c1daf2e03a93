import type { Span } from '../../query/shapes.ts';
import { partRowsSql } from '../parts/part-rows.ts';
import type { StoreState } from '../state.ts';
import { idsSql, type RowColumn, spansSql, type ZoneRanges, zonesSql } from './row-conditions.ts';

export { type RowColumn, spansSql, type ZoneRanges } from './row-conditions.ts';

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

/**
 * SQL whose rows have the columns asked for, in that order, from hot tables and sealed parts; null when nothing can hold such
 * rows. To be asked soon: what it names may be replaced.
 *
 * @throws {QueryError} `part-damaged` when a part that may hold such rows cannot be read.
 */
export function rowsSql(state: StoreState, request: RowsRequest): string | null {
  const pieces = [...hotPieces(state, request), ...sealedPieces(state, request)];
  return pieces.length === 0 ? null : pieces.join(' UNION ALL ');
}

function hotPieces(state: StoreState, request: RowsRequest): readonly string[] {
  const { spans, zones, where = [], columns } = request;
  const ids = streamsAsked(state, request);
  // Of datastreams that are told one by one, dataset and property are known: nothing need be joined.
  const datasets = ids === undefined ? request.datasets : null;
  const properties = ids === undefined ? request.properties : null;
  const conditions = [
    ...(ids === undefined ? [] : [idsSql('o.datastream', ids)]),
    ...(datasets === null ? [] : [idsSql('d.dataset', datasets)]),
    ...(properties === null ? [] : [idsSql('d.property', properties)]),
    ...(zones === undefined ? [] : [zonesSql(zones)]),
    ...where,
  ];
  const named = datasets !== null || properties !== null || columns.some(isNamed);
  const list = columns.map((column) => `${isNamed(column) ? 'd' : 'o'}.${column}`).join(', ');
  const join = named ? ' JOIN datastream d ON d.id = o.datastream' : '';
  return state.partitions.all.flatMap(({ name, from, to }) => {
    const touched = spans.filter((span) => span.from < to && span.to > from);
    if (touched.length === 0) return [];
    return [
      `SELECT ${list} FROM ${name} o${join} WHERE ${[spansSql('o.time', touched), ...conditions].join(' AND ')}`,
    ];
  });
}

/** The datastreams asked for that are of the datasets and properties asked for; undefined for all of these. */
function streamsAsked(
  { dictionary }: StoreState,
  { datastreams, datasets, properties }: RowsRequest,
): readonly number[] | undefined {
  if (datastreams === undefined) return undefined;
  const datasetNames = datasets === null ? null : new Set(datasets.map((id) => dictionary.datasetName(id)));
  const propertyNames =
    properties === null ? null : new Set(properties.map((id) => dictionary.propertyName(id)));
  return datastreams.filter((id) => {
    const stream = dictionary.datastream(id);
    return (
      stream !== undefined &&
      (datasetNames === null || datasetNames.has(stream.dataset)) &&
      (propertyNames === null || propertyNames.has(stream.property))
    );
  });
}

function sealedPieces(state: StoreState, request: RowsRequest): readonly string[] {
  const { spans, datasets } = request;
  const names =
    datasets === null
      ? state.parts.datasets
      : [...new Set(datasets)].flatMap((id) => state.dictionary.datasetName(id) ?? []);
  return names.flatMap((name) => {
    const parts = state.parts
      .of(name)
      .filter((part) => spans.some((span) => span.from < part.to && span.to > part.from));
    const sql = partRowsSql(state, parts, request);
    return sql === null ? [] : [sql];
  });
}

function isNamed(column: RowColumn): boolean {
  return column === 'dataset' || column === 'property';
}
