/** Ids sorted in place as unsigned 64-bit integers. No bigint is made: digits of 11 bits are counted, and those all ids share are skipped. */
import { HIGH_WORD, wordsOf } from '../no-zone.ts';

const DIGIT_BITS = 11;
const DIGIT_COUNT = 2048;
/** Shifts of the digits, three in the low word, then three in the high one. */
const SHIFTS = [0, DIGIT_BITS, 2 * DIGIT_BITS];
/** Up to here moving one by one costs less than counting: measured, about 60. */
const INSERTION_MAX = 48;

/** Ids alone, up to here, are sorted as fast by the engine: measured, about 4000. */
const PLAIN_MAX = 2048;

const counts = new Int32Array(6 * DIGIT_COUNT);

/** What travels with the ids: a level, a column. */
export type Carried = Uint8Array | Int32Array;

/**
 * Sorts ids ascending, and with them what belongs to each. Stable.
 * @param zones - Shape (n), sorted in place.
 * @param carried - Shape (n), moved along.
 * @param ignoredHigh - Bits of the high word that do not count in the order (H3's resolution field).
 */
export function sortZones(zones: BigUint64Array, carried?: Carried, ignoredHigh = 0): void {
  const words = wordsOf(zones);
  const keep = ~ignoredHigh >>> 0;
  if (isAscending(words, keep)) return;
  if (carried === undefined && ignoredHigh === 0 && zones.length <= PLAIN_MAX) zones.sort();
  else if (zones.length <= INSERTION_MAX) insertionSort(words, carried, keep);
  else radixSort(words, carried, keep);
}

function isAscending(words: Uint32Array, keep: number): boolean {
  let highBefore = 0;
  let lowBefore = 0;
  for (let n = 0; n < words.length; n += 2) {
    const high = (words[n + HIGH_WORD]! & keep) >>> 0;
    const low = words[n + 1 - HIGH_WORD]!;
    if (high < highBefore || (high === highBefore && low < lowBefore)) return false;
    highBefore = high;
    lowBefore = low;
  }
  return true;
}

function insertionSort(words: Uint32Array, carried: Carried | undefined, keep: number): void {
  for (let n = 2; n < words.length; n += 2) {
    const fullHigh = words[n + HIGH_WORD]!;
    const high = (fullHigh & keep) >>> 0;
    const low = words[n + 1 - HIGH_WORD]!;
    const taken = carried?.[n >> 1] ?? 0;
    let at = n;
    while (at > 0) {
      const other = (words[at - 2 + HIGH_WORD]! & keep) >>> 0;
      if (other < high || (other === high && words[at - 1 - HIGH_WORD]! <= low)) break;
      words[at] = words[at - 2]!;
      words[at + 1] = words[at - 1]!;
      if (carried !== undefined) carried[at >> 1] = carried[(at >> 1) - 1]!;
      at -= 2;
    }
    words[at + HIGH_WORD] = fullHigh;
    words[at + 1 - HIGH_WORD] = low;
    if (carried !== undefined) carried[at >> 1] = taken;
  }
}

function radixSort(words: Uint32Array, carried: Carried | undefined, keep: number): void {
  const size = words.length >> 1;
  countDigits(words, keep);
  let from: Uint32Array = words;
  let to: Uint32Array = new Uint32Array(words.length);
  let carriedFrom = carried;
  let carriedTo: Carried | undefined = carried === undefined ? undefined : carried.slice();
  for (let digit = 0; digit < 6; digit += 1) {
    const isHigh = digit >= 3;
    const shift = SHIFTS[digit % 3]!;
    const mask = isHigh ? keep : 0xffff_ffff;
    const word = isHigh ? HIGH_WORD : 1 - HIGH_WORD;
    const places = counts.subarray(digit * DIGIT_COUNT, (digit + 1) * DIGIT_COUNT);
    const first = ((from[word]! & mask) >>> shift) & (DIGIT_COUNT - 1);
    // A digit all ids share orders nothing.
    if (places[first] === size) continue;
    let place = 0;
    for (let n = 0; n < DIGIT_COUNT; n += 1) {
      const count = places[n]!;
      places[n] = place;
      place += count;
    }
    for (let n = 0; n < size; n += 1) {
      const value = ((from[2 * n + word]! & mask) >>> shift) & (DIGIT_COUNT - 1);
      const at = places[value]!;
      places[value] = at + 1;
      to[2 * at] = from[2 * n]!;
      to[2 * at + 1] = from[2 * n + 1]!;
      if (carriedTo !== undefined) carriedTo[at] = carriedFrom![n]!;
    }
    [from, to] = [to, from];
    [carriedFrom, carriedTo] = [carriedTo, carriedFrom];
  }
  if (from !== words) {
    words.set(from);
    if (carried !== undefined) carried.set(carriedFrom!);
  }
}

function countDigits(words: Uint32Array, keep: number): void {
  counts.fill(0);
  for (let n = 0; n < words.length; n += 2) {
    const low = words[n + 1 - HIGH_WORD]!;
    const high = (words[n + HIGH_WORD]! & keep) >>> 0;
    counts[low & 2047]! += 1;
    counts[DIGIT_COUNT + ((low >>> 11) & 2047)]! += 1;
    counts[2 * DIGIT_COUNT + (low >>> 22)]! += 1;
    counts[3 * DIGIT_COUNT + (high & 2047)]! += 1;
    counts[4 * DIGIT_COUNT + ((high >>> 11) & 2047)]! += 1;
    counts[5 * DIGIT_COUNT + (high >>> 22)]! += 1;
  }
}
