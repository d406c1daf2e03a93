/**
 * H3 in batches of typed arrays: cells of positions, centres and texts of cells. No bigint, text or object is made per point
 * (texts aside). The scalars of `h3.ts` use the same kernels through batches of one.
 */
import { checkLevel, checkShapes } from '../checks.ts';
import { HIGH_WORD, NO_ZONE, wordsOf } from '../no-zone.ts';
import { decodeWords } from './h3-decode.ts';
import { encodeWords, type H3BatchStats } from './h3-encode.ts';
import { MAX_RESOLUTION, textOfWords } from './h3-index.ts';

const one = { lon: new Float64Array(1), lat: new Float64Array(1), id: new BigUint64Array(1) };
const oneWords = wordsOf(one.id);

/**
 * Cells of positions at a level: those `h3-js` gives, which decides what lies within rounding of an edge.
 * @param lonDeg - CGCS2000 / WGS 84 degrees. Shape (n).
 * @param latDeg - The same.
 * @param level - 0..15.
 * @param out - Shape (n). Positions the grid refuses (NaN, |lon| > 180, |lat| > 90) become `NO_ZONE`.
 * @param stats - Counted up, when given: positions, and how many so near to an edge that `h3-js` decided them
 * (of random ones 1.4 in a million at level 15, next to none at level 12).
 * @throws {GridError} `level-out-of-range`, `shape-mismatch`.
 * @source Equal to h3-js 4.5.0 on ten million positions: scripts/long/h3-identical.long.ts.
 */
export function encodeH3Batch(
  lonDeg: Float64Array,
  latDeg: Float64Array,
  level: number,
  out: BigUint64Array = new BigUint64Array(lonDeg.length),
  stats?: H3BatchStats,
): BigUint64Array {
  checkLevel('h3', level, 0, MAX_RESOLUTION);
  checkShapes(lonDeg.length, latDeg.length, out.length);
  const decided = encodeWords(lonDeg, latDeg, level, wordsOf(out), lonDeg.length);
  if (stats !== undefined) {
    stats.points += lonDeg.length;
    stats.decidedByH3js += decided;
  }
  return out;
}

/** The cell of one position, by the kernel of the batches; refused positions give `NO_ZONE`. Level 0..15, trusted. */
export function encodeH3Point(lonDeg: number, latDeg: number, level: number): bigint {
  one.lon[0] = lonDeg;
  one.lat[0] = latDeg;
  encodeWords(one.lon, one.lat, level, oneWords, 1);
  return one.id[0]!;
}

/**
 * Centres of cells of one level, degrees, shapes (n): see `h3-decode.ts`. What is no cell of that level (`NO_ZONE` too) gives NaN
 * twice.
 * @throws {GridError} `level-out-of-range`, `shape-mismatch`.
 */
export function decodeH3Batch(
  zones: BigUint64Array,
  level: number,
  lonDeg: Float64Array = new Float64Array(zones.length),
  latDeg: Float64Array = new Float64Array(zones.length),
): { readonly lonDeg: Float64Array; readonly latDeg: Float64Array } {
  checkLevel('h3', level, 0, MAX_RESOLUTION);
  checkShapes(lonDeg.length, latDeg.length, zones.length);
  decodeWords(wordsOf(zones), level, lonDeg, latDeg, zones.length);
  return { lonDeg, latDeg };
}

/** Centre of one cell, degrees, or NaN twice for what is no cell of that level. Level 0..15, trusted. */
export function decodeH3Point(zone: bigint, level: number): readonly [lonDeg: number, latDeg: number] {
  // What does not fit 64 bits would be cut to them: NO_ZONE is no cell either.
  one.id[0] = zone < 0n || zone > NO_ZONE ? NO_ZONE : zone;
  decodeWords(oneWords, level, one.lon, one.lat, 1);
  return [one.lon[0]!, one.lat[0]!];
}

/** Texts of cells, 15 lower-case hexadecimal characters each; the empty text for `NO_ZONE`. Shape (n). */
export function formatH3Batch(zones: BigUint64Array): string[] {
  const words = wordsOf(zones);
  return Array.from({ length: zones.length }, (_, n) => {
    const high = words[2 * n + HIGH_WORD]!;
    // The top four bits of an index are 0.
    return high >>> 28 === 0 ? textOfWords(high, words[2 * n + 1 - HIGH_WORD]!) : '';
  });
}
