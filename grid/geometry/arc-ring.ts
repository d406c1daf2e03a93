/**
 * Rings of great-circle arcs on the CGCS2000 ellipsoid: what an H3 cell is, whose edges are great circles in a sphere of geodetic
 * latitudes. Their areas, and what they share with a box of meridians and parallels, in closed form but for a small smooth rest.
 *
 * Nothing is clipped: at each longitude an arc holds the stretch of latitudes below it, so the shared area is the signed sum, over the
 * arcs, of the integral over longitude of q(latitude held between the box's edges) less q(south edge).
 */
import { ECCENTRICITY_SQUARED, rectangleAreaM2, SEMI_MINOR_M } from './ellipsoid.ts';

const RADIANS = Math.PI / 180;
const QUARTER = Math.PI / 2;

type LonLat = readonly [lonDeg: number, latDeg: number];

/** One arc, always read eastwards; lengths in radians but for `lonDeg`. */
interface Arc {
  readonly lonDeg: number;
  readonly width: number;
  readonly fromLat: number;
  readonly toLat: number;
  /** +1 where the ring runs west along it, so that its inside lies below; -1 eastwards. */
  readonly sign: 1 | -1;
  readonly minLat: number;
  readonly maxLat: number;
  /** Where latitude turns, radians east of the start; NaN when it does not. */
  readonly apex: number;
  /** Tangent of `fromLat`, the rise of the tangent, cosine of `fromLat`, sines of the width and its half. */
  readonly tan: number;
  readonly tanRise: number;
  readonly cos: number;
  readonly sinWidth: number;
  readonly sinHalf: number;
}

/** A ring read once, to be asked for its area and what boxes share with it. */
export interface ArcRing {
  readonly arcs: readonly Arc[];
  /** Which pole lies inside: 1 north, -1 south, 0 none. */
  readonly pole: 1 | -1 | 0;
  /** Bounds in degrees; continuous, so `eastDeg` may pass 180. */
  readonly westDeg: number;
  readonly eastDeg: number;
  readonly southDeg: number;
  readonly northDeg: number;
}

/**
 * Reads a ring.
 * @param vertices - `[lon, lat]` degrees, counter-clockwise, not closed, edges shorter than half a circle.
 */
export function arcRing(vertices: readonly LonLat[]): ArcRing {
  const arcs: Arc[] = [];
  let lon = vertices[0]![0];
  let [westDeg, eastDeg, south, north] = [lon, lon, Infinity, -Infinity];
  let turned = 0;
  for (let n = 0; n < vertices.length; n += 1) {
    const [fromLon, fromLat] = vertices[n]!;
    const [toLon, toLat] = vertices[n + 1 === vertices.length ? 0 : n + 1]!;
    const step = shortStep(toLon - fromLon);
    const next = step === toLon - fromLon && lon === fromLon ? toLon : lon + step;
    turned += step;
    const arc =
      step > 0
        ? makeArc(lon, step, fromLat * RADIANS, toLat * RADIANS, -1)
        : makeArc(next, -step, toLat * RADIANS, fromLat * RADIANS, 1);
    arcs.push(arc);
    south = Math.min(south, arc.minLat);
    north = Math.max(north, arc.maxLat);
    westDeg = Math.min(westDeg, lon);
    eastDeg = Math.max(eastDeg, lon);
    lon = next;
  }
  const pole = Math.abs(turned) < 180 ? 0 : turned > 0 ? 1 : -1;
  if (pole !== 0) {
    westDeg = Math.min(westDeg, lon);
    eastDeg = Math.max(eastDeg, lon);
  }
  return {
    arcs,
    pole,
    westDeg,
    eastDeg,
    southDeg: pole === -1 ? -90 : south / RADIANS,
    northDeg: pole === 1 ? 90 : north / RADIANS,
  };
}

/**
 * Area of a ring of arcs in square metres. Rounding: about 1e-16 / (edge in radians) of it, as that of its vertices' own degrees: 1e-12
 * for edges of a kilometre, 1e-8 for half a metre.
 * @param vertices - As in `arcRing`.
 */
export function arcAreaM2(vertices: readonly LonLat[]): number {
  const originDeg = vertices[0]![1];
  const origin = originDeg * RADIANS;
  let area = 0;
  let turned = 0;
  let [fromLon, fromLat] = vertices[vertices.length - 1]!;
  for (const [toLon, toLat] of vertices) {
    const step = shortStep(toLon - fromLon);
    area -= riseUnderArc(fromLat * RADIANS, toLat * RADIANS, step * RADIANS, origin);
    turned += step;
    fromLon = toLon;
    fromLat = toLat;
  }
  if (Math.abs(turned) < 180) return area;
  const cap =
    turned > 0 ? rectangleAreaM2(360, originDeg, 90 - originDeg) : rectangleAreaM2(360, -90, originDeg + 90);
  return area + cap;
}

/**
 * Area a ring shares with a box of meridians and parallels, square metres, >= 0. Longitudes of either may pass 180; the box is at most 360
 * degrees wide. Rounding as `arcAreaM2`, with the shorter edge of the two.
 */
export function sharedAreaM2(
  ring: ArcRing,
  west: number,
  south: number,
  east: number,
  north: number,
): number {
  if (ring.southDeg >= north || ring.northDeg <= south) return 0;
  // Counted from where the ring begins: from far below, a small ring would be a difference of great areas.
  const base = Math.max(south, ring.southDeg);
  const column = rectangleAreaM2(1, base, north - base) / RADIANS;
  const band: Band = { low: base * RADIANS, high: north * RADIANS, column };
  let area = 0;
  let met = false;
  // Two turns: a ring round the south pole runs west, from -180 down to -540, and a box may begin at 180.
  for (let turn = -720; turn <= 720; turn += 360) {
    if (west + turn >= ring.eastDeg || east + turn <= ring.westDeg) continue;
    met = true;
    for (const arc of ring.arcs) {
      const from = Math.max(0, (west + turn - arc.lonDeg) * RADIANS);
      const to = Math.min(arc.width, (east + turn - arc.lonDeg) * RADIANS);
      if (from >= to || arc.maxLat <= band.low) continue;
      if (arc.minLat >= band.high) area += arc.sign * column * (to - from);
      else area += arc.sign * heldUnderArc(arc, from, to, band);
    }
  }
  if (met && ring.pole === 1) area += column * (east - west) * RADIANS;
  return Math.max(0, area);
}

/** The parallels of a box in radians, and what lies between them per radian of longitude, square metres. */
interface Band {
  readonly low: number;
  readonly high: number;
  readonly column: number;
}

function makeArc(lonDeg: number, widthDeg: number, fromLat: number, toLat: number, sign: 1 | -1): Arc {
  const width = widthDeg * RADIANS;
  const sinHalf = Math.sin(width / 2);
  const sinWidth = Math.sin(width);
  const tan = Math.tan(fromLat);
  const cos = Math.cos(fromLat);
  const tanRise = Math.sin(toLat - fromLat) / (cos * Math.cos(toLat));
  let apex = Math.atan2(tanRise + 2 * tan * sinHalf * sinHalf, tan * sinWidth);
  if (apex < 0) apex += Math.PI;
  if (!(apex > 0 && apex < width)) apex = Number.NaN;
  const minLat = Math.min(fromLat, toLat);
  const maxLat = Math.max(fromLat, toLat);
  const arc = {
    lonDeg,
    width,
    fromLat,
    toLat,
    sign,
    minLat,
    maxLat,
    apex,
    tan,
    tanRise,
    cos,
    sinWidth,
    sinHalf,
  };
  if (apex > 0) {
    const turningLat = latOnArc(arc, apex);
    arc.minLat = Math.min(minLat, turningLat);
    arc.maxLat = Math.max(maxLat, turningLat);
  }
  return arc;
}

/** Latitude `t` radians of longitude east of the start: tan(lat) is a sine of longitude, taken as a rise from the start. */
function latOnArc(arc: Arc, t: number): number {
  if (t <= 0) return arc.fromLat;
  if (t >= arc.width) return arc.toLat;
  const bend = 2 * arc.tan * arc.sinHalf * Math.sin((arc.width - t) / 2);
  const rise = (2 * Math.sin(t / 2) * (arc.tanRise * Math.cos(t / 2) + bend)) / arc.sinWidth;
  return arc.fromLat + Math.atan2(rise, 1 + arc.tan * (arc.tan + rise));
}

/** Integral over `from..to` of q(latitude held between the box's edges) - q(its south edge), square metres. */
function heldUnderArc(arc: Arc, from: number, to: number, box: Band): number {
  const { low, high, column } = box;
  const first = latOnArc(arc, from);
  const last = latOnArc(arc, to);
  if (!(arc.apex > from && arc.apex < to)) {
    // The common cases, where the arc only rises or only falls.
    if (first >= high && last >= high) return column * (to - from);
    if (first <= low && last <= low) return 0;
    if (first >= low && last >= low && first <= high && last <= high)
      return riseUnderArc(first, last, to - from, low);
  }
  const cuts = [from, ...crossings(arc, low, from, to), ...crossings(arc, high, from, to), to];
  cuts.sort((a, b) => a - b);
  let held = 0;
  for (let n = 1; n < cuts.length; n += 1) {
    const [start, end] = [cuts[n - 1]!, cuts[n]!];
    if (!(end > start)) continue;
    // Two places, as one may be where the arc just touches the parallel.
    const one = latOnArc(arc, start + 0.3 * (end - start));
    const other = latOnArc(arc, start + 0.7 * (end - start));
    if (one <= low && other <= low) continue;
    if (one >= high && other >= high) held += column * (end - start);
    else held += riseUnderArc(latOnArc(arc, start), latOnArc(arc, end), end - start, low);
  }
  return held;
}

/** Where an arc meets a parallel, radians east of its start, between two such: none, one or two. */
function crossings(arc: Arc, lat: number, from: number, to: number): readonly number[] {
  if (lat <= arc.minLat || lat >= arc.maxLat) return [];
  // tan(lat) sin(width) = tan(from) sin(width - t) + tan(to) sin(t), with h = tan(t / 2): a quadratic solved without cancelling.
  const rise = (Math.sin(lat - arc.fromLat) / (Math.cos(lat) * arc.cos)) * arc.sinWidth;
  const slope = arc.tanRise + 2 * arc.tan * arc.sinHalf * arc.sinHalf;
  const square = rise + 2 * arc.tan * arc.sinWidth;
  const root = Math.sqrt(Math.max(0, slope * slope - rise * square));
  const sum = slope + (slope < 0 ? -root : root);
  const found = [2 * Math.atan(rise / sum), 2 * Math.atan(sum / square)];
  return found.filter((t) => t > from && t < to);
}

/** q at the pole is b2 x this; q(lat) = b2 (Q_POLE s - (1 - s2) s P(s2)), s = sin(lat): Snyder's eq. 3-12 as a power series. */
const SERIES: readonly number[] = Array.from(
  { length: 8 },
  (_, k) => ((k + 1) / (2 * k + 1)) * ECCENTRICITY_SQUARED ** k,
);
const Q_POLE = SERIES.reduceRight((sum, term) => sum + term, 0);
/** Coefficients of P: each is the sum of the terms above it. */
const P: readonly number[] = SERIES.slice(1).map((_, j) =>
  SERIES.slice(j + 1).reduceRight((sum, term) => sum + term, 0),
);
const B2 = SEMI_MINOR_M * SEMI_MINOR_M;

/** s P(s2). */
function odd(s: number): number {
  const u = s * s;
  return s * (P[0]! + u * (P[1]! + u * (P[2]! + u * (P[3]! + u * (P[4]! + u * (P[5]! + u * P[6]!))))));
}

/** Nodes and weights of Gauss and Legendre with four points, on 0..1; symmetrical about the middle. */
const NODES = [0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263] as const;
const WEIGHTS = [0.17392742256872692, 0.32607257743127305] as const;

/**
 * Integral over longitude of q(lat) - q(origin) under an arc, square metres. The sphere's part is exact; the rest, a
 * hundredth, is a smooth integral along the arc, as (1 - s2) d(lon) = cos(inclination) d(arc).
 */
function riseUnderArc(fromLat: number, toLat: number, width: number, origin: number): number {
  const half = Math.sin(width / 2);
  const halfRise = (toLat - fromLat) / 2;
  const cosines = Math.cos(fromLat) * Math.cos(toLat);
  const length = 2 * Math.asin(Math.min(1, Math.sqrt(Math.sin(halfRise) ** 2 + cosines * half * half)));
  if (length === 0) return 0;
  const perSine = 1 / Math.sin(length);
  const sinFrom = Math.sin(fromLat) * perSine;
  const sinTo = Math.sin(toLat) * perSine;
  const [s0, s1, s2, s3] = [
    Math.sin(NODES[0] * length),
    Math.sin(NODES[1] * length),
    Math.sin(NODES[2] * length),
    Math.sin(NODES[3] * length),
  ];
  let rest =
    WEIGHTS[0] * (odd(sinFrom * s3 + sinTo * s0) + odd(sinFrom * s0 + sinTo * s3)) +
    WEIGHTS[1] * (odd(sinFrom * s2 + sinTo * s1) + odd(sinFrom * s1 + sinTo * s2));
  rest *= cosines * Math.sin(width) * perSine * length;
  const level = Math.sin(origin);
  const sphere = sphereRise(fromLat, toLat, width, origin);
  return B2 * (Q_POLE * sphere - (rest - width * (1 - level * level) * odd(level)));
}

/** From here on towards a pole, radians, areas are counted from it: counted from the equator a cell at the pole would drown in rounding. */
const NEAR_POLE = 1;

/** Integral over longitude of sin(lat) - sin(origin) under an arc: spherical excess down to the equator, or up to the pole. */
function sphereRise(fromLat: number, toLat: number, width: number, origin: number): number {
  if (fromLat * toLat > 0 && Math.abs(fromLat) > NEAR_POLE && Math.abs(toLat) > NEAR_POLE) {
    const side = fromLat < 0 ? -1 : 1;
    const product = Math.tan((QUARTER - Math.abs(fromLat)) / 2) * Math.tan((QUARTER - Math.abs(toLat)) / 2);
    const cap = 2 * Math.atan2(product * Math.sin(width), 1 + product * Math.cos(width));
    return side * (2 * width * Math.sin((QUARTER - side * origin) / 2) ** 2 - cap);
  }
  const [half, halfRise] = [width / 2, (toLat - fromLat) / 2];
  const tangent = Math.sin(half) * Math.sin((fromLat + toLat) / 2);
  return 2 * Math.atan2(tangent, Math.cos(half) * Math.cos(halfRise)) - width * Math.sin(origin);
}

function shortStep(stepDeg: number): number {
  return stepDeg - 360 * Math.round(stepDeg / 360);
}
