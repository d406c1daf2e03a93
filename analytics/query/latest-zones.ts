import { NO_ZONE } from '../../ingest/model/index.ts';
import type { StoreInternals } from '../store/internals.ts';
import { gridOf } from '../zones.ts';
import { lonLatOf } from './places.ts';
import type { Scope } from './scope.ts';
import type { GridId } from './shapes.ts';

/** Periods after which a reading is no longer the state of anything. */
export const LATEST_PERIODS = 3;

export interface LatestZone {
  count: number;
  total: number;
  min: number;
  max: number;
  newest: number;
}

/** The latest readings of one property, gathered by zone: from memory, some microseconds a datastream. */
export function latestZones(
  { state, clock }: StoreInternals,
  scope: Scope,
  query: {
    readonly dggrs: GridId;
    readonly level: number;
    readonly property: string;
    readonly dataset?: string | undefined;
  },
): { readonly zones: Map<bigint, LatestZone>; readonly datasets: ReadonlySet<string> } {
  const grid = gridOf(query.dggrs);
  const { latest } = state;
  const points = query.dggrs === 'h3' ? latest.h3 : latest.beidou;
  const now = clock();
  const zones = new Map<bigint, LatestZone>();
  const datasets = new Set<string>();
  for (const stream of state.dictionary.datastreamsOfProperty(query.property)) {
    if (!latest.has(stream.id) || !scope.allowsReading(stream.dataset, query.property, true)) continue;
    if (query.dataset !== undefined && stream.dataset !== query.dataset) continue;
    const time = latest.time[stream.id]!;
    if (now - time > stream.periodMs * LATEST_PERIODS) continue;
    const point = points[stream.id]!;
    if (point === NO_ZONE) continue;
    if (scope.area !== null && !scope.inside(lonLatOf(latest.beidou[stream.id]!))) continue;
    const zone = grid.parent(point, grid.pointLevel, query.level);
    const value = latest.result[stream.id]!;
    datasets.add(stream.dataset);
    const held = zones.get(zone);
    if (held === undefined) {
      zones.set(zone, { count: 1, total: value, min: value, max: value, newest: time });
      continue;
    }
    held.count += 1;
    held.total += value;
    if (value < held.min) held.min = value;
    if (value > held.max) held.max = value;
    if (time > held.newest) held.newest = time;
  }
  return { zones, datasets };
}
