import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from './clock.ts';
import { CITY_BOUNDS, COUNTIES } from './counties.ts';
import { aftermath, rainfallMm, rainMmPerHour, STORM_CROSSING_MS, STORM_CYCLE_MS, stormAt } from './storm.ts';

const NOON = Date.UTC(2026, 10, 22, 4);
const instants = fc.integer({ min: NOON, max: NOON + 365 * 86_400_000 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('storms', () => {
  it('stormAt: one starts every 90 minutes and crosses from west to east in 45', () => {
    fc.assert(
      fc.property(seeds, instants, (seed, instant) => {
        const storm = stormAt(seed, instant);
        expect(instant - storm.startedAt).toBeGreaterThanOrEqual(0);
        expect(instant - storm.startedAt).toBeLessThan(STORM_CYCLE_MS);
        expect(stormAt(seed, storm.startedAt).frontLonDeg).toBeCloseTo(CITY_BOUNDS[0], 9);
        expect(stormAt(seed, storm.startedAt + STORM_CROSSING_MS).frontLonDeg).toBeCloseTo(CITY_BOUNDS[2], 9);
        expect(stormAt(seed, storm.startedAt + STORM_CYCLE_MS).index).toBe(storm.index + 1);
      }),
    );
  });

  it('rainMmPerHour: within any 90 minutes it rains in the west before it rains in the east', () => {
    fc.assert(
      fc.property(seeds, instants, (seed, instant) => {
        const { startedAt } = stormAt(seed, instant);
        const wettest = (lon: number) => {
          let best = { minute: -1, rain: 0 };
          for (let minute = 0; minute < 50; minute += 1) {
            const rain = rainMmPerHour(seed, lon, 35.1, startedAt + minute * MINUTE_MS);
            if (rain > best.rain) best = { minute, rain };
          }
          return best;
        };
        const west = wettest(103.86);
        const east = wettest(105.24);
        expect(west.rain).toBeGreaterThan(10);
        expect(east.rain).toBeGreaterThan(10);
        expect(east.minute - west.minute).toBeGreaterThan(20);
      }),
      { numRuns: 30 },
    );
  });

  it('rainfallMm: ten minutes are the sum of their minutes', () => {
    fc.assert(
      fc.property(seeds, instants, fc.constantFrom(...COUNTIES), (seed, instant, { lonDeg, latDeg }) => {
        let sum = 0;
        for (let minute = 0; minute < 10; minute += 1) {
          sum += rainfallMm(seed, lonDeg, latDeg, instant - minute * MINUTE_MS, MINUTE_MS);
        }
        const whole = rainfallMm(seed, lonDeg, latDeg, instant, 10 * MINUTE_MS);
        expect(Math.abs(whole - sum)).toBeLessThan(0.02 + sum * 0.01);
      }),
    );
  });

  it('aftermath: rivers rise after the rain, never before it, and fall again', () => {
    fc.assert(
      fc.property(seeds, instants, (seed, instant) => {
        const { startedAt } = stormAt(seed, instant);
        const at = (minute: number) =>
          aftermath(seed, 104.61, 35.1, startedAt + minute * MINUTE_MS, 10 * MINUTE_MS, 20 * MINUTE_MS);
        // The weakest storms of all seeds still stand out from what is left of the one before.
        expect(at(55)).toBeGreaterThan(at(10) + 0.05);
        expect(at(89)).toBeLessThan(at(55));
        expect(at(0)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 30 },
    );
  });
});
