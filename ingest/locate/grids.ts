import type { GridGeometry, ZoneGrid } from '../../grid/index.ts';
import type { Datum } from '../model/index.ts';

/** What locating and encoding need of the grid room: two grids and the way from a declared datum to CGCS2000. */
export interface LocateGrids {
  readonly h3: ZoneGrid;
  readonly beidou2d: ZoneGrid;
  /** Degrees in `datum` to CGCS2000 degrees; WGS 84 and CGCS2000 are one. */
  toCgcs2000(lonDeg: number, latDeg: number, datum: Datum): readonly [lonDeg: number, latDeg: number];
}

export type { GridGeometry, ZoneGrid };
