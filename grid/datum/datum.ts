/**
 * Datums met in Chinese data, and the way between them: WGS 84, CGCS2000, GCJ-02 (the published offset of Chinese maps) and BD-09
 * (Baidu's second offset upon GCJ-02).
 *
 * - WGS 84 and CGCS2000 are taken as one. Their frames agree to centimetres; a WGS 84 position of today has also moved with the
 *   plate since epoch 2000.0, 3 to 4 cm a year in China, so about 1 m by 2026. Below the noise of a phone, above that of a survey.
 * - GCJ-02 and BD-09 forward formulas are those everybody runs; the official ones are not public, and published comparisons find
 *   them within a metre or two of the maps. The inverse is iterated until it meets the forward formula to 1e-9 degree (0.1 mm).
 * - Outside the box 72.004..137.8347 E, 0.8293..55.8271 N nothing is moved, as in the public implementations. At its rim the offset
 *   jumps by some hundred metres: within a kilometre of the rim a round trip does not hold.
 */
import { checkPosition } from '../checks.ts';

/** `cgcs2000` and `wgs84` are the same numbers here. */
export type Datum = 'cgcs2000' | 'wgs84' | 'gcj02' | 'bd09';

/** A position that knows its datum, so that two cannot be mixed up. Degrees. */
export interface DatumPosition<D extends Datum = Datum> {
  readonly datum: D;
  readonly lonDeg: number;
  readonly latDeg: number;
}

export type Cgcs2000 = DatumPosition<'cgcs2000'>;
export type Wgs84 = DatumPosition<'wgs84'>;
export type Gcj02 = DatumPosition<'gcj02'>;
export type Bd09 = DatumPosition<'bd09'>;

type LonLat = readonly [lonDeg: number, latDeg: number];

/** Krasovsky 1940, which the GCJ-02 formula uses. */
const KRASOVSKY_A = 6_378_245;
const KRASOVSKY_E2 = 0.006_693_421_622_965_943;
/** Bound of one inverse step, degrees. */
const INVERSE_TOLERANCE_DEG = 1e-11;
const INVERSE_STEPS_MAX = 30;
const BD_PI = (Math.PI * 3000) / 180;

/**
 * A position in another datum.
 * @throws {GridError} `position-invalid` for NaN, |lon| > 180 or |lat| > 90.
 */
export function convertDatum<D extends Datum>(position: DatumPosition, datum: D): DatumPosition<D> {
  checkPosition(position.lonDeg, position.latDeg);
  const given: LonLat = [position.lonDeg, position.latDeg];
  if (family(position.datum) === family(datum)) return { datum, lonDeg: given[0], latDeg: given[1] };
  const gcj02 =
    position.datum === 'gcj02'
      ? given
      : position.datum === 'bd09'
        ? gcj02FromBd09(given)
        : gcj02FromWgs84(given);
  const [lonDeg, latDeg] =
    datum === 'gcj02' ? gcj02 : datum === 'bd09' ? bd09FromGcj02(gcj02) : wgs84FromGcj02(gcj02);
  return { datum, lonDeg, latDeg };
}

/** A position in CGCS2000, what every grid here takes. @throws {GridError} `position-invalid`. */
export function toCgcs2000(position: DatumPosition): Cgcs2000 {
  return convertDatum(position, 'cgcs2000');
}

function family(datum: Datum): Datum {
  return datum === 'cgcs2000' ? 'wgs84' : datum;
}

function isInChina([lonDeg, latDeg]: LonLat): boolean {
  return lonDeg >= 72.004 && lonDeg <= 137.8347 && latDeg >= 0.8293 && latDeg <= 55.8271;
}

function gcj02FromWgs84(position: LonLat): LonLat {
  return isInChina(position) ? gcj02Offset(position) : position;
}

function wgs84FromGcj02(position: LonLat): LonLat {
  return isInChina(position) ? inverse(gcj02Offset, position) : position;
}

function bd09FromGcj02(position: LonLat): LonLat {
  return isInChina(position) ? bd09Offset(position) : position;
}

function gcj02FromBd09(position: LonLat): LonLat {
  return isInChina(position) ? inverse(bd09Offset, position) : position;
}

function gcj02Offset([lonDeg, latDeg]: LonLat): LonLat {
  const [east, north] = offsetM(lonDeg - 105, latDeg - 35);
  const lat = (latDeg / 180) * Math.PI;
  const magic = 1 - KRASOVSKY_E2 * Math.sin(lat) ** 2;
  const root = Math.sqrt(magic);
  return [
    lonDeg + (east * 180) / ((KRASOVSKY_A / root) * Math.cos(lat) * Math.PI),
    latDeg + (north * 180) / (((KRASOVSKY_A * (1 - KRASOVSKY_E2)) / (magic * root)) * Math.PI),
  ];
}

/** The offset in metres east and north, from degrees east of 105 and north of 35. */
function offsetM(x: number, y: number): LonLat {
  const wave = (t: number, a: number, b: number): number =>
    ((a * Math.sin(t * Math.PI) + b * Math.sin((t * Math.PI) / 3)) * 2) / 3;
  const common = ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
  const root = Math.sqrt(Math.abs(x));
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    common +
    wave(x, 20, 40) +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    common +
    wave(y, 20, 40) +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  return [east, north];
}

function bd09Offset([lonDeg, latDeg]: LonLat): LonLat {
  const radius = Math.hypot(lonDeg, latDeg) + 0.00002 * Math.sin(latDeg * BD_PI);
  const angle = Math.atan2(latDeg, lonDeg) + 0.000003 * Math.cos(lonDeg * BD_PI);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}

/** The position `forward` takes to `wanted`: the offset changes slowly, so subtracting the miss converges in a few steps. */
function inverse(forward: (position: LonLat) => LonLat, wanted: LonLat): LonLat {
  let guess = wanted;
  for (let step = 0; step < INVERSE_STEPS_MAX; step += 1) {
    const [lon, lat] = forward(guess);
    const missLon = lon - wanted[0];
    const missLat = lat - wanted[1];
    guess = [guess[0] - missLon, guess[1] - missLat];
    if (Math.max(Math.abs(missLon), Math.abs(missLat)) < INVERSE_TOLERANCE_DEG) break;
  }
  return guess;
}
