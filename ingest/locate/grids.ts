import { GRIDS, toCgcs2000, type ZoneGrid } from '../../grid/index.ts';
import type { Datum } from '../model/index.ts';

/** What locating and encoding need of the grid room: two grids and the way from a declared datum to CGCS2000. */
export interface LocateGrids {
  readonly h3: ZoneGrid;
  readonly beidou2d: ZoneGrid;
  /** Degrees in `datum` to CGCS2000 degrees. @throws {GridError} `position-invalid`. */
  toCgcs2000(lonDeg: number, latDeg: number, datum: Datum): readonly [lonDeg: number, latDeg: number];
}

/** The grids of the house. */
export const LOCATE_GRIDS: LocateGrids = {
  ...GRIDS,
  toCgcs2000(lonDeg, latDeg, datum) {
    // WGS 84 and CGCS2000 are one, and nearly every reading comes in one of them.
    if (datum === 'wgs84' || datum === 'cgcs2000') return [lonDeg, latDeg];
    const position = toCgcs2000({ lonDeg, latDeg, datum });
    return [position.lonDeg, position.latDeg];
  },
};
