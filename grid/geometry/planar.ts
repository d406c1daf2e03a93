/** Plain plane geometry on paths of longitude and latitude: inside tests, clipping, distances. */
import type { Path } from './geometry-parts.ts';

/** Inside by the even-odd rule over all rings. On an edge the answer may be either. */
export function insideRings(rings: readonly Path[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let n = 2; n < ring.length; n += 2) {
      const ay = ring[n - 1]!;
      const by = ring[n + 1]!;
      if (ay <= y === by <= y) continue;
      const ax = ring[n - 2]!;
      if (ax + ((y - ay) * (ring[n]! - ax)) / (by - ay) > x) inside = !inside;
    }
  }
  return inside;
}

/** Distance from a point to a segment, in the coordinates' own unit. */
export function distanceToSegment(
  x: number,
  y: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): number {
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  const t = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Does a segment meet a closed box? (Liang-Barsky clipping.) */
export function segmentMeetsBox(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  west: number,
  south: number,
  east: number,
  north: number,
): boolean {
  let from = 0;
  let to = 1;
  const dx = bx - ax;
  const dy = by - ay;
  const cuts = [-dx, ax - west, dx, east - ax, -dy, ay - south, dy, north - ay];
  for (let n = 0; n < 8; n += 2) {
    const p = cuts[n]!;
    const q = cuts[n + 1]!;
    if (p === 0) {
      if (q < 0) return false;
    } else if (p < 0) from = Math.max(from, q / p);
    else to = Math.min(to, q / p);
  }
  return from <= to;
}

/** Do two segments share a point? */
export function segmentsMeet(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  const side = (px: number, py: number, qx: number, qy: number, rx: number, ry: number): number =>
    (qx - px) * (ry - py) - (qy - py) * (rx - px);
  const s1 = side(ax, ay, bx, by, cx, cy);
  const s2 = side(ax, ay, bx, by, dx, dy);
  const s3 = side(cx, cy, dx, dy, ax, ay);
  const s4 = side(cx, cy, dx, dy, bx, by);
  if (s1 > 0 === s2 > 0 && s1 !== 0 && s2 !== 0) return false;
  if (s3 > 0 === s4 > 0 && s3 !== 0 && s4 !== 0) return false;
  return (
    Math.max(Math.min(ax, bx), Math.min(cx, dx)) <= Math.min(Math.max(ax, bx), Math.max(cx, dx)) &&
    Math.max(Math.min(ay, by), Math.min(cy, dy)) <= Math.min(Math.max(ay, by), Math.max(cy, dy))
  );
}
