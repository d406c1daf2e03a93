/**
 * BeiDou 2D texts of a batch, as ASCII bytes first: one text decode a chunk and slices of it are many times cheaper than a string
 * built up for each code.
 */
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import { beidouLevel } from './beidou2d-levels.ts';

/** ASCII of the digits 0..F. */
export const HEX_BYTES = new TextEncoder().encode('0123456789ABCDEF');
const BLANK = 0x20;
const SOUTH = 0x53;
const NORTH = 0x4e;
/** Zone number of `NO_ZONE` in its top bits: no zone has it. */
const NO_ZONE_NUMBER = 63;

/**
 * Codes made of one text at a time: 512 codes of 20 bytes. A code of 13 characters or more shares the memory of its chunk, so one code
 * kept alone keeps 10 KB.
 */
const CHUNK_CODES = 512;

/**
 * Texts of zones of one level as bytes, one after another, all of one width (4 6 7 9 11 12 14 16 18 20); `NO_ZONE` gives blanks.
 * @param bytes - At least (to - from) x width bytes, written from the start.
 */
export function writeCodeTexts(
  words: Uint32Array,
  from: number,
  to: number,
  level: number,
  bytes: Uint8Array,
): void {
  const width = beidouLevel(level).length;
  let at = 0;
  for (let n = from; n < to; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    const zone = (high >>> 25) & 63;
    const next = at + width;
    if (zone === NO_ZONE_NUMBER) {
      bytes.fill(BLANK, at, next);
      at = next;
      continue;
    }
    const tens = (zone * 205) >> 11;
    bytes[at] = high >>> 31 === 1 ? SOUTH : NORTH;
    bytes[at + 1] = 48 + tens;
    bytes[at + 2] = 48 + zone - tens * 10;
    bytes[at + 3] = zone === 0 ? 48 : 65 + ((high >>> 20) & 31);
    if (level >= 2) {
      bytes[at + 4] = HEX_BYTES[(high >>> 16) & 15]!;
      bytes[at + 5] = 48 + ((high >>> 13) & 7);
    }
    if (level >= 3) bytes[at + 6] = 48 + ((high >>> 10) & 7);
    if (level >= 4) {
      bytes[at + 7] = HEX_BYTES[(high >>> 6) & 15]!;
      bytes[at + 8] = 48 + ((high >>> 2) & 15);
    }
    if (level >= 5) {
      bytes[at + 9] = HEX_BYTES[((high & 3) << 2) | (low >>> 30)]!;
      bytes[at + 10] = HEX_BYTES[(low >>> 26) & 15]!;
    }
    if (level >= 6) bytes[at + 11] = 48 + ((low >>> 24) & 3);
    if (level >= 7) {
      bytes[at + 12] = 48 + ((low >>> 21) & 7);
      bytes[at + 13] = 48 + ((low >>> 18) & 7);
    }
    if (level >= 8) {
      bytes[at + 14] = 48 + ((low >>> 15) & 7);
      bytes[at + 15] = 48 + ((low >>> 12) & 7);
    }
    if (level >= 9) {
      bytes[at + 16] = 48 + ((low >>> 9) & 7);
      bytes[at + 17] = 48 + ((low >>> 6) & 7);
    }
    if (level >= 10) {
      bytes[at + 18] = 48 + ((low >>> 3) & 7);
      bytes[at + 19] = 48 + (low & 7);
    }
    at = next;
  }
}

/**
 * Cuts a batch of texts of one width out of chunks that `write` fills. A text of blanks becomes the empty text.
 * @param write - Fills bytes from the start with the texts of rows `from` to `to`.
 */
export function textsOf(
  count: number,
  width: number,
  write: (from: number, to: number, bytes: Uint8Array) => void,
): string[] {
  const texts: string[] = new Array(count);
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(Math.min(count, CHUNK_CODES) * width);
  for (let from = 0; from < count; from += CHUNK_CODES) {
    const to = Math.min(from + CHUNK_CODES, count);
    write(from, to, bytes);
    const chunk = decoder.decode(bytes.subarray(0, (to - from) * width));
    for (let n = from, at = 0; n < to; n += 1, at += width) {
      texts[n] = bytes[at] === BLANK ? '' : chunk.slice(at, at + width);
    }
  }
  return texts;
}

/** Texts of zones of one level, trusted to be such; `NO_ZONE` gives the empty text. The level is checked by the caller. */
export function formatCodes(zones: BigUint64Array, level: number): string[] {
  const words = wordsOf(zones);
  return textsOf(zones.length, beidouLevel(level).length, (from, to, bytes) =>
    writeCodeTexts(words, from, to, level, bytes),
  );
}
