/**
 * Transverse Mercator by Krueger's series to the sixth power of the third flattening: the projection under every Gauss-Krueger zone.
 *
 * The projection is scale 1 on the central meridian. Within 3.5 degrees of it the terms left out stay under a nanometre; what is
 * seen is the rounding of doubles. Inside the batch loops nothing is allocated: results go to a pair of doubles that is handed in.
 *
 * @source C. F. F. Karney, Transverse Mercator with an accuracy of a few nanometers, J. Geodesy 85 (2011) 475-485, equations 7 to 11,
 * 14, 35 and 36, after L. Krueger (1912).
 */

/** The series of one ellipsoid. */
export interface Krueger {
  /** Square of the eccentricity, and the eccentricity. */
  readonly e2: number;
  readonly e: number;
  /** Radius of the rectifying sphere, metres: the quarter meridian is `radiusM` * pi/2. */
  readonly radiusM: number;
  /** From the conformal sphere to the plane, and back; terms 1..6, index 0 unused. */
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
}

/** Newton steps for the latitude; two bring it to the last bit at any latitude. */
const LATITUDE_STEPS_MAX = 5;
const LATITUDE_TOLERANCE = 1e-15;
/** Terms of the series. */
const ORDER = 6;

/** Numerators and denominators of equation 35: rows of powers of n, beginning with n^row. */
const ALPHA: readonly (readonly number[])[] = [
  [1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37_800],
  [13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1_983_433 / 1_935_360],
  [61 / 240, -103 / 140, 15_061 / 26_880, 167_603 / 181_440],
  [49_561 / 161_280, -179 / 168, 6_601_661 / 7_257_600],
  [34_729 / 80_640, -3_418_889 / 1_995_840],
  [212_378_941 / 319_334_400],
];
/** Equation 36. */
const BETA: readonly (readonly number[])[] = [
  [1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96_199 / 604_800],
  [1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1_118_711 / 3_870_720],
  [17 / 480, -37 / 840, -209 / 4480, 5569 / 90_720],
  [4397 / 161_280, -11 / 504, -830_251 / 7_257_600],
  [4583 / 161_280, -108_847 / 3_991_680],
  [20_648_693 / 638_668_800],
];

/** The series of an ellipsoid with the semi-major axis `aM` in metres and the flattening `f`. */
export function kruegerSeries(aM: number, f: number): Krueger {
  const n = f / (2 - f);
  const n2 = n * n;
  const e2 = f * (2 - f);
  return {
    e2,
    e: Math.sqrt(e2),
    radiusM: (aM / (1 + n)) * (1 + n2 / 4 + n2 ** 2 / 64 + n2 ** 3 / 256),
    alpha: termsOf(ALPHA, n),
    beta: termsOf(BETA, n),
  };
}

function termsOf(rows: readonly (readonly number[])[], n: number): Float64Array {
  const terms = new Float64Array(ORDER + 1);
  rows.forEach((row, i) => {
    terms[i + 1] = row.reduceRight((sum, coefficient) => sum * n + coefficient, 0) * n ** (i + 1);
  });
  return terms;
}

/**
 * Metres east of the central meridian and north of the equator.
 *
 * @param lonRad - From the central meridian, radians; within a quarter turn.
 * @param latRad - Radians.
 * @param out - Gets [eastM, northM].
 */
export function projectInto(series: Krueger, lonRad: number, latRad: number, out: Float64Array): void {
  const cosLon = Math.cos(lonRad);
  const conformal = conformalTangent(series, Math.tan(latRad));
  const xi = Math.atan2(conformal, cosLon);
  const eta = Math.asinh(Math.sin(lonRad) / Math.sqrt(conformal * conformal + cosLon * cosLon));
  addSeries(series.alpha, xi, eta, 1, out);
  out[0]! *= series.radiusM;
  out[1]! *= series.radiusM;
}

/**
 * The inverse of `projectInto`.
 *
 * @param eastM - Metres from the central meridian.
 * @param northM - Metres from the equator.
 * @param out - Gets [lonRad, latRad], longitude from the central meridian.
 */
export function unprojectInto(series: Krueger, eastM: number, northM: number, out: Float64Array): void {
  addSeries(series.beta, northM / series.radiusM, eastM / series.radiusM, -1, out);
  const sinhEta = Math.sinh(out[0]!);
  const sinXi = Math.sin(out[1]!);
  const cosXi = Math.cos(out[1]!);
  out[0] = Math.atan2(sinhEta, cosXi);
  out[1] = Math.atan(geodeticTangent(series, sinXi / Math.sqrt(sinhEta * sinhEta + cosXi * cosXi)));
}

/** Tangent of the conformal latitude from that of the geodetic one (equations 7 to 9). */
function conformalTangent({ e }: Krueger, tangent: number): number {
  const secant = Math.sqrt(1 + tangent * tangent);
  const sigma = Math.sinh(e * Math.atanh((e * tangent) / secant));
  return tangent * Math.sqrt(1 + sigma * sigma) - sigma * secant;
}

/** The inverse, by Newton's method (equations 19 to 21). */
function geodeticTangent(series: Krueger, conformal: number): number {
  const { e2 } = series;
  let tangent = conformal / (1 - e2);
  for (let step = 0; step < LATITUDE_STEPS_MAX; step++) {
    const reached = conformalTangent(series, tangent);
    const square = 1 + tangent * tangent;
    const change =
      ((conformal - reached) * (1 + (1 - e2) * tangent * tangent)) /
      ((1 - e2) * Math.sqrt(square * (1 + reached * reached)));
    tangent += change;
    if (Math.abs(change) < LATITUDE_TOLERANCE * square) break;
  }
  return tangent;
}

/**
 * `zeta + sign * sum of terms[j] * sin(2 j zeta)` for the complex zeta = xi + i eta, by Clenshaw's recurrence.
 * Puts [imaginary part, real part] into `out`: east before north.
 */
function addSeries(terms: Float64Array, xi: number, eta: number, sign: number, out: Float64Array): void {
  const sin = Math.sin(2 * xi);
  const cos = Math.cos(2 * xi);
  const sinh = Math.sinh(2 * eta);
  const cosh = Math.cosh(2 * eta);
  // 2 cos(2 zeta)
  const re = 2 * cos * cosh;
  const im = -2 * sin * sinh;
  let thisRe = 0;
  let thisIm = 0;
  let lastRe = 0;
  let lastIm = 0;
  for (let j = ORDER; j > 0; j--) {
    const nextRe = re * thisRe - im * thisIm - lastRe + terms[j]!;
    const nextIm = re * thisIm + im * thisRe - lastIm;
    lastRe = thisRe;
    lastIm = thisIm;
    thisRe = nextRe;
    thisIm = nextIm;
  }
  // times sin(2 zeta)
  const sinRe = sin * cosh;
  const sinIm = cos * sinh;
  out[0] = eta + sign * (sinRe * thisIm + sinIm * thisRe);
  out[1] = xi + sign * (sinRe * thisRe - sinIm * thisIm);
}
