import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GridGeometry } from '../geometry/geometry.ts';
import { beidou2d } from './beidou2d.ts';
import { BEIDOU_LEVELS, UNITS_PER_DEGREE } from './beidou2d-levels.ts';

fc.configureGlobal({ seed: 39_409 });

function box(west: number, south: number, east: number, north: number): GridGeometry {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

describe('beidou2d.cover', () => {
  it('of a box with corners on cell edges is exactly the cells its points encode to, in every quadrant', () => {
    const sizes = fc.integer({ min: 0, max: 5 });
    const places = fc.integer({ min: -6, max: 5 });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 10 }),
        places,
        places,
        sizes,
        sizes,
        (level, column, row, width, height) => {
          const { lonUnits, latUnits } = BEIDOU_LEVELS[level]!;
          const lonOf = (n: number): number => (n * lonUnits) / UNITS_PER_DEGREE;
          const latOf = (n: number): number => (n * latUnits) / UNITS_PER_DEGREE;
          const expected = new Set<bigint>();
          // Half steps visit every corner, edge and middle: all cells a box on cell edges can touch.
          for (let x = 2 * column; x <= 2 * (column + width); x += 1) {
            for (let y = 2 * row; y <= 2 * (row + height); y += 1) {
              expected.add(beidou2d.encode(lonOf(x / 2), latOf(y / 2), level));
            }
          }
          const geometry = box(lonOf(column), latOf(row), lonOf(column + width), latOf(row + height));
          expect(new Set(beidou2d.cover(geometry, level, 1000))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of the whole globe is every cell of level 1 and 2, caps included', () => {
    const globe = box(-180, -90, 180, 90);
    expect(beidou2d.cover(globe, 1, 3000).length).toBe(60 * 44 + 2);
    expect(beidou2d.cover(globe, 2, 300_000).length).toBe(253_440 + 32);
  });

  it('polar: boxes take just their cells at levels 1-2; finer is refused unless only the border is touched', () => {
    const names = (geometry: GridGeometry, level: number): readonly string[] =>
      beidou2d.cover(geometry, level, 1000).map((zone) => beidou2d.format(zone, level));
    expect(names(box(10, 88.1, 50, 88.2), 2)).toEqual(['N00010']);
    expect(names(box(-50, 88.1, 50, 88.6), 2)).toEqual(['N00010', 'N00012', 'N00030', 'N00032']);
    expect(names(box(130, 89.1, 230, 89.2), 2)).toEqual(['N00002']);
    expect(names(box(170, -89.2, -100, -89.1), 2)).toEqual(['S00002', 'S00003']);
    // Box on cell edges: the edge nearest the axes belongs to the cell, the far one to the next.
    expect(names(box(60, 88, 119.9, 88.49), 2)).toEqual(['N00011']);
    expect(names(box(1, 87.9, 2, 88.1), 1)).toEqual(['N000', 'N31V']);
    expect(() => beidou2d.cover(box(1, 87.9, 2, 88.1), 3, 1000)).toThrow(/levels 1..2/);
    expect(beidou2d.cover(box(1, 87.9, 1.01, 88), 4, 1000).length).toBeGreaterThan(0);
    expect(() =>
      beidou2d.cover(
        {
          type: 'LineString',
          coordinates: [
            [1, 88],
            [2, 88],
          ],
        },
        4,
        9,
      ),
    ).toThrow(/levels 1..2/);
  });

  it('of a ring round the pole holds the cap and the cells between', () => {
    const ring = [-180, -90, 0, 90, 180].map((lon) => [lon, 86.5]);
    const cover = beidou2d.cover({ type: 'Polygon', coordinates: [ring] }, 1, 1000);
    expect(cover.length).toBe(61);
    expect(cover).toContain(beidou2d.parse('N000').zone);
  });

  it('work stays linear: a line of 100,000 vertices to and fro in few cells is covered, not refused', () => {
    const coordinates = Array.from({ length: 100_000 }, (_, n) => [
      104 + (n % 2) * 0.1,
      35 + (n % 7) * 0.001,
    ]);
    const cover = beidou2d.cover({ type: 'LineString', coordinates }, 4, 100);
    expect(cover.length).toBe(7);
  });

  it('holes: cells wholly inside a hole are left out', () => {
    const geometry: GridGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [104, 35],
          [105, 35],
          [105, 36],
          [104, 36],
          [104, 35],
        ],
        [
          [104.2, 35.2],
          [104.8, 35.2],
          [104.8, 35.8],
          [104.2, 35.8],
          [104.2, 35.2],
        ],
      ],
    };
    const cover = beidou2d.cover(geometry, 4, 10_000);
    expect(cover).not.toContain(beidou2d.encode(104.5, 35.5, 4));
    expect(cover).toContain(beidou2d.encode(104.1, 35.5, 4));
  });
});
