import type { GridGeometry } from '../../../grid/index.ts';

/** Longitudes and latitudes in turn, degrees; longitudes run on across the antimeridian. */
export type Path = Float64Array;

/** A geometry taken apart: lone positions and lines are paths, areas are closed rings with their holes. */
export interface Shape {
  readonly lines: readonly Path[];
  /** One entry a polygon: inside by the even-odd rule over its rings. */
  readonly areas: readonly (readonly Path[])[];
}

/**
 * Takes a geometry apart. Edges are straight in longitude and latitude (RFC 7946 section 3.1.1); a step of more than 180 degrees
 * is the short way round. The whole is moved by full turns to lie about `nearLonDeg`.
 */
export function shapeOf(geometry: GridGeometry, nearLonDeg: number): Shape {
  switch (geometry.type) {
    case 'Point':
      return { lines: linesOf([[geometry.coordinates]], nearLonDeg), areas: [] };
    case 'MultiPoint':
      return {
        lines: linesOf(
          geometry.coordinates.map((position) => [position]),
          nearLonDeg,
        ),
        areas: [],
      };
    case 'LineString':
      return { lines: linesOf([geometry.coordinates], nearLonDeg), areas: [] };
    case 'MultiLineString':
      return { lines: linesOf(geometry.coordinates, nearLonDeg), areas: [] };
    case 'Polygon':
      return { lines: [], areas: areasOf([geometry.coordinates], nearLonDeg) };
    case 'MultiPolygon':
      return { lines: [], areas: areasOf(geometry.coordinates, nearLonDeg) };
    case 'GeometryCollection': {
      const parts = geometry.geometries.map((part) => shapeOf(part, nearLonDeg));
      return {
        lines: parts.flatMap((part) => part.lines),
        areas: parts.flatMap((part) => part.areas),
      };
    }
  }
}

/** Every path of a shape: what bounds it. */
export function pathsOf(shape: Shape): readonly Path[] {
  return [...shape.lines, ...shape.areas.flat()];
}

/** Inside by the even-odd rule over all rings. On an edge the answer may be either. */
export function insideRings(rings: readonly Path[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let n = 2; n < ring.length; n += 2) {
      const [ax, ay, bx, by] = [ring[n - 2]!, ring[n - 1]!, ring[n]!, ring[n + 1]!];
      if (ay <= y === by <= y) continue;
      if (ax + ((y - ay) * (bx - ax)) / (by - ay) > x) inside = !inside;
    }
  }
  return inside;
}

type Positions = readonly (readonly number[])[];

function linesOf(lines: readonly Positions[], nearLonDeg: number): Path[] {
  return lines.filter((line) => line.length > 0).map((line) => unwrap(line, nearLonDeg));
}

function areasOf(polygons: readonly (readonly Positions[])[], nearLonDeg: number): Path[][] {
  return polygons.flatMap((rings) => {
    const [outer, ...holes] = rings.filter((ring) => ring.length > 0);
    if (outer === undefined) return [];
    const shell = unwrapRing(outer, nearLonDeg);
    // A hole lies where its polygon does, which may be a turn away from the place asked about.
    return [[shell, ...holes.map((hole) => unwrapRing(hole, middleOf(shell)))]];
  });
}

/** A ring that goes once round a pole is closed through it: that of the hemisphere its first position lies in, as in `grid/`. */
function unwrapRing(ring: Positions, nearLonDeg: number): Path {
  const path = unwrap(closed(ring), nearLonDeg);
  const [first, last] = [path[0]!, path[path.length - 2]!];
  if (Math.abs(last - first) < 359) return path;
  const pole = path[1]! < 0 ? -90 : 90;
  return Float64Array.from([...path, last, pole, first, pole, first, path[1]!]);
}

/** RFC 7946 asks for closed rings; where one is not, the missing edge is plain. */
function closed(ring: Positions): Positions {
  const [first, last] = [ring[0]!, ring[ring.length - 1]!];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

function unwrap(positions: Positions, nearLonDeg: number): Path {
  const path = new Float64Array(positions.length * 2);
  let lon = 0;
  positions.forEach((position, n) => {
    const given = position[0]!;
    if (n === 0) lon = given;
    else {
      const step = given - positions[n - 1]![0]!;
      lon += Math.abs(step) > 180 ? step - 360 * Math.round(step / 360) : step;
    }
    path[2 * n] = lon;
    path[2 * n + 1] = position[1]!;
  });
  const turns = -360 * Math.round((middleOf(path) - nearLonDeg) / 360);
  if (turns !== 0) for (let n = 0; n < path.length; n += 2) path[n] = path[n]! + turns;
  return path;
}

function middleOf(path: Path): number {
  let [west, east] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let n = 0; n < path.length; n += 2) {
    west = Math.min(west, path[n]!);
    east = Math.max(east, path[n]!);
  }
  return (west + east) / 2;
}
