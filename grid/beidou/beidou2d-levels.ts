/** The ten levels of the BeiDou 2D grid (GB/T 39409-2020 §5.1, fig. 1) as whole numbers. */

/** Units of 1/2048 arc-second in a degree. Every level is a whole number of them, and 180 degrees fit an int32. */
export const UNITS_PER_DEGREE = 7_372_800;
/** 180 degrees of longitude, in units. */
export const LON_LIMIT_UNITS = 180 * UNITS_PER_DEGREE;
/** Start of the polar caps, |lat| 88 degrees, in units. */
export const POLAR_UNITS = 88 * UNITS_PER_DEGREE;
/** Deepest level this codec offers inside the polar caps: the standard's drawings of the finer ones are not clear. */
export const POLAR_MAX_LEVEL = 2;
export const MIN_LEVEL = 1;
export const MAX_LEVEL = 10;

/** One level: its cell, how it divides its parent, and its place in text and in the packed code. */
export interface BeidouLevel {
  /** Cell width and height, units of 1/2048 arc-second. */
  readonly lonUnits: number;
  readonly latUnits: number;
  /** Columns and rows in one parent cell (at level 1: zones per hemisphere half, rows per hemisphere). */
  readonly columns: number;
  readonly rows: number;
  /** Characters this level adds; 1 means one digit `row * 2 + column`. */
  readonly chars: 1 | 2 | 3;
  /** Length of a code of this level. */
  readonly length: number;
  /** Bits of column and row in the packed code, and bits used so far counted from the top. */
  readonly columnBits: number;
  readonly rowBits: number;
  readonly bitsUsed: number;
}

type Row = readonly [
  lonUnits: number,
  latUnits: number,
  columns: number,
  rows: number,
  chars: 1 | 2 | 3,
  length: number,
  columnBits: number,
  rowBits: number,
  bitsUsed: number,
];

// Level 0 is the hemisphere letter alone; it is no level of the codec but keeps the table indexed by level.
const TABLE: readonly Row[] = [
  [LON_LIMIT_UNITS, POLAR_UNITS, 1, 1, 1, 1, 0, 1, 1],
  [44_236_800, 29_491_200, 30, 22, 3, 4, 6, 5, 12],
  [3_686_400, 3_686_400, 12, 8, 2, 6, 4, 3, 19],
  [1_843_200, 1_228_800, 2, 3, 1, 7, 1, 2, 22],
  [122_880, 122_880, 15, 10, 2, 9, 4, 4, 30],
  [8_192, 8_192, 15, 15, 2, 11, 4, 4, 38],
  [4_096, 4_096, 2, 2, 1, 12, 1, 1, 40],
  [512, 512, 8, 8, 2, 14, 3, 3, 46],
  [64, 64, 8, 8, 2, 16, 3, 3, 52],
  [8, 8, 8, 8, 2, 18, 3, 3, 58],
  [1, 1, 8, 8, 2, 20, 3, 3, 64],
];

/** Levels by number, 1..10; index 0 is the hemisphere. */
export const BEIDOU_LEVELS: readonly BeidouLevel[] = TABLE.map(
  ([lonUnits, latUnits, columns, rows, chars, length, columnBits, rowBits, bitsUsed]) => ({
    lonUnits,
    latUnits,
    columns,
    rows,
    chars,
    length,
    columnBits,
    rowBits,
    bitsUsed,
  }),
);

/** The level's entry; the caller has checked the number. */
export function beidouLevel(level: number): BeidouLevel {
  return BEIDOU_LEVELS[level]!;
}
