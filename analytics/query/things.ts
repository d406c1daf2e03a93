import type { ThingDeclaration } from '../../ingest/model/index.ts';
import type { CommitDelta } from '../store/commit-delta.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import type { ThingAnswer, ThingsAnswer } from './answers.ts';
import type { Divisions } from './area.ts';
import { areaOf } from './events.ts';
import type { ItemArea } from './item-area.ts';
import { placeOf } from './places.ts';
import type { PlaceColumns } from './queries.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { AskedZone, Scope } from './scope.ts';
import type { ThingsQuery } from './shapes.ts';
import { newestOfThing, thingAnswer } from './thing-answer.ts';

/** Things with their latest readings, from memory; those in a circle nearest first. */
export function queryThings(
  { state }: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: ThingsQuery,
): ThingsAnswer {
  const area = areaOf(scope, divisions, query);
  const zone = query.zone === undefined ? undefined : scope.zone(query.zone);
  const things =
    area === null ? thingsWhere(state, scope, query, zone) : thingsWithin(state, scope, query, area);
  const datasets = things.map((thing) => thing.dataset);
  const newest = newestOf(things.map((thing) => thing.newestPhenomenonTime));
  return { things, provenance: provenanceOf(state, datasets, newest, 'latest') };
}

/** Things of the categories and datasets asked for, those in a zone or all. */
export function thingsWhere(
  state: StoreState,
  scope: Scope,
  query: Pick<ThingsQuery, 'categories' | 'datasets'>,
  zone?: AskedZone,
): readonly ThingAnswer[] {
  return thingsIn(state, scope, zone).filter(
    (thing) =>
      (query.categories === undefined ||
        query.categories.length === 0 ||
        query.categories.includes(thing.category)) &&
      (query.datasets === undefined || query.datasets.includes(thing.dataset)),
  );
}

/** Things in an area, by the place that they are shown at. */
export function thingsWithin(
  state: StoreState,
  scope: Scope,
  query: Pick<ThingsQuery, 'categories' | 'datasets'>,
  area: ItemArea,
): readonly ThingAnswer[] {
  const found = thingsWhere(state, scope, query).flatMap((thing) => {
    // As shown: a second coarsening changes nothing.
    if (thing.lonLat === null || !area.holds(thing.lonLat)) return [];
    const distanceM = area.distanceM({ dataset: thing.dataset, lonLat: thing.lonLat, geometry: null });
    return [distanceM === null ? thing : { ...thing, distanceM }];
  });
  return found.sort((a, b) => (a.distanceM ?? 0) - (b.distanceM ?? 0));
}

export function thingsIn(
  state: StoreState,
  scope: Scope,
  zone: AskedZone | undefined,
): readonly ThingAnswer[] {
  const things: ThingAnswer[] = [];
  for (const declared of state.dictionary.things) {
    const found = thingAnswer(state, scope, declared);
    if (found === null) continue;
    if (zone !== undefined) {
      const point = zone.dggrs === 'h3' ? found.place?.h3 : found.place?.beidou;
      if (point === undefined || point < zone.lo || point > zone.hi) continue;
      // A place that is masked must not be found by asking zone after zone.
      if (scope.masked(declared.dataset, 'position')) continue;
    }
    things.push(found.answer);
  }
  return things;
}

/** Places of the Things named, or of all; those without a place are left out. Lean: live frames ask several times a second. */
export function placeColumns(state: StoreState, scope: Scope, ids?: Iterable<string>): PlaceColumns {
  const declared = ids === undefined ? state.dictionary.things : declaredOf(state, ids);
  const shown: string[] = [];
  const lon: number[] = [];
  const lat: number[] = [];
  const newest: number[] = [];
  for (const thing of declared) {
    if (!scope.allows(thing.dataset)) continue;
    const place = placeOf(state, thing);
    if (place === null || !scope.inside(place.lonLat)) continue;
    const lonLat = scope.place(thing.dataset, place.lonLat);
    if (lonLat === null) continue;
    shown.push(thing.id);
    lon.push(lonLat[0]);
    lat.push(lonLat[1]);
    newest.push(newestOfThing(state, scope, thing) ?? Number.NaN);
  }
  return {
    ids: shown,
    lon: Float64Array.from(lon),
    lat: Float64Array.from(lat),
    newest: Float64Array.from(newest),
  };
}

function declaredOf(state: StoreState, ids: Iterable<string>): readonly ThingDeclaration[] {
  return [...ids].flatMap((id) => state.dictionary.thing(id) ?? []);
}

/** Things of which a commit brought newer readings or events. */
export function thingsOf(state: StoreState, delta: CommitDelta): ReadonlySet<string> {
  const things = new Set<string>();
  for (const id of delta.latest.datastream) {
    const stream = state.dictionary.datastream(id);
    if (stream !== undefined) things.add(stream.thing);
  }
  for (const event of delta.events) if (event.thing !== null) things.add(event.thing);
  return things;
}
