/** Upright runs while a cover is being made: 2D codes as two words each, floors and tops as level-10 layers, all in typed arrays. */

import { LEVEL_MASKS, writeCode } from '../beidou/beidou2d-cell.ts';
import { beidouLevel } from '../beidou/beidou2d-levels.ts';
import type { HeightCoding } from '../beidou/beidou3d.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import type { SolidZoneSet } from '../solid.ts';

// Own constants: an imported one may be read through a getter, which costs more than all else here.
const HIGH = HIGH_WORD;
const LOW = 1 - HIGH_WORD;

/** Runs of zones of one level or of several; not sorted until `sortRuns`. */
export class SolidRuns {
  /** Packed 2D codes; `words` sees the same memory. */
  zones = new BigUint64Array(64);
  words: Uint32Array = wordsOf(this.zones);
  floors = new Int32Array(64);
  tops = new Int32Array(64);
  levels = new Uint8Array(64);
  length = 0;

  /** Adds a run above the cell of `column`, `row` (signed, as in the raster of the level). */
  addCell(column: number, row: number, level: number, floor: number, top: number): void {
    const at = this.#next(level, floor, top);
    const { lonUnits, latUnits } = beidouLevel(level);
    const west = column < 0;
    const south = row < 0;
    const [high, low] = LEVEL_MASKS[level]!;
    const x = (west ? -1 - column : column) * lonUnits;
    const y = (south ? -1 - row : row) * latUnits;
    writeCode(this.words, 2 * at, x, y, west, south, high, low);
  }

  /** Adds a run above a zone given as the high and low word of its code. */
  addWords(high: number, low: number, level: number, floor: number, top: number): void {
    const at = this.#next(level, floor, top);
    this.words[2 * at + HIGH] = high;
    this.words[2 * at + LOW] = low;
  }

  high(n: number): number {
    return this.words[2 * n + HIGH]!;
  }

  low(n: number): number {
    return this.words[2 * n + LOW]!;
  }

  #next(level: number, floor: number, top: number): number {
    if (this.length === this.floors.length) this.#grow();
    const at = this.length;
    this.length += 1;
    this.levels[at] = level;
    this.floors[at] = floor;
    this.tops[at] = top;
    return at;
  }

  #grow(): void {
    const size = 2 * this.length;
    const zones = new BigUint64Array(size);
    zones.set(this.zones);
    this.zones = zones;
    this.words = wordsOf(zones);
    const floors = new Int32Array(size);
    floors.set(this.floors);
    this.floors = floors;
    const tops = new Int32Array(size);
    tops.set(this.tops);
    this.tops = tops;
    const levels = new Uint8Array(size);
    levels.set(this.levels);
    this.levels = levels;
  }
}

/**
 * The same zones by code, level and floor, with runs that touch or overlap joined. Among zones that share the start of their range
 * the coarser comes first.
 */
export function sortRuns(runs: SolidRuns): SolidRuns {
  const sorted = new SolidRuns();
  for (const n of orderOf(runs)) {
    const last = sorted.length - 1;
    const same =
      last >= 0 &&
      sorted.high(last) === runs.high(n) &&
      sorted.low(last) === runs.low(n) &&
      sorted.levels[last] === runs.levels[n];
    if (same && runs.floors[n]! <= sorted.tops[last]!) {
      sorted.tops[last] = Math.max(sorted.tops[last]!, runs.tops[n]!);
    } else sorted.addWords(runs.high(n), runs.low(n), runs.levels[n]!, runs.floors[n]!, runs.tops[n]!);
  }
  return sorted;
}

/** Below this a comparing sort is the quicker one. */
const RADIX_FROM = 4096;

/** Indices of runs in order. */
function orderOf(runs: SolidRuns): Uint32Array {
  const compare = (a: number, b: number): number =>
    runs.high(a) - runs.high(b) ||
    runs.low(a) - runs.low(b) ||
    runs.levels[a]! - runs.levels[b]! ||
    runs.floors[a]! - runs.floors[b]!;
  const order = Uint32Array.from({ length: runs.length }, (_, n) => n);
  if (order.every((n) => n === 0 || compare(n - 1, n) <= 0)) return order;
  if (runs.length < RADIX_FROM) return order.sort(compare);
  // Least digit first; the sign bit of a floor is turned, so that it sorts as an unsigned number.
  const keys = new Uint32Array(runs.length);
  const passes: readonly ((n: number) => number)[] = [
    (n) => (runs.floors[n]! ^ 0x8000_0000) >>> 0,
    (n) => runs.levels[n]!,
    (n) => runs.low(n),
    (n) => runs.high(n),
  ];
  let sorted: Uint32Array = order;
  for (const keyOf of passes) {
    for (let n = 0; n < keys.length; n += 1) keys[n] = keyOf(n);
    sorted = sortByDigit(sortByDigit(sorted, keys, 0), keys, 16);
  }
  return sorted;
}

/** One stable pass of a radix sort, by 16 bits of the keys. The same order back where all digits are one. */
function sortByDigit(order: Uint32Array, keys: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(65_537);
  for (const key of keys) starts[((key >>> shift) & 0xffff) + 1]! += 1;
  if (starts[((keys[0]! >>> shift) & 0xffff) + 1] === keys.length) return order;
  for (let digit = 1; digit <= 65_536; digit += 1) starts[digit]! += starts[digit - 1]!;
  const next = new Uint32Array(order.length);
  for (const n of order) {
    const digit = (keys[n]! >>> shift) & 0xffff;
    next[starts[digit]!] = n;
    starts[digit]! += 1;
  }
  return next;
}

/** Number of solid zones in the runs: layers of each one's own level. */
export function countZones(runs: SolidRuns, thickness: readonly number[]): number {
  let count = 0;
  for (let n = 0; n < runs.length; n += 1)
    count += (runs.tops[n]! - runs.floors[n]!) / thickness[runs.levels[n]!]!;
  return count;
}

/** Sorted runs as a set. */
export function toSolidZoneSet(runs: SolidRuns, heightCoding: HeightCoding): SolidZoneSet {
  return {
    zones: runs.zones.slice(0, runs.length),
    levels: runs.levels.slice(0, runs.length),
    floorLayers: runs.floors.slice(0, runs.length),
    topLayers: runs.tops.slice(0, runs.length),
    heightCoding,
  };
}

/** A set as runs again, with memory of its own. */
export function runsOfSet(set: SolidZoneSet): SolidRuns {
  const runs = new SolidRuns();
  const words = wordsOf(set.zones);
  for (let n = 0; n < set.zones.length; n += 1) {
    runs.addWords(
      words[2 * n + HIGH]!,
      words[2 * n + LOW]!,
      set.levels[n]!,
      set.floorLayers[n]!,
      set.topLayers[n]!,
    );
  }
  return runs;
}
