/** The CGCS2000 ellipsoid (GRS80) and exact areas on it. */

/** Semi-major axis in metres. @source GB 22021-2008; GRS80. */
export const SEMI_MAJOR_M = 6_378_137;
/** Flattening 1 / 298.257222101. WGS 84 differs in the ninth figure (0.1 mm at the pole). */
export const FLATTENING = 1 / 298.257222101;

/** First eccentricity squared, and semi-minor axis in metres. */
export const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);
export const SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING);

const E2 = ECCENTRICITY_SQUARED;
const E = Math.sqrt(E2);
const HALF_B2 = (SEMI_MAJOR_M * SEMI_MAJOR_M * (1 - E2)) / 2;

/** Area of the whole ellipsoid, square metres: 510,065,621.7 km2. */
export const ELLIPSOID_AREA_M2 = 4 * Math.PI * HALF_B2 * (1 / (1 - E2) + Math.atanh(E) / E);

/**
 * Area of a cell between two meridians and two parallels, in square metres, in closed form.
 *
 * The authalic difference is written with sin(north) - sin(south) taken out, so that a 1.5 cm cell keeps full precision
 * instead of losing it in the difference of two near-equal numbers; for the same reason it takes the cell's height.
 * @param lonSpanDeg - Width in degrees, >= 0.
 * @param southDeg - Southern edge in degrees.
 * @param latSpanDeg - Height in degrees, >= 0.
 * @source Snyder, Map Projections: A Working Manual (1987), eq. 3-12.
 */
export function rectangleAreaM2(lonSpanDeg: number, southDeg: number, latSpanDeg: number): number {
  const south = radians(southDeg);
  const span = radians(latSpanDeg);
  const s1 = Math.sin(south);
  const s2 = Math.sin(south + span);
  const difference = 2 * Math.cos(south + span / 2) * Math.sin(span / 2);
  const rational = (difference * (1 + E2 * s1 * s2)) / ((1 - E2 * s1 * s1) * (1 - E2 * s2 * s2));
  const logarithm = Math.atanh((E * difference) / (1 - E2 * s1 * s2)) / E;
  return HALF_B2 * radians(lonSpanDeg) * (rational + logarithm);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
