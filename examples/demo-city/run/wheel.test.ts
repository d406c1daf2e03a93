import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Emitter } from '../emitter.ts';
import { Wheel } from './wheel.ts';

function emitter(id: string, periodMs: number, phaseMs: number): Emitter {
  return { id, principal: id, periodMs, phaseMs, messages: () => [] };
}

describe('Wheel', () => {
  it('fires every due instant exactly once, however it is turned, also for periods longer than a turn', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat()), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 20 }),
        (kinds, steps) => {
          const start = 1_000_003;
          const emitters = kinds.map(([period, phase], i) => emitter(String(i), period, phase % period));
          const wheel = new Wheel(emitters, start, 10, 100);
          const fired: string[] = [];
          let now = start;
          for (const step of steps) {
            now += step;
            wheel.advance(now, (one, due) => fired.push(`${one.id}@${due}`));
          }
          // Judge: plain enumeration up to the last whole tick.
          const end = Math.floor(now / 10) * 10;
          const wanted = emitters.flatMap((one) => {
            const dues: string[] = [];
            for (let due = start + 1; due <= end; due += 1) {
              if (due % one.periodMs === one.phaseMs) dues.push(`${one.id}@${due}`);
            }
            return dues;
          });
          expect(fired.toSorted()).toEqual(wanted.toSorted());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('starts afresh after a gap longer than a turn instead of firing all that was missed', () => {
    const wheel = new Wheel([emitter('a', 20, 0)], 1_000_000, 10, 100);
    expect(wheel.advance(1_500_000, () => {})).toBe(0);
    expect(wheel.advance(1_500_100, () => {})).toBe(5);
  });
});
