import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import type { ZonesAnswer, ZoneValue } from './answers.ts';
import { checkSpan, requireProperty } from './checks.ts';
import { latestZones } from './latest-zones.ts';
import { partsSql } from './parts-sql.ts';
import type { ZoneColumns } from './queries.ts';
import { QueryError } from './query-error.ts';
import { newestOf, partsRows, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { GridId, ZonesQuery } from './shapes.ts';

/** Zones of one answer. 100,000 are 3 to 5 MB of JSON, more than a screen can draw. */
export const MAX_ZONES = 100_000;

/** Mean, least and greatest of a property by zone: of the latest readings, or of all readings of a span. */
export async function queryZones(
  internals: StoreInternals,
  scope: Scope,
  query: ZonesQuery,
): Promise<ZonesAnswer> {
  const { state, pool } = internals;
  const level = scope.level(query.dggrs, query.level);
  const property = requireProperty(state, query.property);
  if (query.dataset !== undefined) scope.requireDataset(query.dataset);
  const grid = gridOf(query.dggrs);
  const head = { dggrs: query.dggrs, level, property: query.property, unit: property.unit };
  const visible = (zone: bigint) =>
    query.bbox === undefined || overlaps(grid.bounds(zone, level), query.bbox);

  if (query.span === undefined) {
    const { zones, datasets } = latestZones(internals, scope, { ...query, level });
    tooMany(zones.size);
    const values: ZoneValue[] = [];
    for (const [zone, { count, total, min, max, newest }] of zones) {
      if (!visible(zone)) continue;
      values.push({
        id: grid.format(zone, level),
        count,
        mean: total / count,
        min,
        max,
        newestPhenomenonTime: newest,
      });
    }
    const newest = newestOf(values.map((value) => value.newestPhenomenonTime));
    return { ...head, zones: values, provenance: provenanceOf(state, datasets, newest, 'latest') };
  }

  const span = checkSpan(query.span);
  const propertyId = state.dictionary.propertyId(query.property);
  const { sql, answeredFrom } = partsSql(state, scope, {
    span,
    properties: propertyId === undefined ? [] : [propertyId],
    datasets: query.dataset === undefined ? undefined : [query.dataset],
    by: { dggrs: query.dggrs, level },
  });
  const located = `SELECT * FROM (${sql}) WHERE zone <> 18446744073709551615::UBIGINT`;
  const rows = partsRows(await pool.run(`${located} LIMIT ${MAX_ZONES + 1}`));
  if (rows.length > MAX_ZONES) {
    const counted = await pool.run(`SELECT count(*) FROM (${located})`);
    tooMany(Number(counted.columns[0]![0]));
  }
  const merged = new Map<
    bigint,
    { count: number; total: number; min: number; max: number; newest: number }
  >();
  const datasets = new Set<string>();
  for (const row of rows) {
    datasets.add(state.dictionary.datasetName(row.dataset) ?? '');
    const held = merged.get(row.zone);
    if (held === undefined) {
      if (!visible(row.zone)) continue;
      merged.set(row.zone, {
        count: row.n,
        total: row.total,
        min: row.least,
        max: row.greatest,
        newest: row.newest,
      });
      continue;
    }
    held.count += row.n;
    held.total += row.total;
    held.min = Math.min(held.min, row.least);
    held.max = Math.max(held.max, row.greatest);
    held.newest = Math.max(held.newest, row.newest);
  }
  const values = [...merged].map(([zone, { count, total, min, max, newest }]) => ({
    id: grid.format(zone, level),
    count,
    mean: total / count,
    min,
    max,
    newestPhenomenonTime: newest,
  }));
  const newest = newestOf(values.map((value) => value.newestPhenomenonTime));
  return { ...head, zones: values, provenance: provenanceOf(state, datasets, newest, answeredFrom) };
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

type Box = readonly [west: number, south: number, east: number, north: number];

/** Boxes that cross the antimeridian have west > east. */
function overlaps(a: Box, b: Box): boolean {
  if (a[3] < b[1] || b[3] < a[1]) return false;
  return pieces(a).some(([aw, ae]) => pieces(b).some(([bw, be]) => aw <= be && bw <= ae));
}

function pieces([west, , east]: Box): readonly (readonly [number, number])[] {
  return west <= east
    ? [[west, east]]
    : [
        [west, 180],
        [-180, east],
      ];
}
