import type { CommitDelta } from '../store/commit-delta.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import type { ThingAnswer, ThingsAnswer } from './answers.ts';
import type { PlaceColumns } from './queries.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { AskedZone, Scope } from './scope.ts';
import type { ThingsQuery } from './shapes.ts';
import { thingAnswer } from './thing-answer.ts';

/** Things with their latest readings, from memory. */
export function queryThings({ state }: StoreInternals, scope: Scope, query: ThingsQuery): ThingsAnswer {
  const zone = query.zone === undefined ? undefined : scope.zone(query.zone);
  const things = thingsIn(state, scope, zone).filter(
    (thing) =>
      (query.categories === undefined ||
        query.categories.length === 0 ||
        query.categories.includes(thing.category)) &&
      (query.datasets === undefined || query.datasets.includes(thing.dataset)),
  );
  const datasets = things.map((thing) => thing.dataset);
  const newest = newestOf(things.map((thing) => thing.newestPhenomenonTime));
  return { things, provenance: provenanceOf(state, datasets, newest, 'latest') };
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

/** Places of the Things named, or of all; those without a place are left out. */
export function placeColumns(state: StoreState, scope: Scope, ids?: Iterable<string>): PlaceColumns {
  const declared =
    ids === undefined
      ? [...state.dictionary.things]
      : [...ids].flatMap((id) => state.dictionary.thing(id) ?? []);
  const shown = declared.flatMap((thing) => {
    const answer = thingAnswer(state, scope, thing)?.answer;
    return answer === undefined || answer.lonLat === null ? [] : [answer];
  });
  return {
    ids: shown.map((thing) => thing.id),
    lon: Float64Array.from(shown, (thing) => thing.lonLat![0]),
    lat: Float64Array.from(shown, (thing) => thing.lonLat![1]),
    newest: Float64Array.from(shown, (thing) => thing.newestPhenomenonTime ?? Number.NaN),
  };
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
