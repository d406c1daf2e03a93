/**
 * Arithmetic on ranges of ids. All ranges taken and given are inclusive, ascending, and neither touch nor overlap, as `zoneRanges` makes
 * them; the ranges of one grid must not meet those of another.
 */
import { GridError } from '../errors.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import type { ZoneRanges } from './compact.ts';

/** Ranges of the ids that lie in either of two lists of ranges: the union. */
export function unionRanges(a: ZoneRanges, b: ZoneRanges): ZoneRanges {
  return combine(a, b, (inA, inB) => inA || inB);
}

/** Ranges of the ids that lie in both of two lists of ranges: the intersection. */
export function intersectRanges(a: ZoneRanges, b: ZoneRanges): ZoneRanges {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** Ranges of the ids of `a` that are not of `b`: the difference. */
export function subtractRanges(a: ZoneRanges, b: ZoneRanges): ZoneRanges {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** Does one of the ranges hold a point-level id? Work grows with the logarithm of their number. */
export function rangesContain({ lo, hi }: ZoneRanges, id: bigint): boolean {
  let from = 0;
  let to = lo.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (lo[middle]! <= id) from = middle + 1;
    else to = middle;
  }
  return from > 0 && id <= hi[from - 1]!;
}

/**
 * Looks a batch of point-level ids up in ranges: 1 for every id that lies in one, 0 for the others and for `NO_ZONE`. No bigint is made.
 * @param ids - Point-level ids. Shape (n).
 * @param out - Shape (n).
 * @throws {GridError} `shape-mismatch`.
 */
export function rangesContainBatch(
  ranges: ZoneRanges,
  ids: BigUint64Array,
  out: Uint8Array = new Uint8Array(ids.length),
): Uint8Array {
  if (out.length !== ids.length) {
    throw new GridError(
      'shape-mismatch',
      `Cannot look up ${ids.length} ids into ${out.length} answers: lengths must be equal`,
    );
  }
  const lo = wordsOf(ranges.lo);
  const hi = wordsOf(ranges.hi);
  const words = wordsOf(ids);
  for (let n = 0; n < out.length; n += 1) {
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    let from = 0;
    let to = ranges.lo.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isUpTo(lo, 2 * middle, high, low)) from = middle + 1;
      else to = middle;
    }
    out[n] = from > 0 && !isBelow(hi, 2 * (from - 1), high, low) ? 1 : 0;
  }
  return out;
}

/** Is the id at `at` below `high`, `low`? */
function isBelow(words: Uint32Array, at: number, high: number, low: number): boolean {
  const otherHigh = words[at + HIGH_WORD]!;
  return otherHigh < high || (otherHigh === high && words[at + 1 - HIGH_WORD]! < low);
}

function isUpTo(words: Uint32Array, at: number, high: number, low: number): boolean {
  const otherHigh = words[at + HIGH_WORD]!;
  return otherHigh < high || (otherHigh === high && words[at + 1 - HIGH_WORD]! <= low);
}

/**
 * Sweeps both lists of edges in order and opens or closes the answer where it changes. An edge is the first id of a range or the one after its
 * last: between two edges nothing changes. That one after the very last id there is (all ones) is 2^64, which bigints hold.
 */
function combine(a: ZoneRanges, b: ZoneRanges, holds: (inA: boolean, inB: boolean) => boolean): ZoneRanges {
  const lo = new BigUint64Array(a.lo.length + b.lo.length);
  const hi = new BigUint64Array(a.lo.length + b.lo.length);
  let count = 0;
  let isOpen = false;
  let [i, k] = [0, 0];
  // Even edges open a range, odd ones close it.
  let nextA = edge(a, 0);
  let nextB = edge(b, 0);
  while (nextA !== undefined || nextB !== undefined) {
    const at = nextA === undefined || (nextB !== undefined && nextB < nextA) ? nextB! : nextA;
    if (nextA === at) {
      i += 1;
      nextA = edge(a, i);
    }
    if (nextB === at) {
      k += 1;
      nextB = edge(b, k);
    }
    const open = holds(i % 2 === 1, k % 2 === 1);
    if (open === isOpen) continue;
    isOpen = open;
    if (open) lo[count] = at;
    else {
      hi[count] = at - 1n;
      count += 1;
    }
  }
  return { lo: lo.slice(0, count), hi: hi.slice(0, count) };
}

function edge({ lo, hi }: ZoneRanges, n: number): bigint | undefined {
  const range = n >> 1;
  if (range >= lo.length) return undefined;
  return n % 2 === 0 ? lo[range]! : hi[range]! + 1n;
}
