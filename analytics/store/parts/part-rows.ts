import { QueryError } from '../../query/query-error.ts';
import type { Span } from '../../query/shapes.ts';
import { type RowColumn, spansSql, type ZoneRanges, zonesSql } from '../rows/row-conditions.ts';
import type { StoreState } from '../state.ts';
import type { Part } from './part.ts';
import { partFilePath } from './part-files.ts';
import { sqlText } from './write-part.ts';

/** Rows wanted of some parts of one dataset. */
export interface PartRowsRequest {
  readonly spans: readonly Span[];
  /** Property ids; null or absent for all. */
  readonly properties?: readonly number[] | null | undefined;
  /** Only these datastreams, of this dataset or of others. */
  readonly datastreams?: Iterable<number> | undefined;
  readonly zones?: ZoneRanges | undefined;
  /** Further conditions over `time`, `result`, `h3`, `beidou`, `quality`. */
  readonly where?: readonly string[] | undefined;
  readonly columns: readonly RowColumn[];
}

/** More things than these are told by a join, not by a list in the filter. */
const THINGS_IN_FILTER = 200;

/**
 * SQL whose rows have the columns asked for, in that order, with the ids of this index for the names in the files; null when
 * the parts hold no such rows. Files are chosen by h3 where places are asked for, names are compared inside the files, and only
 * the columns needed are read. Rows that were corrected are left out.
 *
 * @param parts - All of one dataset.
 * @throws {QueryError} `part-damaged` when one of them cannot be read.
 */
export function partRowsSql(
  state: StoreState,
  parts: readonly Part[],
  request: PartRowsRequest,
): string | null {
  const corrected = parts.filter(({ id }) => state.superseded.inPart(id) > 0);
  const whole = parts.filter((part) => !corrected.includes(part));
  const pieces = [
    pieceSql(state, whole, request, false),
    // A part at a time: its id tells which corrections are meant.
    ...corrected.map((part) => pieceSql(state, [part], request, true)),
  ].filter((piece) => piece !== null);
  return pieces.length === 0 ? null : pieces.join(' UNION ALL ');
}

function pieceSql(
  state: StoreState,
  parts: readonly Part[],
  request: PartRowsRequest,
  corrected: boolean,
): string | null {
  const dataset = parts[0]?.dataset;
  const datasetId = dataset === undefined ? undefined : state.dictionary.datasetId(dataset);
  if (dataset === undefined || datasetId === undefined) return null;
  const names = namesWanted(state, dataset, parts, request);
  if (names === null) return null;
  const { zones, where = [], columns } = request;
  const held = parts.filter(({ properties }) => properties.some((name) => names.properties.has(name)));
  const files = held.flatMap((part) => filesOf(state, part, zones));
  if (files.length === 0) return null;
  const all = new Set(held.flatMap(({ properties }) => properties));
  const conditions = [
    spansSql('o.time', request.spans),
    // Every row has one of them: reading the column would tell nothing.
    ...(names.properties.size === all.size && names.things === null
      ? []
      : [namesSql(names, names.properties.size === all.size)]),
    ...(zones === undefined ? [] : [zonesSql(zones)]),
    ...where,
    ...(corrected ? [standsSql(held[0]!.id, datasetId)] : []),
  ];
  const named = columns.includes('datastream');
  const list = columns.map(
    (column) => `${columnSql(state, column, datasetId, names.properties)} AS ${column}`,
  );
  const join = named
    ? ` JOIN (SELECT d.id AS name_id, t.name AS name_thing, p.name AS name_property FROM datastream d
        JOIN thing t ON t.id = d.thing JOIN property p ON p.id = d.property
        WHERE d.dataset = ${datasetId}${names.ids === null ? '' : ` AND d.id IN (${names.ids.join(',')})`}) n
        ON n.name_thing = o.thing AND n.name_property = o.property`
    : '';
  return `SELECT ${list.join(', ')} FROM read_parquet([${files.map((file) => `'${sqlText(file)}'`).join(',')}]) o${join}
    WHERE ${conditions.join(' AND ')}`;
}

interface Names {
  readonly properties: ReadonlySet<string>;
  /** Things by property; null for all. */
  readonly things: ReadonlyMap<string, readonly string[]> | null;
  /** Datastreams of the dataset that are asked for; null for all. */
  readonly ids: readonly number[] | null;
}

/** Null: nothing in these parts can be meant. */
function namesWanted(
  state: StoreState,
  dataset: string,
  parts: readonly Part[],
  { properties, datastreams }: PartRowsRequest,
): Names | null {
  const held = new Set(parts.flatMap((part) => part.properties));
  const asked =
    properties == null
      ? held
      : new Set(
          properties.map((id) => state.dictionary.propertyName(id) ?? '').filter((name) => held.has(name)),
        );
  if (asked.size === 0) return null;
  if (datastreams === undefined) return { properties: asked, things: null, ids: null };
  const things = new Map<string, string[]>();
  const ids: number[] = [];
  for (const id of datastreams) {
    const stream = state.dictionary.datastream(id);
    if (stream === undefined || stream.dataset !== dataset || !asked.has(stream.property)) continue;
    ids.push(id);
    const list = things.get(stream.property);
    if (list === undefined) things.set(stream.property, [stream.thing]);
    else list.push(stream.thing);
  }
  return ids.length === 0 ? null : { properties: new Set(things.keys()), things, ids };
}

/** SQL for "its names are among these". `onlyThings`: there is no other property in the files. */
function namesSql({ properties, things }: Names, onlyThings: boolean): string {
  if (things === null)
    return `o.property IN (${[...properties].map((name) => `'${sqlText(name)}'`).join(',')})`;
  const alternatives = [...things].map(([property, list]) => {
    const its = onlyThings && properties.size === 1 ? [] : [`o.property = '${sqlText(property)}'`];
    const names = [...new Set(list)].map((name) => `'${sqlText(name)}'`);
    const one = names.length === 1 ? `o.thing = ${names[0]}` : `o.thing IN (${names.join(',')})`;
    // A long list is one hash set either way; in the filter it is pushed into the files.
    const many = names.length > THINGS_IN_FILTER ? `o.thing IN (SELECT unnest([${names.join(',')}]))` : one;
    return [...its, many].join(' AND ');
  });
  return alternatives.length === 1
    ? alternatives[0]!
    : `(${alternatives.map((one) => `(${one})`).join(' OR ')})`;
}

function columnSql(
  state: StoreState,
  column: RowColumn,
  datasetId: number,
  properties: ReadonlySet<string>,
): string {
  if (column === 'dataset') return `${datasetId}::UINTEGER`;
  if (column === 'datastream') return 'n.name_id';
  if (column !== 'property') return `o.${column}`;
  const ids = [...properties].map((name) => [name, state.dictionary.propertyId(name)] as const);
  if (ids.length === 1) return `${ids[0]![1] ?? 'NULL'}::UINTEGER`;
  const cases = ids.map(([name, id]) => `WHEN '${sqlText(name)}' THEN ${id ?? 'NULL'}::UINTEGER`);
  return `CASE o.property ${cases.join(' ')} END`;
}

/** Paths of the files that may hold such places. */
function filesOf(state: StoreState, part: Part, zones: ZoneRanges | undefined): readonly string[] {
  const damage = state.parts.damageOf(part);
  if (damage !== undefined) throw partDamaged(part, damage);
  return part.files.flatMap((file) => {
    const touched =
      zones === undefined ||
      zones.dggrs !== 'h3' ||
      zones.ranges.some(({ lo, hi }) => BigInt(file.h3Min) <= hi && BigInt(file.h3Max) >= lo);
    return touched ? [partFilePath(state.parts.folder, part, file.name)] : [];
  });
}

export function partDamaged(part: Pick<Part, 'dataset' | 'id'>, reason: string, cause?: unknown): QueryError {
  return new QueryError(
    'part-damaged',
    `Cannot read part ${part.id} of "${part.dataset}": ${reason}`,
    cause === undefined ? {} : { cause },
  );
}

/** SQL for "it was not corrected". */
function standsSql(part: string, datasetId: number): string {
  return `NOT EXISTS (SELECT 1 FROM observation_superseded x JOIN datastream xd ON xd.id = x.datastream
      JOIN thing xt ON xt.id = xd.thing JOIN property xp ON xp.id = xd.property
    WHERE x.part = '${sqlText(part)}' AND xd.dataset = ${datasetId} AND xt.name = o.thing AND xp.name = o.property
      AND x.time = o.time AND x.result = o.result AND x.result_delay_ms = o.result_delay_ms)`;
}
