import { NO_ZONE } from '../../ingest/model/index.ts';
import type { StoreInternals } from '../store/internals.ts';
import type { DatastreamEntry } from '../store/store.ts';
import { gridOf } from '../zones.ts';
import type { LatestAnswer, LatestReading } from './answers.ts';
import { type Divisions, resolveArea } from './area.ts';
import { checkLimit, requireProperty } from './checks.ts';
import { itemArea } from './item-area.ts';
import { lonLatOf } from './places.ts';
import { QueryError } from './query-error.ts';
import { newestOf, provenanceOf } from './rows.ts';
import type { Scope } from './scope.ts';
import type { LatestQuery } from './shapes.ts';

export const MAX_LATEST = 100_000;

interface Candidate {
  readonly stream: DatastreamEntry;
  readonly time: number;
  readonly lonLat: readonly [number, number] | null;
}

/** Newest readings by phenomenonTime, from memory: what came late does not replace what was measured later. */
export function queryLatest(
  { state, clock }: StoreInternals,
  scope: Scope,
  divisions: Divisions,
  query: LatestQuery,
): LatestAnswer {
  const limit = checkLimit(query.limit, MAX_LATEST);
  if (query.property !== undefined) requireProperty(state, query.property);
  const area = query.area === undefined ? null : itemArea(scope, resolveArea(scope, divisions, query.area));
  const zones = query.by === 'zone' ? zonesOf(scope, query) : null;
  const placed = area !== null || zones !== null || scope.area !== null;
  const oldest = query.maxAgeMs === undefined ? Number.NEGATIVE_INFINITY : clock() - query.maxAgeMs;
  const { latest } = state;

  const newest = new Map<string | bigint | number, Candidate>();
  for (const stream of streamsOf(state.dictionary, query.property)) {
    if (!latest.has(stream.id) || latest.time[stream.id]! < oldest) continue;
    if (!scope.allowsReading(stream.dataset, stream.property, placed)) continue;
    if (query.datasets !== undefined && !query.datasets.includes(stream.dataset)) continue;
    if (query.categories !== undefined) {
      const category = state.dictionary.thing(stream.thing)?.category;
      if (category === undefined || !query.categories.includes(category)) continue;
    }
    const own = lonLatOf(latest.beidou[stream.id]!);
    if (!scope.inside(own)) continue;
    const lonLat = scope.place(stream.dataset, own);
    if (area !== null && (lonLat === null || !area.holds(lonLat))) continue;
    let key: string | bigint | number = stream.id;
    if (query.by === 'thing') key = stream.thing;
    if (zones !== null) {
      const point = (zones.dggrs === 'h3' ? latest.h3 : latest.beidou)[stream.id]!;
      if (point === NO_ZONE) continue;
      key = gridOf(zones.dggrs).parent(point, gridOf(zones.dggrs).pointLevel, zones.level);
    }
    const held = newest.get(key);
    const time = latest.time[stream.id]!;
    // Of two at one instant the datastream that came first into the index.
    if (held === undefined || time > held.time) newest.set(key, { stream, time, lonLat });
  }

  const readings = [...newest].map(
    ([key, { stream, time, lonLat }]): LatestReading => ({
      thing: stream.thing,
      dataset: stream.dataset,
      property: stream.property,
      value: latest.result[stream.id]!,
      unit: state.dictionary.property(stream.property, stream.dataset)?.unit ?? '',
      phenomenonTime: time,
      quality: latest.quality[stream.id]!,
      lonLat,
      ...(zones === null ? {} : { zone: gridOf(zones.dggrs).format(key as bigint, zones.level) }),
    }),
  );
  readings.sort((a, b) => b.phenomenonTime - a.phenomenonTime || (a.thing < b.thing ? -1 : 1));
  const shown = readings.slice(0, limit);
  return {
    by: query.by,
    level: zones?.level ?? null,
    readings: shown,
    total: readings.length,
    provenance: provenanceOf(
      state,
      shown.map((reading) => reading.dataset),
      newestOf(shown.map((reading) => reading.phenomenonTime)),
      'latest',
    ),
  };
}

function zonesOf(scope: Scope, query: LatestQuery) {
  if (query.dggrs === undefined || query.level === undefined || query.property === undefined) {
    throw new QueryError(
      'question-invalid',
      'Cannot tell the latest by zone: a grid, a level and a property are needed',
    );
  }
  return { dggrs: query.dggrs, level: scope.level(query.dggrs, query.level) };
}

function* streamsOf(
  dictionary: StoreInternals['state']['dictionary'],
  property: string | undefined,
): Iterable<DatastreamEntry> {
  if (property !== undefined) return yield* dictionary.datastreamsOfProperty(property);
  for (let id = 0; id < dictionary.datastreamCount; id++) {
    const stream = dictionary.datastream(id);
    if (stream !== undefined) yield stream;
  }
}
