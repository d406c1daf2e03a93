/**
 * Where H3 cells lie, by plain arithmetic: lattices of hexagons on the twenty gnomonic planes of an icosahedron.
 *
 * On the plane of its face a cell is a regular hexagon, a child sits one step of the finer lattice from its parent's centre, and
 * the seven steps are turned by the frame the base cell gives to all its descendants. What runs over a face's edge is unfolded:
 * the neighbouring face lies rigidly beside it, turned by a multiple of 60 degrees. A pentagon sits on a corner of five faces;
 * each of its five children (and all of theirs) has the frame of one of them.
 *
 * Nothing here is a table: the corners of the icosahedron are the centres of the twelve pentagons, and the frames are those that
 * put the children of the base cells where `h3-js` puts them. @source https://h3geo.org/docs/core-library/overview
 */
import { cellToLatLng, getPentagons, isPentagon } from 'h3-js';
import { indexText, MAX_RESOLUTION } from './h3-index.ts';

/** Distance between neighbouring centres of resolution 0 on the plane of a face: half of centre to corner. */
const STEP_0 = (3 - Math.sqrt(5)) / 2;
/** From a face's centre to the middle of its edge on its plane. */
export const FACE_INRADIUS = STEP_0;
const FACES = 20;
export const BASE_CELLS = 122;
/** Odd resolutions are turned against even ones by asin(sqrt(3 / 28)), counter-clockwise. */
const ODD_TURN = Math.asin(Math.sqrt(3 / 28));
/** Direction of each digit on even resolutions, in sixths of a turn; digit 0 is the centre. */
const DIGIT_SIXTHS = [0, 4, 2, 3, 0, 5, 1] as const;

/** How far descendants of any resolution reach from a cell's centre on the plane, in its own steps: 1 / (sqrt(7) - 1). */
export const REACH_STEPS = 0.6077;
/** From centre to corner in steps: 1 / sqrt(3). */
export const CORNER_STEPS = 0.57736;

/** Steps between neighbouring centres on the plane, by resolution. */
export const STEPS: readonly number[] = Array.from(
  { length: MAX_RESOLUTION + 1 },
  (_, resolution) => STEP_0 / Math.sqrt(7) ** resolution,
);

/** A centre on the plane of a face, and the turn (sixths) of the frame its descendants are counted in. */
export interface Frame {
  readonly face: number;
  readonly sixths: number;
  readonly x: number;
  readonly y: number;
}

/** A base cell: its frame; for a pentagon one for each first digit 2..6 instead (by digit), and a centre all share. */
export interface Root extends Frame {
  readonly sectors: readonly (Frame | undefined)[] | undefined;
}

export interface Lattice {
  readonly roots: readonly Root[];
  /** By face: unit vectors of its centre, of its first axis (towards its first corner) and of its second; nine numbers each. */
  readonly bases: Float64Array;
  /** By face and edge (0..2; edge e from corner e to the next): the neighbour, and the turn and shift that fold a point onto it. */
  readonly foldFace: Int8Array;
  readonly fold: Float64Array;
  /** By face and corner: every `face * 3 + corner` at the same corner of the icosahedron. */
  readonly corners: readonly (readonly number[])[];
  /** By resolution and direction in sixths: the step to a child's centre. Pairs. */
  readonly steps: Float64Array;
  /** By resolution and corner: from a centre to the corner of its hexagon, counter-clockwise. Pairs. */
  readonly hexagon: Float64Array;
}

/** Outward normals of a face's edges on its plane. */
export const EDGE_NORMALS: Float64Array = Float64Array.of(
  0.5,
  Math.sqrt(3) / 2,
  -1,
  0,
  0.5,
  -Math.sqrt(3) / 2,
);

type Vector = readonly [number, number, number];

let made: Lattice | undefined;

/** The lattices; worked out at the first call, in some ms. */
export function lattice(): Lattice {
  made ??= makeLattice();
  return made;
}

/** Direction of a digit in a frame, sixths. */
export function directionOf(digit: number, sixths: number): number {
  return (DIGIT_SIXTHS[digit]! + sixths) % 6;
}

/** A point brought onto the plane of the face it lies over: `place` takes the face, plane coordinates and unit vector. */
export interface Place {
  face: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  vz: number;
}

export function newPlace(): Place {
  return { face: 0, x: 0, y: 0, vx: 0, vy: 0, vz: 0 };
}

/** Writes where a point of a face's unfolded plane lies. */
export function putPlace(grid: Lattice, place: Place, face: number, x: number, y: number): void {
  let [f, px, py] = [face, x, y];
  const normals = EDGE_NORMALS;
  // Most points lie in the circle within the face.
  if (x * x + y * y > FACE_INRADIUS * FACE_INRADIUS) {
    for (let edge = 0; edge < 3; edge += 1) {
      if (x * normals[2 * edge]! + y * normals[2 * edge + 1]! > FACE_INRADIUS) {
        const at = (3 * face + edge) * 4;
        const { fold } = grid;
        px = x * fold[at]! - y * fold[at + 1]! + fold[at + 2]!;
        py = x * fold[at + 1]! + y * fold[at]! + fold[at + 3]!;
        f = grid.foldFace[3 * face + edge]!;
        break;
      }
    }
  }
  place.face = f;
  place.x = px;
  place.y = py;
  const { bases } = grid;
  const at = 9 * f;
  const vx = bases[at]! + px * bases[at + 3]! + py * bases[at + 6]!;
  const vy = bases[at + 1]! + px * bases[at + 4]! + py * bases[at + 7]!;
  const vz = bases[at + 2]! + px * bases[at + 5]! + py * bases[at + 8]!;
  const scale = 1 / Math.sqrt(1 + px * px + py * py);
  place.vx = vx * scale;
  place.vy = vy * scale;
  place.vz = vz * scale;
}

function makeLattice(): Lattice {
  const corners = getPentagons(0).map(centreVector);
  const faces = facesOf(corners);
  const bases = new Float64Array(9 * FACES);
  faces.forEach((face, f) => {
    const [a, b, c] = face.map((corner) => corners[corner]!) as [Vector, Vector, Vector];
    const up = unit([a[0] + b[0] + c[0], a[1] + b[1] + c[1], a[2] + b[2] + c[2]]);
    const along = dot(a, up);
    const first = unit([a[0] - along * up[0], a[1] - along * up[1], a[2] - along * up[2]]);
    bases.set([...up, ...first, ...cross(up, first)], 9 * f);
  });
  const sameCorner = faces.flatMap((face) =>
    face.map((corner) =>
      faces.flatMap((other, f) => {
        const at = other.indexOf(corner);
        return at < 0 ? [] : [3 * f + at];
      }),
    ),
  );
  const grid: Lattice = { roots: [], bases, ...foldsOf(faces), corners: sameCorner, ...stepsOf() };
  return { ...grid, roots: Array.from({ length: BASE_CELLS }, (_, base) => rootOf(grid, base)) };
}

/** Corners of each face, counter-clockwise seen from outside: every three that are nearest neighbours of each other. */
function facesOf(corners: readonly Vector[]): readonly (readonly [number, number, number])[] {
  // Neighbouring corners are 63.4 degrees apart, the others 116.6 or 180.
  const near = (a: number, b: number): boolean => dot(corners[a]!, corners[b]!) > 0.4;
  const faces: [number, number, number][] = [];
  for (let a = 0; a < corners.length; a += 1) {
    for (let b = a + 1; b < corners.length; b += 1) {
      for (let c = b + 1; c < corners.length; c += 1) {
        if (!near(a, b) || !near(b, c) || !near(a, c)) continue;
        const left = dot(cross(corners[a]!, corners[b]!), corners[c]!) > 0;
        faces.push(left ? [a, b, c] : [a, c, b]);
      }
    }
  }
  return faces;
}

function foldsOf(faces: readonly (readonly number[])[]): { foldFace: Int8Array; fold: Float64Array } {
  const foldFace = new Int8Array(3 * FACES);
  const fold = new Float64Array(12 * FACES);
  faces.forEach((face, f) => {
    for (let edge = 0; edge < 3; edge += 1) {
      const [from, to] = [face[edge]!, face[(edge + 1) % 3]!];
      const g = faces.findIndex((other, k) => k !== f && other.includes(from) && other.includes(to));
      // The other face runs along the shared edge the other way: the turn is that of its edge less ours, and half a turn.
      const back = faces[g]!.indexOf(to);
      const sixths = (2 * back + 3 - 2 * edge + 6) % 6;
      const [cos, sin] = sixthVector(sixths);
      const [px, py] = cornerOf(edge);
      const [qx, qy] = cornerOf(faces[g]!.indexOf(from));
      foldFace[3 * f + edge] = g;
      fold.set([cos, sin, qx - (px * cos - py * sin), qy - (px * sin + py * cos)], (3 * f + edge) * 4);
    }
  });
  return { foldFace, fold };
}

function stepsOf(): { steps: Float64Array; hexagon: Float64Array } {
  const steps = new Float64Array(12 * STEPS.length);
  const hexagon = new Float64Array(12 * STEPS.length);
  STEPS.forEach((step, resolution) => {
    const turn = resolution % 2 === 1 ? ODD_TURN : 0;
    for (let k = 0; k < 6; k += 1) {
      const angle = (k * Math.PI) / 3 + turn;
      const corner = angle + Math.PI / 6;
      steps.set([step * Math.cos(angle), step * Math.sin(angle)], 12 * resolution + 2 * k);
      const radius = step / Math.sqrt(3);
      hexagon.set([radius * Math.cos(corner), radius * Math.sin(corner)], 12 * resolution + 2 * k);
    }
  });
  return { steps, hexagon };
}

function rootOf(grid: Lattice, base: number): Root {
  const text = childText(base, 0);
  const [face, x, y] = planeOf(grid, centreVector(text));
  if (!isPentagon(text)) {
    const frames = [0, 1, 2, 3, 4, 5].map((sixths): Frame => ({ face, sixths, x, y }));
    // One child tells: the six frames put it on six places.
    const child = centreVector(childText(base, 1));
    return { ...nearest(frames, (each) => missOf(grid, each, 1, child)), sectors: undefined };
  }
  const at = [0, 1, 2].map((corner) => 3 * face + corner);
  const own = nearest(at, (each) => Math.hypot(cornerOf(each % 3)[0] - x, cornerOf(each % 3)[1] - y));
  const sectors = [0, 1, 2, 3, 4, 5, 6].map((digit) => {
    if (digit < 2) return undefined;
    const frames = grid.corners[own]!.map((each): Frame => {
      const corner = each % 3;
      const [cx, cy] = cornerOf(corner);
      // The child lies inwards of its corner; the frame is the one in which its digit points there.
      const inwards = 3 + 2 * corner;
      return { face: (each - corner) / 3, sixths: (inwards + 6 - DIGIT_SIXTHS[digit]!) % 6, x: cx, y: cy };
    });
    const child = centreVector(childText(base, digit));
    return nearest(frames, (each) => missOf(grid, each, digit, child));
  });
  const [cx, cy] = cornerOf(own % 3);
  return { face, sixths: 0, x: cx, y: cy, sectors };
}

/** How far a frame puts a child of resolution 1 from where it is. */
function missOf(grid: Lattice, frame: Frame, digit: number, [vx, vy, vz]: Vector): number {
  const at = 12 + 2 * directionOf(digit, frame.sixths);
  const place = newPlace();
  putPlace(grid, place, frame.face, frame.x + grid.steps[at]!, frame.y + grid.steps[at + 1]!);
  return Math.hypot(place.vx - vx, place.vy - vy, place.vz - vz);
}

/** Text of a base cell (digit 0 at resolution 0), or of its child of that digit. */
function childText(base: number, digit: number): string {
  const resolution = digit === 0 ? 0n : 1n;
  const first = digit === 0 ? 7n : BigInt(digit);
  return indexText(
    (1n << 59n) | (resolution << 52n) | (BigInt(base) << 45n) | (first << 42n) | ((1n << 42n) - 1n),
  );
}

/** The face a direction lies over, and where on its plane. */
function planeOf(grid: Lattice, p: Vector): readonly [face: number, x: number, y: number] {
  const { bases } = grid;
  const part = (f: number, axis: number): number =>
    p[0] * bases[9 * f + axis]! + p[1] * bases[9 * f + axis + 1]! + p[2] * bases[9 * f + axis + 2]!;
  const face = nearest(
    Array.from({ length: FACES }, (_, f) => f),
    (f) => -part(f, 0),
  );
  const depth = part(face, 0);
  return [face, part(face, 3) / depth, part(face, 6) / depth];
}

/** Corner of a face on its plane. */
function cornerOf(corner: number): readonly [number, number] {
  const [cos, sin] = sixthVector(2 * corner);
  return [2 * STEP_0 * cos, 2 * STEP_0 * sin];
}

function sixthVector(sixths: number): readonly [cos: number, sin: number] {
  const half = Math.sqrt(3) / 2;
  return [[1, 0.5, -0.5, -1, -0.5, 0.5][sixths]!, [0, half, half, 0, -half, -half][sixths]!];
}

function nearest<T>(all: readonly T[], missOfOne: (each: T) => number): T {
  const misses = all.map(missOfOne);
  return all[misses.indexOf(Math.min(...misses))]!;
}

function centreVector(text: string): Vector {
  const [lat, lon] = cellToLatLng(text).map((degrees) => (degrees * Math.PI) / 180) as [number, number];
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

function unit([x, y, z]: Vector): Vector {
  const size = Math.hypot(x, y, z);
  return [x / size, y / size, z / size];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
