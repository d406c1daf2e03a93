/**
 * The twenty faces for encoding: where a direction lies on the plane of a face, which face that is, and which base cell with
 * which turn is found at each place of resolution 0. Worked out from the lattices and from `h3-js` at the first call, in some ms.
 */
import { latLngToCell } from 'h3-js';
import { turnDigits, UNIT_A, UNIT_B } from './h3-digits.ts';
import { FACE_INRADIUS, type Lattice, lattice, newPlace, putPlace } from './h3-lattice.ts';
import { RADIANS } from './h3-trig.ts';
import { baseOf, digitOf } from './h3-words.ts';

const FACES = 20;
/** Numbers a face takes in `planes`. */
export const PLANE_SIZE = 9;
/** Rows of `guess`: one per two degrees of latitude. */
export const GUESS_ROWS = 91;
/** Bit of a `bases` entry that says the base cell is a pentagon; the rest of it is then a row of `pentagonTurns`. */
export const PENTAGON = 1024;
/** A place no point of the face falls on. */
export const NO_BASE = -1;
/** A first digit no point of the face has. */
export const NO_TURN = 7;

export interface FaceTables {
  /**
   * By face: its centre c, and U and V such that a direction p has u = p.U / p.c and v = p.V / p.c, where u = 2a - b, v = 2b - a and
   * a + b w is its place on the lattice of resolution 0. The face is where u >= -2, v >= -2 and u + v <= 2.
   */
  readonly planes: Float64Array;
  /** Nearest face of the middle of each field of two degrees, by `(round(lon) + 180 >> 1) * GUESS_ROWS + (round(lat) + 90 >> 1)`. */
  readonly guess: Uint8Array;
  /** By `face * 64 + (a + 3) * 8 + b + 3`: base cell, plus 128 times the sixths its digits are turned by. */
  readonly bases: Int16Array;
  /** By row of a pentagon on a face and first digit before turning: sixths, or 7 where no point of the face has it. Eight a row. */
  readonly pentagonTurns: Uint8Array;
  /** Base cell of a row. */
  readonly pentagonBases: Uint8Array;
}

let made: FaceTables | undefined;

/** The tables; made at the first call. */
export function faceTables(): FaceTables {
  made ??= makeTables();
  return made;
}

function makeTables(): FaceTables {
  const grid = lattice();
  const planes = planesOf(grid);
  return { planes, guess: guessOf(planes), ...basesOf(grid) };
}

function planesOf({ bases }: Lattice): Float64Array {
  const planes = new Float64Array(PLANE_SIZE * FACES);
  for (let face = 0; face < FACES; face += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      const at = PLANE_SIZE * face + axis;
      const [centre, first, second] = [bases[at]!, bases[at + 3]!, bases[at + 6]!];
      planes[at] = centre;
      planes[at + 3] = (2 * first) / FACE_INRADIUS;
      planes[at + 6] = (Math.sqrt(3) * second - first) / FACE_INRADIUS;
    }
  }
  return planes;
}

/** The face whose centre is nearest to a direction. */
export function nearestFace(planes: Float64Array, px: number, py: number, pz: number): number {
  let best = 0;
  let most = -2;
  for (let face = 0; face < FACES; face += 1) {
    const at = PLANE_SIZE * face;
    const depth = px * planes[at]! + py * planes[at + 1]! + pz * planes[at + 2]!;
    if (depth > most) {
      most = depth;
      best = face;
    }
  }
  return best;
}

function guessOf(planes: Float64Array): Uint8Array {
  const guess = new Uint8Array(181 * GUESS_ROWS);
  for (let column = 0; column < 181; column += 1) {
    const lon = ((2 * column + 0.5 - 180) * Math.PI) / 180;
    for (let row = 0; row < GUESS_ROWS; row += 1) {
      const lat = ((2 * row + 0.5 - 90) * Math.PI) / 180;
      const across = Math.cos(lat);
      guess[column * GUESS_ROWS + row] = nearestFace(
        planes,
        across * Math.cos(lon),
        across * Math.sin(lon),
        Math.sin(lat),
      );
    }
  }
  return guess;
}

function basesOf(grid: Lattice): Pick<FaceTables, 'bases' | 'pentagonTurns' | 'pentagonBases'> {
  const bases = new Int16Array(64 * FACES).fill(NO_BASE);
  const turns: number[] = [];
  const pentagonBases: number[] = [];
  for (let face = 0; face < FACES; face += 1) {
    for (let a = -2; a <= 2; a += 1) {
      for (let b = -2; b <= 2; b += 1) {
        // Centres half a step beyond an edge have some of their points on the face; those farther out have none.
        if (2 * a - b < -3 || 2 * b - a < -3 || a + b > 3) continue;
        const { base, sixths } = probe(grid, face, a, b);
        const at = face * 64 + (a + 3) * 8 + b + 3;
        if (grid.roots[base]!.sectors !== undefined) {
          bases[at] = PENTAGON | pentagonBases.length;
          pentagonBases.push(base);
          turns.push(...sixths);
        } else bases[at] = base | (Math.min(...sixths) << 7);
      }
    }
  }
  return {
    bases,
    pentagonTurns: Uint8Array.from(turns),
    pentagonBases: Uint8Array.from(pentagonBases),
  };
}

/**
 * Asks `h3-js` for the base cell at a place of resolution 0 on a face, and by how many sixths each first digit counted on that
 * face must be turned to be its own: `NO_TURN` for children round a corner of it.
 */
function probe(grid: Lattice, face: number, a: number, b: number): { base: number; sixths: number[] } {
  const place = newPlace();
  const sixths: number[] = Array.from({ length: 8 }, () => NO_TURN);
  const corner = a * a - a * b + b * b === 4;
  const [homeX, homeY] = planePlace(a, b);
  let base = 0;
  for (let digit = 1; digit < 7; digit += 1) {
    const a1 = 2 * a + b + UNIT_A[digit]!;
    const b1 = 3 * b - a + UNIT_B[digit]!;
    const [childA, childB] = [(3 * a1 - b1) / 7, (a1 + 2 * b1) / 7];
    const [x, y] = planePlace(childA, childB);
    // At a corner of the face: the two children beside the face hold some of its points too, but those round the corner none.
    if (corner && (x - homeX) * homeX + (y - homeY) * homeY > 0) continue;
    putPlace(grid, place, face, x, y);
    const lonDeg = Math.atan2(place.vy, place.vx) / RADIANS;
    const cell = BigInt(`0x${latLngToCell(Math.asin(place.vz) / RADIANS, lonDeg, 1)}`);
    const high = Number(cell >> 32n);
    base = baseOf(high);
    const own = digitOf(high, 0, 1);
    sixths[digit] = [0, 1, 2, 3, 4, 5].find((turn) => turnDigits(digit, turn) === own) ?? NO_TURN;
  }
  return { base, sixths };
}

/** Plane coordinates of a place on the lattice of resolution 0. */
function planePlace(a: number, b: number): readonly [x: number, y: number] {
  return [FACE_INRADIUS * (a - b / 2), FACE_INRADIUS * (Math.sqrt(3) / 2) * b];
}
