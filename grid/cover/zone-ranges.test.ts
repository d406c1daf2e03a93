import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import { NO_ZONE } from '../no-zone.ts';
import type { ZoneRanges } from './compact.ts';
import {
  intersectRanges,
  rangesContain,
  rangesContainBatch,
  subtractRanges,
  unionRanges,
} from './zone-ranges.ts';

fc.configureGlobal({ seed: 39_409 });

const SPAN = 80;
/** Lowest ids, ids across the sign bit and the word border, and the highest. */
const OFFSETS = [0n, (1n << 32n) - 40n, (1n << 63n) - 40n, (1n << 64n) - BigInt(SPAN)];

/** A set of the small numbers 0..79 as the slow judge holds it. */
const sets = fc
  .uniqueArray(fc.integer({ min: 0, max: SPAN - 1 }), { maxLength: SPAN })
  .map((list) => new Set(list));

function rangesOf(set: ReadonlySet<number>, offset: bigint): ZoneRanges {
  const [lo, hi]: [bigint[], bigint[]] = [[], []];
  for (let n = 0; n < SPAN; n += 1) {
    if (!set.has(n)) continue;
    if (!set.has(n - 1)) lo.push(offset + BigInt(n));
    if (!set.has(n + 1)) hi.push(offset + BigInt(n));
  }
  return { lo: BigUint64Array.from(lo), hi: BigUint64Array.from(hi) };
}

describe('ranges of ids', () => {
  it('unionRanges, intersectRanges, subtractRanges: as sets of numbers, at every border of the words', () => {
    fc.assert(
      fc.property(sets, sets, fc.constantFrom(...OFFSETS), (a, b, offset) => {
        const [inA, inB] = [rangesOf(a, offset), rangesOf(b, offset)];
        const numbers = Array.from({ length: SPAN }, (_, n) => n);
        const of = (keep: (n: number) => boolean): ZoneRanges =>
          rangesOf(new Set(numbers.filter(keep)), offset);
        expect(unionRanges(inA, inB)).toEqual(of((n) => a.has(n) || b.has(n)));
        expect(intersectRanges(inA, inB)).toEqual(of((n) => a.has(n) && b.has(n)));
        expect(subtractRanges(inA, inB)).toEqual(of((n) => a.has(n) && !b.has(n)));
      }),
      { numRuns: 500 },
    );
  });

  it('rangesContain and rangesContainBatch: as the set of numbers', () => {
    fc.assert(
      fc.property(sets, fc.constantFrom(...OFFSETS), (set, offset) => {
        const ranges = rangesOf(set, offset);
        const ids = BigUint64Array.from({ length: SPAN }, (_, n) => offset + BigInt(n));
        const expected = Array.from({ length: SPAN }, (_, n) => set.has(n));
        expect(Array.from(ids, (id) => rangesContain(ranges, id))).toEqual(expected);
        expect(Array.from(rangesContainBatch(ranges, ids), (each) => each === 1)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
    const one: ZoneRanges = { lo: BigUint64Array.of(5n), hi: BigUint64Array.of(7n) };
    expect(Array.from(rangesContainBatch(one, BigUint64Array.of(NO_ZONE, 4n, 8n)))).toEqual([0, 0, 0]);
    try {
      rangesContainBatch(one, BigUint64Array.of(5n), new Uint8Array(2));
      expect.unreachable();
    } catch (error) {
      expect(isGridError(error, 'shape-mismatch')).toBe(true);
    }
  });
});
