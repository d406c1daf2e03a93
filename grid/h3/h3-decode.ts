/**
 * Centres of many H3 cells from two 32-bit words each, by whole numbers: the digits, four a look-up, give the place on the lattice
 * of a face (`h3-digits.ts`), and what runs over its edge is unfolded onto the face beside it (`h3-lattice.ts`).
 *
 * Exact to the rounding of the last steps, 4e-16 of the sphere's radius; `h3-js`, which goes by angles, differs by at most 2e-13
 * degrees to latitude 85 (measured) and 1e-13 / cos(latitude) beyond, as it takes the latitude by arc sine. Centres within
 * 0.02 degrees of a pole, where that would show, are left to `h3-js`, so that both agree within 1e-9 degrees everywhere.
 */
import { cellToLatLng } from 'h3-js';
import { HIGH_WORD } from '../no-zone.ts';
import { CHUNK_SCALE, leadingDigit, STEPS_A, STEPS_B, turnDigits } from './h3-digits.ts';
import { textOfWords } from './h3-index.ts';
import { BASE_CELLS, FACE_INRADIUS, type Lattice, lattice } from './h3-lattice.ts';
import { RADIANS } from './h3-trig.ts';

/** By `base * 8 + first digit`: face, sixths its digits are turned by, and a + 3 and b + 3 of the base cell on it. `NO_FRAME` for none. */
interface Frames {
  readonly grid: Lattice;
  readonly frames: Int32Array;
}
const NO_FRAME = -1;
/** Squared tangent of 0.02 degrees: nearer to a pole `h3-js` decides. */
const POLE_ACROSS = (0.02 * RADIANS) ** 2;

let made: Frames | undefined;

function framesOf(): Frames {
  made ??= makeFrames();
  return made;
}

function makeFrames(): Frames {
  const grid = lattice();
  // Base cells 122..127 of the seven bits are none.
  const frames = new Int32Array(8 * 128).fill(NO_FRAME);
  for (let base = 0; base < BASE_CELLS; base += 1) {
    const root = grid.roots[base]!;
    for (let digit = 0; digit < 7; digit += 1) {
      // A pentagon's own centre lies on the corner of each of its sectors alike.
      const frame = root.sectors === undefined ? root : root.sectors[digit === 0 ? 2 : digit];
      if (frame === undefined) continue;
      const b = frame.y / FACE_INRADIUS / (Math.sqrt(3) / 2);
      const a = Math.round(frame.x / FACE_INRADIUS + b / 2);
      frames[8 * base + digit] =
        (frame.face << 16) | (frame.sixths << 12) | ((a + 3) << 4) | (Math.round(b) + 3);
    }
  }
  return { grid, frames };
}

/**
 * Writes the centres of cells of `level` (0..15, trusted), degrees; NaN twice for what is no cell of that level.
 * @param words - Pairs laid out like `wordsOf`.
 */
export function decodeWords(
  words: Uint32Array,
  level: number,
  lonDeg: Float64Array,
  latDeg: Float64Array,
  count: number,
): void {
  const { grid, frames } = framesOf();
  const { bases, fold, foldFace } = grid;
  const chunks = Math.ceil(level / 4);
  const scale = CHUNK_SCALE ** chunks;
  const stepX = FACE_INRADIUS / scale;
  const stepY = (stepX * Math.sqrt(3)) / 2;
  const limit = 2 * scale;
  const shift = 3 * scale;
  // Of sixteen digits, eight a word, those finer than the level; the sixteenth is not in the index.
  const finer = 3 * (16 - level);
  const coarseFill = finer > 24 ? 2 ** (finer - 24) - 1 : 0;
  const fineFill = finer >= 24 ? 0o77777777 : 2 ** finer - 1;
  for (let n = 0; n < count; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    let coarse = ((high & 0x1fff) << 11) | (low >>> 21);
    let fine = ((low & 0x1fffff) << 3) | 7;
    lonDeg[n] = Number.NaN;
    latDeg[n] = Number.NaN;
    // Reserved bit and bits 0, mode 1, the level, and 7 in every finer digit.
    if (
      high >>> 20 !== 128 + level ||
      (coarse & coarseFill) !== coarseFill ||
      (fine & fineFill) !== fineFill
    ) {
      continue;
    }
    coarse ^= coarseFill;
    fine ^= fineFill;
    // A digit 7 has all three bits; turning is defined for the others only.
    if (hasSeven(coarse) || hasSeven(fine)) continue;
    const frame = frames[(((high >>> 13) & 127) << 3) | leadingDigit(coarse, fine)]!;
    if (frame === NO_FRAME) continue;
    const turn = (frame >> 12) & 15;
    if (turn !== 0) {
      coarse = turnDigits(coarse, turn);
      fine = turnDigits(fine, turn);
    }
    let a = (frame >> 4) & 255;
    let b = frame & 15;
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const word = chunk < 2 ? coarse : fine;
      const digits = (chunk & 1) === 0 ? word >> 12 : word & 4095;
      a = Math.imul(a, CHUNK_SCALE) + STEPS_A[digits]!;
      b = Math.imul(b, CHUNK_SCALE) + STEPS_B[digits]!;
    }
    a -= shift;
    b -= shift;
    let face = frame >> 16;
    let x = (a - b / 2) * stepX;
    let y = b * stepY;
    const edge = a + b > limit ? 0 : 2 * a - b < -limit ? 1 : 2 * b - a < -limit ? 2 : 3;
    if (edge < 3) {
      const at = 3 * face + edge;
      const cos = fold[4 * at]!;
      const sin = fold[4 * at + 1]!;
      const unfolded = x;
      x = unfolded * cos - y * sin + fold[4 * at + 2]!;
      y = unfolded * sin + y * cos + fold[4 * at + 3]!;
      face = foldFace[at]!;
    }
    const at = 9 * face;
    const vx = bases[at]! + x * bases[at + 3]! + y * bases[at + 6]!;
    const vy = bases[at + 1]! + x * bases[at + 4]! + y * bases[at + 7]!;
    const vz = bases[at + 2]! + x * bases[at + 5]! + y * bases[at + 8]!;
    const across = vx * vx + vy * vy;
    if (across < POLE_ACROSS * vz * vz) {
      const [lat, lon] = cellToLatLng(textOfWords(high, low));
      lonDeg[n] = lon;
      latDeg[n] = lat;
      continue;
    }
    lonDeg[n] = Math.atan2(vy, vx) / RADIANS;
    latDeg[n] = Math.atan2(vz, Math.sqrt(across)) / RADIANS;
  }
}

function hasSeven(digits: number): boolean {
  return (digits & (digits >> 1) & (digits >> 2) & 0o11111111) !== 0;
}
