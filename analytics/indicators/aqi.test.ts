import { describe, expect, it } from 'vitest';
import { aqi, iaqi } from './aqi.ts';

describe('iaqi', () => {
  // Limits of HJ 633-2012 table 1 and points between them, worked by hand.
  it.each([
    ['pm25', 0, 0],
    ['pm25', 35, 50],
    ['pm25', 75, 100],
    ['pm25', 76, 102],
    ['pm25', 150, 200],
    ['pm25', 500, 500],
    ['pm25', 900, 500],
    ['pm10', 100, 75],
    ['so2', 149, 50],
    ['so2', 800, 200],
    ['so2', 2000, 200],
    ['no2', 150, 75],
    ['co', 7.5, 75],
    ['o3', 180, 75],
    ['o3', 161, 52],
  ] as const)('iaqi: %s %d gives %d', (pollutant, concentration, wanted) => {
    expect(iaqi(pollutant, concentration)).toBe(wanted);
  });

  it('aqi: is the greatest of the pollutants there are, and null of none', () => {
    expect(
      aqi(
        new Map([
          ['pm25', 35],
          ['o3', 200],
        ]),
      ),
    ).toBe(100);
    expect(aqi(new Map())).toBeNull();
  });
});
