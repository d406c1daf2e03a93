/** From any declared reference to CGCS2000 degrees and back: one position, a batch, and the reason why a position is refused. */
import { GridError } from '../errors.ts';
import { type CoordinateReference, formatCoordinateReference } from './coordinate-reference.ts';
import { checkDatum, shiftFromWgs84, shiftToWgs84 } from './datum.ts';
import {
  type GaussKruger,
  PREFIX_M,
  projectGaussKruger,
  reachDeg,
  unprojectGaussKruger,
  ZONES,
} from './gauss-kruger.ts';

/**
 * Why a position is refused.
 * - `not-a-number`: NaN or infinite.
 * - `out-of-range`: longitude beyond 180 or latitude beyond 90.
 * - `swapped`: outside, but inside when the two numbers change places.
 * - `zone-missing`: the declared zone number is not before the easting.
 * - `zone-mismatch`: another zone's number is before the easting.
 * - `zone-unexpected`: a zone number is before the easting, and none was declared.
 * - `out-of-extent`: too far from the central meridian, or outside 0..56 N.
 */
export type PositionRefusalReason =
  | 'not-a-number'
  | 'out-of-range'
  | 'swapped'
  | 'zone-missing'
  | 'zone-mismatch'
  | 'zone-unexpected'
  | 'out-of-extent';

/** A reason for programs and a sentence for people, with a hint where there is one. */
export interface PositionRefusal {
  readonly reason: PositionRefusalReason;
  readonly message: string;
}

/**
 * Positions of one reference to CGCS2000 degrees. Nothing is allocated for a row; a refused row is NaN twice.
 *
 * @param a - Longitudes in degrees, or eastings in metres. Shape (n).
 * @param b - Latitudes in degrees, or northings in metres. Shape (n).
 * @param lonOut - Gets longitudes; may be `a` itself. Shape (n).
 * @param latOut - Gets latitudes; may be `b` itself. Shape (n).
 * @returns How many rows were refused; `positionRefusal` says why.
 * @throws {GridError} `shape-mismatch`.
 */
export function toCgcs2000Batch(
  reference: CoordinateReference,
  a: Float64Array,
  b: Float64Array,
  lonOut: Float64Array,
  latOut: Float64Array,
): number {
  return convertBatch(toCgcs2000Pair, reference, a, b, lonOut, latOut);
}

/**
 * CGCS2000 degrees to positions of a reference: the inverse of `toCgcs2000Batch`, with the same rules.
 *
 * @returns How many rows were refused: no position, or outside the extent of the plane system.
 * @throws {GridError} `shape-mismatch`.
 */
export function fromCgcs2000Batch(
  reference: CoordinateReference,
  lonDeg: Float64Array,
  latDeg: Float64Array,
  aOut: Float64Array,
  bOut: Float64Array,
): number {
  return convertBatch(fromCgcs2000Pair, reference, lonDeg, latDeg, aOut, bOut);
}

/** Work pair of the functions for one position: an outline has a hundred thousand, and typed arrays are dear to make. */
const work = new Float64Array(2);

/**
 * One position of a reference in CGCS2000 degrees.
 *
 * @throws {GridError} `position-invalid` with the sentence of `positionRefusal`.
 */
export function positionToCgcs2000(
  reference: CoordinateReference,
  a: number,
  b: number,
): readonly [lonDeg: number, latDeg: number] {
  if (takes(reference, a, b)) return [work[0]!, work[1]!];
  throw new GridError('position-invalid', refusalOf(reference, a, b).message);
}

/** Why `toCgcs2000Batch` refuses a position; undefined where it takes it. */
export function positionRefusal(
  reference: CoordinateReference,
  a: number,
  b: number,
): PositionRefusal | undefined {
  return takes(reference, a, b) ? undefined : refusalOf(reference, a, b);
}

/** Converts one position into `work`; text and null, from files, would pass for numbers. */
function takes(reference: CoordinateReference, a: number, b: number): boolean {
  checkReference(reference);
  return typeof a === 'number' && typeof b === 'number' && toCgcs2000Pair(reference, a, b, work);
}

/** @throws {GridError} `reference-invalid` for a name that is no datum: it was not read by `parseCoordinateReference`. */
function checkReference(reference: CoordinateReference): void {
  if (typeof reference !== 'object' || reference === null) checkDatum(reference);
}

type ConvertPair = (reference: CoordinateReference, a: number, b: number, out: Float64Array) => boolean;

function convertBatch(
  convert: ConvertPair,
  reference: CoordinateReference,
  a: Float64Array,
  b: Float64Array,
  aOut: Float64Array,
  bOut: Float64Array,
): number {
  checkReference(reference);
  const n = a.length;
  if (b.length !== n || aOut.length !== n || bOut.length !== n) {
    throw new GridError(
      'shape-mismatch',
      `Cannot convert a batch of ${n} and ${b.length} coordinates into ${aOut.length} and ${bOut.length}: lengths must be equal`,
    );
  }
  const pair = new Float64Array(2);
  let refused = 0;
  for (let i = 0; i < n; i++) {
    if (!convert(reference, a[i]!, b[i]!, pair)) refused++;
    aOut[i] = pair[0]!;
    bOut[i] = pair[1]!;
  }
  return refused;
}

/** Puts CGCS2000 degrees into `out`, or NaN twice and gives false. */
function toCgcs2000Pair(reference: CoordinateReference, a: number, b: number, out: Float64Array): boolean {
  if (typeof reference !== 'string') return unprojectGaussKruger(reference, a, b, out);
  if (!setDegrees(a, b, out)) return false;
  shiftToWgs84(reference, out);
  return true;
}

function fromCgcs2000Pair(
  reference: CoordinateReference,
  lonDeg: number,
  latDeg: number,
  out: Float64Array,
): boolean {
  if (typeof reference !== 'string') return projectGaussKruger(reference, lonDeg, latDeg, out);
  if (!setDegrees(lonDeg, latDeg, out)) return false;
  shiftFromWgs84(reference, out);
  return true;
}

function setDegrees(lonDeg: number, latDeg: number, out: Float64Array): boolean {
  // Written so that NaN fails.
  const valid = Math.abs(lonDeg) <= 180 && Math.abs(latDeg) <= 90;
  out[0] = valid ? lonDeg : Number.NaN;
  out[1] = valid ? latDeg : Number.NaN;
  return valid;
}

/** The reason for a position that is known to be refused. */
function refusalOf(reference: CoordinateReference, a: number, b: number): PositionRefusal {
  const name = formatCoordinateReference(reference);
  if (!Number.isFinite(a) || !Number.isFinite(b)) {
    return {
      reason: 'not-a-number',
      message: `Position is ${a}, ${b} in ${name}: both must be finite numbers`,
    };
  }
  const swapped = toCgcs2000Pair(reference, b, a, new Float64Array(2));
  if (typeof reference !== 'string') return planeRefusal(reference, a, b, swapped, name);
  const wanted = 'longitude must be -180..180 and latitude -90..90';
  return swapped
    ? {
        reason: 'swapped',
        message: `Position is longitude ${a}, latitude ${b}: ${wanted}. The two look swapped: declare the other column as the longitude`,
      }
    : { reason: 'out-of-range', message: `Position is longitude ${a}, latitude ${b}: ${wanted}` };
}

function planeRefusal(
  system: GaussKruger,
  eastingM: number,
  northingM: number,
  swapped: boolean,
  name: string,
): PositionRefusal {
  const what = `Position is easting ${eastingM}, northing ${northingM} in ${name}`;
  if (swapped) {
    return {
      reason: 'swapped',
      message: `${what}: easting and northing look swapped: declare the other column as the easting`,
    };
  }
  return (
    zoneRefusal(system, eastingM, northingM, what) ?? {
      reason: 'out-of-extent',
      message: `${what}: it must lie within ${reachDeg(system)} degrees of the meridian ${system.centralMeridianDeg} E and within 0..56 N`,
    }
  );
}

/** A refusal for the number before the easting. */
function zoneRefusal(
  system: GaussKruger,
  eastingM: number,
  northingM: number,
  what: string,
): PositionRefusal | undefined {
  const { zonePrefix } = system;
  const before = Math.floor(eastingM / PREFIX_M);
  if (zonePrefix === undefined) {
    // A city may have any false easting: only a zone's number is told from a number out of extent.
    if (system.zoneWidthDeg === undefined || !isZone(before)) return undefined;
    return {
      reason: 'zone-unexpected',
      message: `${what}: the easting begins with the zone number ${before} and none was declared: declare ${idOf(before)}`,
    };
  }
  if (before === zonePrefix) return undefined;
  // Swapped columns with another zone's number, or with none, were not taken above.
  if (isZone(Math.floor(northingM / PREFIX_M))) {
    return {
      reason: 'swapped',
      message: `${what}: the northing begins with a zone number, so the two look swapped: declare the other column as the easting`,
    };
  }
  if (isZone(before)) {
    return {
      reason: 'zone-mismatch',
      message: `${what}: the easting begins with the zone number ${before}, declared is ${zonePrefix}: declare ${idOf(before)}, or split the file by zone`,
    };
  }
  const { zonePrefix: _, ...bare } = system;
  if (unprojectGaussKruger(bare, eastingM, northingM, new Float64Array(2))) {
    return {
      reason: 'zone-missing',
      message: `${what}: the easting does not begin with the zone number ${zonePrefix}: declare ${formatCoordinateReference(bare)} if the file writes none`,
    };
  }
  if (unprojectGaussKruger(bare, northingM, eastingM, new Float64Array(2))) {
    return {
      reason: 'swapped',
      message: `${what}: without the zone number easting and northing look swapped: declare the other column as the easting, and ${formatCoordinateReference(bare)}`,
    };
  }
  return undefined;
}

function isZone(number: number): boolean {
  return (
    (number >= ZONES[3].min && number <= ZONES[3].max) || (number >= ZONES[6].min && number <= ZONES[6].max)
  );
}

/** The id of a numbered zone. */
function idOf(zone: number): string {
  return `gk${zone >= ZONES[3].min ? 3 : 6}-${zone}`;
}
