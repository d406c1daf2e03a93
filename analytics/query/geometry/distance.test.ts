/** `distanceToGeometryM` against a plain walk along every edge in small steps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GridGeometry } from '../../../grid/index.ts';
import { pointInGeometry } from '../../../grid/index.ts';
import { distanceToGeometryM } from './distance.ts';
import { distanceM, type LonLat, shortTurn } from './geodesic.ts';

const STEPS = 400;

/** Walks along the edges; wrong by no more than a step's length. */
function walked(from: LonLat, paths: readonly (readonly LonLat[])[]): { least: number; step: number } {
  let least = Number.POSITIVE_INFINITY;
  let step = 0;
  for (const path of paths) {
    for (let n = 1; n < path.length; n++) {
      const [a, b] = [path[n - 1]!, path[n]!];
      let before: LonLat = a;
      for (let k = 0; k <= STEPS; k++) {
        const at = [
          shortTurn(a[0] + (k / STEPS) * (b[0] - a[0])),
          a[1] + (k / STEPS) * (b[1] - a[1]),
        ] as const;
        least = Math.min(least, distanceM(from, at));
        step = Math.max(step, distanceM(before, at));
        before = at;
      }
    }
  }
  return { least, step };
}

const near = (lon: number, lat: number, spread: number) =>
  fc
    .tuple(
      fc.double({ min: -spread, max: spread, noNaN: true }),
      fc.double({ min: -spread, max: spread, noNaN: true }),
    )
    .map(([x, y]): LonLat => [lon + x, lat + y]);

describe('distanceToGeometryM', () => {
  it.each([
    ['in a city', 104.6, 35.5, 0.2],
    ['across the antimeridian', 179.9, 20, 0.4],
    ['in the far north', 20, 78, 1.5],
  ])('is that of a walk along the edges: lines %s', (_, lon, lat, spread) => {
    fc.assert(
      fc.property(
        near(lon, lat, spread),
        fc.array(near(lon, lat, spread), { minLength: 2, maxLength: 5 }),
        (from, line) => {
          const { least, step } = walked([shortTurn(from[0]), from[1]], [line]);
          const coordinates = line.map(([x, y]) => [shortTurn(x), y]);
          const found = distanceToGeometryM([shortTurn(from[0]), from[1]], {
            type: 'LineString',
            coordinates,
          });
          expect(found).toBeLessThanOrEqual(least + 1e-3);
          expect(found).toBeGreaterThanOrEqual(least - step);
        },
      ),
      { numRuns: 30 },
    );
  });

  const holed: GridGeometry = {
    type: 'Polygon',
    coordinates: [
      [
        [104, 35],
        [104.1, 35],
        [104.1, 35.1],
        [104, 35.1],
        [104, 35],
      ],
      [
        [104.04, 35.04],
        [104.06, 35.04],
        [104.06, 35.06],
        [104.04, 35.06],
        [104.04, 35.04],
      ],
    ],
  };

  it('is 0 inside an area, and counts from the edge of a hole', () => {
    expect(distanceToGeometryM([104.02, 35.02], holed)).toBe(0);
    const middle = distanceToGeometryM([104.05, 35.05], holed);
    expect(middle).toBeCloseTo(distanceM([104.05, 35.05], [104.04, 35.05]), 0);
    expect(distanceToGeometryM([104.2, 35.05], holed)).toBeCloseTo(
      distanceM([104.2, 35.05], [104.1, 35.05]),
      0,
    );
  });

  it('is 0 exactly where the grid finds the position inside', () => {
    fc.assert(
      fc.property(near(104.05, 35.05, 0.1), (from) => {
        expect(distanceToGeometryM(from, holed) === 0).toBe(pointInGeometry(holed, from[0], from[1]));
      }),
    );
  });

  it('takes every kind of geometry; an empty one is nowhere', () => {
    const point = { type: 'Point', coordinates: [104, 35] } as const;
    const wanted = distanceM([104.1, 35], [104, 35]);
    expect(distanceToGeometryM([104.1, 35], point)).toBe(wanted);
    expect(
      distanceToGeometryM([104.1, 35], {
        type: 'GeometryCollection',
        geometries: [point, { type: 'MultiPoint', coordinates: [[90, 0]] }],
      }),
    ).toBe(wanted);
    expect(distanceToGeometryM([1, 1], { type: 'MultiPolygon', coordinates: [] })).toBe(
      Number.POSITIVE_INFINITY,
    );
    // What is beyond the bound is only told to be beyond it.
    expect(distanceToGeometryM([104.2, 35.05], holed, 5)).toBeGreaterThan(5);
  });
});
