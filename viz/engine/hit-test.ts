/**
 * What lies under the pointer, on the CPU: marks are few and zones are found by encoding the position, so no GPU read-back
 * holds up a frame and no click is lost while one is slow.
 */

/** Web Mercator in units of 512-pixel tiles at zoom 0, as the map uses it. */
export function mercator(lon: number, lat: number): readonly [number, number] {
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  return [(512 * (lon + 180)) / 360, 256 - (256 * y) / Math.PI];
}

export interface Mark<T> {
  readonly item: T;
  readonly lonLat: readonly [number, number];
}

/**
 * The mark nearest to a position, within a radius on the screen.
 *
 * @param radius - CSS pixels at zoom `zoom` on an untilted map. The later of two equally near marks lies on top and wins.
 */
export function nearestMark<T>(
  marks: Iterable<Mark<T>>,
  at: readonly [number, number],
  zoom: number,
  radius: number,
): T | null {
  const [x, y] = mercator(at[0], at[1]);
  const limit = (radius / 2 ** zoom) ** 2;
  let best: T | null = null;
  let least = limit;
  for (const mark of marks) {
    const [mx, my] = mercator(mark.lonLat[0], mark.lonLat[1]);
    const d = (mx - x) ** 2 + (my - y) ** 2;
    if (d <= least) [least, best] = [d, mark.item];
  }
  return best;
}
