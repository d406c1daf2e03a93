/** The slow, plain versions of compacting, listing and ranges, one bigint at a time: what the tests judge the fast ones by. Not part of the product. */
import type { ZoneGrid, ZoneSet } from '../codec.ts';

export interface PlainZone {
  readonly zone: bigint;
  readonly level: number;
}

/** Every complete set of children replaced by its parent, level by level. */
export function plainCompact(grid: ZoneGrid, zones: Iterable<bigint>, level: number): readonly PlainZone[] {
  const kept: PlainZone[] = [];
  let current = new Set(zones);
  for (let at = level; at > grid.minLevel && current.size > 0; at -= 1) {
    const families = new Map<bigint, bigint[]>();
    for (const zone of current) {
      const parent = grid.parent(zone, at, at - 1);
      const family = families.get(parent);
      if (family === undefined) families.set(parent, [zone]);
      else family.push(zone);
    }
    const up = new Set<bigint>();
    for (const [parent, family] of families) {
      if (family.length === grid.subZones(parent, at - 1, at).length) up.add(parent);
      else for (const zone of family) kept.push({ zone, level: at });
    }
    current = up;
  }
  for (const zone of current) kept.push({ zone, level: grid.minLevel });
  // Where no zone holds another, ids sort as their ranges do, once H3's resolution field is out of the way.
  const ignored = grid.id === 'h3' ? 15n << 52n : 0n;
  return kept.sort((a, b) => ((a.zone & ~ignored) < (b.zone & ~ignored) ? -1 : 1));
}

export function plainList(grid: ZoneGrid, set: ZoneSet, level: number): readonly bigint[] {
  const listed = Array.from(set.zones, (zone, n) => grid.subZones(zone, set.levels[n]!, level)).flat();
  return listed.sort((a, b) => (a < b ? -1 : 1));
}

/** Inclusive ranges, touching ones joined. */
export function plainRanges(grid: ZoneGrid, set: ZoneSet): readonly (readonly [lo: bigint, hi: bigint])[] {
  const all = Array.from(set.zones, (zone, n) => grid.range(zone, set.levels[n]!));
  all.sort((a, b) => (a.lo < b.lo ? -1 : 1));
  const joined: [bigint, bigint][] = [];
  for (const { lo, hi } of all) {
    const last = joined[joined.length - 1];
    if (last !== undefined && lo <= last[1] + 1n) {
      if (hi > last[1]) last[1] = hi;
    } else joined.push([lo, hi]);
  }
  return joined;
}

/** A set as pairs, to be compared. */
export function pairsOf({ zones, levels }: ZoneSet): readonly PlainZone[] {
  return Array.from(zones, (zone, n) => ({ zone, level: levels[n]! }));
}
