/**
 * How far a tube reaches over a rectangle: exact, in the plane of local metres.
 *
 * A tube is a segment swept by a ball. Over a point of the axis at parameter t the ball rises above a rectangle, at distance D(t) from
 * it, by sqrt(R2 - D(t)2). D is convex, so height + rise is concave: cut t where the axis passes a side of the rectangle, and on
 * each piece D2 is a parabola whose best point has a closed form.
 */

/** A segment in metres: start, step to the end, and one more quantity carried along it (height, or a coordinate). */
export interface Segment {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

/** Closed rectangle in metres; sides may be infinite, or meet. */
export interface Rectangle {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** What is swept along the segment: a ball, whose rise adds to the quantity, or a flat disc, whose does not. */
export type Swept = 'ball' | 'disc';

/** Where the axis passes the lines of the sides, ascending, with both ends: one list, used anew by every call. */
const CUTS = new Float64Array(6);

/** Puts a cut in its place among the first `count`, if it lies on the segment. */
function cutAt(t: number, count: number): number {
  if (!(t > 0 && t < 1)) return count;
  let n = count;
  for (; CUTS[n - 1]! > t; n -= 1) CUTS[n] = CUTS[n - 1]!;
  CUTS[n] = t;
  return count + 1;
}

/**
 * Least and greatest value over a rectangle of `start + t * step`, t in 0..1, with the rise of a ball of `radius` (or of a flat disc).
 * @param out - Takes [least, greatest].
 * @returns False, `out` untouched, when the tube does not meet the rectangle.
 */
export function reachOver(
  segment: Segment,
  start: number,
  step: number,
  radius: number,
  swept: Swept,
  rectangle: Rectangle,
  out: Float64Array,
): boolean {
  const { x, y, dx, dy } = segment;
  const { west, south, east, north } = rectangle;
  CUTS[0] = 0;
  CUTS[1] = 1;
  let count = 2;
  if (dx !== 0) count = cutAt((east - x) / dx, cutAt((west - x) / dx, count));
  if (dy !== 0) count = cutAt((north - y) / dy, cutAt((south - y) / dy, count));
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let n = 1; n < count; n += 1) {
    const from = CUTS[n - 1]!;
    const to = CUTS[n]!;
    // Distances to the nearest side are u0 + t * u1 and v0 + t * v1 on this piece; zero beside the rectangle.
    const middle = (from + to) / 2;
    const px = x + middle * dx;
    const py = y + middle * dy;
    const u0 = px < west ? x - west : px > east ? x - east : 0;
    const u1 = u0 !== 0 || px < west || px > east ? dx : 0;
    const v0 = py < south ? y - south : py > north ? y - north : 0;
    const v1 = v0 !== 0 || py < south || py > north ? dy : 0;
    const square = u1 * u1 + v1 * v1;
    const near = square === 0 ? from : -(u0 * u1 + v0 * v1) / square;
    const perpendicular = square === 0 ? Math.hypot(u0, v0) : Math.abs(u0 * v1 - v0 * u1) / Math.sqrt(square);
    // (R - p)(R + p): what is left of the radius beside the perpendicular distance, without cancelling.
    const left = (radius - perpendicular) * (radius + perpendicular);
    if (left < 0) continue;
    const half = square === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(left / square);
    const low = Math.max(from, near - half);
    const high = Math.min(to, near + half);
    if (low > high) continue;
    let up = step > 0 ? high : low;
    let down = step > 0 ? low : high;
    if (swept === 'ball' && square > 0) {
      const lean = step * Math.sqrt(left / (square * (square + step * step)));
      up = Math.min(high, Math.max(low, near + lean));
      down = Math.min(high, Math.max(low, near - lean));
    }
    // What the ball rises at both: the rest of the radius beside the way along the axis.
    const riseUp = swept === 'disc' ? 0 : Math.sqrt(Math.max(0, left - (up - near) * (up - near) * square));
    const riseDown =
      swept === 'disc' ? 0 : Math.sqrt(Math.max(0, left - (down - near) * (down - near) * square));
    greatest = Math.max(greatest, start + up * step + riseUp);
    least = Math.min(least, start + down * step - riseDown);
  }
  if (least > greatest) return false;
  out[0] = least;
  out[1] = greatest;
  return true;
}
