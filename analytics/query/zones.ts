import { standardDeviation } from '../rollups/parts.ts';
import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import type { ZonesAnswer, ZoneValue } from './answers.ts';
import { type Divisions, resolveArea } from './area.ts';
import { coverAt } from './area-cover.ts';
import { cellsOfZonesIn, coverOfZonesIn } from './box-cover.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { latestZones } from './latest-zones.ts';
import { type PartsRequest, partsSql } from './parts-sql.ts';
import type { ZoneColumns } from './queries.ts';
import { QueryError } from './query-error.ts';
import { type FullParts, fullPartsRows, mergeFull, newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Aggregation, GridId, ZonesQuery } from './shapes.ts';
import { visibleZones } from './visible-zones.ts';
import { DEFAULT_QUANTILES, zoneQuantiles } from './zone-quantiles.ts';

/** Zones of one answer. 100,000 are 3 to 5 MB of JSON, more than a screen can draw. */
export const MAX_ZONES = 100_000;

/** What needs parts that only a span has. */
const NEEDS_SPAN: ReadonlySet<Aggregation> = new Set(['first', 'last', 'stddev', 'quantiles']);
const NEEDS_FULL: ReadonlySet<Aggregation> = new Set(['first', 'last', 'stddev']);

/**
 * Mean, least and greatest of a property by zone: of the latest readings, or of all readings of a span; with `aggregation` a value
 * beside them.
 *
 * @throws {QueryError} `too-large` above `MAX_ZONES`; `span-invalid` for an aggregation that the latest readings have not.
 */
export async function queryZones(
  internals: StoreInternals,
  scope: Scope,
  query: ZonesQuery,
  divisions: Divisions = new Map(),
): Promise<ZonesAnswer> {
  const { state } = internals;
  const level = scope.level(query.dggrs, query.level);
  const { unit } = requireProperty(state, query.property);
  if (query.dataset !== undefined) scope.requireDataset(query.dataset);
  if (query.bbox !== undefined && query.area !== undefined) {
    throw new QueryError('area-invalid', 'Cannot take an area beside a box: one of the two');
  }
  const head = { dggrs: query.dggrs, level, property: query.property, unit };
  const within =
    query.bbox !== undefined
      ? coverOfZonesIn(query.dggrs, query.bbox, level)
      : query.area !== undefined
        ? coverAt(resolveArea(scope, divisions, query.area), query.dggrs, level)
        : undefined;
  if (query.span === undefined) return { ...head, ...latestAnswer(internals, scope, query, level, within) };

  const propertyId = state.dictionary.propertyId(query.property);
  const request: PartsRequest = {
    span: checkSpan(query.span),
    properties: propertyId === undefined ? [] : [propertyId],
    datasets: query.dataset === undefined ? undefined : [query.dataset],
    by: { dggrs: query.dggrs, level },
    within,
    skipBy:
      query.bbox !== undefined && within !== undefined && query.dggrs !== 'h3'
        ? cellsOfZonesIn(query.dggrs, query.bbox, level)
        : undefined,
    full: query.aggregation !== undefined && NEEDS_FULL.has(query.aggregation),
  };
  const { merged, datasets, answeredFrom, plan } = await readZones(internals, scope, request);
  const zones = visibleZones(query.dggrs, level, [...merged.keys()], query.bbox);
  const asked = query.aggregation === 'quantiles' ? (query.quantiles ?? DEFAULT_QUANTILES) : undefined;
  const quantiles =
    asked === undefined ? undefined : await zoneQuantiles(internals, scope, request, new Set(zones), asked);
  const ids = gridOf(query.dggrs).formatBatch(BigUint64Array.from(zones), level);
  const values = zones.map((zone, index): ZoneValue => {
    const parts = merged.get(zone)!;
    const { n, total, least, greatest, newest } = parts;
    const value = { id: ids[index]!, count: n, mean: total / n, min: least, max: greatest };
    return {
      ...value,
      newestPhenomenonTime: newest,
      ...(quantiles !== undefined
        ? { quantiles: quantiles.get(zone) ?? [] }
        : query.aggregation === undefined
          ? {}
          : { value: aggregated(query.aggregation, parts) }),
    };
  });
  const newest = newestOf(values.map((value) => value.newestPhenomenonTime));
  return { ...head, zones: values, provenance: provenanceOf(state, datasets, newest, answeredFrom, plan) };
}

async function readZones({ state, pool }: StoreInternals, scope: Scope, request: PartsRequest) {
  const { sql, answeredFrom, plan } = partsSql(state, scope, request);
  const located = `SELECT * FROM (${sql}) WHERE zone <> 18446744073709551615::UBIGINT`;
  const rows = fullPartsRows(await pool.run(`${located} LIMIT ${MAX_ZONES + 1}`));
  if (rows.length > MAX_ZONES) {
    const counted = await pool.run(`SELECT count(*) FROM (${located})`);
    tooMany(Number(counted.columns[0]![0]));
  }
  const merged = new Map<bigint, FullParts>();
  const datasets = new Set<number>();
  for (const row of rows) {
    datasets.add(row.dataset);
    const held = merged.get(row.zone);
    merged.set(row.zone, held === undefined ? row : mergeFull(held, row));
  }
  const names = [...datasets].map((id) => state.dictionary.datasetName(id) ?? '');
  return { merged, datasets: names, answeredFrom, plan };
}

/** Of the latest readings. */
function latestAnswer(
  internals: StoreInternals,
  scope: Scope,
  query: ZonesQuery,
  level: number,
  within: PartsRequest['within'],
): Pick<ZonesAnswer, 'zones' | 'provenance'> {
  const { aggregation, dggrs } = query;
  if (aggregation !== undefined && NEEDS_SPAN.has(aggregation)) {
    throw new QueryError(
      'span-invalid',
      `Cannot answer with ${aggregation} of the latest readings: ask with a span`,
    );
  }
  const grid = gridOf(dggrs);
  const { zones, datasets } = latestZones(internals, scope, { ...query, level });
  tooMany(zones.size);
  const isWithin = (zone: bigint) => {
    if (within === undefined || query.bbox !== undefined) return true;
    const { lo } = grid.range(zone, level);
    return within.ranges.some((range) => lo >= range.lo && lo <= range.hi);
  };
  const seen = visibleZones(dggrs, level, [...zones.keys()].filter(isWithin), query.bbox);
  const values = seen.map((zone): ZoneValue => {
    const { count, total, min, max, newest } = zones.get(zone)!;
    const parts = { n: count, total, least: min, greatest: max };
    return {
      id: grid.format(zone, level),
      ...{ count, mean: total / count, min, max, newestPhenomenonTime: newest },
      ...(aggregation === undefined ? {} : { value: aggregated(aggregation, parts) }),
    };
  });
  const newest = newestOf(values.map((value) => value.newestPhenomenonTime));
  return { zones: values, provenance: provenanceOf(internals.state, datasets, newest, 'latest') };
}

/** The value of an aggregation; null for a deviation of one reading. */
function aggregated(
  aggregation: Aggregation,
  parts: Pick<FullParts, 'n' | 'total' | 'least' | 'greatest'> & Partial<FullParts>,
): number | null {
  switch (aggregation) {
    case 'mean':
      return parts.total / parts.n;
    case 'min':
      return parts.least;
    case 'max':
      return parts.greatest;
    case 'count':
      return parts.n;
    case 'sum':
      return parts.total;
    case 'first':
      return parts.first?.result ?? null;
    case 'last':
      return parts.last?.result ?? null;
    case 'stddev':
      return parts.n < 2 || parts.m2 === undefined ? null : standardDeviation({ m2: parts.m2, n: parts.n });
    case 'quantiles':
      return null;
  }
}

/** The latest state by zone as columns, for the live stream: from memory, at once. */
export function zoneColumns(
  internals: StoreInternals,
  scope: Scope,
  query: { readonly dggrs: GridId; readonly level: number; readonly property: string },
): ZoneColumns {
  const level = scope.level(query.dggrs, query.level);
  const { zones } = latestZones(internals, scope, { ...query, level });
  const n = zones.size;
  const columns = {
    n,
    level,
    id: new BigUint64Array(n),
    mean: new Float32Array(n),
    count: new Uint32Array(n),
    newest: new Float64Array(n),
  };
  let row = 0;
  for (const [zone, { count, total, newest }] of zones) {
    columns.id[row] = zone;
    columns.mean[row] = total / count;
    columns.count[row] = count;
    columns.newest[row] = newest;
    row++;
  }
  return columns;
}

function tooMany(count: number): void {
  if (count <= MAX_ZONES) return;
  throw new QueryError(
    'too-large',
    `Cannot answer with ${count} zones: at most ${MAX_ZONES}, ask for a coarser level`,
    {
      estimate: count,
      limit: MAX_ZONES,
    },
  );
}
