/**
 * The H3 cells of many positions, as two 32-bit words each: the same cells `h3-js` gives, several times faster.
 *
 * A position becomes a unit vector (`h3-trig.ts`), three dot products and one division put it on the plane of its face
 * (`h3-faces.ts`), flooring along the three directions of the lattice finds its hexagon, and the digits follow from whole
 * numbers, four a look-up (`h3-digits.ts`).
 *
 * What decides at the edges. Both we and `h3-js` round. On the plane (face's centre to corner 0.76) ours strays by less than 1e-15:
 * vector 4e-16, dot products and division 4e-16, scaling 2e-16. `h3-js` strays by less than 7e-15: degrees to radians 4e-16, angles
 * up to 2 pi 2e-15, scaling by sqrt(7) in up to 15 steps 4e-15, and distance by acos(1 - s / 2) 1.2e-16 / r at the distance r from
 * the centre. Measured, where its cells turn over at level 15 lies within 2e-15 of where they should, and within 6e-17 / r near a
 * centre. So a position nearer than `EDGE_MARGIN` = 2e-14 to an edge of its cell or face is decided by `h3-js` itself, and within
 * `CENTRE_COS` the margin grows by 4e-16 / r. The spokes from a hexagon's centre to its corners count as edges, which costs less
 * than telling them apart. A step of level 15 is 1.75e-7, so of random positions 1.4 in a million are handed over there, and
 * seven times fewer with every two levels less.
 */
import { latLngToCell } from 'h3-js';
import { HIGH_WORD } from '../no-zone.ts';
import { CHUNK_CARRY, CHUNK_DIGITS, CHUNK_SCALE, leadingDigit, turnDigits } from './h3-digits.ts';
import { faceTables, GUESS_ROWS, NO_TURN, nearestFace, PENTAGON, PLANE_SIZE } from './h3-faces.ts';
import { MAX_RESOLUTION, writeIndex } from './h3-index.ts';
import { FACE_INRADIUS } from './h3-lattice.ts';
import { COS_4, COS_6, COS_OF_DEGREE, RADIANS, SIN_3, SIN_5, SIN_OF_DEGREE } from './h3-trig.ts';
import { DIGIT_HIGH, DIGIT_LOW } from './h3-words.ts';

/** Positions on the plane of a face nearer than this to a line that decides are decided by `h3-js`. */
export const EDGE_MARGIN = 2e-14;
/** The same times the distance to the face's centre, for what `h3-js` loses by acos near to it: added within `CENTRE`. */
const CENTRE_MARGIN = 4e-16;
/** How much of `EDGE_MARGIN` that adds, times the distance. */
const CENTRE_LOSS = CENTRE_MARGIN / EDGE_MARGIN;
/** Nearer than 0.02 to the centre of a face: beyond it `CENTRE_MARGIN / r` is less than half of `EDGE_MARGIN`. */
const CENTRE_COS = Math.cos(0.02);

/** How many positions batches had, and how many of them `h3-js` decided, as they lie within rounding of an edge. Batches add to it. */
export interface H3BatchStats {
  points: number;
  decidedByH3js: number;
}

/** What a level needs, worked out once. */
interface Scales {
  /** From u and v at resolution 0 to those of the level. */
  readonly uu: number;
  readonly uv: number;
  readonly vu: number;
  readonly vv: number;
  /** From a cell of the level, counted from `-ORIGIN`, to its centre child at the next resolution divisible by four. */
  readonly aa: number;
  readonly ab: number;
  readonly ba: number;
  readonly bb: number;
  readonly a0: number;
  readonly b0: number;
  readonly chunks: number;
  /** `EDGE_MARGIN` in u, v and u + v. */
  readonly margin: number;
  /** Words of an index of the level without base cell and digits: mode, resolution, and 7 in every finer digit. */
  readonly high: number;
  readonly low: number;
}

/** Added to a and b of cells so that they are positive at every level: 7^8. */
const ORIGIN = 5_764_801;

const SCALES: readonly Scales[] = Array.from({ length: MAX_RESOLUTION + 1 }, (_, level) => scalesOf(level));

function scalesOf(level: number): Scales {
  const odd = level % 2 === 1;
  const scale = 7 ** Math.floor(level / 2);
  const chunks = Math.ceil(level / 4);
  const pad = chunks * 4 - level >= 2 ? 7 : 1;
  // Odd resolutions multiply by 2 - w; their centre children by 3 + w.
  const [uu, uv, vu, vv] = odd ? [3 * scale, scale, -scale, 2 * scale] : [scale, 0, 0, scale];
  const [aa, ab, ba, bb] = odd ? [3 * pad, -pad, pad, 2 * pad] : [pad, 0, 0, pad];
  let [high, low] = [(1 << 27) | (level << 20), 0];
  for (let finer = level + 1; finer <= MAX_RESOLUTION; finer += 1) {
    high |= DIGIT_HIGH[8 * finer + 7]!;
    low |= DIGIT_LOW[8 * finer + 7]!;
  }
  // At resolution 0 places count from -3, so that the last quotients are whole and positive.
  const start = 3 * CHUNK_SCALE ** chunks;
  return {
    ...{ uu, uv, vu, vv, aa, ab, ba, bb, chunks, high, low },
    a0: start - ORIGIN * (aa + ab),
    b0: start - ORIGIN * (ba + bb),
    margin: (2 * EDGE_MARGIN * Math.sqrt(7) ** level) / FACE_INRADIUS,
  };
}

/**
 * Writes the cells of `level` (0..15, trusted) of positions in CGCS2000 / WGS 84 degrees, as pairs of 32-bit words laid out like
 * `wordsOf`. A position the grid refuses (NaN, |lon| > 180, |lat| > 90) becomes `NO_ZONE`, all ones.
 * @returns How many positions `h3-js` decided.
 *
 * One long loop over plain numbers: parts of it in functions of their own would have to hand over two or three numbers each, in
 * objects or through memory.
 */
export function encodeWords(
  lonDeg: Float64Array,
  latDeg: Float64Array,
  level: number,
  words: Uint32Array,
  count: number,
): number {
  const { planes, guess, bases, pentagonTurns, pentagonBases } = faceTables();
  const { uu, uv, vu, vv, aa, ab, ba, bb, a0, b0, chunks, margin, high, low } = SCALES[level]!;
  const half = 0.5 - margin;
  const within = 2 - (2 * EDGE_MARGIN) / FACE_INRADIUS;
  const highAt = HIGH_WORD;
  const lowAt = 1 - HIGH_WORD;
  let decided = 0;
  for (let n = 0; n < count; n += 1) {
    const lon = lonDeg[n]!;
    const lat = latDeg[n]!;
    const at = 2 * n;
    // Written so that NaN is refused too.
    if (!(lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90)) {
      words[at] = 0xffff_ffff;
      words[at + 1] = 0xffff_ffff;
      continue;
    }
    const column = (lon + 180.5) | 0;
    const x = (lon - (column - 180)) * RADIANS;
    const xx = x * x;
    const sinX = x * (1 + xx * (SIN_3 + xx * SIN_5));
    const lessX = xx * (xx * (COS_4 + xx * COS_6) - 0.5);
    const sinColumn = SIN_OF_DEGREE[column]!;
    const cosColumn = COS_OF_DEGREE[column]!;
    const row = (lat + 90.5) | 0;
    const y = (lat - (row - 90)) * RADIANS;
    const yy = y * y;
    const sinY = y * (1 + yy * (SIN_3 + yy * SIN_5));
    const lessY = yy * (yy * (COS_4 + yy * COS_6) - 0.5);
    const sinRow = SIN_OF_DEGREE[row + 90]!;
    const cosRow = COS_OF_DEGREE[row + 90]!;
    const across = cosRow + (cosRow * lessY - sinRow * sinY);
    const px = across * (cosColumn + (cosColumn * lessX - sinColumn * sinX));
    const py = across * (sinColumn + (sinColumn * lessX + cosColumn * sinX));
    const pz = sinRow + (sinRow * lessY + cosRow * sinY);

    let face = guess[(column >> 1) * GUESS_ROWS + (row >> 1)]!;
    let plane = PLANE_SIZE * face;
    let depth = px * planes[plane]! + py * planes[plane + 1]! + pz * planes[plane + 2]!;
    let over = 1 / depth;
    let u = (px * planes[plane + 3]! + py * planes[plane + 4]! + pz * planes[plane + 5]!) * over;
    let v = (px * planes[plane + 6]! + py * planes[plane + 7]! + pz * planes[plane + 8]!) * over;
    if (!(u > -within && v > -within && u + v < within)) {
      face = nearestFace(planes, px, py, pz);
      plane = PLANE_SIZE * face;
      depth = px * planes[plane]! + py * planes[plane + 1]! + pz * planes[plane + 2]!;
      over = 1 / depth;
      u = (px * planes[plane + 3]! + py * planes[plane + 4]! + pz * planes[plane + 5]!) * over;
      v = (px * planes[plane + 6]! + py * planes[plane + 7]! + pz * planes[plane + 8]!) * over;
      if (!(u > -within && v > -within && u + v < within)) {
        writeIndex(words, at, latLngToCell(lat, lon, level));
        decided += 1;
        continue;
      }
    }
    const su = uu * u + uv * v;
    const sv = vu * u + vv * v;
    const sw = su + sv;
    const floorU = Math.floor(su);
    const floorV = Math.floor(sv);
    const floorW = Math.floor(sw);
    let clear = half;
    if (depth > CENTRE_COS) clear -= (margin * CENTRE_LOSS) / Math.sqrt(1 - depth * depth);
    if (
      !(
        Math.abs(su - floorU - 0.5) < clear &&
        Math.abs(sv - floorV - 0.5) < clear &&
        Math.abs(sw - floorW - 0.5) < clear
      )
    ) {
      writeIndex(words, at, latLngToCell(lat, lon, level));
      decided += 1;
      continue;
    }
    // The six triangles of a hexagon round a + b w have floors whose sums, over three, are a and b.
    const cellA = ((((floorU | 0) + (floorW | 0) + (3 * ORIGIN + 2)) | 0) / 3) | 0;
    const cellB = ((((floorV | 0) + (floorW | 0) + (3 * ORIGIN + 2)) | 0) / 3) | 0;
    let a = (Math.imul(aa, cellA) + Math.imul(ab, cellB) + a0) | 0;
    let b = (Math.imul(ba, cellA) + Math.imul(bb, cellB) + b0) | 0;
    let coarse = 0;
    let fine = 0;
    for (let chunk = chunks - 1; chunk >= 0; chunk -= 1) {
      const nextA = (a / CHUNK_SCALE) | 0;
      const nextB = (b / CHUNK_SCALE) | 0;
      const rest =
        Math.imul(a - Math.imul(nextA, CHUNK_SCALE), CHUNK_SCALE) + b - Math.imul(nextB, CHUNK_SCALE);
      const carry = CHUNK_CARRY[rest]!;
      a = nextA + (carry & 1);
      b = nextB + (carry >> 1);
      const digits = CHUNK_DIGITS[rest]!;
      if (chunk === 0) coarse |= digits << 12;
      else if (chunk === 1) coarse |= digits;
      else if (chunk === 2) fine |= digits << 12;
      else fine |= digits;
    }
    let base = bases[face * 64 + a * 8 + b]!;
    let turn = base >> 7;
    if (base >= PENTAGON) {
      const pentagon = base - PENTAGON;
      const leading = leadingDigit(coarse, fine);
      base = pentagonBases[pentagon]!;
      turn = leading === 0 ? 0 : pentagonTurns[8 * pentagon + leading]!;
    }
    if (turn !== 0) {
      if (base < 0 || turn === NO_TURN) {
        writeIndex(words, at, latLngToCell(lat, lon, level));
        decided += 1;
        continue;
      }
      coarse = turnDigits(coarse, turn);
      fine = turnDigits(fine, turn);
    }
    words[at + highAt] = high | ((base & 127) << 13) | (coarse >> 11);
    words[at + lowAt] = low | (coarse << 21) | (fine >> 3);
  }
  return decided;
}
