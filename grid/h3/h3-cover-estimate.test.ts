import { describe, expect, it } from 'vitest';
import type { GridGeometry } from '../geometry/geometry.ts';
import { h3 } from './h3.ts';
import { hardCase, seeded, starRing } from './test-h3-shapes.ts';

const polygon = (ring: readonly (readonly number[])[]): GridGeometry => ({
  type: 'Polygon',
  coordinates: [ring],
});

describe('h3 estimateCover', () => {
  it('bounds hold: shapes of all kinds, from one cell to hundreds of thousands', () => {
    const random = seeded(51);
    let most = 0;
    for (let n = 0; n < 200; n += 1) {
      const { level, geometry } = hardCase(random, 0, 9);
      const finer = level + (n % 4);
      const { atLeast, about, atMost } = h3.estimateCover(geometry, finer);
      expect(atLeast).toBeLessThanOrEqual(about);
      expect(about).toBeLessThanOrEqual(atMost);
      if (atMost > 300_000) continue;
      const { length } = h3.cover(geometry, finer, 300_000);
      const told = `${JSON.stringify(geometry)} at ${finer}: ${atLeast} ${about} ${atMost}`;
      expect(length, told).toBeGreaterThanOrEqual(atLeast);
      expect(length, told).toBeLessThanOrEqual(atMost);
      most = Math.max(most, length);
      for (const mode of ['within', 'centre'] as const) {
        expect(h3.cover(geometry, finer, 300_000, mode).length).toBeLessThanOrEqual(atMost);
      }
    }
    expect(most).toBeGreaterThan(20_000);
  });

  it('is near: an area within a tenth, a line within a factor of two', () => {
    const random = seeded(52);
    for (let n = 0; n < 20; n += 1) {
      const ring = starRing(random, [random() * 360 - 180, random() * 150 - 75], 0.5, 30, 0.7);
      const area = h3.estimateCover(polygon(ring), 8);
      const line: GridGeometry = { type: 'LineString', coordinates: ring };
      const along = h3.estimateCover(line, 9);
      const cells = h3.cover(polygon(ring), 8, 100_000).length;
      expect(Math.abs(area.about / cells - 1)).toBeLessThan(0.1);
      const onLine = h3.cover(line, 9, 100_000).length;
      expect(along.about / onLine).toBeGreaterThan(0.5);
      expect(along.about / onLine).toBeLessThan(2);
    }
  });

  it('is cheap where the cells are past counting: a continent at level 15', () => {
    const asia = polygon([
      [30, 10],
      [140, 10],
      [140, 70],
      [30, 70],
      [30, 10],
    ]);
    const { atLeast, about, atMost } = h3.estimateCover(asia, 15);
    // 110 degrees of longitude between the sines of 10 and 70 degrees, over the average cell.
    const share = ((110 / 360) * (Math.sin((70 * Math.PI) / 180) - Math.sin((10 * Math.PI) / 180))) / 2;
    const expected = share * (2 + 120 * 7 ** 15);
    expect(Math.abs(about / expected - 1)).toBeLessThan(0.05);
    expect(atLeast).toBeGreaterThan(0.8 * expected);
    expect(atMost).toBeLessThan(1.3 * expected);
  });

  it('nothing, points, the globe', () => {
    expect(h3.estimateCover({ type: 'Polygon', coordinates: [] }, 5)).toEqual({
      atLeast: 0,
      about: 0,
      atMost: 0,
    });
    expect(h3.estimateCover({ type: 'Point', coordinates: [104, 35] }, 12)).toEqual({
      atLeast: 1,
      about: 1,
      atMost: 1,
    });
    const globe = polygon([
      [-180, -90],
      [180, -90],
      [180, 90],
      [-180, 90],
      [-180, -90],
    ]);
    expect(h3.estimateCover(globe, 4).atMost).toBe(2 + 120 * 7 ** 4);
    expect(() => h3.estimateCover(globe, 16)).toThrow(/level/);
  });
});
