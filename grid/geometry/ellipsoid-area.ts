/**
 * Areas of GeoJSON geometries on the CGCS2000 ellipsoid. Edges are straight in longitude and latitude, as RFC 7946 §3.1.1 reads them;
 * so a box of meridians and parallels is exactly that, and a long edge is neither a geodesic nor a great circle.
 */
import { ECCENTRICITY_SQUARED, SEMI_MINOR_M } from './ellipsoid.ts';
import type { GridGeometry } from './geometry.ts';
import { geometryParts, type Path } from './geometry-parts.ts';

const RADIANS = Math.PI / 180;

/**
 * Area between the equator and a latitude per radian of longitude, q, as a sine series: q(lat) = sum of a[k] sin((2k + 1) lat).
 * A term is a six-hundredth of the one before, so seven are more than a double holds. From the power series of Snyder's
 * eq. 3-12 in sin(lat) with the powers of a sine written out as sines of multiples.
 */
const SINE_SERIES: readonly number[] = sineSeries(7, 12);

/**
 * Area of a geometry, square metres, >= 0; 0 for points and lines. Holes are taken out; rings may run across the antimeridian, and
 * one that goes once round a pole is closed through it.
 *
 * Rounding: under 1e-14 of the area of the box round each ring, whatever its size and place, since everything is counted from
 * the ring's first position. The coordinates' own rounding (1.4e-14 degree at 100 degrees) weighs more in a parcel of centimetres.
 * @throws {GridError} `geometry-invalid` as `geometryParts`.
 * @example geometryAreaM2({ type: 'Polygon', coordinates: [[[104, 35], [105, 35], [105, 36], [104, 36], [104, 35]]] }) // 10066275204.06
 */
export function geometryAreaM2(geometry: GridGeometry): number {
  let area = 0;
  for (const part of geometryParts(geometry)) {
    if (part.kind !== 'area') continue;
    part.rings.forEach((ring, n) => {
      const size = Math.abs(ringAreaM2(ring));
      area += n === 0 ? size : -size;
    });
  }
  return Math.max(0, area);
}

/**
 * Signed area of one closed ring, square metres: positive counter-clockwise; 0 for fewer than four positions. Nothing is checked.
 * @param ring - `[lon, lat, lon, lat, ...]` degrees, last position the first; longitudes continuous.
 */
export function ringAreaM2(ring: Path): number {
  if (ring.length < 8) return 0;
  const originLat = ring[1]!;
  let sum = 0;
  for (let n = 2; n < ring.length; n += 2) {
    const widthDeg = ring[n]! - ring[n - 2]!;
    if (widthDeg !== 0) sum -= widthDeg * meanRise(originLat, ring[n - 1]!, ring[n + 1]!);
  }
  return sum * RADIANS;
}

/**
 * Mean of q(lat) - q(origin) over latitudes from one to another, square metres per radian. Differences are taken before the sines, so
 * that nothing cancels: sin(n m) sinc(n d) - sin(n o) = 2 cos(n (m + o) / 2) sin(n (m - o) / 2) sinc(n d) + sin(n o) (sinc(n d) - 1),
 * with m the middle and d half the height.
 */
function meanRise(originDeg: number, fromDeg: number, toDeg: number): number {
  const origin = originDeg * RADIANS;
  const rise = ((fromDeg - originDeg + (toDeg - originDeg)) * RADIANS) / 2;
  const half = ((toDeg - fromDeg) * RADIANS) / 2;
  // Of the odd multiples n = 1, 3, 5 ...: f(n + 2) = 2 cos(2 x) f(n) - f(n - 2) for sin(n x) and cos(n x) alike.
  let sinRise = Math.sin(rise / 2);
  let sinRiseBefore = -sinRise;
  const riseFactor = 2 - 4 * sinRise * sinRise;
  let cosMiddle = Math.cos(origin + rise / 2);
  let cosMiddleBefore = cosMiddle;
  const middleFactor = 4 * cosMiddle * cosMiddle - 2;
  let sinOrigin = Math.sin(origin);
  let sinOriginBefore = -sinOrigin;
  const originFactor = 2 - 4 * sinOrigin * sinOrigin;
  let sum = 0;
  for (let k = 0; k < SINE_SERIES.length; k += 1) {
    const drop = sincLess1((2 * k + 1) * half);
    sum += SINE_SERIES[k]! * (2 * cosMiddle * sinRise * (1 + drop) + sinOrigin * drop);
    const nextRise = riseFactor * sinRise - sinRiseBefore;
    sinRiseBefore = sinRise;
    sinRise = nextRise;
    const nextMiddle = middleFactor * cosMiddle - cosMiddleBefore;
    cosMiddleBefore = cosMiddle;
    cosMiddle = nextMiddle;
    const nextOrigin = originFactor * sinOrigin - sinOriginBefore;
    sinOriginBefore = sinOrigin;
    sinOrigin = nextOrigin;
  }
  return sum;
}

/** sin(z) / z - 1. */
function sincLess1(z: number): number {
  const square = z * z;
  if (square > 0.25) return Math.sin(z) / z - 1;
  return (
    (-square / 6) *
    (1 -
      (square / 20) * (1 - (square / 42) * (1 - (square / 72) * (1 - (square / 110) * (1 - square / 156)))))
  );
}

function sineSeries(terms: number, powers: number): readonly number[] {
  const series = new Array<number>(terms).fill(0);
  for (let k = 0; k < powers; k += 1) {
    const power = ((k + 1) / (2 * k + 1)) * ECCENTRICITY_SQUARED ** k * SEMI_MINOR_M * SEMI_MINOR_M;
    for (let j = 0; j <= Math.min(k, terms - 1); j += 1) {
      series[j]! += ((j % 2 === 0 ? 1 : -1) * power * choose(2 * k + 1, k - j)) / 4 ** k;
    }
  }
  return series;
}

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i += 1) product = (product * (n - k + i)) / i;
  return product;
}
