/** Geodesics on the CGCS2000 ellipsoid: how far two positions are from one another, and where a bearing leads. */

export type LonLat = readonly [lonDeg: number, latDeg: number];

/** Semi-major axis, metres, and flattening. @source GB 22021-2008; GRS80. */
const A = 6_378_137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
/** Second eccentricity squared. */
const EP2 = (A * A - B * B) / (B * B);
const DEGREE = Math.PI / 180;
/** Change of the longitude on the sphere, radians, below which the iteration is done: 0.006 mm on the ground. */
const DONE = 1e-12;
const MAX_ROUNDS = 200;

/**
 * Length of the geodesic between two positions, metres. Within 0.1 mm up to some thousand km; beyond, within 1 mm, except
 * for positions that are nearly opposite on the globe, where the iteration does not settle.
 *
 * @returns NaN for positions nearly opposite, and for what is no position.
 * @source T. Vincenty, Survey Review 23 (1975) 88-93, inverse formula. Vectors: `vectors/geodesics.csv`.
 */
export function distanceM([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const lon = shortTurn(lonB - lonA) * DEGREE;
  // Reduced latitudes.
  const uA = Math.atan((1 - F) * Math.tan(latA * DEGREE));
  const uB = Math.atan((1 - F) * Math.tan(latB * DEGREE));
  const [sinA, cosA, sinB, cosB] = [Math.sin(uA), Math.cos(uA), Math.sin(uB), Math.cos(uB)];
  let lambda = lon;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(cosB * sinL, cosA * sinB - sinA * cosB * cosL);
    if (sinSigma === 0) return 0;
    const cosSigma = sinA * sinB + cosA * cosB * cosL;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cosA * cosB * sinL) / sinSigma;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    // Along the equator there is no such angle.
    const cos2M = cos2Alpha < 1e-15 ? 0 : cosSigma - (2 * sinA * sinB) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda =
      lon +
      (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2M + c * cosSigma * (2 * cos2M * cos2M - 1)));
    if (Math.abs(lambda - before) > DONE) continue;
    const [big, small] = series(cos2Alpha);
    return B * big * (sigma - deltaSigma(small, sinSigma, cosSigma, cos2M));
  }
  return Number.NaN;
}

/**
 * Where one comes to, going so many metres from a position along the geodesic that sets out in a direction.
 *
 * @param bearingDeg - Clockwise from north.
 * @returns Longitude -180..180.
 * @source T. Vincenty, Survey Review 23 (1975) 88-93, direct formula.
 */
export function destination([lonDeg, latDeg]: LonLat, bearingDeg: number, metres: number): LonLat {
  const [sinBearing, cosBearing] = [Math.sin(bearingDeg * DEGREE), Math.cos(bearingDeg * DEGREE)];
  const u = Math.atan((1 - F) * Math.tan(latDeg * DEGREE));
  const [sinU, cosU] = [Math.sin(u), Math.cos(u)];
  const sigma1 = Math.atan2(Math.tan(u), cosBearing);
  const sinAlpha = cosU * sinBearing;
  const cos2Alpha = 1 - sinAlpha * sinAlpha;
  const [big, small] = series(cos2Alpha);
  let sigma = metres / (B * big);
  let cos2M = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    cos2M = Math.cos(2 * sigma1 + sigma);
    const before = sigma;
    sigma = metres / (B * big) + deltaSigma(small, Math.sin(sigma), Math.cos(sigma), cos2M);
    if (Math.abs(sigma - before) < DONE) break;
  }
  const [sinSigma, cosSigma] = [Math.sin(sigma), Math.cos(sigma)];
  const x = sinU * sinSigma - cosU * cosSigma * cosBearing;
  const lat = Math.atan2(sinU * cosSigma + cosU * sinSigma * cosBearing, (1 - F) * Math.hypot(sinAlpha, x));
  const lambda = Math.atan2(sinSigma * sinBearing, cosU * cosSigma - sinU * sinSigma * cosBearing);
  const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
  const lon =
    lambda -
    (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2M + c * cosSigma * (2 * cos2M * cos2M - 1)));
  return [shortTurn(lonDeg + lon / DEGREE), lat / DEGREE];
}

/**
 * A length that no straight line in longitude and latitude between two positions passes, metres: for leaving out, without
 * measuring, what is surely too far.
 */
export function pathBoundM([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const nearest = latA * latB <= 0 ? 0 : Math.min(Math.abs(latA), Math.abs(latB));
  // The radius of a parallel falls, and that of the meridian grows, from the equator to the poles.
  const parallel = A * Math.cos(Math.atan((1 - F) * Math.tan(nearest * DEGREE)));
  const meridian = (A * A) / B;
  return Math.hypot((lonB - lonA) * DEGREE * parallel, (latB - latA) * DEGREE * meridian);
}

/** An angle brought into -180..180 degrees. */
export function shortTurn(degrees: number): number {
  return degrees >= -180 && degrees <= 180 ? degrees : degrees - 360 * Math.round(degrees / 360);
}

/** Vincenty's A and B. */
function series(cos2Alpha: number): readonly [number, number] {
  const u2 = cos2Alpha * EP2;
  return [
    1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))),
    (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2))),
  ];
}

function deltaSigma(small: number, sinSigma: number, cosSigma: number, cos2M: number): number {
  return (
    small *
    sinSigma *
    (cos2M +
      (small / 4) *
        (cosSigma * (2 * cos2M * cos2M - 1) -
          (small / 6) * cos2M * (4 * sinSigma * sinSigma - 3) * (4 * cos2M * cos2M - 3)))
  );
}
