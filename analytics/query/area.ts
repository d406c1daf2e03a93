import { isGridError, prepareGeometry } from '../../grid/index.ts';
import type { LocalText } from './answers.ts';
import { destination, type LonLat } from './geometry/geodesic.ts';
import { QueryError } from './query-error.ts';
import type { AskedZone, Scope } from './scope.ts';
import type { AreaGeometry, AreaRef, Circle, GridId, ZoneRef } from './shapes.ts';

/** A division of the city: a county, a district, a grid of the street office. */
export interface Division {
  readonly code: string;
  readonly name: LocalText;
  readonly geometry: AreaGeometry;
}

/** Divisions by code. */
export type Divisions = ReadonlyMap<string, Division>;

/** Positions of one polygon. A county's outline has some thousand; each costs a comparison for every row near the edge. */
export const MAX_AREA_POSITIONS = 10_000;
/** Zones of one list. */
export const MAX_AREA_ZONES = 1_000;
/** Farthest that a distance is asked for, metres: several provinces. */
export const MAX_RADIUS_M = 1_000_000;
/** Corners of the ring that stands for a circle where rows are gathered: it lies within 4 parts in 100,000 of the radius. */
const RING_CORNERS = 360;

/** An area as asked for, understood: either zones of one grid, or a geometry with an exact inside. */
export type Area = ZoneArea | ShapeArea;

export interface ZoneArea {
  readonly kind: 'zones';
  readonly dggrs: GridId;
  readonly zones: readonly AskedZone[];
}

export interface ShapeArea {
  readonly kind: 'shape';
  /** CGCS2000 degrees; of a circle the ring that stands for it. */
  readonly geometry: AreaGeometry;
  /** Where the area is a circle: what is measured, not the ring, decides about items. */
  readonly circle: Circle | null;
  /** Is the position inside or on the edge? A circle's ring. */
  contains(lonDeg: number, latDeg: number): boolean;
}

/**
 * Understands an area.
 *
 * @throws {QueryError} `area-invalid` for what is none; `unknown-division`; `unknown-zone` and `not-permitted` as `scope.zone`;
 * `too-large` for more positions or zones, or farther, than allowed.
 */
export function resolveArea(scope: Scope, divisions: Divisions, ref: AreaRef): Area {
  if ('zones' in ref) return zoneArea(scope, ref.zones);
  if ('bbox' in ref) return shapeArea(boxGeometry(checkBox(ref.bbox)));
  if ('circle' in ref) return shapeArea(ringOf(checkCircle(ref.circle)), ref.circle);
  if ('polygon' in ref) return shapeArea(checkPolygon(ref.polygon));
  const division = divisions.get(ref.division);
  if (division === undefined) {
    throw new QueryError('unknown-division', `Cannot find the division "${ref.division}" in the city`);
  }
  return shapeArea(division.geometry);
}

function zoneArea(scope: Scope, refs: readonly ZoneRef[]): ZoneArea {
  tooMany('zones', refs.length, MAX_AREA_ZONES);
  const zones = refs.map((ref) => scope.zone(ref));
  const [first] = zones;
  if (first === undefined) throw invalid('no zone is named');
  if (zones.some(({ dggrs }) => dggrs !== first.dggrs)) throw invalid('all zones must be of one grid');
  return { kind: 'zones', dggrs: first.dggrs, zones };
}

function shapeArea(geometry: AreaGeometry, circle: Circle | null = null): ShapeArea {
  try {
    const { contains } = prepareGeometry(geometry);
    return { kind: 'shape', geometry, circle, contains };
  } catch (error) {
    if (isGridError(error)) throw invalid(error.message, error);
    throw error;
  }
}

/** A box as a polygon; longitudes run on across the antimeridian. */
export function boxGeometry([west, south, east, north]: readonly [
  number,
  number,
  number,
  number,
]): AreaGeometry {
  const to = east < west ? east + 360 : east;
  return {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        // A box wider than half the globe: no edge may look as if it went the other way.
        ...between(west, to).map((lon) => [lon, south]),
        [to, south],
        [to, north],
        ...between(to, west).map((lon) => [lon, north]),
        [west, north],
        [west, south],
      ],
    ],
  };
}

function between(from: number, to: number): readonly number[] {
  const pieces = Math.ceil(Math.abs(to - from) / 90);
  return Array.from({ length: Math.max(0, pieces - 1) }, (_, n) => from + ((n + 1) / pieces) * (to - from));
}

/** The ring that stands for a circle, counter-clockwise. */
function ringOf({ lonLat, radiusM }: Circle): AreaGeometry {
  const ring = Array.from({ length: RING_CORNERS }, (_, n): LonLat => {
    // Half a corner off: no edge lies along a meridian of the centre.
    return destination(lonLat, -((n + 0.5) * 360) / RING_CORNERS, radiusM);
  });
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] };
}

function checkBox(
  bbox: readonly [number, number, number, number],
): readonly [number, number, number, number] {
  const [west, south, east, north] = bbox;
  const isLon = (value: number) => Math.abs(value) <= 180;
  const isLat = (value: number) => Math.abs(value) <= 90;
  if (isLon(west) && isLon(east) && isLat(south) && isLat(north) && south <= north) return bbox;
  throw invalid(`the box ${bbox.join(',')} must be west,south,east,north in degrees, south not above north`);
}

export function checkCircle(circle: Circle): Circle {
  const {
    lonLat: [lon, lat],
    radiusM,
  } = circle;
  if (!(Math.abs(lon) <= 180) || !(Math.abs(lat) <= 90)) {
    throw invalid(`the position ${lon},${lat} must be longitude -180..180, latitude -90..90 degrees`);
  }
  if (!(radiusM >= 0)) throw invalid(`the distance ${radiusM} m must be 0 or more`);
  if (radiusM > MAX_RADIUS_M) {
    throw new QueryError('too-large', `Cannot look ${radiusM} m around: at most ${MAX_RADIUS_M} m`, {
      estimate: radiusM,
      limit: MAX_RADIUS_M,
    });
  }
  return circle;
}

function checkPolygon(geometry: AreaGeometry): AreaGeometry {
  // From outside: the type alone has been looked at.
  const type: unknown = geometry?.type;
  if (type !== 'Polygon' && type !== 'MultiPolygon') {
    throw invalid(`a geometry of type "${type}" must be a Polygon or a MultiPolygon`);
  }
  const polygons: unknown = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const lists = (value: unknown): readonly unknown[] => {
    if (Array.isArray(value)) return value;
    throw invalid('coordinates must be lists');
  };
  let positions = 0;
  let corners = 0;
  for (const polygon of lists(polygons)) {
    const [outer, ...holes] = lists(polygon).map((ring) => lists(ring).length);
    positions += holes.reduce((sum, length) => sum + length, outer ?? 0);
    corners += outer ?? 0;
  }
  tooMany('positions', positions, MAX_AREA_POSITIONS);
  if (corners === 0) throw invalid('the polygon is empty');
  return geometry;
}

function tooMany(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw new QueryError('too-large', `Cannot take an area of ${count} ${what}: at most ${limit}`, {
    estimate: count,
    limit,
  });
}

function invalid(why: string, cause?: unknown): QueryError {
  return new QueryError('area-invalid', `Cannot read the area: ${why}`, cause === undefined ? {} : { cause });
}
