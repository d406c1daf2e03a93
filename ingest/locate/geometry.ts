/** GeoJSON geometries from outside: checked, converted to CGCS2000, and given a point to stand on. */
import {
  type CoordinateReference,
  geometryToCgcs2000,
  isGridError,
  parseHeightReference,
} from '../../grid/index.ts';
import type { Datum, Geometry, HeightReferenceDeclaration } from '../model/index.ts';
import type { LocateGrids } from './grids.ts';
import { isStoredHeight } from './height.ts';

/** Vertices of one geometry. A county outline has about 10,000; more belongs in a map tile. */
export const MAX_VERTICES = 100_000;

type Ring = readonly (readonly number[])[];

/** What the coordinates of a geometry count: degrees of any datum, or metres of a plane, whose limits its reference knows. */
export type CoordinateUnit = 'degrees' | 'metres';

/** A geometry that is safe to hand on, or a sentence that says what is wrong with it. */
export function readGeometry(value: unknown, unit: CoordinateUnit = 'degrees'): Geometry | string {
  if (typeof value !== 'object' || value === null) return 'Geometry is missing';
  const { type, coordinates } = value as { type?: unknown; coordinates?: unknown };
  const depth = { Point: 0, LineString: 1, Polygon: 2, MultiPolygon: 3 }[String(type)];
  if (depth === undefined) {
    return `Geometry type is "${String(type).slice(0, 40)}": it must be Point, LineString, Polygon or MultiPolygon`;
  }
  const counted = { vertices: 0, unit };
  const fault = coordinatesFault(coordinates, depth, counted) ?? shapeFault(coordinates, depth);
  return fault ?? ({ type, coordinates } as Geometry);
}

function coordinatesFault(
  value: unknown,
  depth: number,
  counted: { vertices: number; readonly unit: CoordinateUnit },
): string | undefined {
  if (!Array.isArray(value) || value.length === 0)
    return 'Geometry has an empty or missing list of coordinates';
  if (depth > 0) {
    for (const member of value) {
      const fault = coordinatesFault(member, depth - 1, counted);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (++counted.vertices > MAX_VERTICES) return `Geometry has over ${MAX_VERTICES} vertices`;
  const [lon, lat] = value as readonly unknown[];
  if (typeof lon !== 'number' || typeof lat !== 'number')
    return 'Geometry holds a coordinate that is no number';
  if (counted.unit === 'degrees' && !(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) {
    return `Geometry holds [${lon}, ${lat}]: longitude must be -180..180 and latitude -90..90`;
  }
  return undefined;
}

/** RFC 7946 3.1.4 and 3.1.6: a line has two positions, a ring four and ends where it began. */
function shapeFault(coordinates: unknown, depth: number): string | undefined {
  if (depth === 1)
    return (coordinates as Ring).length < 2 ? 'Line has one position: it must have two' : undefined;
  if (depth === 0) return undefined;
  const polygons = (depth === 3 ? coordinates : [coordinates]) as readonly (readonly Ring[])[];
  for (const ring of polygons.flat()) {
    const first = ring[0];
    const last = ring[ring.length - 1];
    if (ring.length < 4) return `Ring has ${ring.length} positions: it must have four`;
    if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) return 'Ring does not end where it began';
  }
  return undefined;
}

/**
 * A geometry as declared: positions of `reference` in CGCS2000 (as they are where none is given), heights above the ellipsoid. Heights whose
 * reference is not declared are left out, and what stands behind them. A sentence where a position or a height is outside its range.
 */
export function declaredGeometry(
  geometry: Geometry,
  reference: CoordinateReference | undefined,
  heights: HeightReferenceDeclaration | undefined,
): Geometry | string {
  try {
    const above = heights === undefined ? undefined : parseHeightReference(heights);
    const converted = geometryToCgcs2000(reference ?? 'cgcs2000', geometry, above);
    return (above === undefined ? undefined : heightFault(converted.coordinates)) ?? converted;
  } catch (error) {
    if (isGridError(error, 'position-invalid') || isGridError(error, 'height-invalid')) return error.message;
    throw error;
  }
}

/** A height above the ellipsoid beyond what is stored. */
function heightFault(list: readonly unknown[]): string | undefined {
  if (typeof list[0] === 'number') {
    const height = list[2];
    return typeof height !== 'number' || isStoredHeight(height)
      ? undefined
      : `Geometry holds a height of ${height} m above the ellipsoid: it must be -12000..100000`;
  }
  for (const inner of list as readonly (readonly unknown[])[]) {
    const fault = heightFault(inner);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The same geometry in CGCS2000; itself where the datum already is. */
export function locateGeometry(geometry: Geometry, datum: Datum, grids: LocateGrids): Geometry {
  if (datum === 'wgs84' || datum === 'cgcs2000') return geometry;
  const move = (value: unknown): unknown => {
    const list = value as readonly unknown[];
    if (typeof list[0] !== 'number') return list.map(move);
    const [lon, lat, ...rest] = list as readonly [number, number, ...number[]];
    return [...grids.toCgcs2000(lon, lat, datum), ...rest];
  };
  return { type: geometry.type, coordinates: move(geometry.coordinates) } as Geometry;
}

/**
 * A point inside or on a geometry: the point itself, the middle vertex of a line, and for areas the centroid of the
 * outer ring of the largest part (plane degrees) or, where that lies outside, the middle of the longest stretch inside
 * along its parallel.
 */
export function pointOn(geometry: Geometry): readonly [lonDeg: number, latDeg: number] {
  switch (geometry.type) {
    case 'Point':
      return [geometry.coordinates[0]!, geometry.coordinates[1]!];
    case 'LineString': {
      const middle = geometry.coordinates[Math.floor(geometry.coordinates.length / 2)]!;
      return [middle[0]!, middle[1]!];
    }
    case 'Polygon':
      return pointInArea(geometry.coordinates);
    case 'MultiPolygon': {
      const areas = geometry.coordinates.map((rings) => Math.abs(centroid(rings[0]!).area));
      return pointInArea(geometry.coordinates[areas.indexOf(Math.max(...areas))]!);
    }
  }
}

function pointInArea(rings: readonly Ring[]): readonly [number, number] {
  const outer = rings[0]!;
  const { lon, lat, area } = centroid(outer);
  if (area === 0) return [outer[0]![0]!, outer[0]![1]!];
  const crossings = rings.flatMap((ring) => crossingsAt(ring, lat)).sort((a, b) => a - b);
  let best: readonly [number, number] | undefined;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const west = crossings[i]!;
    const east = crossings[i + 1]!;
    if (west <= lon && lon <= east) return [lon, lat];
    if (best === undefined || east - west > best[1] - best[0]) best = [west, east];
  }
  return best === undefined ? [outer[0]![0]!, outer[0]![1]!] : [(best[0] + best[1]) / 2, lat];
}

/** Longitudes where a ring crosses a parallel; a vertex on it counts for the edge above. */
function crossingsAt(ring: Ring, lat: number): number[] {
  const found: number[] = [];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [x1, y1] = ring[i] as readonly [number, number];
    const [x2, y2] = ring[i + 1] as readonly [number, number];
    if (y1 > lat !== y2 > lat) found.push(x1 + ((lat - y1) / (y2 - y1)) * (x2 - x1));
  }
  return found;
}

/** Area centroid of a ring about its first vertex, so that small buildings keep their digits. Signed area, square degrees. */
function centroid(ring: Ring): { lon: number; lat: number; area: number } {
  const [x0, y0] = ring[0] as readonly [number, number];
  let area = 0;
  let lon = 0;
  let lat = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const x1 = ring[i]![0]! - x0;
    const y1 = ring[i]![1]! - y0;
    const x2 = ring[i + 1]![0]! - x0;
    const y2 = ring[i + 1]![1]! - y0;
    const cross = x1 * y2 - x2 * y1;
    area += cross / 2;
    lon += ((x1 + x2) * cross) / 6;
    lat += ((y1 + y2) * cross) / 6;
  }
  return area === 0 ? { lon: x0, lat: y0, area } : { lon: x0 + lon / area, lat: y0 + lat / area, area };
}
