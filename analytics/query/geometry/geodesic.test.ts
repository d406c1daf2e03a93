/** Lengths of geodesics against PostGIS (GeographicLib), and the direct formula against the inverse one. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destination, distanceM, pathBoundM, shortTurn } from './geodesic.ts';

const vectors = readFileSync(new URL('./vectors/geodesics.csv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(',').map(Number) as [number, number, number, number, number]);

describe('distanceM', () => {
  it('is that of the vectors within 0.1 mm', () => {
    expect(vectors.length).toBe(98);
    for (const [a, b, c, d, wanted] of vectors) {
      expect(Math.abs(distanceM([a, b], [c, d]) - wanted)).toBeLessThan(1e-4);
      expect(Math.abs(distanceM([c, d], [a, b]) - wanted)).toBeLessThan(1e-4);
    }
  });

  it('is no number where the iteration does not settle', () => {
    expect(distanceM([0, 0], [179.9, 0.05])).toBeNaN();
    expect(distanceM([Number.NaN, 0], [1, 1])).toBeNaN();
  });
});

const position = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.double({ min: -88, max: 88, noNaN: true }),
);

describe('destination', () => {
  it('lies as far away as one went', () => {
    fc.assert(
      fc.property(
        position,
        fc.double({ min: 0, max: 360, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (from, bearing, metres) => {
          const to = destination(from, bearing, metres);
          expect(Math.abs(to[0])).toBeLessThanOrEqual(180);
          expect(Math.abs(distanceM(from, to) - metres)).toBeLessThan(1e-3);
        },
      ),
    );
  });

  it('sets out in the direction: north keeps the longitude, east keeps to the equator', () => {
    expect(destination([104, 35], 0, 50_000)[0]).toBeCloseTo(104, 9);
    expect(destination([104, 35], 0, 50_000)[1]).toBeGreaterThan(35.4);
    expect(destination([179.9, 0], 90, 50_000)[1]).toBeCloseTo(0, 9);
    expect(destination([179.9, 0], 90, 50_000)[0]).toBeLessThan(-179);
  });
});

describe('pathBoundM', () => {
  it('is never shorter than the geodesic', () => {
    fc.assert(
      fc.property(
        position,
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        ([lon, lat], dLon, dLat) => {
          const to = [lon + dLon, lat + dLat] as const;
          expect(pathBoundM([lon, lat], to)).toBeGreaterThanOrEqual(
            distanceM([lon, lat], [shortTurn(to[0]), to[1]]) - 1e-6,
          );
        },
      ),
    );
  });
});
