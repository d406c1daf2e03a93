/**
 * A GeoJSON geometry as connected parts on an endless plane of longitude and latitude.
 *
 * Edges are straight in longitude and latitude (RFC 7946 §3.1.1). Longitudes run on across the antimeridian: a step of more than
 * 180 degrees is read as the short way round, except one of 360, which spans the globe. A ring that goes once round a
 * pole is closed through that pole (the one of the hemisphere its first position lies in).
 */
import { GridError } from '../errors.ts';
import type { GridGeometry } from './geometry.ts';

/** Longitudes and latitudes in turn: `[lon, lat, lon, lat, ...]`, degrees, longitudes continuous. */
export type Path = Float64Array;

export type GeometryPart =
  | { readonly kind: 'point'; readonly lonDeg: number; readonly latDeg: number }
  | { readonly kind: 'line'; readonly path: Path }
  /** Closed rings, inside by the even-odd rule, so holes need no mark. */
  | { readonly kind: 'area'; readonly rings: readonly Path[] };

/** One turn beyond either side of -180..180: a ring round a pole that starts on the antimeridian needs it. */
const LON_MAX_DEG = 540;
/** Rounding allowed where a span is meant to be the whole globe. */
const GLOBE_SLACK_DEG = 1e-9;

type Positions = readonly (readonly number[])[];

/**
 * Parts of a geometry; none for an empty one.
 * @throws {GridError} `geometry-invalid` for positions that are none (|lon| > 540, |lat| > 90, NaN, what is no number), rings wider than
 *   the globe, and what is no geometry: it comes from files, where anything may stand.
 */
export function geometryParts(geometry: GridGeometry): readonly GeometryPart[] {
  if (typeof geometry !== 'object' || geometry === null) {
    throw new GridError('geometry-invalid', `Cannot read geometry "${geometry}": must be an object`);
  }
  switch (geometry.type) {
    case 'Point':
      return pointPart(geometry.coordinates);
    case 'MultiPoint':
      return listed(geometry.coordinates).flatMap(pointPart);
    case 'LineString':
      return linePart(geometry.coordinates);
    case 'MultiLineString':
      return listed(geometry.coordinates).flatMap(linePart);
    case 'Polygon':
      return areaPart(geometry.coordinates);
    case 'MultiPolygon':
      return listed(geometry.coordinates).flatMap(areaPart);
    case 'GeometryCollection':
      return collectionParts(geometry.geometries);
    default:
      throw new GridError(
        'geometry-invalid',
        `Cannot read geometry "${(geometry as { type?: unknown }).type}": must be one of the seven of RFC 7946`,
      );
  }
}

/** Parts of a collection, in order. Collections in collections are opened without recursion: how deep they go is not ours to say. */
function collectionParts(geometries: readonly GridGeometry[]): readonly GeometryPart[] {
  const parts: GeometryPart[] = [];
  const left = [...listed(geometries)].reverse();
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next?.type === 'GeometryCollection')
      for (const each of [...listed(next.geometries)].reverse()) left.push(each);
    else for (const part of geometryParts(next)) parts.push(part);
  }
  return parts;
}

function pointPart(position: readonly number[]): readonly GeometryPart[] {
  if (listed(position).length === 0) return [];
  const [lonDeg, latDeg] = readPosition(position);
  return [{ kind: 'point', lonDeg: wrapLonDeg(lonDeg), latDeg }];
}

function linePart(positions: Positions): readonly GeometryPart[] {
  return listed(positions).length === 0 ? [] : [{ kind: 'line', path: unwrapPath(positions) }];
}

/** A longitude brought into -180..180; both ends keep their sign. */
export function wrapLonDeg(lonDeg: number): number {
  if (lonDeg >= -180 && lonDeg <= 180) return lonDeg;
  return lonDeg - 360 * Math.round(lonDeg / 360);
}

function areaPart(rings: readonly Positions[]): readonly GeometryPart[] {
  const [outer, ...holes] = listed(rings).filter((ring) => listed(ring).length > 0);
  if (outer === undefined) return [];
  const shell = unwrapRing(outer);
  const [west, east] = lonSpan(shell);
  const aligned = holes.map((ring) => {
    const hole = unwrapRing(ring);
    const [holeWest, holeEast] = lonSpan(hole);
    const middle = (holeWest + holeEast) / 2;
    return shiftPath(hole, -360 * Math.round((middle - (west + east) / 2) / 360));
  });
  return [{ kind: 'area', rings: [shell, ...aligned] }];
}

function unwrapRing(positions: Positions): Path {
  const path = unwrapPath(positions);
  const first = [path[0]!, path[1]!] as const;
  const last = [path[path.length - 2]!, path[path.length - 1]!] as const;
  let ring = path;
  const closes = wrapLonDeg(last[0] - first[0]) === 0 && last[1] === first[1];
  if (!closes) {
    // Not closed in the input: RFC 7946 asks for it, but the missing edge is plain.
    ring = unwrapPath([...positions, positions[0]!]);
  }
  const turn = ring[ring.length - 2]! - first[0];
  if (Math.abs(turn) > 359) {
    const pole = first[1] < 0 ? -90 : 90;
    ring = Float64Array.from([...ring, ring[ring.length - 2]!, pole, first[0], pole, first[0], first[1]]);
  }
  const [west, east] = lonSpan(ring);
  if (east - west > 360 + GLOBE_SLACK_DEG) {
    throw new GridError(
      'geometry-invalid',
      `Cannot read a ring ${east - west} degrees wide: must be at most 360`,
    );
  }
  return ring;
}

function unwrapPath(positions: Positions): Path {
  const path = new Float64Array(positions.length * 2);
  let offset = 0;
  let before = 0;
  positions.forEach((position, n) => {
    const [lon, lat] = readPosition(position);
    if (n === 0) offset = wrapLonDeg(lon) - lon;
    else {
      const step = lon - before;
      if (Math.abs(step) > 180 && Math.abs(Math.abs(step) - 360) > GLOBE_SLACK_DEG)
        offset -= 360 * Math.round(step / 360);
    }
    before = lon;
    path[2 * n] = lon + offset;
    path[2 * n + 1] = lat;
  });
  return path;
}

/** [least, greatest] longitude of a path. */
export function lonSpan(path: Path): readonly [number, number] {
  let west = Number.POSITIVE_INFINITY;
  let east = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < path.length; n += 2) {
    west = Math.min(west, path[n]!);
    east = Math.max(east, path[n]!);
  }
  return [west, east];
}

/** A path moved east by whole turns. */
export function shiftPath(path: Path, byDeg: number): Path {
  return byDeg === 0 ? path : path.map((value, n) => (n % 2 === 0 ? value + byDeg : value));
}

/** The paths of a line or an area: what bounds it. */
export function pathsOf(part: Exclude<GeometryPart, { kind: 'point' }>): readonly Path[] {
  return part.kind === 'line' ? [part.path] : part.rings;
}

/**
 * Whole turns to move a part by so that each piece of it passes through -180..180 once. A part that ends exactly on the
 * antimeridian stays on the side it is written on, as in `encode`.
 */
export function turnsInto(part: Exclude<GeometryPart, { kind: 'point' }>): readonly number[] {
  let west = Number.POSITIVE_INFINITY;
  let east = Number.NEGATIVE_INFINITY;
  for (const path of pathsOf(part)) {
    const [w, e] = lonSpan(path);
    west = Math.min(west, w);
    east = Math.max(east, e);
  }
  const turns: number[] = [];
  for (let k = Math.floor((west + 180) / 360) - 1; k <= Math.ceil((east + 180) / 360); k += 1) {
    const from = west - 360 * k;
    const to = east - 360 * k;
    const onSide = from >= -180 && to <= 180;
    // Turned copies that only touch the antimeridian from outside add nothing the written one lacks.
    if (k === 0 ? from <= 180 && to >= -180 : onSide || (from < 180 && to > -180)) turns.push(-360 * k);
  }
  return turns;
}

/** @throws {GridError} `geometry-invalid` unless coordinates are a list where GeoJSON has one. */
function listed<T>(list: readonly T[]): readonly T[] {
  if (!Array.isArray(list)) {
    throw new GridError('geometry-invalid', `Cannot read coordinates "${list}": must be a list`);
  }
  return list;
}

function readPosition(position: readonly number[]): readonly [number, number] {
  const [lon, lat] = listed(position);
  // Text and null would pass the comparisons as numbers.
  const areNumbers = typeof lon === 'number' && typeof lat === 'number';
  if (!areNumbers || !(Math.abs(lon) <= LON_MAX_DEG) || !(Math.abs(lat) <= 90)) {
    throw new GridError(
      'geometry-invalid',
      `Cannot read position [${lon}, ${lat}]: longitude must be -${LON_MAX_DEG}..${LON_MAX_DEG}, latitude -90..90 degrees`,
    );
  }
  return [lon, lat];
}
