import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import type { SeriesAnswer, ZoneDossier } from './answers.ts';
import { eventWhere, featureWhere, readEvents, readFeatures } from './events.ts';
import { partsSql } from './parts-sql.ts';
import { QueryError } from './query-error.ts';
import { newestOf, type PartsRow, partsRows, provenanceOf } from './rows.ts';
import type { AskedZone, Scope } from './scope.ts';
import { bucketStarts, seriesOf } from './series.ts';
import type { DossierQuery, GridId } from './shapes.ts';
import { thingsIn } from './things.ts';

/** Rows of each list; the counts are whole. */
export const DOSSIER_LIST_LIMIT = 50;
const HOUR_MS = 3_600_000;
const MAX_HOURS = 24 * 366;
/** Buckets of a short series, at most about this many. */
const SERIES_BUCKETS = 48;

/** One zone, one file: everything in it, by kind, at the precision each has, with a short series a property. */
export async function queryDossier(
  internals: StoreInternals,
  scope: Scope,
  query: DossierQuery,
): Promise<ZoneDossier> {
  const { state, pool, clock } = internals;
  const zone = scope.zone(query);
  const hours = query.hours ?? 24;
  if (!Number.isFinite(hours) || hours <= 0 || hours > MAX_HOURS) {
    throw new QueryError('span-invalid', `Cannot look back ${hours} hours: at most ${MAX_HOURS}`);
  }
  const now = clock();
  // Clocks of devices may be a little ahead; what they reported belongs to "now".
  const span = { from: now - hours * HOUR_MS, to: now + HOUR_MS };
  const bucketMs = Math.ceil(hours / SERIES_BUCKETS) * HOUR_MS;
  const { sql, answeredFrom } = partsSql(state, scope, { span, properties: null, inside: zone, bucketMs });
  const events = eventWhere(scope, { span, zone });
  const features = featureWhere(scope, { zone });
  const [parts, eventList, eventCount, featureList, featureCount] = await Promise.all([
    pool.run(sql),
    readEvents(internals, scope, events, DOSSIER_LIST_LIMIT),
    pool.run(`SELECT count(*) FROM event WHERE ${events}`),
    readFeatures(internals, scope, features, DOSSIER_LIST_LIMIT),
    pool.run(`SELECT count(*) FROM feature WHERE ${features}`),
  ]);
  const rows = partsRows(parts);
  const things = thingsIn(state, scope, zone);
  const datasets = [
    ...rows.map((row) => state.dictionary.datasetName(row.dataset) ?? ''),
    ...things.map((thing) => thing.dataset),
    ...eventList.map((event) => event.dataset),
    ...featureList.features.map((feature) => feature.dataset),
  ];
  const newest = newestOf([
    ...rows.map((row) => row.newest),
    ...things.map((thing) => thing.newestPhenomenonTime),
    ...eventList.map((event) => event.end ?? event.start),
  ]);
  return {
    ...geometryOf(zone),
    counts: {
      things: things.length,
      observations: rows.reduce((sum, row) => sum + row.n, 0),
      events: Number(eventCount.columns[0]![0]),
      features: Number(featureCount.columns[0]![0]),
    },
    things: things.slice(0, DOSSIER_LIST_LIMIT),
    events: eventList,
    features: featureList.features,
    series: seriesByProperty(internals, rows, bucketMs, bucketStarts({ from: span.from, to: now }, bucketMs)),
    listLimit: DOSSIER_LIST_LIMIT,
    provenance: provenanceOf(state, datasets, newest, answeredFrom),
  };
}

function seriesByProperty(
  { state }: StoreInternals,
  rows: readonly PartsRow[],
  bucketMs: number,
  starts: readonly number[],
): readonly SeriesAnswer[] {
  const byProperty = new Map<number, PartsRow[]>();
  for (const row of rows) {
    const list = byProperty.get(row.property);
    if (list === undefined) byProperty.set(row.property, [row]);
    else list.push(row);
  }
  return [...byProperty].map(([property, list]) => {
    const name = state.dictionary.propertyName(property) ?? '';
    return seriesOf(name, state.dictionary.property(name)?.unit ?? '', bucketMs, starts, list);
  });
}

function geometryOf({ dggrs, zone, level }: AskedZone) {
  const grid = gridOf(dggrs);
  const centre = grid.centre(zone, level);
  const areaM2 = grid.areaM2(zone, level);
  const id = grid.format(zone, level);
  const like = (other: GridId) => (other === dggrs ? id : likeZone(other, centre, areaM2));
  return {
    dggrs,
    id,
    level,
    centre,
    boundary: grid.boundary(zone, level),
    areaM2,
    beidou: like('beidou2d'),
    h3: like('h3'),
  };
}

/** The zone of another grid at the same centre whose area is nearest, by ratio. */
function likeZone(dggrs: GridId, centre: readonly [number, number], areaM2: number): string {
  const grid = gridOf(dggrs);
  let best = '';
  let bestRatio = Number.POSITIVE_INFINITY;
  for (let level = grid.minLevel; level <= grid.pointLevel; level++) {
    try {
      const zone = grid.encode(centre[0], centre[1], level);
      const ratio = Math.abs(Math.log(grid.areaM2(zone, level) / areaM2));
      if (ratio < bestRatio) {
        bestRatio = ratio;
        best = grid.format(zone, level);
      }
    } catch {
      // A grid may refuse a level here (the polar caps): another level will do.
    }
  }
  return best;
}
