/**
 * The two polar caps, |lat| >= 88 degrees, at levels 1 and 2 (GB/T 39409-2020 §5.3, figs 9-10).
 *
 * Level 1 is the whole cap. Level 2 has sixteen cells in four rings; sectors 1 = 0..120 E, 2 = 120 E..180..120 W, 3 = 0..120 W:
 * `00` from 89.5 to the pole; `01` `02` `03` from 89 to 89.5 by sector; `s2` `s3` from 88.5 to 89 and `s0` `s1` from 88 to 88.5,
 * the lower digit nearer the prime meridian in sectors 1 and 3, and east of 180 in sector 2. Edges are half-open outwards from
 * the prime meridian and the equator, as everywhere.
 */
import type { PolarCell } from './beidou2d-cell.ts';
import { UNITS_PER_DEGREE } from './beidou2d-levels.ts';

/** A lon-lat box in degrees, `westDeg` in -180..180, `eastDeg` up to 240 so that it never wraps. */
export interface PolarBox {
  readonly westDeg: number;
  readonly eastDeg: number;
  /** |lat| nearest the equator and nearest the pole. */
  readonly nearDeg: number;
  readonly farDeg: number;
}

/** The polar cell at `x`, `y` whole units from the axes, y >= 88 degrees. */
export function polarCellAt(x: number, y: number, west: boolean, south: boolean, level: number): PolarCell {
  if (level === 1) return { polar: true, level, south, first: 0, second: 0 };
  const half = UNITS_PER_DEGREE / 2;
  const sector = x >= 120 * UNITS_PER_DEGREE ? 2 : west ? 3 : 1;
  if (y >= 179 * half) return { polar: true, level, south, first: 0, second: 0 };
  if (y >= 178 * half) return { polar: true, level, south, first: 0, second: sector };
  const outer = sector === 2 ? west : x >= 60 * UNITS_PER_DEGREE;
  const ring = y >= 177 * half ? 2 : 0;
  return { polar: true, level, south, first: sector, second: ring + (outer ? 1 : 0) };
}

/** West edge of each 60-degree half of a sector: index `sector * 2 + half`. */
const HALF_WEST = [0, 0, 0, 60, 120, 180, -60, -120];
const SECTOR_WEST = [-180, 0, 120, -120];

/** Where a polar cell lies. */
export function polarBox(cell: PolarCell): PolarBox {
  if (cell.level === 1) return { westDeg: -180, eastDeg: 180, nearDeg: 88, farDeg: 90 };
  const { first, second } = cell;
  if (first === 0 && second === 0) return { westDeg: -180, eastDeg: 180, nearDeg: 89.5, farDeg: 90 };
  if (first === 0) {
    const westDeg = SECTOR_WEST[second]!;
    return { westDeg, eastDeg: westDeg + 120, nearDeg: 89, farDeg: 89.5 };
  }
  const westDeg = HALF_WEST[first * 2 + (second & 1)]!;
  const nearDeg = second >= 2 ? 88.5 : 88;
  return { westDeg, eastDeg: westDeg + 60, nearDeg, farDeg: nearDeg + 0.5 };
}

/** All cells of one cap at a level, in code order. */
export function polarCells(south: boolean, level: number): readonly PolarCell[] {
  if (level === 1) return [{ polar: true, level, south, first: 0, second: 0 }];
  return Array.from({ length: 16 }, (_, n) => ({ polar: true, level, south, first: n >> 2, second: n & 3 }));
}
