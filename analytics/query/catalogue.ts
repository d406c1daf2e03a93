import { OBSERVED_PROPERTIES } from '../../ingest/model/index.ts';
import type { StoreState } from '../store/state.ts';
import type { DatasetAnswer, FeedStatus, FigureState, PropertyAnswer } from './answers.ts';
import { newestOf } from './rows.ts';
import type { Scope } from './scope.ts';

/** A figure or feed is `stale` when its newest reading is older than this many periods, and `expired` after the second. */
export const STALE_PERIODS = 2;
export const EXPIRED_PERIODS = 6;
/**
 * The same of feeds that bring nothing but events. They promise no rhythm: a quiet hour of a hotline or of a camera is no
 * dead feed. Their age counts from the newest of what happened and what arrived, and they are given more time.
 */
export const EVENT_STALE_PERIODS = 3;
export const EVENT_EXPIRED_PERIODS = 12;
/** Below this share of the expected contributors a figure or feed is `partial`: one lamp in a thousand is no news. */
export const PARTIAL_SHARE = 0.8;

/** State by age alone; `empty` when there never was anything. */
export function stateByAge(
  newest: number | null,
  nowMs: number,
  periodMs: number,
  stalePeriods = STALE_PERIODS,
  expiredPeriods = EXPIRED_PERIODS,
): FigureState {
  if (newest === null) return 'empty';
  const age = nowMs - newest;
  if (age > periodMs * expiredPeriods) return 'expired';
  return age > periodMs * stalePeriods ? 'stale' : 'live';
}

/** As `stateByAge`, for what is made of events alone. `heard` is the newest of what happened and what arrived. */
export function stateOfEvents(heard: number | null, nowMs: number, periodMs: number): FigureState {
  return stateByAge(heard, nowMs, periodMs, EVENT_STALE_PERIODS, EVENT_EXPIRED_PERIODS);
}

export function datasetAnswers(state: StoreState, scope: Scope): readonly DatasetAnswer[] {
  return [...state.dictionary.datasets]
    .filter((dataset) => scope.allows(dataset.id))
    .map((dataset) => ({
      id: dataset.id,
      title: { en: dataset.titleEn, zh: dataset.titleZh },
      publisher: { en: dataset.publisherEn, zh: dataset.publisherZh },
      licence: dataset.licence,
      attribution: dataset.attribution ?? null,
      periodMs: dataset.periodMs,
      demo: dataset.demo,
      inventedPose: dataset.inventedPose,
    }));
}

/** Shipped properties, and those declared by datasets that may be seen. */
export function propertyAnswers(state: StoreState, scope: Scope): readonly PropertyAnswer[] {
  const properties = new Map<string, PropertyAnswer>();
  for (const property of Object.values(OBSERVED_PROPERTIES)) {
    properties.set(property.id, {
      id: property.id,
      name: { en: property.nameEn, zh: property.nameZh },
      unit: property.unit,
    });
  }
  for (const dataset of state.dictionary.datasets) {
    if (!scope.allows(dataset.id)) continue;
    for (const property of dataset.properties) {
      if (properties.has(property.id)) continue;
      properties.set(property.id, {
        id: property.id,
        name: { en: property.nameEn, zh: property.nameZh },
        unit: property.unit,
      });
    }
  }
  return [...properties.values()];
}

/**
 * Health of every feed that may be seen: newest phenomenonTime, and how many of its Things have reported lately. An
 * archive is no feed: nothing more is expected of it.
 */
export function feedStatuses(state: StoreState, scope: Scope, nowMs: number): readonly FeedStatus[] {
  const feeds = new Map<
    string,
    { newest: number | null; things: number; fresh: number; periodMs: number; measures: boolean }
  >();
  for (const dataset of state.dictionary.datasets) {
    if (!scope.allows(dataset.id) || dataset.timeRange.mode === 'archive') continue;
    feeds.set(dataset.id, {
      newest: state.newestItemOfDataset.get(dataset.id) ?? null,
      things: 0,
      fresh: 0,
      periodMs: dataset.periodMs,
      measures: false,
    });
  }
  const { latest, dictionary } = state;
  for (const thing of dictionary.things) {
    const feed = feeds.get(thing.dataset);
    if (feed === undefined) continue;
    feed.things += 1;
    let newest: number | null = state.newestEventOfThing.get(thing.id) ?? null;
    let periodMs = feed.periodMs;
    for (const stream of dictionary.datastreamsOfThing(thing.id)) {
      if (stream.dataset !== thing.dataset) continue;
      feed.measures = true;
      periodMs = Math.max(periodMs, stream.periodMs);
      if (latest.has(stream.id)) newest = newestOf([newest, latest.time[stream.id]!]);
    }
    feed.newest = newestOf([feed.newest, newest]);
    if (newest !== null && nowMs - newest <= periodMs * STALE_PERIODS) feed.fresh += 1;
  }
  return [...feeds].map(([dataset, { newest, things, fresh, periodMs, measures }]) => {
    const newestArrival = state.newestArrivalOfDataset.get(dataset) ?? null;
    const eventsOnly = !measures && state.eventDatasets.has(dataset);
    const byAge = eventsOnly
      ? stateOfEvents(newestOf([newest, newestArrival]), nowMs, periodMs)
      : stateByAge(newest, nowMs, periodMs);
    // A camera that sees nobody is not missing.
    const partial = !eventsOnly && byAge === 'live' && things > 0 && fresh / things < PARTIAL_SHARE;
    return {
      dataset,
      newestPhenomenonTime: newest,
      newestArrival,
      periodMs,
      state: partial ? 'partial' : byAge,
      things,
      thingsFresh: fresh,
    };
  });
}
