import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subtractCovers } from './covers.ts';
import { joinCovers } from './merge-parts.ts';
import type { Cover } from './part.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .map(([start, length]) => [start, start + length] as const);
const cover: fc.Arbitrary<Cover> = fc
  .tuple(range, range)
  .map(([[from, to], [since, until]]) => ({ from, to, since, until }));

/** How many of the covers hold each (time, position). */
function held(covers: readonly Cover[]): readonly number[] {
  return Array.from({ length: 400 }, (_, i) => {
    const time = i % 20;
    const position = Math.floor(i / 20);
    return covers.filter(
      (one) => time >= one.from && time < one.to && position >= one.since && position < one.until,
    ).length;
  });
}

describe('subtractCovers', () => {
  it('subtractCovers: leaves what is in the whole and in no other, once', () => {
    fc.assert(
      fc.property(cover, fc.array(cover, { maxLength: 6 }), (whole, others) => {
        const left = held(subtractCovers(whole, others));
        const taken = held(others);
        const all = held([whole]);
        expect(left).toEqual(all.map((n, i) => (n === 1 && taken[i] === 0 ? 1 : 0)));
      }),
    );
  });
});

describe('joinCovers', () => {
  it('joinCovers: holds what the covers hold, no more often, in no more rectangles', () => {
    fc.assert(
      fc.property(cover, fc.array(cover, { maxLength: 6 }), (whole, others) => {
        const pieces = subtractCovers(whole, others);
        const joined = joinCovers(pieces);
        expect(held(joined)).toEqual(held(pieces));
        expect(joined.length).toBeLessThanOrEqual(pieces.length);
      }),
    );
    const days = Array.from({ length: 30 }, (_, day) => ({ from: day, to: day + 1, since: 0, until: 5 }));
    expect(joinCovers([...days].reverse())).toEqual([{ from: 0, to: 30, since: 0, until: 5 }]);
  });
});
