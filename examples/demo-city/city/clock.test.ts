import { describe, expect, it } from 'vitest';
import { localText, localTime, sunElevationDeg } from './clock.ts';
import { inversion, trafficRhythm } from './rhythm.ts';
import { travelClock } from './travel-clock.ts';

/** An instant given in local time. */
const at = (text: string) => Date.parse(`${text}+08:00`);

describe('the clock of the city', () => {
  it('localTime: Sunday 22 November 2026 is a weekend, Monday is not, and midnight is local', () => {
    expect(localTime(at('2026-11-22T00:00:00'))).toMatchObject({ hour: 0, weekend: true });
    expect(localTime(at('2026-11-22T23:59:59')).weekend).toBe(true);
    expect(localTime(at('2026-11-23T00:00:00'))).toMatchObject({ hour: 0, weekend: false });
    expect(localText(at('2026-11-22T18:05:09'))).toBe('2026-11-22 18:05:09');
  });

  it('sunElevationDeg: up at noon, down at night, higher in June than in December', () => {
    expect(sunElevationDeg(at('2026-06-21T13:00:00'))).toBeCloseTo(78.3, 0);
    expect(sunElevationDeg(at('2026-12-21T13:00:00'))).toBeCloseTo(31.5, 0);
    expect(sunElevationDeg(at('2026-12-21T01:00:00'))).toBeLessThan(-60);
    expect(sunElevationDeg(at('2026-11-22T17:15:00'))).toBeGreaterThan(0);
    expect(sunElevationDeg(at('2026-11-22T18:30:00'))).toBeLessThan(-4);
  });

  it('trafficRhythm: peaks at 08:15 and 18:15 on a working day, less on Sunday', () => {
    const monday = (time: string) => trafficRhythm(at(`2026-11-23T${time}`));
    expect(monday('08:15:00')).toBeGreaterThan(monday('10:30:00'));
    expect(monday('18:15:00')).toBeGreaterThan(monday('15:00:00'));
    expect(monday('03:00:00')).toBeLessThan(0.12);
    expect(trafficRhythm(at('2026-11-22T08:15:00'))).toBeLessThan(monday('08:15:00') * 0.6);
  });

  it('inversion: winter evenings hold more than summer afternoons', () => {
    expect(inversion(at('2026-01-15T21:00:00'))).toBeGreaterThan(2 * inversion(at('2026-07-15T15:00:00')));
  });

  it('travelClock: runs on, slower than time, and without jumps at minutes, days and weeks', () => {
    const clock = travelClock(621100);
    const week = at('2026-11-26T00:00:00');
    for (const start of [at('2026-11-23T08:10:00'), week - 120_000]) {
      for (let instant = start; instant < start + 240_000; instant += 7_000) {
        const gone = clock.at(instant + 7_000) - clock.at(instant);
        expect(gone).toBeGreaterThan(7_000 * 0.4);
        expect(gone).toBeLessThan(7_000 * 1.0001);
      }
    }
  });
});
