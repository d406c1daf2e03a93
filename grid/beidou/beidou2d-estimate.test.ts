import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { countCells } from '../geometry/row-runs.ts';
import { shapes } from '../test-shapes.ts';
import { beidou2d } from './beidou2d.ts';
import { coverLevel } from './beidou2d-level-cover.ts';

fc.configureGlobal({ seed: 39_409 });

/** The number of zones of a cover, counted and not listed. */
function countOf(geometry: GridGeometry, level: number): number {
  const { runs, polar } = coverLevel(geometry, level, 'intersects');
  return countCells(runs) + polar.length;
}

function expectBounds(geometry: GridGeometry, level: number): void {
  const { atLeast, about, atMost } = beidou2d.estimateCover(geometry, level);
  const count = countOf(geometry, level);
  expect(atLeast).toBeLessThanOrEqual(count);
  expect(atMost).toBeGreaterThanOrEqual(count);
  expect(about).toBeGreaterThanOrEqual(atLeast);
  expect(about).toBeLessThanOrEqual(atMost);
}

/** Lines and rings of any positions at all: crossing themselves, going over a side twice, flat. */
const scribbles = fc
  .tuple(
    fc.constantFrom('LineString' as const, 'Polygon' as const),
    fc.array(fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -30, max: 30 })), {
      minLength: 1,
      maxLength: 12,
    }),
    fc.constantFrom(1e-5, 0.003, 1 / 60, 1 / 64),
    fc.constantFrom<readonly [number, number]>([0, 0], [104.5, 35.5], [180, -40]),
    fc.boolean(),
  )
  .map(([type, steps, size, [lon, lat], twice]): GridGeometry => {
    const once = steps.map(([x, y]) => [lon + x * size, lat + y * size]);
    const ring = [...once, once[0]!];
    const path = twice ? [...ring, ...ring] : ring;
    return type === 'LineString' ? { type, coordinates: path } : { type, coordinates: [path] };
  });

describe('beidou2d.estimateCover', () => {
  it('bounds hold for polygons with holes, lines and points at every level', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 0.3, 0.05, 1e-4).chain(shapes),
        fc.integer({ min: 1, max: 7 }),
        expectBounds,
      ),
      { numRuns: 300 },
    );
  });

  it('bounds hold for rings that cross themselves or go round twice, at fine levels too', () => {
    fc.assert(
      fc.property(scribbles, fc.integer({ min: 3, max: 8 }), (geometry, level) => {
        try {
          expectBounds(geometry, level);
        } catch (error) {
          // Too fine to be counted.
          if (!isGridError(error, 'too-many-zones')) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is exact where that costs no more, and near where it does not: 2 % for a county, 10 % for its outline', () => {
    const corners = Array.from({ length: 400 }, (_, n) => {
      const angle = (2 * Math.PI * n) / 400;
      const radius = 0.3 + 0.05 * Math.sin(7 * angle) + 0.01 * Math.sin(61 * angle);
      return [104.5 + radius * Math.cos(angle), 35.5 + radius * Math.sin(angle)];
    });
    const outline = [...corners, corners[0]!];
    for (const level of [3, 4, 5, 6, 7, 8]) {
      const area: GridGeometry = { type: 'Polygon', coordinates: [outline] };
      const line: GridGeometry = { type: 'LineString', coordinates: outline };
      for (const [geometry, error] of [
        [area, 0.02],
        [line, 0.1],
      ] as const) {
        const { atLeast, about, atMost } = beidou2d.estimateCover(geometry, level);
        const count = countOf(geometry, level);
        if (level <= 5) expect([atLeast, about, atMost]).toEqual([count, count, count]);
        expect(Math.abs(about / count - 1)).toBeLessThan(error);
        if (geometry === area) expect(atMost / atLeast).toBeLessThan(1.1);
      }
    }
  });

  it('is cheap at any level and counts nothing in nothing', () => {
    const ring = [
      [100, 20],
      [120, 22],
      [110, 45],
      [100, 20],
    ];
    const { atLeast, about, atMost } = beidou2d.estimateCover({ type: 'Polygon', coordinates: [ring] }, 10);
    expect(about).toBeGreaterThan(1e16);
    expect(atMost / atLeast).toBeLessThan(1.1);
    expect(beidou2d.estimateCover({ type: 'MultiPolygon', coordinates: [] }, 10)).toEqual({
      atLeast: 0,
      about: 0,
      atMost: 0,
    });
    const one = beidou2d.estimateCover({ type: 'Point', coordinates: [104, 35] }, 10);
    expect(one).toEqual({ atLeast: 1, about: 1, atMost: 1 });
  });

  it('polar caps: exact at levels 1 and 2, refused below as the cover is', () => {
    const ring = [
      [0, 87],
      [120, 87],
      [240, 87],
      [0, 87],
    ];
    const cap: GridGeometry = { type: 'Polygon', coordinates: [ring] };
    expectBounds(cap, 1);
    expectBounds(cap, 2);
    expect(() => beidou2d.estimateCover(cap, 3)).toThrow(/levels 1..2/);
  });
});
