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
  const cuts = [0, 1];
  if (dx !== 0) cuts.push((west - x) / dx, (east - x) / dx);
  if (dy !== 0) cuts.push((south - y) / dy, (north - y) / dy);
  cuts.sort((a, b) => a - b);
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let n = 1; n < cuts.length; n += 1) {
    const from = Math.max(0, cuts[n - 1]!);
    const to = Math.min(1, cuts[n]!);
    if (!(from <= to)) continue;
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
    const rise = (t: number): number => {
      if (swept === 'disc') return 0;
      const beside = (t - near) * (t - near) * square;
      return Math.sqrt(Math.max(0, left - beside));
    };
    greatest = Math.max(greatest, start + up * step + rise(up));
    least = Math.min(least, start + down * step - rise(down));
  }
  if (least > greatest) return false;
  out[0] = least;
  out[1] = greatest;
  return true;
}
