/** Sets of zones over several levels: compacted, listed again, and as ranges of ids. */
import { tooManyZones } from '../checks.ts';
import type { ZoneGrid, ZoneSet } from '../codec.ts';

/** Ranges of point-level ids, inclusive, ascending, neither touching nor overlapping. Shapes (n) and (n). */
export interface ZoneRanges {
  readonly lo: BigUint64Array;
  readonly hi: BigUint64Array;
}

/**
 * Replaces every complete set of children by its parent, level by level, up to the coarsest level of the grid.
 * @param zones - Zones of `level`, each once, in any order.
 */
export function compactZones(grid: ZoneGrid, zones: Iterable<bigint>, level: number): ZoneSet {
  const kept: { zone: bigint; level: number }[] = [];
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
  return toZoneSet(grid, kept);
}

/** Zones of mixed levels as a `ZoneSet`, ascending. */
function toZoneSet(grid: ZoneGrid, kept: { readonly zone: bigint; readonly level: number }[]): ZoneSet {
  // Where no zone holds another, ids sort as their ranges do, once H3's resolution field is out of the way.
  const ignored = grid.id === 'h3' ? 15n << 52n : 0n;
  const key = ({ zone }: { readonly zone: bigint }): bigint => zone & ~ignored;
  kept.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    zones: BigUint64Array.from(kept, ({ zone }) => zone),
    levels: Uint8Array.from(kept, ({ level }) => level),
  };
}

/** Zones of one level again, ascending. @throws {GridError} `too-many-zones`. */
export function uncompactZones(
  grid: ZoneGrid,
  set: ZoneSet,
  level: number,
  maxZones: number,
): readonly bigint[] {
  const listed: bigint[] = [];
  set.zones.forEach((zone, n) => {
    for (const sub of grid.subZones(zone, set.levels[n]!, level)) listed.push(sub);
    if (listed.length > maxZones)
      throw tooManyZones(`a set at level ${level}`, listed.length, maxZones, true);
  });
  return Array.from(BigUint64Array.from(listed).sort());
}

/** What `BETWEEN` asks for: the point-level ids inside a set, touching ranges joined. */
export function zoneRanges(grid: ZoneGrid, set: ZoneSet): ZoneRanges {
  const all = Array.from(set.zones, (zone, n) => grid.range(zone, set.levels[n]!));
  all.sort((a, b) => (a.lo < b.lo ? -1 : 1));
  const lo: bigint[] = [];
  const hi: bigint[] = [];
  for (const range of all) {
    if (hi.length > 0 && range.lo <= hi[hi.length - 1]! + 1n) hi[hi.length - 1] = range.hi;
    else {
      lo.push(range.lo);
      hi.push(range.hi);
    }
  }
  return { lo: BigUint64Array.from(lo), hi: BigUint64Array.from(hi) };
}
