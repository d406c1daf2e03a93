import type { GridGeometry } from '../../../grid/index.ts';
import { distanceM, type LonLat, pathBoundM } from './geodesic.ts';
import { insideRings, type Path, pathsOf, shapeOf } from './paths.ts';

/** Longest piece of an edge that is searched as one, degrees: on it the distance has one least value. */
const PIECE_DEG = 0.5;
/** The golden section, and rounds of it: 0.5 degrees narrow down to below a micrometre. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const ROUNDS = 44;

/**
 * Distance from a position to the nearest position of a geometry, metres along the geodesic; 0 inside an area or on it.
 * Edges are straight in longitude and latitude, as GeoJSON has them.
 *
 * @param beyondM - What is farther need not be measured: any greater number may be the answer then. Default: measure.
 * @returns Infinity for an empty geometry.
 */
export function distanceToGeometryM(
  from: LonLat,
  geometry: GridGeometry,
  beyondM: number = Number.POSITIVE_INFINITY,
): number {
  const shape = shapeOf(geometry, from[0]);
  if (shape.areas.some((rings) => insideRings(rings, from[0], from[1]))) return 0;
  let best = Number.POSITIVE_INFINITY;
  for (const path of pathsOf(shape))
    best = Math.min(best, distanceToPathM(from, path, Math.min(best, beyondM)));
  return best;
}

function distanceToPathM(from: LonLat, path: Path, beyondM: number): number {
  let a: LonLat = [path[0]!, path[1]!];
  let fromA = distanceM(from, a);
  let best = fromA;
  for (let n = 2; n < path.length; n += 2) {
    const end: LonLat = [path[n]!, path[n + 1]!];
    const pieces = Math.ceil(Math.max(Math.abs(end[0] - a[0]), Math.abs(end[1] - a[1])) / PIECE_DEG);
    const start = a;
    for (let k = 1; k <= pieces; k++) {
      const b = k === pieces ? end : between(start, end, k / pieces);
      const fromB = distanceM(from, b);
      best = Math.min(best, fromB);
      // By the triangle's inequality nothing of the piece is nearer than this.
      const atLeast = (fromA + fromB - pathBoundM(a, b)) / 2;
      if (atLeast < Math.min(best, beyondM)) best = Math.min(best, leastOn(from, a, b));
      [a, fromA] = [b, fromB];
    }
  }
  return best;
}

/** Least distance to a piece, by golden section. */
function leastOn(from: LonLat, a: LonLat, b: LonLat): number {
  const at = (t: number) => distanceM(from, between(a, b, t));
  let [low, high] = [0, 1];
  let [left, right] = [high - GOLDEN, GOLDEN];
  let [atLeft, atRight] = [at(left), at(right)];
  for (let round = 0; round < ROUNDS; round++) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = at(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = at(right);
    }
  }
  return Math.min(atLeft, atRight);
}

function between(a: LonLat, b: LonLat, t: number): LonLat {
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}
