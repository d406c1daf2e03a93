/** H3 indexes as two 32-bit words, digit by digit: no bigint is made. Layout: see `h3-index.ts`. */
import { HIGH_WORD } from '../no-zone.ts';
import { MAX_RESOLUTION } from './h3-index.ts';

/** Bits of a digit in the high and the low word, by `resolution * 8 + digit`. */
export const DIGIT_HIGH = new Int32Array(8 * (MAX_RESOLUTION + 1));
export const DIGIT_LOW = new Int32Array(8 * (MAX_RESOLUTION + 1));
/** What completes a prefix to an index of a resolution: the resolution itself, and 7 in every finer digit. */
const FILL_HIGH = new Int32Array(MAX_RESOLUTION + 1);
const FILL_LOW = new Int32Array(MAX_RESOLUTION + 1);

for (let resolution = 1; resolution <= MAX_RESOLUTION; resolution += 1) {
  const shift = 3 * (MAX_RESOLUTION - resolution);
  for (let digit = 0; digit < 8; digit += 1) {
    // Resolution 5 lies across the words, two bits in the low one.
    DIGIT_HIGH[8 * resolution + digit] = shift >= 32 ? digit << (shift - 32) : shift === 30 ? digit >> 2 : 0;
    DIGIT_LOW[8 * resolution + digit] = shift >= 32 ? 0 : digit << shift;
  }
}
for (let resolution = 0; resolution <= MAX_RESOLUTION; resolution += 1) {
  FILL_HIGH[resolution] = resolution << 20;
  for (let finer = resolution + 1; finer <= MAX_RESOLUTION; finer += 1) {
    FILL_HIGH[resolution]! |= DIGIT_HIGH[8 * finer + 7]!;
    FILL_LOW[resolution]! |= DIGIT_LOW[8 * finer + 7]!;
  }
}

/** High word of a base cell's prefix: mode 1, no resolution, digits 0. */
export function basePrefix(base: number): number {
  return (1 << 27) | (base << 13);
}

/** Base cell of an index by its high word. */
export function baseOf(high: number): number {
  return (high >>> 13) & 127;
}

/** Digit of a resolution, 1..15. */
export function digitOf(high: number, low: number, resolution: number): number {
  const shift = 3 * (MAX_RESOLUTION - resolution);
  if (shift >= 32) return (high >>> (shift - 32)) & 7;
  return shift === 30 ? ((high & 1) << 2) | (low >>> 30) : (low >>> shift) & 7;
}

/** How many descendants a cell has so many resolutions on: 7^n, or 5 * (7^n - 1) / 6 + 1 of a pentagon. Exact. */
export function descendantCount(resolutions: number, pentagon: boolean): number {
  const all = 7 ** resolutions;
  return pentagon ? (5 * (all - 1)) / 6 + 1 : all;
}

/** A growing list of cells of mixed resolutions. */
export class CellList {
  count = 0;
  words: Uint32Array = new Uint32Array(128);
  levels: Uint8Array = new Uint8Array(64);

  /** Adds the cell of a prefix. */
  push(high: number, low: number, resolution: number): void {
    if (this.count === this.levels.length) this.#grow();
    const at = 2 * this.count;
    this.words[at + HIGH_WORD] = high | FILL_HIGH[resolution]!;
    this.words[at + 1 - HIGH_WORD] = low | FILL_LOW[resolution]!;
    this.levels[this.count] = resolution;
    this.count += 1;
  }

  /** The list in arrays of its length. */
  finish(): { readonly zones: BigUint64Array; readonly levels: Uint8Array } {
    const zones = new BigUint64Array(this.count);
    new Uint32Array(zones.buffer).set(this.words.subarray(0, 2 * this.count));
    return { zones, levels: this.levels.slice(0, this.count) };
  }

  #grow(): void {
    const words = new Uint32Array(4 * this.words.length);
    words.set(this.words);
    this.words = words;
    const levels = new Uint8Array(4 * this.levels.length);
    levels.set(this.levels);
    this.levels = levels;
  }
}

/**
 * Every cell of a resolution in a list, ascending when the list is.
 * @param isPentagon - Whether a base cell is one, by number.
 */
export function listDescendants(
  cells: CellList,
  resolution: number,
  total: number,
  isPentagon: (base: number) => boolean,
): BigUint64Array {
  const zones = new BigUint64Array(total);
  const out = new Uint32Array(zones.buffer);
  let at = 0;
  const fillHigh = FILL_HIGH[resolution]!;
  const fillLow = FILL_LOW[resolution]!;
  const walk = (high: number, low: number, level: number, pentagon: boolean): void => {
    if (level === resolution) {
      out[at + HIGH_WORD] = high | fillHigh;
      out[at + 1 - HIGH_WORD] = low | fillLow;
      at += 2;
      return;
    }
    const next = level + 1;
    for (let digit = 0; digit < 7; digit += 1) {
      // A pentagon has no child in the direction of digit 1; its centre child is a pentagon again.
      if (pentagon && digit === 1) continue;
      const k = 8 * next + digit;
      walk(high | DIGIT_HIGH[k]!, low | DIGIT_LOW[k]!, next, pentagon && digit === 0);
    }
  };
  for (let n = 0; n < cells.count; n += 1) {
    const level = cells.levels[n]!;
    const high = (cells.words[2 * n + HIGH_WORD]! | 0) & ~FILL_HIGH[level]!;
    const low = (cells.words[2 * n + 1 - HIGH_WORD]! | 0) & ~FILL_LOW[level]!;
    let centred = isPentagon(baseOf(high));
    for (let k = 1; centred && k <= level; k += 1) centred = digitOf(high, low, k) === 0;
    walk(high, low, level, centred);
  }
  return zones;
}
