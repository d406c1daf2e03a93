/**
 * Sets of zones over several levels: compacted, listed again, and as ranges of ids. Ids are handled as two 32-bit words, for a bigint
 * each costs more than the work itself.
 */
import { beidouPatterns } from '../beidou/beidou2d-patterns.ts';
import { checkLevel, tooManyZones } from '../checks.ts';
import type { CoverMode, ZoneGrid, ZoneSet } from '../codec.ts';
import { GridError } from '../errors.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { CellList, descendantCount, listDescendants } from '../h3/h3-words.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import { sortZones } from './sort-zones.ts';
import { isPentagon, isPentagonBase, ZONE_LAYOUTS } from './zone-layout.ts';

/** Ranges of point-level ids, inclusive, ascending, neither touching nor overlapping. Shapes (n) and (n). */
export interface ZoneRanges {
  readonly lo: BigUint64Array;
  readonly hi: BigUint64Array;
}

/**
 * Replaces every complete set of children by its parent, level by level, up to the coarsest level of the grid.
 * @param zones - Zones of `level` in any order; fastest as a `BigUint64Array`, which is left as it is. One given twice counts once.
 * @throws {GridError} `level-out-of-range`; `zone-invalid` for what is no zone of the level.
 */
export function compactZones(grid: ZoneGrid, zones: Iterable<bigint>, level: number): ZoneSet {
  checkLevel(grid.id, level, grid.minLevel, grid.maxLevel);
  const current = zones instanceof BigUint64Array ? zones.slice() : BigUint64Array.from(zones);
  const words = wordsOf(current);
  checkZones(grid, words, () => level);
  sortZones(current);
  let count = withoutRepeats(words);
  const kept = { zones: new BigUint64Array(count), levels: new Uint8Array(count), count: 0 };
  for (let at = level; count > 0; at -= 1) {
    if (at === grid.minLevel) {
      kept.zones.set(current.subarray(0, count), kept.count);
      kept.levels.fill(at, kept.count, kept.count + count);
      kept.count += count;
      break;
    }
    count = moveUp(grid, words, count, at, kept);
  }
  const set = { zones: kept.zones.slice(0, kept.count), levels: kept.levels.slice(0, kept.count) };
  sortZones(set.zones, set.levels, ZONE_LAYOUTS[grid.id].ignoredHigh);
  return set;
}

interface Kept {
  readonly zones: BigUint64Array;
  readonly levels: Uint8Array;
  count: number;
}

/** Keeps the zones of incomplete families and writes the parents of complete ones to the front of `words`; returns their number. */
function moveUp(grid: ZoneGrid, words: Uint32Array, count: number, level: number, kept: Kept): number {
  const layout = ZONE_LAYOUTS[grid.id];
  const keptWords = wordsOf(kept.zones);
  let up = 0;
  for (let n = 0; n < count; ) {
    const high = layout.parentHigh(words[2 * n + HIGH_WORD]!, level - 1);
    const low = layout.parentLow(words[2 * n + 1 - HIGH_WORD]!, level - 1);
    let end = n + 1;
    // Children of one parent stand together: its bits come first in theirs.
    while (
      end < count &&
      layout.parentLow(words[2 * end + 1 - HIGH_WORD]!, level - 1) === low &&
      layout.parentHigh(words[2 * end + HIGH_WORD]!, level - 1) === high
    ) {
      end += 1;
    }
    if (end - n === layout.childCount(high, low, level - 1)) {
      words[2 * up + HIGH_WORD] = high;
      words[2 * up + 1 - HIGH_WORD] = low;
      up += 1;
    } else {
      keptWords.set(words.subarray(2 * n, 2 * end), 2 * kept.count);
      kept.levels.fill(level, kept.count, kept.count + end - n);
      kept.count += end - n;
    }
    n = end;
  }
  return up;
}

/** Takes out repeats of sorted ids; returns how many are left. */
function withoutRepeats(words: Uint32Array): number {
  let count = 0;
  for (let n = 0; n < words.length; n += 2) {
    if (count > 0 && words[n] === words[2 * count - 2] && words[n + 1] === words[2 * count - 1]) continue;
    words[2 * count] = words[n]!;
    words[2 * count + 1] = words[n + 1]!;
    count += 1;
  }
  return count;
}

/** @throws {GridError} `zone-invalid` at the first id that is no zone of its level. */
function checkZones(grid: ZoneGrid, words: Uint32Array, levelOf: (n: number) => number): void {
  const { isZone } = ZONE_LAYOUTS[grid.id];
  for (let n = 0; n < words.length / 2; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    if (isZone(high, low, levelOf(n))) continue;
    const zone = (BigInt(high) << 32n) | BigInt(low);
    // The grid itself says best what is wrong with it.
    grid.format(zone, levelOf(n));
    throw new GridError(
      'zone-invalid',
      `Cannot read zone 0x${zone.toString(16)} of ${grid.id}: not of level ${levelOf(n)}`,
    );
  }
}

function checkSet(grid: ZoneGrid, set: ZoneSet, maxLevel: number): void {
  if (set.zones.length !== set.levels.length) {
    throw new GridError(
      'shape-mismatch',
      `Cannot read a set of ${set.zones.length} zones with ${set.levels.length} levels: lengths must be equal`,
    );
  }
  for (const level of set.levels) checkLevel(grid.id, level, grid.minLevel, maxLevel);
  checkZones(grid, wordsOf(set.zones), (n) => set.levels[n]!);
}

/**
 * Zones of one level again, ascending.
 * @throws {GridError} `too-many-zones` with the exact number, before any is listed; `level-out-of-range` when a zone is finer than
 * `level`; `polar-unsupported`; `zone-invalid`; `shape-mismatch`.
 */
export function uncompactZones(
  grid: ZoneGrid,
  set: ZoneSet,
  level: number,
  maxZones: number,
): readonly bigint[] {
  checkLevel(grid.id, level, grid.minLevel, grid.maxLevel);
  checkSet(grid, set, level);
  const counts = descendantsOf(grid, set, level);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > maxZones) throw tooManyZones(`a set at level ${level}`, total, maxZones, false);
  const zones = grid.id === 'h3' ? listH3(set, level, total) : listBeidou(set, level, total);
  sortZones(zones);
  return Array.from(zones);
}

/** How many zones of `level` each zone of a set has. Shape (n). */
function descendantsOf(grid: ZoneGrid, { zones, levels }: ZoneSet, level: number): Float64Array {
  const words = wordsOf(zones);
  const counts = new Float64Array(levels.length);
  const layout = ZONE_LAYOUTS[grid.id];
  for (let n = 0; n < levels.length; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    if (grid.id === 'h3') {
      counts[n] = descendantCount(level - levels[n]!, isPentagon(high, low, levels[n]!));
      continue;
    }
    counts[n] = 1;
    for (let at = levels[n]!; at < level; at += 1) counts[n]! *= layout.childCount(high, low, at);
    // A polar zone has none below level 2: the grid says so.
    if (counts[n] === 0) grid.subZones(zones[n]!, levels[n]!, level);
  }
  return counts;
}

function listH3({ zones, levels }: ZoneSet, level: number, total: number): BigUint64Array {
  const words = wordsOf(zones);
  const cells = new CellList();
  for (let n = 0; n < levels.length; n += 1) {
    cells.push(words[2 * n + HIGH_WORD]!, words[2 * n + 1 - HIGH_WORD]!, levels[n]!);
  }
  return listDescendants(cells, level, total, isPentagonBase);
}

function listBeidou({ zones, levels }: ZoneSet, level: number, total: number): BigUint64Array {
  const words = wordsOf(zones);
  const listed = new BigUint64Array(total);
  const out = wordsOf(listed);
  const patterns = beidouPatterns(level);
  let at = 0;
  for (let n = 0; n < levels.length; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    const below = patterns(levels[n]!, high >>> 25 === 0 || high >>> 25 === 64);
    for (let k = 0; k < below.length; k += 2) {
      out[at + HIGH_WORD] = high | below[k + HIGH_WORD]!;
      out[at + 1 - HIGH_WORD] = low | below[k + 1 - HIGH_WORD]!;
      at += 2;
    }
  }
  return listed;
}

/**
 * What `BETWEEN` asks for: the point-level ids inside a set, touching ranges joined. Zones may come in any order, and in one another.
 * @throws {GridError} `level-out-of-range` for a zone finer than the point level; `zone-invalid`; `shape-mismatch`.
 */
export function zoneRanges(grid: ZoneGrid, set: ZoneSet): ZoneRanges {
  checkSet(grid, set, grid.pointLevel);
  const layout = ZONE_LAYOUTS[grid.id];
  const words = wordsOf(set.zones);
  const count = set.levels.length;
  const lo = new BigUint64Array(count);
  const hi = new BigUint64Array(count);
  const loWords = wordsOf(lo);
  const order = Int32Array.from({ length: count }, (_, n) => n);
  for (let n = 0; n < count; n += 1) {
    const level = set.levels[n]!;
    loWords[2 * n + HIGH_WORD] = layout.firstHigh(words[2 * n + HIGH_WORD]!, level);
    loWords[2 * n + 1 - HIGH_WORD] = layout.firstLow(words[2 * n + 1 - HIGH_WORD]!, level);
  }
  sortZones(lo, order);
  const hiWords = wordsOf(hi);
  let joined = 0;
  for (let n = 0; n < count; n += 1) {
    const from = 2 * order[n]!;
    const level = set.levels[order[n]!]!;
    const lastHigh = layout.lastHigh(words[from + HIGH_WORD]!, level) >>> 0;
    const lastLow = layout.lastLow(words[from + 1 - HIGH_WORD]!, level) >>> 0;
    const end = 2 * (joined - 1);
    if (joined > 0 && startsBy(loWords, 2 * n, hiWords, end)) {
      if (isAbove(lastHigh, lastLow, hiWords, end)) {
        hiWords[end + HIGH_WORD] = lastHigh;
        hiWords[end + 1 - HIGH_WORD] = lastLow;
      }
      continue;
    }
    loWords[2 * joined] = loWords[2 * n]!;
    loWords[2 * joined + 1] = loWords[2 * n + 1]!;
    hiWords[2 * joined + HIGH_WORD] = lastHigh;
    hiWords[2 * joined + 1 - HIGH_WORD] = lastLow;
    joined += 1;
  }
  return { lo: lo.slice(0, joined), hi: hi.slice(0, joined) };
}

/** Does a range start inside another, or just after its last id? */
function startsBy(lo: Uint32Array, at: number, hi: Uint32Array, end: number): boolean {
  const high = lo[at + HIGH_WORD]!;
  const low = lo[at + 1 - HIGH_WORD]!;
  const endHigh = hi[end + HIGH_WORD]!;
  const endLow = hi[end + 1 - HIGH_WORD]!;
  if (high < endHigh || (high === endHigh && low <= endLow)) return true;
  return endLow === 0xffff_ffff ? high === endHigh + 1 && low === 0 : high === endHigh && low === endLow + 1;
}

function isAbove(high: number, low: number, words: Uint32Array, at: number): boolean {
  const otherHigh = words[at + HIGH_WORD]!;
  return high > otherHigh || (high === otherHigh && low > words[at + 1 - HIGH_WORD]!);
}

/**
 * Ranges of point-level ids of a compacted cover: what a geometry is in an index. By `intersects` the id of every position of the
 * geometry is in one of them, in H3 too, whose children stick out of their parents.
 * @param maxZones - Most compacted zones; there are never more ranges than these.
 * @throws {GridError} as `grid.coverCompact`; `level-out-of-range` for a level finer than the point level.
 * @example coverRanges(beidou2d, { type: 'Point', coordinates: [104.6263, 35.5806] }, 5, 1) // one range
 */
export function coverRanges(
  grid: ZoneGrid,
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  mode: CoverMode = 'intersects',
): ZoneRanges {
  checkLevel(grid.id, level, grid.minLevel, grid.pointLevel);
  const forRanges = mode === 'intersects' ? grid.coverForRanges : undefined;
  return zoneRanges(
    grid,
    forRanges?.(geometry, level, maxZones) ?? grid.coverCompact(geometry, level, maxZones, mode),
  );
}
