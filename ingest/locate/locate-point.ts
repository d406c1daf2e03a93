import type { SourcePosition } from '../model/index.ts';
import type { LocateGrids } from './grids.ts';

/** A place after `locate`: CGCS2000 degrees, metres. */
export interface LocatedPoint {
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly heightM?: number;
  readonly precisionM?: number;
}

/** Takes a position from its source's datum to CGCS2000. Its height is ellipsoidal already, in whatever datum. */
export function locatePoint(position: SourcePosition, grids: LocateGrids): LocatedPoint {
  const { heightM, precisionM } = position;
  const [lonDeg, latDeg] = grids.toCgcs2000(position.lonDeg, position.latDeg, position.datum);
  return {
    lonDeg,
    latDeg,
    ...(heightM === undefined ? {} : { heightM }),
    ...(precisionM === undefined ? {} : { precisionM }),
  };
}
