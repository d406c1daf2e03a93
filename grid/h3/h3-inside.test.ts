import { describe, expect, it } from 'vitest';
import { geometryParts } from '../geometry/geometry-parts.ts';
import { insideRings } from '../geometry/planar.ts';
import { prepareInside } from './h3-inside.ts';
import { seeded, starRing } from './test-h3-shapes.ts';

type Area = Extract<ReturnType<typeof geometryParts>[number], { kind: 'area' }>;

function areasOf(polygons: readonly (readonly (readonly (readonly number[])[])[])[]): readonly Area[] {
  return geometryParts({ type: 'MultiPolygon', coordinates: polygons }) as readonly Area[];
}

describe('prepareInside', () => {
  it('agrees with insideRings: few and many edges, holes, one area and many', () => {
    const random = seeded(41);
    let inside = 0;
    for (let n = 0; n < 60; n += 1) {
      const polygons = Array.from({ length: n % 3 === 0 ? 40 : 1 }, () => {
        const centre = [100 + 10 * random(), 30 + 10 * random()] as const;
        const ring = starRing(random, centre, 1, 3 + Math.floor(random() * 200));
        return [
          ring,
          ring.map(([x, y]) => [centre[0] + (x - centre[0]) * 0.5, centre[1] + (y - centre[1]) * 0.5]),
        ];
      });
      const areas = areasOf(polygons);
      const ask = prepareInside(areas);
      for (let k = 0; k < 400; k += 1) {
        const [x, y] = polygons[Math.floor(random() * polygons.length)]![0]![0]!;
        const [lon, lat] = [x! + 4 * random() - 2, y! + 2 * random() - 1];
        const expected = areas.some(({ rings }) => insideRings(rings, lon, lat));
        if (ask(lon, lat) !== expected || ask(lon - 360, lat) !== expected) expect([lon, lat]).toBe(expected);
        if (expected) inside += 1;
      }
    }
    expect(inside).toBeGreaterThan(2000);
  });

  it('tall thin teeth: strips hold no more than some entries for each edge', () => {
    const teeth = Array.from({ length: 20_000 }, (_, n) => [100 + n * 1e-4, n % 2 === 0 ? 35 : 36]);
    const areas = areasOf([[[...teeth, [102, 34.9], [100, 34.9], teeth[0]!]]]);
    const ask = prepareInside(areas);
    for (const [lon, lat] of [
      [101, 34.95],
      [100.00005, 35.2],
      [100.0001, 35.9],
      [100.0002, 35.9],
      [101.5, 36.1],
    ] as const) {
      expect(ask(lon, lat)).toBe(insideRings(areas[0]!.rings, lon, lat));
    }
  });
});
