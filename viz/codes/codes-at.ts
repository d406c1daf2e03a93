/** The codes of one position at every level of every grid, as rows of the tables. Pure. */
import {
  beidou2d,
  beidou3d,
  GRIDS,
  type HeightCoding,
  isGridError,
  type SolidZone,
  type ZoneGrid,
} from '../../grid/index.ts';

/** One level. `code` null: the grid has no zone there, and `refusal` says why. */
export interface CodeRow {
  readonly level: number;
  readonly code: string | null;
  readonly refusal: string | null;
  /** East-west and north-south extent of the zone's bounds in metres, at its middle; area on the ellipsoid. */
  readonly widthM: number;
  readonly heightM: number;
  readonly areaM2: number;
  /** Floor and top above the ellipsoid, of 3D zones only. */
  readonly floorM: number | null;
  readonly topM: number | null;
}

const METRES_PER_DEGREE = 111_319.49;

/** Rows of a flat grid, coarsest first. CGCS2000 degrees. */
export function flatCodes(dggrs: keyof typeof GRIDS, lonDeg: number, latDeg: number): readonly CodeRow[] {
  const grid = GRIDS[dggrs];
  return levelsOf(grid).map((level) =>
    rowOf(level, () => {
      const zone = grid.encode(lonDeg, latDeg, level);
      const extent = extentOf(grid.bounds(zone, level));
      return { code: grid.format(zone, level), areaM2: grid.areaM2(zone, level), ...extent };
    }),
  );
}

/** Rows of the grid with height. @param heightM - Metres above the ellipsoid. */
export function solidCodes(
  lonDeg: number,
  latDeg: number,
  heightM: number,
  coding: HeightCoding,
): readonly CodeRow[] {
  return levelsOf(beidou3d).map((level) =>
    rowOf(level, () => {
      const zone = beidou3d.encode(lonDeg, latDeg, heightM, level, coding);
      const [west, south, floorM, east, north, topM] = beidou3d.bounds(zone, coding);
      const extent = extentOf([west, south, east, north]);
      const areaM2 = beidou2d.areaM2(zone.zone, level);
      return { code: beidou3d.format(zone, coding), areaM2, ...extent, floorM, topM };
    }),
  );
}

/** The 3D zone of a row, to draw. @throws {GridError} where there is none. */
export function solidAt(
  lonDeg: number,
  latDeg: number,
  heightM: number,
  level: number,
  coding: HeightCoding,
): SolidZone {
  return beidou3d.encode(lonDeg, latDeg, heightM, level, coding);
}

function levelsOf({ minLevel, maxLevel }: Pick<ZoneGrid, 'minLevel' | 'maxLevel'>): readonly number[] {
  return Array.from({ length: maxLevel - minLevel + 1 }, (_, n) => minLevel + n);
}

function rowOf(level: number, make: () => Partial<CodeRow>): CodeRow {
  const none: CodeRow = {
    level,
    code: null,
    refusal: null,
    widthM: Number.NaN,
    heightM: Number.NaN,
    areaM2: Number.NaN,
    floorM: null,
    topM: null,
  };
  try {
    return { ...none, ...make() };
  } catch (error) {
    if (isGridError(error)) return { ...none, refusal: error.message };
    throw error;
  }
}

function extentOf([west, south, east, north]: readonly [number, number, number, number]): {
  readonly widthM: number;
  readonly heightM: number;
} {
  const width = east < west ? east - west + 360 : east - west;
  const middle = ((south + north) / 2) * (Math.PI / 180);
  return {
    widthM: width * METRES_PER_DEGREE * Math.cos(middle),
    heightM: (north - south) * METRES_PER_DEGREE,
  };
}
