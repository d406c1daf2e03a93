/**
 * H3 indexes as 64-bit integers: resolution, parents and ranges by bit arithmetic.
 *
 * An index is, from the top: reserved 1 (0), mode 4 (1 = cell), reserved 3 (0), resolution 4, base cell 7, then fifteen digits of
 * three bits; digits finer than the resolution are 7. Text is the integer in lower-case hexadecimal, 15 characters.
 * @source https://h3geo.org/docs/core-library/h3Indexing
 */
import { HIGH_WORD } from '../no-zone.ts';

export const MAX_RESOLUTION = 15;

const RESOLUTION_SHIFT = 52n;

/** Bits of the digits finer than a resolution, all ones: indexed by resolution 0..15. */
const FINER_DIGITS: readonly bigint[] = Array.from(
  { length: MAX_RESOLUTION + 1 },
  (_, resolution) => (1n << BigInt(3 * (MAX_RESOLUTION - resolution))) - 1n,
);

/** Resolution of an index, 0..15. */
export function resolutionOf(cell: bigint): number {
  return Number((cell >> RESOLUTION_SHIFT) & 15n);
}

function withResolution(cell: bigint, resolution: number): bigint {
  return (cell & ~(15n << RESOLUTION_SHIFT)) | (BigInt(resolution) << RESOLUTION_SHIFT);
}

/** The ancestor at a coarser (or the same) resolution: digits below it become 7. */
export function parentIndex(cell: bigint, resolution: number): bigint {
  return withResolution(cell, resolution) | FINER_DIGITS[resolution]!;
}

/**
 * First and last index a descendant at `resolution` can have: its new digits run from all 0 to all 6. One contiguous range that
 * holds no index of another cell of that resolution.
 */
export function descendantRange(
  cell: bigint,
  from: number,
  resolution: number,
): { readonly lo: bigint; readonly hi: bigint } {
  const open = FINER_DIGITS[from]! & ~FINER_DIGITS[resolution]!;
  const moved = withResolution(cell, resolution);
  // 0b110 in every open digit is six sevenths of 0b111 in every open digit.
  return { lo: moved & ~open, hi: (moved & ~open) | ((open / 7n) * 6n) };
}

/** Text of an index, 15 lower-case hexadecimal characters. */
export function indexText(cell: bigint): string {
  return cell.toString(16);
}

/** Writes the index a text of `h3-js` stands for as two 32-bit words; makes no bigint and no string. */
export function writeIndex(words: Uint32Array, at: number, text: string): void {
  const split = text.length - 8;
  words[at + HIGH_WORD] = hexWord(text, 0, split);
  words[at + 1 - HIGH_WORD] = hexWord(text, split, text.length);
}

function hexWord(text: string, from: number, to: number): number {
  let word = 0;
  for (let n = from; n < to; n += 1) {
    const code = text.charCodeAt(n);
    word = (word << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return word;
}

const HEXADECIMAL = Uint8Array.from('0123456789abcdef', (character) => character.charCodeAt(0));

/** Text of an index in two words. One call with all characters makes one flat string: three times as fast as the text of a bigint. */
export function textOfWords(high: number, low: number): string {
  return String.fromCharCode(
    hexadecimal(high >>> 24),
    hexadecimal(high >>> 20),
    hexadecimal(high >>> 16),
    hexadecimal(high >>> 12),
    hexadecimal(high >>> 8),
    hexadecimal(high >>> 4),
    hexadecimal(high),
    hexadecimal(low >>> 28),
    hexadecimal(low >>> 24),
    hexadecimal(low >>> 20),
    hexadecimal(low >>> 16),
    hexadecimal(low >>> 12),
    hexadecimal(low >>> 8),
    hexadecimal(low >>> 4),
    hexadecimal(low),
  );
}

function hexadecimal(bits: number): number {
  return HEXADECIMAL[bits & 15]!;
}
