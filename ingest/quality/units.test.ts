import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OBSERVED_PROPERTIES } from '../model/index.ts';
import { convert, unitConversion } from './units.ts';

const to = (value: number, from: string, unit: string) => convert(value, unitConversion(from, unit)!);

describe('unitConversion', () => {
  it('unitConversion converts the units that open data really uses', () => {
    expect(to(300, 'ug/m3', 'mg/m3')).toBe(0.3);
    expect(to(10, 'm/s', 'km/h')).toBe(36);
    expect(to(36, 'km/h', 'm/s')).toBe(10);
    expect(to(32, '[degF]', 'Cel')).toBe(0);
    expect(to(212, '[degF]', 'Cel')).toBeCloseTo(100, 12);
    expect(to(100, 'Cel', '[degF]')).toBeCloseTo(212, 12);
    expect(to(273.15, 'K', 'Cel')).toBe(0);
    expect(to(1013.25, 'hPa', 'Pa')).toBe(101_325);
    expect(to(760, 'mm[Hg]', 'hPa')).toBeCloseTo(1013.25, 3);
    expect(to(0.25, '1', '%')).toBe(25);
    expect(to(7, '{vehicle}', '1')).toBe(7);
    expect(to(1, '[cft_i]/s', 'm3/s')).toBeCloseTo(0.028316846592, 15);
    expect(to(1, '[mi_i]/h', 'km/h')).toBeCloseTo(1.609344, 12);
  });

  it('unitConversion refuses unknown units and other dimensions, and never guesses', () => {
    expect(unitConversion('ppm', 'ug/m3')).toBeUndefined();
    expect(unitConversion('m', 'Cel')).toBeUndefined();
    expect(unitConversion('furlong', 'furlong')).toBeUndefined();
    expect(unitConversion('MG/M3', 'mg/m3')).toBeUndefined();
  });

  it('unitConversion knows the unit of every property that ships', () => {
    for (const property of Object.values(OBSERVED_PROPERTIES)) {
      expect(unitConversion(property.unit, property.unit), property.id).toBeDefined();
    }
  });

  it('unitConversion there and back gives the value again', () => {
    const pairs = [
      ['ug/m3', 'mg/m3'],
      ['[degF]', 'Cel'],
      ['K', '[degF]'],
      ['[kn_i]', 'km/h'],
      ['mm[Hg]', 'kPa'],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.double({ min: -1e4, max: 1e4, noNaN: true }),
        ([a, b], value) => {
          expect(Math.abs(to(to(value, a, b), b, a) - value)).toBeLessThan(1e-9);
        },
      ),
    );
  });
});
