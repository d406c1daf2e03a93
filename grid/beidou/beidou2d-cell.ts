/**
 * A BeiDou cell between its packed 64-bit code and the plane.
 *
 * Ordinary cells form one uniform raster: column 0 starts at the prime meridian and grows east, column -1 is its mirror
 * image west; row 0 starts at the equator and grows north, row -1 lies south. So neighbours, children and covers are plain
 * integer steps, and the mirrored digits of the standard appear only when a code is written or read.
 *
 * Packed code, from the top bit: hemisphere 1 (N 0, S 1), zone 6, row 5 | L2 4+3 | L3 3 | L4 4+4 | L5 4+4 | L6 2 | L7..L10 3+3
 * each = 64. A cell of level L has zeros below its bits; text prefix and bit prefix are the same thing.
 */

import { GridError } from '../errors.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import {
  BEIDOU_LEVELS,
  beidouLevel,
  LON_LIMIT_UNITS,
  POLAR_MAX_LEVEL,
  POLAR_UNITS,
} from './beidou2d-levels.ts';

/** A cell below 88 degrees. `column` in -n..n-1, `row` in -m..m-1, counted in cells of its level. */
export interface OrdinaryCell {
  readonly polar: false;
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** A cell of a polar cap: level 1 is the whole cap (digits 0 0), level 2 one of sixteen (§5.3, figs 9-10). */
export interface PolarCell {
  readonly polar: true;
  readonly level: number;
  readonly south: boolean;
  /** First and second digit of level 2, each 0..3. */
  readonly first: number;
  readonly second: number;
}

export type BeidouCell = OrdinaryCell | PolarCell;

/** Columns on one side of the prime meridian at a level. */
export function columnsPerSide(level: number): number {
  return LON_LIMIT_UNITS / beidouLevel(level).lonUnits;
}

/** Rows between the equator and a polar cap at a level. */
export function rowsPerSide(level: number): number {
  return POLAR_UNITS / beidouLevel(level).latUnits;
}

/** Mask of the bits below a level: its descendants' codes are `code .. code | mask`. */
export function belowMask(level: number): bigint {
  return (1n << BigInt(64 - beidouLevel(level).bitsUsed)) - 1n;
}

/** High and low word masks that keep a level's bits, as int32, indexed by level. */
export const LEVEL_MASKS: readonly (readonly [high: number, low: number])[] = BEIDOU_LEVELS.map(
  ({ bitsUsed }) => [
    bitsUsed >= 32 ? -1 : -1 << (32 - bitsUsed),
    bitsUsed >= 64 ? -1 : bitsUsed > 32 ? -1 << (64 - bitsUsed) : 0,
  ],
);

/**
 * Writes the code of the level-10 cell at `x`, `y`, cut to a level by the masks, as two words. Integers only.
 * @param x - |lon| in whole units, 0 <= x < 180 degrees.
 * @param y - |lat| in whole units, 0 <= y < 88 degrees.
 * @source GB/T 39409-2020 §5.2, figs 2-8: digits count outwards from the prime meridian and the equator.
 */
export function writeCode(
  words: Uint32Array,
  at: number,
  x: number,
  y: number,
  west: boolean,
  south: boolean,
  highMask: number,
  lowMask: number,
): void {
  const i = (x / 44_236_800) | 0;
  const j = (y / 29_491_200) | 0;
  let rx = x - i * 44_236_800;
  let ry = y - j * 29_491_200;
  const column2 = (rx / 3_686_400) | 0;
  const row2 = (ry / 3_686_400) | 0;
  rx -= column2 * 3_686_400;
  ry -= row2 * 3_686_400;
  const column3 = (rx / 1_843_200) | 0;
  const row3 = (ry / 1_228_800) | 0;
  rx -= column3 * 1_843_200;
  ry -= row3 * 1_228_800;
  const column4 = (rx / 122_880) | 0;
  const row4 = (ry / 122_880) | 0;
  rx -= column4 * 122_880;
  ry -= row4 * 122_880;
  const high =
    ((south ? 1 : 0) << 31) |
    ((west ? 30 - i : 31 + i) << 25) |
    (j << 20) |
    (column2 << 16) |
    (row2 << 13) |
    ((row3 * 2 + column3) << 10) |
    (column4 << 6) |
    (row4 << 2) |
    (rx >> 15);
  const low =
    (((rx >> 13) & 3) << 30) |
    ((ry >> 13) << 26) |
    (((ry >> 12) & 1) << 25) |
    (((rx >> 12) & 1) << 24) |
    (((rx >> 9) & 7) << 21) |
    (((ry >> 9) & 7) << 18) |
    (((rx >> 6) & 7) << 15) |
    (((ry >> 6) & 7) << 12) |
    (((rx >> 3) & 7) << 9) |
    (((ry >> 3) & 7) << 6) |
    ((rx & 7) << 3) |
    (ry & 7);
  words[at + HIGH_WORD] = high & highMask;
  words[at + 1 - HIGH_WORD] = low & lowMask;
}

const MAX_ID = (1n << 64n) - 1n;
const scratch = new BigUint64Array(1);
const scratchWords = wordsOf(scratch);

/** Code of the cell of `level` at `x`, `y` whole units from the axes. Ordinary area only. */
export function codeAt(x: number, y: number, west: boolean, south: boolean, level: number): bigint {
  const [high, low] = LEVEL_MASKS[level]!;
  writeCode(scratchWords, 0, x, y, west, south, high, low);
  return scratch[0]!;
}

/** Packed code of a cell. */
export function packCell(cell: BeidouCell): bigint {
  if (cell.polar) {
    const digits = cell.level === 1 ? 0n : BigInt((cell.first << 3) | cell.second) << 45n;
    return (cell.south ? 1n << 63n : 0n) | digits;
  }
  const { lonUnits, latUnits } = beidouLevel(cell.level);
  const west = cell.column < 0;
  const south = cell.row < 0;
  const x = (west ? -1 - cell.column : cell.column) * lonUnits;
  const y = (south ? -1 - cell.row : cell.row) * latUnits;
  return codeAt(x, y, west, south, cell.level);
}

/**
 * The cell a packed code stands for.
 * @throws {GridError} `zone-invalid` when a digit is out of its range or bits below the level are set.
 */
export function unpackCell(zone: bigint, level: number): BeidouCell {
  if (zone < 0n || zone > MAX_ID) throw invalid(zone, level, 'must be an unsigned 64-bit integer');
  // The two words as numbers: shifts of a bigint would each make another one.
  scratch[0] = zone;
  const high = scratchWords[HIGH_WORD]!;
  const low = scratchWords[1 - HIGH_WORD]!;
  const [highMask, lowMask] = LEVEL_MASKS[level]!;
  if ((high & ~highMask) !== 0 || (low & ~lowMask) !== 0) {
    throw invalid(zone, level, 'bits below the level must be zero');
  }
  const south = high >>> 31 === 1;
  const zoneNumber = (high >>> 25) & 63;
  const rowLetter = (high >>> 20) & 31;
  if (zoneNumber === 0) return unpackPolar(zone, level, south, rowLetter);
  if (zoneNumber > 60) throw invalid(zone, level, `zone number ${zoneNumber} must be 1..60`);
  if (rowLetter > 21) throw invalid(zone, level, `row ${rowLetter} must be 0..21 (A..V)`);
  const west = zoneNumber <= 30;
  let x = west ? 30 - zoneNumber : zoneNumber - 31;
  let y = rowLetter;
  for (let l = 2; l <= level; l += 1) {
    const { columns, rows, columnBits, rowBits, bitsUsed, chars } = beidouLevel(l);
    const bits = fieldOf(high, low, bitsUsed, (1 << (columnBits + rowBits)) - 1);
    const column = chars === 1 ? bits & 1 : bits >> rowBits;
    const row = chars === 1 ? bits >> 1 : bits & ((1 << rowBits) - 1);
    if (column >= columns || row >= rows) {
      throw invalid(zone, level, `level ${l} column ${column}, row ${row} must be below ${columns}, ${rows}`);
    }
    x = x * columns + column;
    y = y * rows + row;
  }
  return { polar: false, level, column: west ? -1 - x : x, row: south ? -1 - y : y };
}

/** The field of a level that ends `bitsUsed` bits from the top; that of level 5 lies across both words. */
function fieldOf(high: number, low: number, bitsUsed: number, mask: number): number {
  if (bitsUsed <= 32) return (high >>> (32 - bitsUsed)) & mask;
  if (bitsUsed === 38) return ((high & 3) << 6) | (low >>> 26);
  return (low >>> (64 - bitsUsed)) & mask;
}

function unpackPolar(zone: bigint, level: number, south: boolean, rowLetter: number): PolarCell {
  if (rowLetter !== 0) throw invalid(zone, level, 'a polar code must have row 0');
  if (level > POLAR_MAX_LEVEL) throw polarUnsupported(level);
  const digits = Number(zone >> 45n) & 127;
  const first = level === 1 ? 0 : digits >> 3;
  const second = level === 1 ? 0 : digits & 7;
  if (first > 3 || second > 3) throw invalid(zone, level, `polar digits ${first}${second} must be 0..3 each`);
  return { polar: true, level, south, first, second };
}

/** The refusal of everything finer than level 2 at |lat| >= 88 degrees. */
export function polarUnsupported(level: number): GridError {
  return new GridError(
    'polar-unsupported',
    `Cannot use level ${level} at |lat| >= 88 degrees: polar caps have levels 1..${POLAR_MAX_LEVEL}`,
  );
}

function invalid(zone: bigint, level: number, reason: string): GridError {
  return new GridError(
    'zone-invalid',
    `Cannot read BeiDou zone 0x${zone.toString(16)} at level ${level}: ${reason}`,
  );
}
