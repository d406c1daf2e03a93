/**
 * Degrees as metres near a line, by factors that bound the true lengths from one side.
 *
 * In geodetic coordinates ds2 = (M+h)2 dlat2 + ((N+h) cos lat)2 dlon2 + dh2. Where constant factors lie below these everywhere between
 * two points, the plain Pythagoras with them is never longer than the straight line between the points; above them, never shorter.
 * So a cover made with the lower factors misses nothing, and one made with the upper ones holds nothing that lies outside.
 */
import { FLATTENING, SEMI_MAJOR_M } from '../geometry/ellipsoid.ts';

const E2 = FLATTENING * (2 - FLATTENING);
const DEGREE = Math.PI / 180;

/** Metres a degree of longitude and of latitude. */
export interface LocalMetres {
  readonly perLonDeg: number;
  readonly perLatDeg: number;
}

/** A stretch of latitudes and heights. */
export interface Reach {
  readonly southDeg: number;
  readonly northDeg: number;
  readonly lowestM: number;
  readonly highestM: number;
}

/** Radii of curvature at a latitude: along the meridian, and across it. */
function radii(latDeg: number): { readonly meridian: number; readonly across: number } {
  const sine = Math.sin(latDeg * DEGREE);
  const w = 1 - E2 * sine * sine;
  const across = SEMI_MAJOR_M / Math.sqrt(w);
  return { meridian: (across * (1 - E2)) / w, across };
}

/** Factors at one place. */
export function metresAt(latDeg: number, heightM: number): LocalMetres {
  const { meridian, across } = radii(latDeg);
  return {
    perLonDeg: (across + heightM) * Math.cos(latDeg * DEGREE) * DEGREE,
    perLatDeg: (meridian + heightM) * DEGREE,
  };
}

/**
 * Factors that hold for all of a reach, with `padM` around it on the level, from below or from above.
 * Both radii grow from the equator to the poles, the cosine falls.
 */
export function boundMetres(reach: Reach, padM: number, side: 'below' | 'above'): LocalMetres {
  // 0.99 of the least meridian radius: a pad in degrees that is surely wide enough.
  const padDeg = padM / (0.99 * (6_335_439 + reach.lowestM)) / DEGREE;
  const south = reach.southDeg - padDeg;
  const north = reach.northDeg + padDeg;
  const far = Math.min(90, Math.max(Math.abs(south), Math.abs(north)));
  const near = south <= 0 && north >= 0 ? 0 : Math.min(Math.abs(south), Math.abs(north));
  const [flat, steep] = side === 'below' ? [near, far] : [far, near];
  const height = side === 'below' ? reach.lowestM : reach.highestM;
  return {
    perLonDeg: (radii(flat).across + height) * Math.cos(steep * DEGREE) * DEGREE,
    perLatDeg: (radii(flat).meridian + height) * DEGREE,
  };
}
