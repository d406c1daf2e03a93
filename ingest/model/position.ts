/**
 * Datums a source may declare. `wgs84` and `cgcs2000` agree to centimetres and are treated as one inside.
 * Everything after `locate` is CGCS2000.
 */
export const DATUMS = ['cgcs2000', 'wgs84', 'gcj02', 'bd09'] as const;
export type Datum = (typeof DATUMS)[number];

/** A position as a source gave it. Degrees, longitude first, in the named datum. */
export interface SourcePosition {
  readonly lonDeg: number;
  readonly latDeg: number;
  /** Metres above the ellipsoid; absent when the source gave none, or none whose reference is declared. */
  readonly heightM?: number;
  readonly datum: Datum;
  /** Radius in metres within which the true place lies, when the source states it. */
  readonly precisionM?: number;
}

/** How a position was obtained; carried to the screen so that nothing is drawn finer than it is known. */
export const POSITION_METHODS = [
  'own', // the record carries its own coordinates
  'thing', // the declared fixed position of the Thing
  'camera-ground', // a detection projected to the ground through the camera's pose
  'camera', // a detection that could not be projected: the camera's own place
  'joined', // by key to an already located feature
  'none', // unlocated: kept, counted, in no zone
] as const;
export type PositionMethod = (typeof POSITION_METHODS)[number];
