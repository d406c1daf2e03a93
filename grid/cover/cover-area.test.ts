import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import { FLATTENING, SEMI_MAJOR_M } from '../geometry/ellipsoid.ts';
import { geometryAreaM2 } from '../geometry/ellipsoid-area.ts';
import { h3 } from '../h3/h3.ts';
import { shapes } from '../test-shapes.ts';
import { coverAreaM2 } from './cover-area.ts';

fc.configureGlobal({ seed: 39_409 });

describe.each([
  ['beidou2d', beidou2d, 5],
  ['h3', h3, 8],
] as const)('coverAreaM2 of %s', (_id, grid, level) => {
  it('coverAreaM2: the sum of areaM2, in sets of mixed levels', () => {
    fc.assert(
      fc.property(shapes(0.03), (geometry) => {
        const set = grid.coverCompact(geometry, level, 1e5);
        const plain = Array.from(set.zones, (zone, n) => grid.areaM2(zone, set.levels[n]!));
        const sum = plain.reduce((total, area) => total + area, 0);
        expect(Math.abs(coverAreaM2(grid, set) - sum)).toBeLessThanOrEqual(1e-12 * sum);
      }),
      { numRuns: 25 },
    );
  });

  it('coverAreaM2: no less than the area of the geometry for intersects, no more for within', () => {
    fc.assert(
      fc.property(shapes(0.03), (geometry) => {
        const area = geometryAreaM2(geometry);
        const areaOf = (mode: 'intersects' | 'within'): number =>
          coverAreaM2(grid, grid.coverCompact(geometry, level, 1e5, mode));
        // Areas of H3 cells are taken on their sphere's own terms: some in a thousand.
        const slack = grid.id === 'h3' ? 0.01 : 1e-9;
        expect(areaOf('intersects')).toBeGreaterThanOrEqual(area * (1 - slack));
        expect(areaOf('within')).toBeLessThanOrEqual(area * (1 + slack));
      }),
      { numRuns: 25 },
    );
  });
});

describe('coverAreaM2 of BeiDou', () => {
  it('the whole globe at level 2, caps included, is the area of the ellipsoid', () => {
    const ring = [
      [-180, -90],
      [180, -90],
      [180, 90],
      [-180, 90],
      [-180, -90],
    ];
    const set = beidou2d.coverCompact({ type: 'Polygon', coordinates: [ring] }, 2, 3000);
    expect(set.zones.length).toBe(2642);
    const e = Math.sqrt(FLATTENING * (2 - FLATTENING));
    const minor = SEMI_MAJOR_M * (1 - FLATTENING);
    const globe = 2 * Math.PI * (SEMI_MAJOR_M ** 2 + (minor ** 2 * Math.atanh(e)) / e);
    expect(Math.abs(coverAreaM2(beidou2d, set) - globe)).toBeLessThan(1e-12 * globe);
    expect(() => coverAreaM2(beidou2d, { ...set, levels: set.levels.slice(1) })).toThrow(/2642 zones/);
  });
});
