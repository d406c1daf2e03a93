import { lonLatOf, placeOf } from '../query/places.ts';
import type { Scope } from '../query/scope.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { StoreState } from '../store/state.ts';
import type { DatastreamEntry } from '../store/store.ts';

/** A datastream that a figure expects, with its newest reading if it has one. */
export interface Sample {
  readonly stream: DatastreamEntry;
  /** UTC ms; null when it has never reported. */
  readonly time: number | null;
  readonly value: number;
  /** Canonical unit; undefined when none is declared. */
  readonly warnAbove: number | undefined;
}

/** Feeds of what is, not archives of what was; only those that may be seen. */
export function isLiveDataset(state: StoreState, scope: Scope, dataset: string): boolean {
  return scope.allows(dataset) && state.dictionary.dataset(dataset)?.timeRange.mode !== 'archive';
}

/** The datastreams of a property that figures expect: of declared Things, in datasets that are live and may be seen. */
export function samplesOf(
  { state }: Pick<StoreInternals, 'state'>,
  scope: Scope,
  property: string,
): readonly Sample[] {
  const { latest, dictionary } = state;
  const samples: Sample[] = [];
  for (const stream of dictionary.datastreamsOfProperty(property)) {
    if (!isLiveDataset(state, scope, stream.dataset)) continue;
    if (!scope.allowsReading(stream.dataset, property, scope.area !== null)) continue;
    const thing = dictionary.thing(stream.thing);
    const known = latest.has(stream.id);
    // A datastream that was taken out of its declaration, or never was in one, counts while it reports.
    if (!known && (thing === undefined || thing.dataset !== stream.dataset)) continue;
    if (scope.area !== null) {
      const place = known
        ? lonLatOf(latest.beidou[stream.id]!)
        : thing === undefined
          ? null
          : placeOf(state, thing)?.lonLat;
      if (!scope.inside(place ?? null)) continue;
    }
    samples.push({
      stream,
      time: known ? latest.time[stream.id]! : null,
      value: latest.result[stream.id]!,
      warnAbove: thing?.datastreams.find((declared) => declared.property === property)?.warnAbove,
    });
  }
  return samples;
}
