import type { StoreInternals } from '../store/internals.ts';
import type { EventAnswer, FeatureAnswer, NearestAnswer, ThingAnswer } from './answers.ts';
import { checkCircle, MAX_RADIUS_M, resolveArea } from './area.ts';
import { checkLimit, checkSpan } from './checks.ts';
import { eventWhere, featureWhere, readFoundEvents, readFoundFeatures } from './events.ts';
import { distanceM } from './geometry/geodesic.ts';
import { itemArea } from './item-area.ts';
import { type Found, findItems, type ItemKind } from './items.ts';
import { isQueryError } from './query-error.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { NearestQuery } from './shapes.ts';
import { thingsWhere } from './things.ts';

/** Most that one question gets. */
export const MAX_NEAREST = 1_000;
/** The first ring, metres: a street. Each next one is so many times as far. */
const FIRST_RING_M = 250;
const RING_FACTOR = 3;
/** A ring that holds too many to look at is narrowed so many times at most: then they lie in one place. */
const NARROWINGS = 24;

/** The k nearest of a kind, nearest first, by exact distances on the ellipsoid. */
export async function queryNearest(
  internals: StoreInternals,
  scope: Scope,
  query: NearestQuery,
): Promise<NearestAnswer> {
  const k = checkLimit(query.k, MAX_NEAREST);
  const maxM = checkCircle({ lonLat: query.lonLat, radiusM: query.maxM ?? MAX_RADIUS_M }).radiusM;
  const nothing = { events: [], features: [], things: [] };
  const head = { kind: query.kind, lonLat: query.lonLat };
  const { state } = internals;
  if (query.kind === 'things') {
    const things = nearestThings(internals, scope, query, k, maxM);
    const newest = newestOf(things.map((thing) => thing.newestPhenomenonTime));
    return {
      ...head,
      ...nothing,
      things,
      searchedM: things.length < k ? maxM : (things.at(-1)?.distanceM ?? 0),
      provenance: provenanceOf(
        state,
        things.map((thing) => thing.dataset),
        newest,
        'latest',
      ),
    };
  }
  const where =
    query.kind === 'events'
      ? eventWhere(scope, {
          ...query,
          eventTypes: query.types,
          span: query.span === undefined ? undefined : checkSpan(query.span),
          placed: true,
        })
      : featureWhere(scope, { featureTypes: query.types, datasets: query.datasets, placed: true });
  const kind = query.kind === 'events' ? 'event' : 'feature';
  const { found, searchedM } = await nearestItems(internals, scope, kind, where, query.lonLat, k, maxM);
  let events: readonly EventAnswer[] = [];
  let features: readonly FeatureAnswer[] = [];
  let newest: number | null = null;
  if (kind === 'event') {
    events = await readFoundEvents(internals, scope, found);
    newest = newestOf(events.map((event) => event.end ?? event.start));
  } else ({ features, newest } = await readFoundFeatures(internals, scope, found));
  const datasets = [...events, ...features].map((item) => item.dataset);
  return {
    ...head,
    ...nothing,
    events,
    features,
    searchedM,
    provenance: provenanceOf(state, datasets, newest, 'raw'),
  };
}

/**
 * Looks ring by ring. A circle's answer holds all that is within its radius, by exact distance: once it holds k, the first k of
 * them are the nearest there are, on whichever side of a zone's edge they lie.
 */
async function nearestItems(
  internals: StoreInternals,
  scope: Scope,
  kind: ItemKind,
  where: string,
  lonLat: readonly [number, number],
  k: number,
  maxM: number,
): Promise<{ readonly found: readonly Found[]; readonly searchedM: number }> {
  const within = (radiusM: number) => {
    const area = itemArea(scope, resolveArea(scope, new Map(), { circle: { lonLat, radiusM } }));
    return findItems(internals, scope, kind, where, area, null);
  };
  let [held, radiusM, narrowings] = [0, Math.min(FIRST_RING_M, maxM), 0];
  for (;;) {
    try {
      const found = await within(radiusM);
      if (found.length >= k || radiusM >= maxM) {
        const nearest = [...found].sort((a, b) => a.distanceM! - b.distanceM!).slice(0, k);
        return { found: nearest, searchedM: nearest.length < k ? maxM : (nearest.at(-1)?.distanceM ?? 0) };
      }
      held = radiusM;
      // While it narrows, the ring that held too many stays out of reach.
      radiusM = narrowings > 0 ? radiusM * 1.5 : Math.min(maxM, radiusM * RING_FACTOR);
    } catch (error) {
      if (!isQueryError(error, 'too-large') || narrowings >= NARROWINGS) throw error;
      narrowings += 1;
      radiusM = (held + radiusM) / 2;
    }
  }
}

/** Things stand in memory: each one's distance is measured. */
function nearestThings(
  { state }: StoreInternals,
  scope: Scope,
  query: NearestQuery,
  k: number,
  maxM: number,
): readonly ThingAnswer[] {
  return thingsWhere(state, scope, query)
    .flatMap((thing) => {
      if (thing.lonLat === null) return [];
      const metres = distanceM(query.lonLat, thing.lonLat);
      return metres <= maxM ? [{ ...thing, distanceM: metres }] : [];
    })
    .sort((a, b) => a.distanceM - b.distanceM)
    .slice(0, k);
}
