/**
 * The offsets of GCJ-02 and BD-09 and their inverses, on a pair of doubles: nothing is allocated for a position.
 *
 * Every function takes a pair `[lonDeg, latDeg]` and changes it in place. Outside the box of `isInChina` nothing is moved.
 */

/** Krasovsky 1940, which the GCJ-02 formula uses. */
const KRASOVSKY_A = 6_378_245;
const KRASOVSKY_E2 = 0.006_693_421_622_965_943;
/** Bound of one inverse step, degrees. */
const INVERSE_TOLERANCE_DEG = 1e-11;
const INVERSE_STEPS_MAX = 30;
const BD_PI = (Math.PI * 3000) / 180;

type Shift = (position: Float64Array) => void;

/** The box in which the public implementations move positions. */
export function isInChina(lonDeg: number, latDeg: number): boolean {
  return lonDeg >= 72.004 && lonDeg <= 137.8347 && latDeg >= 0.8293 && latDeg <= 55.8271;
}

export function gcj02FromWgs84(position: Float64Array): void {
  if (isInChina(position[0]!, position[1]!)) gcj02Offset(position);
}

export function wgs84FromGcj02(position: Float64Array): void {
  if (isInChina(position[0]!, position[1]!)) invert(gcj02Offset, position);
}

export function bd09FromGcj02(position: Float64Array): void {
  if (isInChina(position[0]!, position[1]!)) bd09Offset(position);
}

export function gcj02FromBd09(position: Float64Array): void {
  if (isInChina(position[0]!, position[1]!)) invert(bd09Offset, position);
}

function gcj02Offset(position: Float64Array): void {
  const lonDeg = position[0]!;
  const latDeg = position[1]!;
  const x = lonDeg - 105;
  const y = latDeg - 35;
  const common = ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
  const root = Math.sqrt(Math.abs(x));
  const eastM =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    common +
    wave(x, 20, 40) +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const northM =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    common +
    wave(y, 20, 40) +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const lat = (latDeg / 180) * Math.PI;
  const magic = 1 - KRASOVSKY_E2 * Math.sin(lat) ** 2;
  const rootMagic = Math.sqrt(magic);
  position[0] = lonDeg + (eastM * 180) / ((KRASOVSKY_A / rootMagic) * Math.cos(lat) * Math.PI);
  position[1] =
    latDeg + (northM * 180) / (((KRASOVSKY_A * (1 - KRASOVSKY_E2)) / (magic * rootMagic)) * Math.PI);
}

function wave(t: number, a: number, b: number): number {
  return ((a * Math.sin(t * Math.PI) + b * Math.sin((t * Math.PI) / 3)) * 2) / 3;
}

function bd09Offset(position: Float64Array): void {
  const lonDeg = position[0]!;
  const latDeg = position[1]!;
  const radius = Math.hypot(lonDeg, latDeg) + 0.00002 * Math.sin(latDeg * BD_PI);
  const angle = Math.atan2(latDeg, lonDeg) + 0.000003 * Math.cos(lonDeg * BD_PI);
  position[0] = radius * Math.cos(angle) + 0.0065;
  position[1] = radius * Math.sin(angle) + 0.006;
}

/** Work pair of `invert`: it does not call itself. */
const reached = new Float64Array(2);

/** To the position that `forward` takes here: the offset changes slowly, so subtracting the miss converges in a few steps. */
function invert(forward: Shift, position: Float64Array): void {
  const wantedLon = position[0]!;
  const wantedLat = position[1]!;
  for (let step = 0; step < INVERSE_STEPS_MAX; step++) {
    reached[0] = position[0]!;
    reached[1] = position[1]!;
    forward(reached);
    const missLon = reached[0] - wantedLon;
    const missLat = reached[1] - wantedLat;
    position[0]! -= missLon;
    position[1]! -= missLat;
    if (Math.max(Math.abs(missLon), Math.abs(missLat)) < INVERSE_TOLERANCE_DEG) break;
  }
}
