/** What the things on the map say about a property: how often it is measured, and where it is measured but silent. */
import type { ThingAnswer } from '../schema/api.ts';
import { freshness } from './age.ts';
import { gridOf } from './grids.ts';
import type { ZoneKey } from './zone-table.ts';

const DEFAULT_PERIOD_MS = 60_000;

/** Categories that measure a property: those of which at least one thing has reported it. */
function categoriesOf(things: readonly ThingAnswer[], property: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const thing of things)
    if (!found.has(thing.category) && thing.latest.some((l) => l.property === property))
      found.add(thing.category);
  return found;
}

/** Longest period among the things that measure the property, ms: a zone is not stale while its slowest one is on time. */
export function zonePeriodMs(things: readonly ThingAnswer[], property: string): number {
  const categories = categoriesOf(things, property);
  let longest = 0;
  for (const thing of things)
    if (categories.has(thing.category) && thing.periodMs !== null)
      longest = Math.max(longest, thing.periodMs);
  return longest || DEFAULT_PERIOD_MS;
}

/**
 * Zones that hold an instrument for the property, of which none has a reading that may still be shown: "no data" is a
 * look of its own, not an absence.
 */
export function silentZones(things: readonly ThingAnswer[], key: ZoneKey, now: number): readonly bigint[] {
  const categories = categoriesOf(things, key.property);
  const grid = gridOf(key.dggrs);
  const silent = new Set<bigint>();
  for (const thing of things) {
    if (!categories.has(thing.category) || !thing.lonLat) continue;
    const latest = thing.latest.find((l) => l.property === key.property);
    const fresh = freshness(latest?.phenomenonTime ?? null, now, thing.periodMs);
    if (fresh === 'none' || fresh === 'expired')
      silent.add(grid.encode(thing.lonLat[0], thing.lonLat[1], key.level));
  }
  return [...silent].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
