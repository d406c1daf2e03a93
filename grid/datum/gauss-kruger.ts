/**
 * Gauss-Krueger plane coordinates on the CGCS2000 ellipsoid, as Chinese surveys and cadastres write them: 3- and 6-degree zones, with
 * or without the zone number before the easting, and city systems with a central meridian of their own.
 *
 * - Easting before northing everywhere here, as longitude goes before latitude. Chinese papers call the northing X and the easting Y, and
 *   EPSG lists the northing first: who declares a file names the columns.
 * - Scale 1 on the central meridian, 500 km added to the easting, the northing counted from the equator.
 * - Zone z of the 3-degree zones has its central meridian at 3 z degrees (25 to 45: 75 to 135 E), of the 6-degree zones at 6 z - 3
 *   degrees (13 to 23: 75 to 135 E). The two ranges do not overlap, so a number tells its kind.
 *
 * Round trip within 3.5 degrees of the meridian: under 1e-8 m and 1e-13 degree (measured on a million points: 3e-9 m, 3e-14 degree, the
 * last bit of the doubles). The same figures against PROJ 9.5.
 *
 * @source GB/T 17278 and CH/T 2014 conventions as restated by the EPSG registry, codes 4491 to 4554.
 */
import { kruegerSeries, projectInto, unprojectInto } from './krueger.ts';

/** CGCS2000: semi-major axis in metres and flattening (that of GRS 80). @source EPSG 1024. */
export const CGCS2000_A_M = 6_378_137;
export const CGCS2000_F = 1 / 298.257222101;
const SERIES = kruegerSeries(CGCS2000_A_M, CGCS2000_F);
const DEG = Math.PI / 180;

/** One plane coordinate system. */
export interface GaussKruger {
  readonly projection: 'gauss-kruger';
  readonly centralMeridianDeg: number;
  /** Added to every easting, metres, without the zone number. */
  readonly falseEastingM: number;
  /** Added to every northing, metres. */
  readonly falseNorthingM: number;
  /** On the central meridian. 1 but for city systems that lift the plane to the height of the city. */
  readonly scale: number;
  /** The number written before the easting: 35 for 35 437 000 m. Absent: none is written. */
  readonly zonePrefix?: number;
  /** Width of the zone, degrees; absent for city systems. */
  readonly zoneWidthDeg?: 3 | 6;
}

export const FALSE_EASTING_M = 500_000;
/** Metres that one unit of the zone number stands for. */
export const PREFIX_M = 1_000_000;
/** Zone numbers that lie in China. */
export const ZONES = { 3: { min: 25, max: 45 }, 6: { min: 13, max: 23 } } as const;
/**
 * How far from the central meridian coordinates are taken, degrees. Twice the half width of a 3-degree zone, since a prefecture on the
 * rim of two is kept in one; half a degree beyond a 6-degree zone, the overlap of its map sheets.
 */
const REACH_DEG = { 3: 3, 6: 3.5 } as const;
/** Latitudes taken, degrees: China and its seas, as for GCJ-02. */
const LAT_MIN_DEG = 0;
const LAT_MAX_DEG = 56;
/** Over the longest reach and latitude, metres: what is beyond is refused before any series runs away. */
const EAST_MAX_M = 400_000;
const NORTH_MAX_M = 6_300_000;

/** Central meridian of a zone, degrees east. */
export function zoneMeridianDeg(zoneWidthDeg: 3 | 6, zone: number): number {
  return zoneWidthDeg === 3 ? 3 * zone : 6 * zone - 3;
}

/**
 * The system of a numbered zone. `prefixed`: its eastings begin with the zone's number. Zones 25..45 of 3 degrees and 13..23 of 6 lie in
 * China; the number is not checked here, `parseCoordinateReference` does.
 */
export function gaussKrugerZone(zoneWidthDeg: 3 | 6, zone: number, prefixed: boolean): GaussKruger {
  return {
    projection: 'gauss-kruger',
    centralMeridianDeg: zoneMeridianDeg(zoneWidthDeg, zone),
    falseEastingM: FALSE_EASTING_M,
    falseNorthingM: 0,
    scale: 1,
    zoneWidthDeg,
    ...(prefixed ? { zonePrefix: zone } : {}),
  };
}

/** What stands before the metres east of the meridian. */
export function eastingOffsetM(system: GaussKruger): number {
  return system.falseEastingM + (system.zonePrefix ?? 0) * PREFIX_M;
}

/** How far from the meridian a system is used, degrees. */
export function reachDeg(system: GaussKruger): number {
  return REACH_DEG[system.zoneWidthDeg ?? 6];
}

/**
 * Plane coordinates to CGCS2000 degrees. False, and `out` is NaN, where they are outside the extent of the system.
 *
 * @param out - Gets [lonDeg, latDeg].
 */
export function unprojectGaussKruger(
  system: GaussKruger,
  eastingM: number,
  northingM: number,
  out: Float64Array,
): boolean {
  const eastM = (eastingM - eastingOffsetM(system)) / system.scale;
  const northM = (northingM - system.falseNorthingM) / system.scale;
  // Written so that NaN fails.
  if (Math.abs(eastM) <= EAST_MAX_M && northM >= 0 && northM <= NORTH_MAX_M) {
    unprojectInto(SERIES, eastM, northM, out);
    const fromMeridianDeg = out[0]! / DEG;
    const latDeg = out[1]! / DEG;
    if (isWithin(system, fromMeridianDeg, latDeg)) {
      out[0] = system.centralMeridianDeg + fromMeridianDeg;
      out[1] = latDeg;
      return true;
    }
  }
  out.fill(Number.NaN);
  return false;
}

/**
 * CGCS2000 degrees to plane coordinates. False, and `out` is NaN, where the position is outside the extent of the system.
 *
 * @param out - Gets [eastingM, northingM].
 */
export function projectGaussKruger(
  system: GaussKruger,
  lonDeg: number,
  latDeg: number,
  out: Float64Array,
): boolean {
  const fromMeridianDeg = lonDeg - system.centralMeridianDeg;
  if (!isWithin(system, fromMeridianDeg, latDeg)) {
    out.fill(Number.NaN);
    return false;
  }
  projectInto(SERIES, fromMeridianDeg * DEG, latDeg * DEG, out);
  out[0] = out[0]! * system.scale + eastingOffsetM(system);
  out[1] = out[1]! * system.scale + system.falseNorthingM;
  return true;
}

/** A nanodegree of slack, so that what was projected at the rim comes back. */
const SLACK_DEG = 1e-9;

function isWithin(system: GaussKruger, fromMeridianDeg: number, latDeg: number): boolean {
  return (
    Math.abs(fromMeridianDeg) <= reachDeg(system) + SLACK_DEG &&
    latDeg >= LAT_MIN_DEG - SLACK_DEG &&
    latDeg <= LAT_MAX_DEG + SLACK_DEG
  );
}
