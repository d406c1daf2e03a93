/**
 * The slow judges of Gauss-Krueger, for tests only. Neither knows Krueger's series.
 *
 * `judgeProjection` uses what defines the projection: it is the one conformal map that is the meridian arc on the central meridian. So the
 * isometric latitude q + i lon is turned into a complex latitude by Newton's method, and the arc up to that latitude is integrated along a
 * path in the complex plane.
 *
 * `powerSeriesProjection` is the expansion in powers of the longitude that surveying textbooks print and EPSG Guidance Note 7-2 gives as
 * the USGS formula (Snyder, Map projections, USGS 1395, 8-9 and 8-10); its first term left out is of the seventh power.
 */
type Complex = readonly [re: number, im: number];

const add = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];
const sub = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d];
const mul = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const div = ([a, b]: Complex, [c, d]: Complex): Complex => {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
};
const times = ([a, b]: Complex, k: number): Complex => [a * k, b * k];
const sin = ([a, b]: Complex): Complex => [Math.sin(a) * Math.cosh(b), Math.cos(a) * Math.sinh(b)];
const cos = ([a, b]: Complex): Complex => [Math.cos(a) * Math.cosh(b), -Math.sin(a) * Math.sinh(b)];
const log = ([a, b]: Complex): Complex => [Math.log(Math.hypot(a, b)), Math.atan2(b, a)];
const exp = ([a, b]: Complex): Complex => [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)];
const atanh = (z: Complex): Complex => times(log(div(add([1, 0], z), sub([1, 0], z))), 0.5);

/** Nodes and weights of Gauss and Legendre's rule of 8 points on -1..1: `[node, weight]`, each with both signs. */
const GAUSS = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
] as const;
const PANELS = 16;

/** [eastM, northM] on an ellipsoid, scale 1, from the central meridian and the equator. Radians in. */
export function judgeProjection(
  aM: number,
  f: number,
  lonRad: number,
  latRad: number,
): readonly [eastM: number, northM: number] {
  const e2 = f * (2 - f);
  const e = Math.sqrt(e2);
  const isometric = (lat: Complex): Complex => {
    const s = sin(lat);
    return sub(atanh(s), times(atanh(times(s, e)), e));
  };
  const wanted = add(isometric([latRad, 0]), [0, lonRad]);
  let lat: Complex = [latRad, lonRad * Math.cos(latRad)];
  for (let step = 0; step < 12; step++) {
    const s = sin(lat);
    const slope = div([1 - e2, 0], mul(sub([1, 0], times(mul(s, s), e2)), cos(lat)));
    lat = sub(lat, div(sub(isometric(lat), wanted), slope));
  }
  const curvature = (at: Complex): Complex => {
    const s = sin(at);
    return exp(times(log(sub([1, 0], times(mul(s, s), e2))), -1.5));
  };
  let arc: Complex = [0, 0];
  for (let panel = 0; panel < PANELS; panel++) {
    for (const [node, weight] of GAUSS) {
      for (const side of [-node, node]) {
        arc = add(arc, times(curvature(times(lat, (panel + (1 + side) / 2) / PANELS)), weight));
      }
    }
  }
  const [northM, eastM] = mul(times(arc, (aM * (1 - e2)) / (2 * PANELS)), lat);
  return [eastM, northM];
}

/** As `judgeProjection`, by powers of the longitude up to the sixth. */
export function powerSeriesProjection(
  aM: number,
  f: number,
  lonRad: number,
  latRad: number,
): readonly [eastM: number, northM: number] {
  const e2 = f * (2 - f);
  const ep2 = e2 / (1 - e2);
  const cosine = Math.cos(latRad);
  const nu = aM / Math.sqrt(1 - e2 * Math.sin(latRad) ** 2);
  const t = Math.tan(latRad) ** 2;
  const c = ep2 * cosine ** 2;
  const l = lonRad * cosine;
  const eastM =
    nu * (l + ((1 - t + c) * l ** 3) / 6 + ((5 - 18 * t + t * t + 72 * c - 58 * ep2) * l ** 5) / 120);
  const [, arcM] = judgeProjection(aM, f, 0, latRad);
  const northM =
    arcM +
    nu *
      Math.tan(latRad) *
      (l ** 2 / 2 +
        ((5 - t + 9 * c + 4 * c * c) * l ** 4) / 24 +
        ((61 - 58 * t + t * t + 600 * c - 330 * ep2) * l ** 6) / 720);
  return [eastM, northM];
}
