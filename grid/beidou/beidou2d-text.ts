/**
 * BeiDou 2D code text (GB/T 39409-2020 §5.2): `N|S`, zone `01`..`60`, row `A`..`V` (I and O included), then the digits of each
 * level, column before row, no separators, upper case. A code's prefix is its parent.
 */

import { checkText } from '../checks.ts';
import { GridError } from '../errors.ts';
import { type BeidouCell, packCell } from './beidou2d-cell.ts';
import { beidouLevel, MAX_LEVEL, POLAR_MAX_LEVEL } from './beidou2d-levels.ts';

const DIGITS = '0123456789ABCDE';

/** Level of a code by its length: 4 6 7 9 11 12 14 16 18 20. */
const LEVEL_BY_LENGTH: ReadonlyMap<number, number> = new Map(
  Array.from({ length: MAX_LEVEL }, (_, n) => [beidouLevel(n + 1).length, n + 1]),
);

/** Canonical text of a cell. */
export function formatCell(cell: BeidouCell): string {
  if (cell.polar) {
    const hemisphere = cell.south ? 'S' : 'N';
    return cell.level === 1 ? `${hemisphere}000` : `${hemisphere}000${cell.first}${cell.second}`;
  }
  const west = cell.column < 0;
  const south = cell.row < 0;
  let x = west ? -1 - cell.column : cell.column;
  let y = south ? -1 - cell.row : cell.row;
  let tail = '';
  for (let level = cell.level; level > 1; level -= 1) {
    const { columns, rows, chars } = beidouLevel(level);
    const column = x % columns;
    const row = y % rows;
    tail = (chars === 1 ? DIGITS[row * 2 + column]! : DIGITS[column]! + DIGITS[row]!) + tail;
    x = (x - column) / columns;
    y = (y - row) / rows;
  }
  const zone = west ? 30 - x : 31 + x;
  return `${south ? 'S' : 'N'}${zone < 10 ? '0' : ''}${zone}${String.fromCharCode(65 + y)}${tail}`;
}

/**
 * The cell a code names. Canonical text only: no blanks, no lower case, no longer form.
 * @throws {GridError} `zone-invalid` with the reason; `polar-unsupported` for a polar code finer than level 2.
 */
export function parseCell(text: string): BeidouCell {
  checkText(text);
  const level = LEVEL_BY_LENGTH.get(text.length);
  if (level === undefined)
    throw refuse(text, `length ${text.length} must be one of 4 6 7 9 11 12 14 16 18 20`);
  const hemisphere = text[0];
  if (hemisphere !== 'N' && hemisphere !== 'S') throw refuse(text, 'must start with "N" or "S"');
  const south = hemisphere === 'S';
  if (!/^[0-9]{2}$/.test(text.slice(1, 3))) throw refuse(text, `zone "${text.slice(1, 3)}" must be 01..60`);
  const zone = Number(text.slice(1, 3));
  if (zone === 0) return parsePolar(text, level, south);
  if (zone > 60) throw refuse(text, `zone "${text.slice(1, 3)}" must be 01..60`);
  const west = zone <= 30;
  let x = west ? 30 - zone : zone - 31;
  let y = text.charCodeAt(3) - 65;
  if (!(y >= 0 && y <= 21)) throw refuse(text, `row "${text[3]}" must be A..V`);
  let at = 4;
  for (let l = 2; l <= level; l += 1) {
    const { columns, rows, chars } = beidouLevel(l);
    let column: number;
    let row: number;
    if (chars === 1) {
      const digit = readDigit(text, at, columns * rows, l);
      column = digit % 2;
      row = (digit - column) / 2;
    } else {
      column = readDigit(text, at, columns, l);
      row = readDigit(text, at + 1, rows, l);
    }
    at += chars;
    x = x * columns + column;
    y = y * rows + row;
  }
  return { polar: false, level, column: west ? -1 - x : x, row: south ? -1 - y : y };
}

/** Packed code and level of a text. @throws {GridError} as `parseCell`. */
export function parseCode(text: string): { readonly zone: bigint; readonly level: number } {
  const cell = parseCell(text);
  return { zone: packCell(cell), level: cell.level };
}

function parsePolar(text: string, level: number, south: boolean): BeidouCell {
  if (text[3] !== '0') throw refuse(text, 'zone "00" is polar and must be followed by "0"');
  if (level > POLAR_MAX_LEVEL) {
    throw new GridError(
      'polar-unsupported',
      `Cannot parse BeiDou code "${text}": polar codes have levels 1..${POLAR_MAX_LEVEL}`,
    );
  }
  if (level === 1) return { polar: true, level, south, first: 0, second: 0 };
  const first = readDigit(text, 4, 4, 2);
  const second = readDigit(text, 5, 4, 2);
  return { polar: true, level, south, first, second };
}

function readDigit(text: string, at: number, radix: number, level: number): number {
  const digit = DIGITS.indexOf(text[at]!);
  if (digit < 0 || digit >= radix) {
    throw refuse(text, `level ${level} digit "${text[at]}" must be 0..${DIGITS[radix - 1]}`);
  }
  return digit;
}

function refuse(text: string, reason: string): GridError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new GridError('zone-invalid', `Cannot parse BeiDou code "${shown}": ${reason}`);
}
