import { type GridGeometry, prepareGeometry } from '../../../grid/index.ts';
import type { AreaGeometry } from '../shapes.ts';
import { insideRings, type Path, pathsOf, type Shape, shapeOf } from './paths.ts';

interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** An area read once, to be asked about many geometries. */
export interface PreparedArea {
  /** Does the geometry share a position with the area? Touching counts; lying in a hole does not. */
  meets(geometry: GridGeometry): boolean;
}

/**
 * Reads an area for `meets`. Edges are straight in longitude and latitude, on a plane that has no antimeridian.
 *
 * @throws {GridError} `geometry-invalid`.
 */
export function prepareArea(area: AreaGeometry): PreparedArea {
  const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates;
  const shapes = polygons
    .filter((rings) => (rings[0]?.length ?? 0) > 0)
    .map((coordinates) => {
      const shape = shapeOf({ type: 'Polygon', coordinates }, coordinates[0]![0]![0]!);
      const box = boxOf(pathsOf(shape));
      return { shape, box, middle: (box.west + box.east) / 2 };
    });
  const { contains } = prepareGeometry(area);
  return {
    meets: (geometry) => {
      // As the grid does, so that a point on an edge is judged alike everywhere.
      if (geometry.type === 'Point') return contains(geometry.coordinates[0]!, geometry.coordinates[1]!);
      return shapes.some(({ shape, box, middle }) => {
        const other = shapeOf(geometry, middle);
        const otherBox = boxOf(pathsOf(other));
        if (shapesMeet(shape, box, other, otherBox)) return true;
        // What goes far round the globe may meet it on the other side.
        if (box.east - box.west + otherBox.east - otherBox.west < 360) return false;
        return [middle - 360, middle + 360].some((near) => {
          const turned = shapeOf(geometry, near);
          return shapesMeet(shape, box, turned, boxOf(pathsOf(turned)));
        });
      });
    },
  };
}

function shapesMeet(area: Shape, box: Box, other: Shape, otherBox: Box): boolean {
  const paths = pathsOf(other);
  if (paths.length === 0 || !overlap(box, otherBox)) return false;
  const rings = area.areas[0]!;
  if (paths.some((path) => insideRings(rings, path[0]!, path[1]!))) return true;
  // One position of each ring tells: without a crossing, a ring is inside as a whole or not at all.
  if (other.areas.some((own) => rings.some((ring) => insideRings(own, ring[0]!, ring[1]!)))) return true;
  return rings.some((ring) => paths.some((path) => pathsCross(ring, path)));
}

function pathsCross(a: Path, b: Path): boolean {
  const box = boxOf([b]);
  for (let n = 2; n < a.length; n += 2) {
    const [ax, ay, bx, by] = [a[n - 2]!, a[n - 1]!, a[n]!, a[n + 1]!];
    if (Math.max(ax, bx) < box.west || Math.min(ax, bx) > box.east) continue;
    if (Math.max(ay, by) < box.south || Math.min(ay, by) > box.north) continue;
    // A path of one position is a point: it is crossed where an edge passes through it.
    for (let m = b.length === 2 ? 0 : 2; m < b.length; m += 2) {
      const k = Math.max(0, m - 2);
      if (segmentsMeet(ax, ay, bx, by, b[k]!, b[k + 1]!, b[m]!, b[m + 1]!)) return true;
    }
  }
  return false;
}

/** Do two segments share a position? Their ends count. */
function segmentsMeet(
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
  if ((s1 > 0 && s2 > 0) || (s1 < 0 && s2 < 0) || (s3 > 0 && s4 > 0) || (s3 < 0 && s4 < 0)) return false;
  return (
    Math.max(Math.min(ax, bx), Math.min(cx, dx)) <= Math.min(Math.max(ax, bx), Math.max(cx, dx)) &&
    Math.max(Math.min(ay, by), Math.min(cy, dy)) <= Math.min(Math.max(ay, by), Math.max(cy, dy))
  );
}

function boxOf(paths: readonly Path[]): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of paths) {
    for (let n = 0; n < path.length; n += 2) {
      west = Math.min(west, path[n]!);
      east = Math.max(east, path[n]!);
      south = Math.min(south, path[n + 1]!);
      north = Math.max(north, path[n + 1]!);
    }
  }
  return { west, south, east, north };
}

function overlap(a: Box, b: Box): boolean {
  return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;
}
