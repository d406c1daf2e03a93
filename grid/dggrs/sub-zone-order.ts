/** Sub-zones counted without listing them: the deterministic order in which values of a zone's sub-zones come. It is ascending id. */
import { cellToChildPos, cellToChildrenSize, childPosToCell } from 'h3-js';
import { polarUnsupported, unpackCell } from '../beidou/beidou2d-cell.ts';
import { checkLevel } from '../checks.ts';
import type { DggrsId } from '../codec.ts';
import { GridError } from '../errors.ts';
import { GRIDS } from '../registry.ts';
import { BEIDOU_ID_LAYOUT, type BeidouLevelLayout } from './id-layout.ts';

const { levels, polarMaxLevel } = BEIDOU_ID_LAYOUT;
/** Polar zones of level 2 in a cap: two digits 0 to 3. */
const POLAR_DIGITS = 4;

/**
 * How many sub-zones a zone has at a level; at most 7^15 or 1.3e15, so always exact.
 * @throws {GridError} `zone-invalid`, `level-out-of-range`, `polar-unsupported`.
 */
export function subZoneCount(dggrs: DggrsId, zone: bigint, level: number, subLevel: number): number {
  checkPair(dggrs, zone, level, subLevel);
  if (dggrs === 'h3') return cellToChildrenSize(zone.toString(16), subLevel);
  if (isPolar(zone, level, subLevel)) return subLevel === level ? 1 : POLAR_DIGITS * POLAR_DIGITS;
  return between(level, subLevel).reduce((count, { columns, rows }) => count * columns * rows, 1);
}

/**
 * The sub-zone at a place in the order, counted from 0: `subZones(...)[index]` without the list.
 * @throws {GridError} as `subZoneCount`; `zone-invalid` for an index out of range.
 */
export function subZoneAt(
  dggrs: DggrsId,
  zone: bigint,
  level: number,
  subLevel: number,
  index: number,
): bigint {
  const count = subZoneCount(dggrs, zone, level, subLevel);
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new GridError(
      'zone-invalid',
      `Cannot find sub-zone ${index}: must be a whole number 0..${count - 1}`,
    );
  }
  if (dggrs === 'h3') return BigInt(`0x${childPosToCell(index, zone.toString(16), subLevel)}`);
  if (isPolar(zone, level, subLevel)) {
    if (level === subLevel) return zone;
    const [second] = between(level, subLevel) as [BeidouLevelLayout];
    return zone | placed(second, Math.floor(index / POLAR_DIGITS), index % POLAR_DIGITS);
  }
  let rest = index;
  let found = zone;
  for (const each of between(level, subLevel).reverse()) {
    const digit = rest % (each.columns * each.rows);
    rest = (rest - digit) / (each.columns * each.rows);
    // One digit is row by row, two are column by column.
    const inner = each.chars === 1 ? each.columns : each.rows;
    const [high, low] = [Math.floor(digit / inner), digit % inner];
    found |= each.chars === 1 ? placed(each, low, high) : placed(each, high, low);
  }
  return found;
}

/**
 * The place of a sub-zone in the order of its ancestor, counted from 0.
 * @throws {GridError} `zone-invalid` when the one does not hold the other; `level-out-of-range`.
 */
export function subZoneIndex(
  dggrs: DggrsId,
  zone: bigint,
  level: number,
  subZone: bigint,
  subLevel: number,
): number {
  checkPair(dggrs, zone, level, subLevel);
  if (GRIDS[dggrs].parent(subZone, subLevel, level) !== zone) {
    throw new GridError(
      'zone-invalid',
      `Cannot count "${GRIDS[dggrs].format(subZone, subLevel)}" in "${GRIDS[dggrs].format(zone, level)}": it is no sub-zone of it`,
    );
  }
  if (dggrs === 'h3') return cellToChildPos(subZone.toString(16), level);
  const polar = isPolar(zone, level, subLevel);
  return between(level, subLevel).reduce((index, each) => {
    const column = digitOf(subZone, each.columnShift, each.columnBits);
    const row = digitOf(subZone, each.rowShift, each.rowBits);
    if (polar) return column * POLAR_DIGITS + row;
    const digit = each.chars === 1 ? row * each.columns + column : column * each.rows + row;
    return index * each.columns * each.rows + digit;
  }, 0);
}

function checkPair(dggrs: DggrsId, zone: bigint, level: number, subLevel: number): void {
  // Reads the zone, so refuses what is none.
  GRIDS[dggrs].format(zone, level);
  checkLevel(dggrs, subLevel, level, GRIDS[dggrs].maxLevel);
}

function isPolar(zone: bigint, level: number, subLevel: number): boolean {
  if (!unpackCell(zone, level).polar) return false;
  if (subLevel > polarMaxLevel) throw polarUnsupported(subLevel);
  return true;
}

/** The levels below one, down to another. */
function between(level: number, subLevel: number): BeidouLevelLayout[] {
  return levels.slice(level, subLevel);
}

function placed({ columnShift, rowShift }: BeidouLevelLayout, column: number, row: number): bigint {
  return (BigInt(column) << BigInt(columnShift)) | (BigInt(row) << BigInt(rowShift));
}

function digitOf(zone: bigint, shift: number, bits: number): number {
  return Number((zone >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n));
}
