/** What compacting, listing and ranges need to know of a grid's ids, as two 32-bit words: no bigint is made. */

import { LEVEL_MASKS } from '../beidou/beidou2d-cell.ts';
import { BEIDOU_LEVELS, POLAR_MAX_LEVEL } from '../beidou/beidou2d-levels.ts';
import type { DggrsId } from '../codec.ts';
import { baseOf, descendantCount, digitOf } from '../h3/h3-words.ts';

/** Words are int32 or uint32 alike, and come back as int32. */
export interface ZoneLayout {
  /** Bits of the high word that do not count in the order of zones of several levels. */
  readonly ignoredHigh: number;
  isZone(high: number, low: number, level: number): boolean;
  parentHigh(high: number, parentLevel: number): number;
  parentLow(low: number, parentLevel: number): number;
  /** Children of a zone of `level`; 0 where it has none. */
  childCount(high: number, low: number, level: number): number;
  /** First and last id at `pointLevel` inside a zone. */
  firstHigh(high: number, level: number): number;
  firstLow(low: number, level: number): number;
  lastHigh(high: number, level: number): number;
  lastLow(low: number, level: number): number;
}

const CAP_CHILDREN = 16;
/** Bits of the high word: the zone number, 0 in the caps. */
const ZONE_NUMBER = 63 << 25;

const beidouLayout: ZoneLayout = {
  ignoredHigh: 0,
  isZone: (high, low, level) => {
    const [highMask, lowMask] = LEVEL_MASKS[level]!;
    if ((high & ~highMask) !== 0 || (low & ~lowMask) !== 0) return false;
    const column2 = (high >>> 16) & 15;
    const row2 = (high >>> 13) & 7;
    if ((high & ZONE_NUMBER) === 0) {
      return level <= POLAR_MAX_LEVEL && ((high >>> 20) & 31) === 0 && column2 <= 3 && row2 <= 3;
    }
    return (
      ((high >>> 25) & 63) <= 60 &&
      ((high >>> 20) & 31) <= 21 &&
      column2 <= 11 &&
      ((high >>> 10) & 7) <= 5 &&
      ((high >>> 6) & 15) <= 14 &&
      ((high >>> 2) & 15) <= 9 &&
      (((high & 3) << 2) | (low >>> 30)) <= 14 &&
      ((low >>> 26) & 15) <= 14
    );
  },
  parentHigh: (high, parentLevel) => high & LEVEL_MASKS[parentLevel]![0],
  parentLow: (low, parentLevel) => low & LEVEL_MASKS[parentLevel]![1],
  childCount: (high, _low, level) => {
    if ((high & ZONE_NUMBER) === 0) return level < POLAR_MAX_LEVEL ? CAP_CHILDREN : 0;
    const { columns, rows } = BEIDOU_LEVELS[level + 1]!;
    return columns * rows;
  },
  firstHigh: (high) => high,
  firstLow: (low) => low,
  lastHigh: (high, level) => high | ~LEVEL_MASKS[level]![0],
  lastLow: (low, level) => low | ~LEVEL_MASKS[level]![1],
};

/** The twelve pentagons among the base cells. @source H3, https://h3geo.org/docs/core-library/restable; compared with h3-js in the tests. */
const H3_PENTAGONS = new Set([4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117]);
const H3_BASE_CELLS = 122;
const H3_RESOLUTION = 15 << 20;
const H3_POINT_RESOLUTION = 12;
const H3_DIGITS = 15;

/** Bits of the digits finer than a resolution, all ones, by resolution. */
const FINER_HIGH = new Int32Array(H3_DIGITS + 1);
const FINER_LOW = new Int32Array(H3_DIGITS + 1);
for (let resolution = 0; resolution <= H3_DIGITS; resolution += 1) {
  const bits = 3 * (H3_DIGITS - resolution);
  FINER_HIGH[resolution] = bits > 32 ? (1 << (bits - 32)) - 1 : 0;
  FINER_LOW[resolution] = bits >= 32 ? -1 : (1 << bits) - 1;
}
/** 6 in every digit: digits start at bit 0 of the low word; bit 32 is the top bit of resolution 5's digit. */
const SIXES_LOW = 0xb6db_6db6 | 0;
const SIXES_HIGH = 0x6db6_db6d;

const h3Layout: ZoneLayout = {
  ignoredHigh: H3_RESOLUTION,
  isZone: (high, low, level) => {
    // Reserved and mode bits, resolution, base cell; then digits 0..6 down to the level, and 7 below it.
    if (high >>> 24 !== 8 || ((high >>> 20) & 15) !== level || baseOf(high) >= H3_BASE_CELLS) return false;
    if ((~high & FINER_HIGH[level]!) !== 0 || (~low & FINER_LOW[level]!) !== 0) return false;
    let isCentred = H3_PENTAGONS.has(baseOf(high));
    for (let r = 1; r <= level; r += 1) {
      const digit = digitOf(high, low, r);
      if (digit === 7 || (isCentred && digit === 1)) return false;
      if (digit !== 0) isCentred = false;
    }
    return true;
  },
  parentHigh: (high, parentLevel) => (high & ~H3_RESOLUTION) | (parentLevel << 20) | FINER_HIGH[parentLevel]!,
  parentLow: (low, parentLevel) => low | FINER_LOW[parentLevel]!,
  childCount: (high, low, level) => descendantCount(1, isPentagon(high, low, level)),
  firstHigh: (high, level) =>
    (high & ~(H3_RESOLUTION | (FINER_HIGH[level]! & ~FINER_HIGH[H3_POINT_RESOLUTION]!))) |
    (H3_POINT_RESOLUTION << 20),
  firstLow: (low, level) => low & ~(FINER_LOW[level]! & ~FINER_LOW[H3_POINT_RESOLUTION]!),
  lastHigh: (high, level) =>
    h3Layout.firstHigh(high, level) | (FINER_HIGH[level]! & ~FINER_HIGH[H3_POINT_RESOLUTION]! & SIXES_HIGH),
  lastLow: (low, level) =>
    h3Layout.firstLow(low, level) | (FINER_LOW[level]! & ~FINER_LOW[H3_POINT_RESOLUTION]! & SIXES_LOW),
};

/** Is an H3 cell a pentagon: the centre descendant of a pentagon among the base cells? */
export function isPentagon(high: number, low: number, level: number): boolean {
  if (!isPentagonBase(baseOf(high))) return false;
  for (let r = 1; r <= level; r += 1) if (digitOf(high, low, r) !== 0) return false;
  return true;
}

/** Is a base cell of H3, 0..121, a pentagon? */
export function isPentagonBase(base: number): boolean {
  return H3_PENTAGONS.has(base);
}

/** Layouts by grid. */
export const ZONE_LAYOUTS: Record<DggrsId, ZoneLayout> = { beidou2d: beidouLayout, h3: h3Layout };
