/**
 * Sine and cosine of positions in degrees, by whole degrees and a short series: exact to about 2e-16, and several times faster
 * than `Math.sin` of radians. The kernels read the tables themselves, as a function cannot return two numbers for nothing.
 */

/** Sine and cosine of -180..180 whole degrees, at `degree + 180`. */
export const SIN_OF_DEGREE = new Float64Array(361);
export const COS_OF_DEGREE = new Float64Array(361);
export const RADIANS = Math.PI / 180;

for (let degree = -180; degree <= 180; degree += 1) {
  SIN_OF_DEGREE[degree + 180] = sinOfDegree(degree);
  COS_OF_DEGREE[degree + 180] = sinOfDegree(90 - degree);
}

/** Of whole degrees, brought to 0..45 first, where `Math.sin` and `Math.cos` see next to no rounding of their argument. */
function sinOfDegree(degree: number): number {
  const turn = ((degree % 360) + 360) % 360;
  if (turn >= 180) return -sinOfDegree(turn - 180) + 0;
  const acute = turn > 90 ? 180 - turn : turn;
  return acute <= 45 ? Math.sin(acute * RADIANS) : Math.cos((90 - acute) * RADIANS);
}

/**
 * Less than half a degree (0.00873 rad) the next term of either series is below 1e-18 of one.
 * sine = x * (1 + x2 * (SIN_3 + x2 * SIN_5)), cosine - 1 = x2 * (-0.5 + x2 * (COS_4 + x2 * COS_6)).
 */
export const SIN_3 = -1 / 6;
export const SIN_5 = 1 / 120;
export const COS_4 = 1 / 24;
export const COS_6 = -1 / 720;
