/** The grids as the map needs them: text at the edges, corners as numbers. The one file here that knows the grid room. */
import { GRIDS, type ZoneGrid } from '../../grid/index.ts';

export type GridId = 'h3' | 'beidou2d';

export function gridOf(id: GridId): ZoneGrid {
  return GRIDS[id];
}

/** Corners kept per zone: a hexagon; a rectangle repeats its last corner. */
export const CORNERS = 6;

/**
 * Writes a zone's centre and its six corners as offsets from it, degrees.
 *
 * An H3 cell that crosses an edge of the icosahedron has up to ten corners; the flattest ones are left out, which moves
 * its outline by less than a pixel.
 *
 * @param centre - Shape (3): lon, lat, 0, written at `row * 3`.
 * @param offsets - Shape (12): dx0, dy0 ... dx5, dy5, written at `row * 12`.
 */
export function writeZoneShape(
  grid: ZoneGrid,
  zone: bigint,
  level: number,
  centre: Float64Array,
  offsets: Float32Array,
  row: number,
): void {
  const [lon, lat] = grid.centre(zone, level);
  centre[row * 3] = lon;
  centre[row * 3 + 1] = lat;
  centre[row * 3 + 2] = 0;
  const ring = grid
    .boundary(zone, level)
    .slice(0, -1)
    .map(([x, y]) => [x - lon, y - lat] as const);
  while (ring.length > CORNERS) ring.splice(flattest(ring), 1);
  for (let i = 0; i < CORNERS; i++) {
    const corner = ring[Math.min(i, ring.length - 1)] as readonly [number, number];
    offsets[row * 12 + i * 2] = corner[0];
    offsets[row * 12 + i * 2 + 1] = corner[1];
  }
}

function flattest(ring: readonly (readonly [number, number])[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ring.length; i++) {
    const [ax, ay] = ring[(i + ring.length - 1) % ring.length] as readonly [number, number];
    const [bx, by] = ring[i] as readonly [number, number];
    const [cx, cy] = ring[(i + 1) % ring.length] as readonly [number, number];
    const area = Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay));
    if (area < least) [least, best] = [area, i];
  }
  return best;
}

/** The zone that holds a position, as text; null where the grid has none. */
export function zoneTextAt(id: GridId, lonDeg: number, latDeg: number, level: number): string | null {
  try {
    const grid = gridOf(id);
    return grid.format(grid.encode(lonDeg, latDeg, level), level);
  } catch {
    return null;
  }
}

/** Closed ring of a zone given as text; null when the text is no zone of the grid. */
export function ringOf(id: GridId, text: string): readonly (readonly [number, number])[] | null {
  try {
    const grid = gridOf(id);
    const { zone, level } = grid.parse(text);
    return grid.boundary(zone, level);
  } catch {
    return null;
  }
}
