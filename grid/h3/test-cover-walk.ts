/**
 * The slow judge of the H3 covers, by another method: every cell the geometry meets, and besides only cells nearer than `tolerance`
 * of an average edge. Not part of the product.
 *
 * Each edge of the geometry is walked in short great-circle pieces, the cells round each piece are tested in the gnomonic
 * plane of the cell (where great circles, and so cell edges, are straight), and the inside is filled from those marked cells.
 */
import { cellToBoundary, cellToLatLng, gridDisk, latLngToCell } from 'h3-js';
import { tooManyZones } from '../checks.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import {
  type GeometryPart,
  geometryParts,
  lonSpan,
  type Path,
  pathsOf,
  wrapLonDeg,
} from '../geometry/geometry-parts.ts';
import { distanceToSegment, insideRings, segmentsMeet } from '../geometry/planar.ts';
import { indexText } from './h3-index.ts';

/**
 * Length of a piece in average edges. A cell met between two samples is within half a piece of one, and cells that do not touch
 * are at least half an average edge apart, so it is a neighbour of the sample's cell.
 */
const PIECE_EDGES = 0.3;
/** Average edge in radians at resolution 0 (1281.256 km on 6371.007 km); each finer one is sqrt(7) shorter. */
const EDGE_RADIANS_0 = 1281.256 / 6371.007180918475;

type Vector = readonly [x: number, y: number, z: number];

/** What the walk asks of H3, longitude first. `neighbours` includes the cell itself. */
export interface H3Cells {
  encode(lonDeg: number, latDeg: number, level: number): bigint;
  neighbours(zone: bigint): readonly bigint[];
  vertices(zone: bigint): readonly (readonly [number, number])[];
  centre(zone: bigint): readonly [number, number];
}

/** A cell in its own gnomonic plane: basis vectors and the vertices there, `[x, y, x, y, ...]`. */
interface FlatCell {
  readonly up: Vector;
  readonly east: Vector;
  readonly north: Vector;
  readonly ring: Float64Array;
}

interface Walk {
  readonly cells: H3Cells;
  readonly level: number;
  readonly maxZones: number;
  readonly edge: number;
  readonly tolerance: number;
  readonly found: Set<bigint>;
  readonly flat: Map<bigint, FlatCell>;
  readonly around: Map<bigint, readonly bigint[]>;
}

/**
 * Cells of `level` the geometry meets, ascending.
 * @throws {GridError} `too-many-zones` with an estimate, before the work is done where the size shows it; `geometry-invalid`.
 */
export function coverByWalk(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  tolerance = 1e-4,
  cells: H3Cells = H3_JS_CELLS,
): readonly bigint[] {
  const edge = EDGE_RADIANS_0 / Math.sqrt(7) ** level;
  const found = new Set<bigint>();
  for (const part of geometryParts(geometry)) {
    if (part.kind === 'point') add(part.lonDeg, part.latDeg);
    else coverExtent(part);
  }
  return Array.from(BigUint64Array.from(found).sort());

  function add(lonDeg: number, latDeg: number): void {
    found.add(cells.encode(lonDeg, latDeg, level));
    if (found.size > maxZones) throw refuse(found.size, level, maxZones);
  }

  function coverExtent(part: Exclude<GeometryPart, { kind: 'point' }>): void {
    const estimate = estimateCells(part, edge);
    // An estimate, so it only refuses when plainly too large; the walk itself keeps the exact bound.
    if (estimate > 2 * maxZones + 100) throw refuse(estimate, level, maxZones);
    // Each part is walked by itself: filling stops only at this part's own edge.
    const walk: Walk = {
      cells,
      level,
      maxZones,
      edge,
      tolerance,
      found: new Set(),
      flat: new Map(),
      around: new Map(),
    };
    for (const path of pathsOf(part)) walkPath(path, walk);
    if (part.kind === 'area') fill(part.rings, walk);
    for (const zone of walk.found) found.add(zone);
    if (found.size > maxZones) throw refuse(found.size, level, maxZones);
  }
}

function refuse(count: number, level: number, maxZones: number): Error {
  return tooManyZones(`level ${level} in this geometry`, count, maxZones, true);
}

function walkPath(path: Path, walk: Walk): void {
  walkPiece(path[0]!, path[1]!, path[0]!, path[1]!, walk);
  for (let n = 2; n < path.length; n += 2) {
    const [ax, ay, bx, by] = [path[n - 2]!, path[n - 1]!, path[n]!, path[n + 1]!];
    const pieces = piecesOf(ax, ay, bx, by, walk);
    for (let k = 0; k < pieces; k += 1) {
      const from = k / pieces;
      const to = (k + 1) / pieces;
      walkPiece(ax + (bx - ax) * from, ay + (by - ay) * from, ax + (bx - ax) * to, ay + (by - ay) * to, walk);
    }
  }
}

/** How many great-circle pieces stand for an edge that is straight in longitude and latitude: short, and near to it. */
function piecesOf(ax: number, ay: number, bx: number, by: number, walk: Walk): number {
  const { edge, tolerance } = walk;
  const dLon = radians(Math.abs(bx - ax));
  const dLat = radians(Math.abs(by - ay));
  const leastLat = ay > 0 === by > 0 ? Math.min(Math.abs(ay), Math.abs(by)) : 0;
  const length = Math.hypot(dLon * Math.cos(radians(leastLat)), dLat);
  // A piece strays from its great circle by at most (dLon^2 + 2 dLon dLat) / 8, a fourth of that with every halving.
  const stray = Math.sqrt((dLon * dLon + 2 * dLon * dLat) / (8 * 0.5 * tolerance * edge));
  return Math.max(1, Math.ceil(Math.max(length / (PIECE_EDGES * edge), stray)));
}

/** Marks the cells one short piece meets. */
function walkPiece(ax: number, ay: number, bx: number, by: number, walk: Walk): void {
  const { found, cells, level } = walk;
  const here = cells.encode(wrapLonDeg(ax), ay, level);
  mark(here, walk);
  let a: Vector | undefined;
  let b: Vector | undefined;
  for (const zone of aroundOf(here, walk)) {
    if (found.has(zone)) continue;
    a ??= vector(ax, ay);
    b ??= vector(bx, by);
    if (meets(flatCell(zone, walk), a, b, walk.tolerance * walk.edge)) mark(zone, walk);
  }
}

function mark(zone: bigint, walk: Walk): void {
  walk.found.add(zone);
  if (walk.found.size > walk.maxZones) throw refuse(walk.found.size, walk.level, walk.maxZones);
}

/** From the marked cells inwards: an unmarked cell has no edge through it, so it is all inside or all outside. */
function fill(rings: readonly Path[], walk: Walk): void {
  const queue: bigint[] = [];
  const outside = new Set<bigint>();
  const [west, east] = lonSpan(rings[0]!);
  for (const marked of [...walk.found]) {
    for (const zone of aroundOf(marked, walk)) {
      if (walk.found.has(zone) || outside.has(zone)) continue;
      const [lon, lat] = walk.cells.centre(zone);
      if (
        [-720, -360, 0, 360, 720].some(
          (turn) => lon + turn >= west && lon + turn <= east && insideRings(rings, lon + turn, lat),
        )
      ) {
        mark(zone, walk);
        queue.push(zone);
      } else outside.add(zone);
    }
  }
  for (let zone = queue.pop(); zone !== undefined; zone = queue.pop()) {
    for (const next of walk.cells.neighbours(zone)) {
      if (walk.found.has(next)) continue;
      mark(next, walk);
      queue.push(next);
    }
  }
}

function aroundOf(zone: bigint, walk: Walk): readonly bigint[] {
  let around = walk.around.get(zone);
  if (around === undefined) {
    around = walk.cells.neighbours(zone);
    walk.around.set(zone, around);
  }
  return around;
}

function flatCell(zone: bigint, walk: Walk): FlatCell {
  let flat = walk.flat.get(zone);
  if (flat === undefined) {
    const [lonDeg, latDeg] = walk.cells.centre(zone);
    const [lon, lat] = [radians(lonDeg), radians(latDeg)];
    const up = vector(lonDeg, latDeg);
    const east: Vector = [-Math.sin(lon), Math.cos(lon), 0];
    const north: Vector = [-Math.sin(lat) * Math.cos(lon), -Math.sin(lat) * Math.sin(lon), Math.cos(lat)];
    const frame = { up, east, north, ring: new Float64Array(0) };
    const ring = walk.cells.vertices(zone).flatMap(([vLon, vLat]) => project(frame, vector(vLon, vLat)));
    flat = { ...frame, ring: Float64Array.from([...ring, ring[0]!, ring[1]!]) };
    walk.flat.set(zone, flat);
  }
  return flat;
}

/** Does the arc a-b come within `tolerance` (radians) of the cell? */
function meets(cell: FlatCell, a: Vector, b: Vector, tolerance: number): boolean {
  const [ax, ay] = project(cell, a);
  const [bx, by] = project(cell, b);
  const { ring } = cell;
  if (insideRings([ring], ax, ay)) return true;
  for (let n = 2; n < ring.length; n += 2) {
    const [px, py, qx, qy] = [ring[n - 2]!, ring[n - 1]!, ring[n]!, ring[n + 1]!];
    if (segmentsMeet(ax, ay, bx, by, px, py, qx, qy)) return true;
    if (
      distanceToSegment(ax, ay, px, py, qx, qy) <= tolerance ||
      distanceToSegment(bx, by, px, py, qx, qy) <= tolerance ||
      distanceToSegment(px, py, ax, ay, bx, by) <= tolerance
    ) {
      return true;
    }
  }
  return false;
}

function project(cell: FlatCell, p: Vector): [number, number] {
  const depth = dot(cell.up, p);
  return [dot(cell.east, p) / depth, dot(cell.north, p) / depth];
}

/** Planar area over the area of an average cell, or length over its width: the larger. */
function estimateCells(part: Exclude<GeometryPart, { kind: 'point' }>, edge: number): number {
  let length = 0;
  let area = 0;
  pathsOf(part).forEach((path, k) => {
    let ringArea = 0;
    for (let n = 2; n < path.length; n += 2) {
      const dLon = radians(path[n]! - path[n - 2]!);
      const [lat1, lat2] = [radians(path[n - 1]!), radians(path[n + 1]!)];
      const middle = Math.cos((lat1 + lat2) / 2);
      length = Math.max(length, Math.hypot(dLon * middle, lat2 - lat1));
      ringArea += dLon * Math.sin((lat1 + lat2) / 2);
    }
    area += (k === 0 ? 1 : -1) * Math.abs(ringArea);
  });
  const cellArea = ((3 * Math.sqrt(3)) / 2) * edge * edge;
  return Math.max(part.kind === 'area' ? area / cellArea : 0, length / (2 * edge) / 2);
}

function vector(lonDeg: number, latDeg: number): Vector {
  const lon = radians(lonDeg);
  const lat = radians(latDeg);
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** The cells of `h3-js`, for the walk. */
export const H3_JS_CELLS: H3Cells = {
  encode: (lonDeg, latDeg, level) => BigInt(`0x${latLngToCell(latDeg, lonDeg, level)}`),
  neighbours: (zone) => gridDisk(indexText(zone), 1).map((cell) => BigInt(`0x${cell}`)),
  vertices: (zone) => cellToBoundary(indexText(zone)).map(([lat, lon]) => [lon, lat] as const),
  centre: (zone) => {
    const [lat, lon] = cellToLatLng(indexText(zone));
    return [lon, lat];
  },
};
