/** Is a position in a geometry? And one position that surely is. */
import type { GridGeometry } from './geometry.ts';
import { type GeometryPart, geometryParts, type Path, pathsOf, wrapLonDeg } from './geometry-parts.ts';
import { distanceToSegment, insideRings } from './planar.ts';

/** A position this near to an edge or a point, in degrees, is on it: a tenth of a millimetre. */
export const ON_EDGE_DEG = 1e-9;

/** A geometry read once, to be asked about many positions. */
export interface PreparedGeometry {
  /**
   * Is the position inside the geometry or on it?
   * @param lonDeg - -180..180 degrees, same datum as the geometry. NaN is nowhere.
   */
  contains(lonDeg: number, latDeg: number): boolean;
}

/** Bounds of a part, grown by the tolerance. */
interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/**
 * Reads a geometry for `contains`. Edges are straight in longitude and latitude; holes are outside, their edges inside. A geometry
 * across the antimeridian is found from both of its sides.
 * @throws {GridError} `geometry-invalid`.
 */
export function prepareGeometry(geometry: GridGeometry): PreparedGeometry {
  const parts = geometryParts(geometry).map((part) => {
    // A point is a line of one position.
    const paths = part.kind === 'point' ? [Float64Array.of(part.lonDeg, part.latDeg)] : pathsOf(part);
    return { isArea: part.kind === 'area', paths, box: boxOf(paths) };
  });
  return {
    contains: (lonDeg, latDeg) =>
      parts.some(({ isArea, paths, box }) => {
        // Also what is no longitude: the steps below would not end for a huge one.
        if (!(latDeg >= box.south && latDeg <= box.north && Math.abs(lonDeg) <= 540)) return false;
        // Whole turns bring the longitude into the span of the part: one, rarely two, none outside it.
        for (let lon = lonDeg + 360 * Math.ceil((box.west - lonDeg) / 360); lon <= box.east; lon += 360) {
          if (isArea && insideRings(paths, lon, latDeg)) return true;
          if (paths.some((path) => isOnPath(path, lon, latDeg))) return true;
        }
        return false;
      }),
  };
}

/**
 * Does a geometry hold a position (degrees)? Its edges are inside. Who asks more than once prepares the geometry: `prepareGeometry`.
 * @throws {GridError} `geometry-invalid`.
 */
export function pointInGeometry(geometry: GridGeometry, lonDeg: number, latDeg: number): boolean {
  return prepareGeometry(geometry).contains(lonDeg, latDeg);
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
  return {
    west: west - ON_EDGE_DEG,
    south: south - ON_EDGE_DEG,
    east: east + ON_EDGE_DEG,
    north: north + ON_EDGE_DEG,
  };
}

function isOnPath(path: Path, x: number, y: number): boolean {
  for (let n = 0; n < path.length; n += 2) {
    const m = Math.max(0, n - 2);
    if (distanceToSegment(x, y, path[m]!, path[m + 1]!, path[n]!, path[n + 1]!) <= ON_EDGE_DEG) return true;
  }
  return false;
}

/**
 * One position inside the geometry or on it, for labels and for owning a feature: the point itself, the middle of a line by
 * length, the centroid of the widest polygon where it lies inside, else the middle of its widest stretch at a latitude inside.
 * @returns `[lon, lat]` with longitude -180..180; undefined for an empty geometry.
 * @throws {GridError} `geometry-invalid`.
 */
export function representativePoint(
  geometry: GridGeometry,
): readonly [lonDeg: number, latDeg: number] | undefined {
  let best: GeometryPart | undefined;
  let bestSize = -1;
  for (const part of geometryParts(geometry)) {
    const size = part.kind === 'area' ? Math.abs(areaAndCentroid(part.rings).area) : 0;
    if (size > bestSize) {
      best = part;
      bestSize = size;
    }
  }
  if (best === undefined) return undefined;
  if (best.kind === 'point') return [best.lonDeg, best.latDeg];
  const [lon, lat] = best.kind === 'line' ? middleOfLine(best.path) : pointInRings(best.rings);
  return [wrapLonDeg(lon), lat];
}

function middleOfLine(path: Path): readonly [number, number] {
  const lengths: number[] = [];
  for (let n = 2; n < path.length; n += 2) {
    const middle = ((path[n - 1]! + path[n + 1]!) * Math.PI) / 360;
    lengths.push(Math.hypot((path[n]! - path[n - 2]!) * Math.cos(middle), path[n + 1]! - path[n - 1]!));
  }
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [k, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const t = left / length;
      const n = 2 * k;
      return [path[n]! + t * (path[n + 2]! - path[n]!), path[n + 1]! + t * (path[n + 3]! - path[n + 1]!)];
    }
    left -= length;
  }
  return [path[0]!, path[1]!];
}

function pointInRings(rings: readonly Path[]): readonly [number, number] {
  const { area, lon, lat } = areaAndCentroid(rings);
  if (area > 0 && insideRings(rings, lon, lat)) return [lon, lat];
  return widestStretch(rings) ?? [rings[0]![0]!, rings[0]![1]!];
}

/**
 * Middle of the widest inside stretch at one latitude: the one midway between the two vertex latitudes nearest the middle of the
 * geometry, so that the line passes through no vertex.
 */
function widestStretch(rings: readonly Path[]): readonly [number, number] | undefined {
  const latitudes = [...new Set(rings.flatMap((ring) => Array.from(ring).filter((_, n) => n % 2 === 1)))];
  latitudes.sort((a, b) => a - b);
  const middle = (latitudes[0]! + latitudes[latitudes.length - 1]!) / 2;
  const above = Math.max(
    1,
    latitudes.findIndex((latitude) => latitude > middle),
  );
  const y = (latitudes[above - 1]! + (latitudes[above] ?? Number.NaN)) / 2;
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let n = 2; n < ring.length; n += 2) {
      const [ax, ay, bx, by] = [ring[n - 2]!, ring[n - 1]!, ring[n]!, ring[n + 1]!];
      if (ay <= y !== by <= y) crossings.push(ax + ((y - ay) * (bx - ax)) / (by - ay));
    }
  }
  crossings.sort((a, b) => a - b);
  let best: readonly [number, number] | undefined;
  let width = 0;
  for (let n = 1; n < crossings.length; n += 2) {
    const stretch = crossings[n]! - crossings[n - 1]!;
    if (stretch > width) {
      width = stretch;
      best = [crossings[n - 1]! + stretch / 2, y];
    }
  }
  return best;
}

/** Planar area (outer ring less holes, square degrees, >= 0 for proper input) and centroid. */
function areaAndCentroid(rings: readonly Path[]): { area: number; lon: number; lat: number } {
  // Taken from the first vertex, so that a small polygon far from 0 keeps its figures.
  const [ox, oy] = [rings[0]![0]!, rings[0]![1]!];
  let area = 0;
  let mx = 0;
  let my = 0;
  rings.forEach((ring, k) => {
    let ringArea = 0;
    let rx = 0;
    let ry = 0;
    for (let n = 2; n < ring.length; n += 2) {
      const [ax, ay, bx, by] = [ring[n - 2]! - ox, ring[n - 1]! - oy, ring[n]! - ox, ring[n + 1]! - oy];
      const cross = ax * by - bx * ay;
      ringArea += cross / 2;
      rx += ((ax + bx) * cross) / 6;
      ry += ((ay + by) * cross) / 6;
    }
    const sign = (k === 0 ? 1 : -1) * (ringArea < 0 ? -1 : 1);
    area += sign * ringArea;
    mx += sign * rx;
    my += sign * ry;
  });
  return { area, lon: ox + mx / area, lat: oy + my / area };
}
