/**
 * How many H3 cells a cover will have, told from a descent that stops where the cells grow as many as the positions of the geometry,
 * and from lengths and areas.
 */
import type { CoverEstimate } from '../codec.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { type GeometryPart, geometryParts, type Path, pathsOf } from '../geometry/geometry-parts.ts';
import type { EncodeBatch } from './h3-cover-points.ts';
import { Descent } from './h3-descent.ts';
import { lattice, STEPS } from './h3-lattice.ts';

/** Cells on edges the descent may open, for each position and besides. */
const OPEN_EACH = 2;
const OPEN_BESIDES = 256;
/** Farthest a position is from the centre of its face: that of a corner, 37.38 degrees. */
const FACE_RADIUS = Math.atan(3 - Math.sqrt(5));
/** Angles to the centre of a face that differ by more than this (radians) make cells of all sizes. */
const MIXED = 0.3;
/** Cells nearer than the tolerance of a cover count too; this much more than a cell's own width holds them. */
const WIDER = 1.001;

/** Sizes of a geometry on the unit sphere: lengths and areas without the cells. */
interface Sizes {
  readonly positions: number;
  readonly points: number;
  /** Radians: of all lines, of all rings. */
  readonly lineLength: number;
  readonly ringLength: number;
  readonly paths: number;
  /** Farthest two positions of one path are known to be apart, radians. */
  readonly extent: number;
  /** Steradians: of rings less holes, and a bound that holds for rings of any kind. */
  readonly area: number;
  readonly mostArea: number;
}

/** Bounds for mode `intersects`, whose upper one holds for every mode. @throws {GridError} `geometry-invalid`. */
export function estimateCoverH3(
  geometry: GridGeometry,
  level: number,
  encodeBatch: EncodeBatch,
): CoverEstimate {
  const sizes = sizesOf(geometryParts(geometry));
  if (sizes.positions === 0) return { atLeast: 0, about: 0, atMost: 0 };
  const descent = new Descent(geometry, level, 'intersects', encodeBatch);
  const room = OPEN_EACH * sizes.positions + OPEN_BESIDES;
  let stop = level;
  while (stop > 0 && (2 * (sizes.lineLength + sizes.ringLength)) / STEPS[stop]! + sizes.paths > room)
    stop -= 1;
  descent.stopLevel = stop;
  descent.run();
  const below = 7 ** (level - stop);
  const cell = cellSizes(descent, level);
  const byCells = descent.listed + descent.open * below + (stop === level ? 0 : sizes.points);
  // Whatever meets a path lies within a cell's width of it; pentagons, 12 of 5/6 the area, make two more.
  const { widest, leastArea } = cell;
  const length = sizes.lineLength + sizes.ringLength;
  const alongPaths = (2 * widest * length + Math.PI * widest * widest * sizes.paths) / leastArea + 2;
  const byLength = Math.floor(alongPaths + sizes.mostArea / leastArea) + sizes.points;
  const atMost = Math.min(byCells, byLength);
  const atLeast = Math.min(atMost, Math.max(descent.listed, Math.floor(sizes.extent / widest), 1));
  const about = aboutCells(sizes, cell.area);
  return { atLeast, about: Math.min(atMost, Math.max(atLeast, about)), atMost };
}

/** As `about` of an estimate, from lengths and areas and the average cell alone. */
export function aboutListed(geometry: GridGeometry, level: number): number {
  return aboutCells(sizesOf(geometryParts(geometry)), averageArea(level));
}

function averageArea(level: number): number {
  return (4 * Math.PI) / (2 + 120 * 7 ** level);
}

function aboutCells(sizes: Sizes, cellArea: number): number {
  // A convex cell of area a and perimeter p meets a convex shape of area A and perimeter P in (A + P p / 2 pi) / a + 1 places.
  const perimeter = 6 * Math.sqrt((2 * cellArea) / (3 * Math.sqrt(3)));
  const along = ((sizes.ringLength + 2 * sizes.lineLength) * perimeter) / (2 * Math.PI);
  return Math.max(1, Math.round((sizes.area + along) / cellArea)) + sizes.points;
}

/** About how many cells a compacted cover keeps: the boundary's own, and as many coarser ones within. */
export function aboutKept(geometry: GridGeometry, level: number): number {
  const sizes = sizesOf(geometryParts(geometry));
  return Math.round(2 * aboutCells({ ...sizes, area: 0 }, averageArea(level)));
}

/** Bounds of a cell near the geometry: its width (radians), its area (steradians). */
function cellSizes(descent: Descent, level: number): { widest: number; leastArea: number; area: number } {
  const step = STEPS[level]!;
  const { least, most } = faceAngles(descent, (2 / Math.sqrt(3)) * step);
  const flat = (Math.sqrt(3) / 2) * step * step;
  const [near, far] = [Math.cos(least), Math.cos(most)];
  return {
    widest: (2 / Math.sqrt(3)) * step * near * WIDER,
    leastArea: flat * far ** 3,
    // Where cells of all sizes may be, the average of the globe is the better guess.
    area: most - least > MIXED ? averageArea(level) : flat * ((near + far) / 2) ** 3,
  };
}

/** Least and greatest angle between what is near the edges of a geometry and the centre of the face it lies on. */
function faceAngles({ edges }: Descent, margin: number): { least: number; most: number } {
  const { bases } = lattice();
  let [least, most] = [FACE_RADIUS, 0];
  for (const root of edges.roots) {
    const [x, y, z, chord] = edges.circle(root);
    let cos = -1;
    for (let at = 0; at < bases.length; at += 9) {
      cos = Math.max(cos, x * bases[at]! + y * bases[at + 1]! + z * bases[at + 2]!);
    }
    const angle = Math.acos(Math.min(1, cos));
    const radius = 2 * Math.asin(Math.min(1, chord / 2)) + margin;
    least = Math.min(least, angle - radius);
    most = Math.max(most, angle + radius);
  }
  // Without edges (points, the whole globe) it may be anywhere. A circle round a path holds its inside, or reaches everywhere.
  if (edges.roots.length === 0) return { least: 0, most: FACE_RADIUS };
  return { least: Math.max(0, least), most: Math.min(FACE_RADIUS, most) };
}

function sizesOf(parts: readonly GeometryPart[]): Sizes {
  let [positions, points, lineLength, ringLength, paths, extent, area, mostArea] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const part of parts) {
    if (part.kind === 'point') {
      positions += 1;
      points += 1;
      continue;
    }
    let own = 0;
    pathsOf(part).forEach((path, k) => {
      const size = pathSize(path);
      positions += path.length / 2;
      paths += 1;
      extent = Math.max(extent, size.extent);
      if (part.kind === 'line') lineLength += size.length;
      else {
        ringLength += size.length;
        own += (k === 0 ? 1 : -1) * Math.abs(size.area);
        // Of all rings of a length a circle holds most: A (4 pi - A) <= P^2.
        const left = 4 * Math.PI * Math.PI - size.length * size.length;
        mostArea += left > 0 ? size.length ** 2 / (2 * Math.PI + Math.sqrt(left)) : 4 * Math.PI;
      }
    });
    area += Math.max(0, own);
  }
  return { positions, points, lineLength, ringLength, paths, extent, area, mostArea };
}

/** Length (not too short), extent (not too long) and signed area of a path. */
function pathSize(path: Path): { length: number; extent: number; area: number } {
  let [length, extent, area] = [0, 0, 0];
  const first = vector(path[0]!, path[1]!);
  for (let n = 2; n < path.length; n += 2) {
    const dLon = radians(path[n]! - path[n - 2]!);
    const [from, to] = [radians(path[n - 1]!), radians(path[n + 1]!)];
    const widest = from > 0 === to > 0 ? Math.cos(Math.min(Math.abs(from), Math.abs(to))) : 1;
    length += Math.hypot(dLon * widest, to - from);
    // The area between the edge and the equator.
    const half = (to - from) / 2;
    area += dLon * Math.sin((from + to) / 2) * (half === 0 ? 1 : Math.sin(half) / half);
    const here = vector(path[n]!, path[n + 1]!);
    const chord = Math.hypot(here[0] - first[0], here[1] - first[1], here[2] - first[2]);
    extent = Math.max(extent, 2 * Math.asin(Math.min(1, chord / 2)));
  }
  return { length, extent, area };
}

function vector(lonDeg: number, latDeg: number): readonly [number, number, number] {
  const [lon, lat] = [radians(lonDeg), radians(latDeg)];
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
