/** A batch of BeiDou 2D texts to ids: no object and no bigint for a good row. */
import { HIGH_WORD, NO_ZONE, wordsOf } from '../no-zone.ts';
import { type GridRefusal, refusalOf } from '../refusal.ts';
import { BEIDOU_LEVELS, beidouLevel } from './beidou2d-levels.ts';
import { parseCell, parseCode } from './beidou2d-text.ts';

/** Ids of a batch of texts, shapes (n). A refused row has `NO_ZONE`, level 0 and its reason in `refusals`, by row. */
export interface ParsedZones {
  readonly zones: BigUint64Array;
  readonly levels: Uint8Array;
  readonly refusals: ReadonlyMap<number, GridRefusal>;
}

/** Value of a hexadecimal digit in upper case by its character code; 99 for anything else. */
export const HEX_VALUES = new Uint8Array(256).fill(99);
'0123456789ABCDEF'.split('').forEach((digit, value) => {
  HEX_VALUES[digit.charCodeAt(0)] = value;
});

/** Level by length of a 2D text, 0 for a length no level has. */
const LEVEL_BY_LENGTH = new Uint8Array(21);
BEIDOU_LEVELS.forEach(({ length }, level) => {
  LEVEL_BY_LENGTH[length] = level;
});

/** Digits of one code under way, by place; kept between rows so that no row makes an object. */
const digits = new Uint8Array(20);

/**
 * Ids of texts, as `beidou2d.parse` reads each: canonical text only, of any level, row by row. Never throws for a text.
 * @param texts - Shape (n).
 */
export function parseBeidou2dBatch(texts: readonly string[]): ParsedZones {
  const zones = new BigUint64Array(texts.length);
  const levels = new Uint8Array(texts.length);
  const refusals = new Map<number, GridRefusal>();
  const words = wordsOf(zones);
  for (let n = 0; n < texts.length; n += 1) {
    const text = texts[n]!;
    const level = text.length <= 20 ? LEVEL_BY_LENGTH[text.length]! : 0;
    if (level > 0 && readCode(text, level, AS_THEY_STAND, words, 2 * n)) {
      levels[n] = level;
      continue;
    }
    const refusal = refusalOf(() => parseCell(text));
    if (refusal === undefined) {
      // A polar code: legal, and rare.
      const polar = parseCode(text);
      zones[n] = polar.zone;
      levels[n] = polar.level;
    } else {
      zones[n] = NO_ZONE;
      refusals.set(n, refusal);
    }
  }
  return { zones, levels, refusals };
}

const AS_THEY_STAND = Uint8Array.from({ length: 20 }, (_, n) => n);

/**
 * Reads an ordinary 2D code and writes its packed form as two words; false for what is not one, whose reason the slow way finds.
 * @param places - Where in the text each of its characters stands; in a 3D text they are apart.
 */
export function readCode(
  text: string,
  level: number,
  places: Uint8Array,
  words: Uint32Array,
  wordAt: number,
): boolean {
  const hemisphere = text.charCodeAt(0);
  if (hemisphere !== 0x4e && hemisphere !== 0x53) return false;
  const length = beidouLevel(level).length;
  for (let at = 1; at < length; at += 1) {
    const char = text.charCodeAt(places[at]!);
    digits[at] = char < 256 ? HEX_VALUES[char]! : 99;
  }
  const row = text.charCodeAt(places[3]!) - 65;
  const zone = digits[1]! * 10 + digits[2]!;
  if (digits[1]! > 9 || digits[2]! > 9 || zone < 1 || zone > 60 || !(row >= 0 && row <= 21)) return false;
  if (!inRange(level)) return false;
  writeDigits(words, wordAt, hemisphere === 0x53, row, level);
  return true;
}

function inRange(level: number): boolean {
  if (level >= 2 && !(digits[4]! < 12 && digits[5]! < 8)) return false;
  if (level >= 3 && !(digits[6]! < 6)) return false;
  if (level >= 4 && !(digits[7]! < 15 && digits[8]! < 10)) return false;
  if (level >= 5 && !(digits[9]! < 15 && digits[10]! < 15)) return false;
  if (level >= 6 && !(digits[11]! < 4)) return false;
  // From level 6 on a code of level L has 2 L characters.
  for (let at = 12; at < 2 * level; at += 1) if (digits[at]! >= 8) return false;
  return true;
}

function writeDigits(words: Uint32Array, at: number, south: boolean, row: number, level: number): void {
  // What the code does not reach is zero.
  digits.fill(0, beidouLevel(level).length);
  words[at + HIGH_WORD] =
    ((south ? 1 : 0) << 31) |
    ((digits[1]! * 10 + digits[2]!) << 25) |
    (row << 20) |
    (digits[4]! << 16) |
    (digits[5]! << 13) |
    (digits[6]! << 10) |
    (digits[7]! << 6) |
    (digits[8]! << 2) |
    (digits[9]! >> 2);
  words[at + 1 - HIGH_WORD] =
    ((digits[9]! & 3) << 30) |
    (digits[10]! << 26) |
    (digits[11]! << 24) |
    (digits[12]! << 21) |
    (digits[13]! << 18) |
    (digits[14]! << 15) |
    (digits[15]! << 12) |
    (digits[16]! << 9) |
    (digits[17]! << 6) |
    (digits[18]! << 3) |
    digits[19]!;
}
