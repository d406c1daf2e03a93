import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../refusal.ts';
import { convertDatum, type Datum, toCgcs2000 } from './datum.ts';
import { fromCgcs2000Batch, positionRefusal, positionToCgcs2000, toCgcs2000Batch } from './to-cgcs2000.ts';

fc.configureGlobal({ seed: 39_409 });

const inland = fc.tuple(
  fc.double({ min: 73, max: 137, noNaN: true }),
  fc.double({ min: 1.5, max: 55, noNaN: true }),
);
const datums = fc.constantFrom<Datum>('cgcs2000', 'wgs84', 'gcj02', 'bd09');

describe('convertDatum', () => {
  it('gives the figures every public implementation gives', () => {
    const gcj02 = convertDatum({ datum: 'wgs84', lonDeg: 116.404, latDeg: 39.915 }, 'gcj02');
    expect(gcj02.lonDeg).toBeCloseTo(116.41024449916938, 11);
    expect(gcj02.latDeg).toBeCloseTo(39.91640428150164, 11);
    const bd09 = convertDatum({ datum: 'gcj02', lonDeg: 116.404, latDeg: 39.915 }, 'bd09');
    expect(bd09.lonDeg).toBeCloseTo(116.41036949371029, 11);
    expect(bd09.latDeg).toBeCloseTo(39.92133699351021, 11);
  });

  it('round trips between any two datums to 1e-9 degree inside China', () => {
    fc.assert(
      fc.property(inland, datums, datums, ([lonDeg, latDeg], from, to) => {
        const there = convertDatum({ datum: from, lonDeg, latDeg }, to);
        const back = convertDatum(there, from);
        expect(back.datum).toBe(from);
        expect(Math.abs(back.lonDeg - lonDeg)).toBeLessThan(1e-9);
        expect(Math.abs(back.latDeg - latDeg)).toBeLessThan(1e-9);
      }),
      { numRuns: 2000 },
    );
  });

  it('moves a position by 50 to 1,500 m inside China, and BD-09 further', () => {
    fc.assert(
      fc.property(inland, ([lonDeg, latDeg]) => {
        const { lonDeg: lon, latDeg: lat } = convertDatum({ datum: 'wgs84', lonDeg, latDeg }, 'gcj02');
        const shiftM =
          Math.hypot((lon - lonDeg) * Math.cos((latDeg * Math.PI) / 180), lat - latDeg) * 111_195;
        expect(shiftM).toBeGreaterThan(5);
        expect(shiftM).toBeLessThan(1500);
      }),
    );
  });

  it('leaves positions outside China as they are, in every direction', () => {
    for (const [lonDeg, latDeg] of [
      [-0.1276, 51.5072],
      [139.69, 35.69],
      [-73.98, 40.75],
      [180, 90],
      [-180, -90],
    ]) {
      for (const from of ['wgs84', 'gcj02', 'bd09'] as const) {
        for (const to of ['cgcs2000', 'gcj02', 'bd09'] as const) {
          const { lonDeg: lon, latDeg: lat } = convertDatum(
            { datum: from, lonDeg: lonDeg!, latDeg: latDeg! },
            to,
          );
          expect([lon, lat]).toEqual([lonDeg, latDeg]);
        }
      }
    }
  });

  it('takes WGS 84 and CGCS2000 as one, and refuses what is no position', () => {
    expect(toCgcs2000({ datum: 'wgs84', lonDeg: 104.6263, latDeg: 35.5806 })).toEqual({
      datum: 'cgcs2000',
      lonDeg: 104.6263,
      latDeg: 35.5806,
    });
    for (const [lonDeg, latDeg] of [
      [Number.NaN, 35],
      [104, 91],
      [181, 0],
    ]) {
      expect(() => toCgcs2000({ datum: 'gcj02', lonDeg: lonDeg!, latDeg: latDeg! })).toThrow(/must be/);
    }
  });

  it('refuses a datum that is none: it would pass for GCJ-02 and move by 500 m', () => {
    for (const datum of [
      'WGS84',
      'GCJ-02',
      'epsg:4490',
      '',
      undefined,
      null,
    ] as unknown as readonly Datum[]) {
      const [lon, lat] = [Float64Array.of(104.6), Float64Array.of(35.5)];
      for (const act of [
        () => toCgcs2000({ datum, lonDeg: 104.6, latDeg: 35.5 }),
        () => convertDatum({ datum: 'gcj02', lonDeg: 104.6, latDeg: 35.5 }, datum),
        () => positionToCgcs2000(datum, 104.6, 35.5),
        () => positionRefusal(datum, 104.6, 35.5),
        () => toCgcs2000Batch(datum, lon, lat, lon, lat),
        () => fromCgcs2000Batch(datum, lon, lat, lon, lat),
      ]) {
        expect(refusalOf(act)?.code, `${datum}`).toBe('reference-invalid');
      }
    }
  });

  it('refuses what is no number as a position', () => {
    for (const value of [null, undefined, '104.6'] as unknown as readonly number[]) {
      expect(refusalOf(() => positionToCgcs2000('wgs84', value, 35))?.code).toBe('position-invalid');
      expect(positionRefusal('gcj02', 104, value)?.reason).toBe('not-a-number');
    }
  });
});
