import type { ThingDeclaration } from '../../ingest/model/index.ts';
import type { StoreState } from '../store/state.ts';
import type { LatestValue, ThingAnswer } from './answers.ts';
import { type Place, placeOf } from './places.ts';
import type { Scope } from './scope.ts';

/** A Thing with its latest readings as it may be shown, and where it really is; null when it may not be seen. */
export function thingAnswer(
  state: StoreState,
  scope: Scope,
  thing: ThingDeclaration,
): { readonly answer: ThingAnswer; readonly place: Place | null } | null {
  if (!scope.allows(thing.dataset)) return null;
  const place = placeOf(state, thing);
  if (!scope.inside(place?.lonLat ?? null)) return null;
  const { latest, dictionary } = state;
  const values: LatestValue[] = [];
  let periodMs: number | null = null;
  for (const stream of dictionary.datastreamsOfThing(thing.id)) {
    if (stream.dataset !== thing.dataset) continue;
    periodMs = periodMs === null ? stream.periodMs : Math.min(periodMs, stream.periodMs);
    if (!latest.has(stream.id) || scope.masked(thing.dataset, stream.property)) continue;
    const value = latest.result[stream.id]!;
    const declared = thing.datastreams.find((candidate) => candidate.property === stream.property);
    values.push({
      property: stream.property,
      value,
      unit: dictionary.property(stream.property, thing.dataset)?.unit ?? '',
      phenomenonTime: latest.time[stream.id]!,
      quality: latest.quality[stream.id]!,
      warn:
        (declared?.warnAbove !== undefined && value > declared.warnAbove) ||
        (declared?.warnBelow !== undefined && value < declared.warnBelow),
    });
  }
  const { pose } = thing;
  const coarse = scope.access.finestLevel !== null;
  return {
    place,
    answer: {
      id: thing.id,
      dataset: thing.dataset,
      category: thing.category,
      name: scope.masked(thing.dataset, 'name') ? { en: '', zh: '' } : { en: thing.nameEn, zh: thing.nameZh },
      lonLat: scope.place(thing.dataset, place?.lonLat ?? null),
      latest: values,
      newestPhenomenonTime: newestOfThing(state, scope, thing),
      periodMs,
      // Where a camera looks tells where it stands: with a coarsened place it is withheld.
      pose:
        pose === undefined || coarse || scope.masked(thing.dataset, 'position')
          ? null
          : { headingDeg: pose.headingDeg, hfovDeg: pose.hfovDeg, rangeM: pose.rangeM },
    },
  };
}

/** Newest phenomenonTime of its readings that may be seen and of its events; null when there is none. */
export function newestOfThing(state: StoreState, scope: Scope, thing: ThingDeclaration): number | null {
  let newest = state.newestEventOfThing.get(thing.id) ?? null;
  for (const stream of state.dictionary.datastreamsOfThing(thing.id)) {
    if (stream.dataset !== thing.dataset || !state.latest.has(stream.id)) continue;
    if (scope.masked(thing.dataset, stream.property)) continue;
    const time = state.latest.time[stream.id]!;
    if (newest === null || time > newest) newest = time;
  }
  return newest;
}
