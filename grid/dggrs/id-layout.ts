/** Where the parts of a zone's id lie, bit by bit: the tables the codecs use, in one form that other languages can be generated from. */
import {
  BEIDOU_LEVELS,
  LON_LIMIT_UNITS,
  POLAR_MAX_LEVEL,
  POLAR_UNITS,
  UNITS_PER_DEGREE,
} from '../beidou/beidou2d-levels.ts';
import { SNAP_UNITS } from '../beidou/beidou2d-units.ts';
import { LAYER_LIMIT, LAYER_RADICES, LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { MAX_RESOLUTION } from '../h3/h3-index.ts';

/**
 * An H3 index, from the top: reserved 1 (0), mode 4 (1 = cell), reserved 3 (0), resolution 4, base cell 7, then a digit of three bits for each
 * resolution 1..15; digits finer than the cell's are 7. Shifts count from the lowest bit.
 * @source https://h3geo.org/docs/core-library/h3Indexing
 */
export const H3_ID_LAYOUT = {
  maxLevel: MAX_RESOLUTION,
  modeShift: 59,
  cellMode: 1,
  reservedShift: 56,
  reservedBits: 3,
  resolutionShift: 52,
  resolutionBits: 4,
  baseCellShift: 45,
  baseCellBits: 7,
  baseCells: 122,
  digitBits: 3,
  /** Digit of the resolutions a cell does not have. */
  unusedDigit: 7,
  /** Base cells that are pentagons: below them the first digit that is not 0 is never `deletedDigit`. @source uber/h3, baseCells.c */
  pentagonBaseCells: [4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117],
  deletedDigit: 1,
} as const;

/** One level of a packed BeiDou code. Shifts count from the lowest bit; sizes in units of 1/2048 arc-second. */
export interface BeidouLevelLayout {
  readonly level: number;
  readonly lonUnits: number;
  readonly latUnits: number;
  /** Columns and rows in one parent; at level 1, on one side of the prime meridian and of the equator. */
  readonly columns: number;
  readonly rows: number;
  readonly columnShift: number;
  readonly columnBits: number;
  readonly rowShift: number;
  readonly rowBits: number;
  /** Bits from the top that the level fixes. */
  readonly bitsUsed: number;
  /** Characters it adds to a text (1: the digit row * 2 + column), and the length of a text of the level. */
  readonly chars: 1 | 2 | 3;
  readonly length: number;
  /** Length of a 3D text of the level. */
  readonly solidLength: number;
}

/**
 * A packed BeiDou code: hemisphere (1 south) in the top bit, then for each level its column and row. At level 1 the column is the zone number:
 * 31 + column in the east, 30 - column in the west, 0 for a polar cap.
 */
export const BEIDOU_ID_LAYOUT = {
  unitsPerDegree: UNITS_PER_DEGREE,
  lonLimitUnits: LON_LIMIT_UNITS,
  polarUnits: POLAR_UNITS,
  polarMaxLevel: POLAR_MAX_LEVEL,
  snapUnits: SNAP_UNITS,
  hemisphereShift: 63,
  /** Levels 1..10, in order. */
  levels: BEIDOU_LEVELS.slice(1).map((each, n): BeidouLevelLayout => {
    const low = 64 - each.bitsUsed;
    return {
      level: n + 1,
      lonUnits: each.lonUnits,
      latUnits: each.latUnits,
      columns: each.columns,
      rows: each.rows,
      columnShift: each.chars === 1 ? low : low + each.rowBits,
      columnBits: each.columnBits,
      rowShift: each.chars === 1 ? low + each.columnBits : low,
      rowBits: each.rowBits,
      bitsUsed: each.bitsUsed,
      chars: each.chars,
      length: each.length,
      // One more for above or below ground, two for the height of level 1, one for that of every other.
      solidLength: each.length + n + 3,
    };
  }),
  /** Layers: on either side of the ellipsoid; thickness by level in level-10 layers, and digits a level takes, index = level. */
  layerLimit: LAYER_LIMIT,
  layerThickness: LAYER_THICKNESS,
  layerRadices: LAYER_RADICES,
} as const;
