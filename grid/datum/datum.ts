/**
 * Datums met in Chinese data, and the way between them: WGS 84, CGCS2000, GCJ-02 (the published offset of Chinese maps) and BD-09
 * (Baidu's second offset upon GCJ-02).
 *
 * - WGS 84 and CGCS2000 are taken as one. Their frames agree to centimetres; a WGS 84 position of today has also moved with the
 *   plate since epoch 2000.0, 3 to 4 cm a year in China, so about 1 m by 2026. Below the noise of a phone, above that of a survey.
 * - GCJ-02 and BD-09 forward formulas are those everybody runs; the official ones are not public, and published comparisons find
 *   them within a metre or two of the maps. The inverse is iterated until it meets the forward formula: there and back is
 *   within 1e-12 degree (0.1 micrometre) over China, measured on ten million positions.
 * - Outside the box 72.004..137.8347 E, 0.8293..55.8271 N nothing is moved, as in the public implementations. At its
 *   eastern and northern rim, both beyond China's own, the offset jumps by some hundred metres: within 0.6 km of it (BD-09: 1.1 km) a
 *   round trip does not hold.
 */
import { checkPosition } from '../checks.ts';
import { GridError } from '../errors.ts';
import { bd09FromGcj02, gcj02FromBd09, gcj02FromWgs84, wgs84FromGcj02 } from './offset.ts';

/** Names of the datums of positions in degrees; `cgcs2000` and `wgs84` are the same numbers here. */
export type Datum = 'cgcs2000' | 'wgs84' | 'gcj02' | 'bd09';

/** A position that knows its datum, so that two cannot be mixed up. Degrees. */
export interface DatumPosition<D extends Datum = Datum> {
  readonly datum: D;
  readonly lonDeg: number;
  readonly latDeg: number;
}

/** A position in CGCS2000, degrees: what every grid here takes. */
export type Cgcs2000 = DatumPosition<'cgcs2000'>;
/** A position in WGS 84, degrees. */
export type Wgs84 = DatumPosition<'wgs84'>;
/** A position in GCJ-02, degrees. */
export type Gcj02 = DatumPosition<'gcj02'>;
/** A position in BD-09, degrees. */
export type Bd09 = DatumPosition<'bd09'>;

/** Every datum a source may declare. */
export const DATUMS = ['cgcs2000', 'wgs84', 'gcj02', 'bd09'] as const satisfies readonly Datum[];

/** Is this the name of a datum? */
export function isDatum(value: unknown): value is Datum {
  return (DATUMS as readonly unknown[]).includes(value);
}

/**
 * Names as they come from files are read by `parseCoordinateReference`; one that was not would pass for GCJ-02 and move by 500 m.
 * @throws {GridError} `reference-invalid`.
 */
export function checkDatum(datum: Datum): void {
  if (isDatum(datum)) return;
  throw new GridError(
    'reference-invalid',
    `Cannot convert from or to the datum "${datum}": must be one of ${DATUMS.join(', ')}`,
  );
}

/**
 * A position in another datum.
 * @throws {GridError} `position-invalid` for NaN, |lon| > 180 or |lat| > 90; `reference-invalid` for a datum that is none.
 */
export function convertDatum<D extends Datum>(position: DatumPosition, datum: D): DatumPosition<D> {
  checkDatum(position.datum);
  checkDatum(datum);
  checkPosition(position.lonDeg, position.latDeg);
  const pair = Float64Array.of(position.lonDeg, position.latDeg);
  if (family(position.datum) !== family(datum)) {
    shiftToWgs84(position.datum, pair, datum);
    shiftFromWgs84(datum, pair, position.datum);
  }
  return { datum, lonDeg: pair[0]!, latDeg: pair[1]! };
}

/** A position in CGCS2000, what every grid here takes. @throws {GridError} `position-invalid`, `reference-invalid`. */
export function toCgcs2000(position: DatumPosition): Cgcs2000 {
  return convertDatum(position, 'cgcs2000');
}

/** Changes a pair `[lonDeg, latDeg]` from the datum to WGS 84; stops at GCJ-02 when that is all the way to `onTheWayTo`. */
export function shiftToWgs84(datum: Datum, pair: Float64Array, onTheWayTo: Datum = 'wgs84'): void {
  if (datum === 'bd09') gcj02FromBd09(pair);
  if (family(datum) !== 'wgs84' && family(onTheWayTo) === 'wgs84') wgs84FromGcj02(pair);
}

/** Changes a pair `[lonDeg, latDeg]` from WGS 84 to the datum; from GCJ-02 where `shiftToWgs84` stopped there. */
export function shiftFromWgs84(datum: Datum, pair: Float64Array, cameFrom: Datum = 'wgs84'): void {
  if (family(datum) !== 'wgs84' && family(cameFrom) === 'wgs84') gcj02FromWgs84(pair);
  if (datum === 'bd09') bd09FromGcj02(pair);
}

function family(datum: Datum): Datum {
  return datum === 'cgcs2000' ? 'wgs84' : datum;
}
