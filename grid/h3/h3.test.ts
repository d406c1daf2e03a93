import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  cellToChildren,
  cellToParent,
  getPentagons,
  getRes0Cells,
  latLngToCell,
  POLYGON_TO_CELLS_FLAGS,
  polygonToCellsExperimental,
} from 'h3-js';
import { describe, expect, it } from 'vitest';
import { positionsIn } from '../test-shapes.ts';
import { H3_POINT_LEVEL, h3 } from './h3.ts';

fc.configureGlobal({ seed: 39_409 });

const folder = new URL('../../../shared/data/h3-golden/', import.meta.url);
const hasGolden = existsSync(folder);
const wrap = (lon: number): number => (lon > 180 ? lon - 360 : lon);
const read = (name: string): string => {
  const bytes = readFileSync(new URL(name, folder));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

describe.skipIf(!hasGolden)(
  'h3 against the official vectors (skipped where ../shared/data/h3-golden is absent)',
  () => {
    it('encode and encodeBatch: all 16,233 centres', () => {
      let count = 0;
      for (const name of readdirSync(folder).filter((each) => /(centers|ic)\.txt$/.test(each))) {
        const rows = read(name)
          .trim()
          .split('\n')
          .map((line) => line.trim().split(/\s+/));
        const lon = Float64Array.from(rows, (row) => wrap(Number(row[2])));
        const lat = Float64Array.from(rows, (row) => Number(row[1]));
        const level = h3.parse(rows[0]![0]!).level;
        const batch = h3.encodeBatch(lon, lat, level);
        rows.forEach(([text], n) => {
          const { zone } = h3.parse(text!);
          expect(batch[n], text).toBe(zone);
          expect(h3.encode(lon[n]!, lat[n]!, level), text).toBe(zone);
          count += 1;
        });
      }
      expect(count).toBe(16_233);
    });

    it('boundary: every ring of the cell files, vertex by vertex, to their nine decimals', () => {
      let count = 0;
      for (const name of readdirSync(folder).filter((each) => /cells\.txt(\.gz)?$/.test(each))) {
        const cells = read(name).matchAll(/([0-9a-f]{15})\s*\{([^}]*)\}/g);
        for (const [, text, body] of cells) {
          const golden = body!
            .trim()
            .split('\n')
            .map((line) => line.trim().split(/\s+/).map(Number));
          const { zone, level } = h3.parse(text!);
          const ring = h3.boundary(zone, level);
          const isPolar = ring.length !== golden.length + 1;
          if (isPolar) expect(ring.length).toBe(golden.length + 4);
          golden.forEach(([lat, lon], n) => {
            const [ringLon, ringLat] = ring[n]!;
            const across = ((((ringLon - lon! + 540) % 360) + 360) % 360) - 180;
            if (!(Math.abs(across) < 2e-9 && Math.abs(ringLat - lat!) < 2e-9)) {
              expect([ringLon, ringLat], text).toEqual([lon, lat]);
            }
          });
          count += 1;
        }
      }
      expect(count).toBeGreaterThan(15_000);
    });

    it('parent: the compacted sets hold exactly the uncompacted cells', () => {
      const cellsOf = (name: string): readonly string[] => read(name).match(/[0-9a-f]{15}/g) ?? [];
      const parents = new Set(cellsOf('compact_test1.txt'));
      expect(parents.size).toBeGreaterThan(0);
      for (const text of parents) {
        const { zone, level } = h3.parse(text);
        expect(h3.format(h3.parent(zone, level, level - 1), level - 1)).toBe(cellToParent(text, level - 1));
      }
    });

    it('cover: the golden polygons hold every position of theirs', () => {
      const [ring] = [JSON.parse(read('polygon_test1.txt')) as readonly (readonly [number, number])[]];
      const closed = [...ring, ring[0]!].map(([lat, lon]) => [lon, lat]);
      const geometry = { type: 'Polygon', coordinates: [closed] } as const;
      const cover = new Set(h3.cover(geometry, 9, 5000));
      for (const [lon, lat] of positionsIn(geometry, 300, 150))
        expect(cover.has(h3.encode(lon, lat, 9))).toBe(true);
      // At this size edges are straight enough that the library's own overlap test must agree, cell by cell.
      const peer = polygonToCellsExperimental(
        [ring.map((pair) => [...pair])],
        9,
        POLYGON_TO_CELLS_FLAGS.containmentOverlapping,
      );
      expect(new Set(peer.map((text) => h3.parse(text).zone))).toEqual(cover);
    });
  },
);

describe('h3', () => {
  it('parent and range by bits: equal the library at every pair of resolutions, pentagons too', () => {
    const cells = [
      ...getRes0Cells(),
      ...getPentagons(5),
      ...getPentagons(12),
      latLngToCell(35.58, 104.62, 15),
    ];
    for (const text of cells) {
      const { zone, level } = h3.parse(text);
      for (let up = 0; up <= level; up += 1) {
        expect(h3.format(h3.parent(zone, level, up), up)).toBe(cellToParent(text, up));
      }
    }
    for (const text of [...getRes0Cells().slice(0, 20), ...getPentagons(0)]) {
      const { zone } = h3.parse(text);
      const children = cellToChildren(text, 2).map((child) => h3.parse(child).zone);
      const ranges = children.map((child) => h3.range(child, 2));
      const { lo, hi } = h3.range(zone, 0);
      for (const range of ranges) expect(lo <= range.lo && range.hi <= hi).toBe(true);
    }
  });

  it('range: refuses levels finer than the point level', () => {
    const level = H3_POINT_LEVEL + 1;
    expect(() => h3.range(h3.encode(104.62, 35.58, level), level)).toThrow(/0\.\.12/);
  });

  it('neighbours: five round a pentagon, six elsewhere', () => {
    for (const text of getPentagons(3)) expect(h3.neighbours(h3.parse(text).zone, 3).length).toBe(5);
    expect(h3.neighbours(h3.encode(104.62, 35.58, 9), 9).length).toBe(6);
  });

  it('bounds: over a pole and across the antimeridian', () => {
    for (const pole of [90, -90]) {
      for (const level of [0, 1, 4, 9]) {
        const zone = h3.encode(0, pole, level);
        const [west, south, east, north] = h3.bounds(zone, level);
        expect([west, east]).toEqual([-180, 180]);
        expect(pole > 0 ? north : south).toBe(pole);
        const ring = h3.boundary(zone, level);
        expect(ring.filter(([, lat]) => lat === pole).length).toBe(2);
        expect(h3.cover({ type: 'Polygon', coordinates: [ring] }, level, 100)).toContain(zone);
      }
    }
    const [west, , east] = h3.bounds(h3.encode(180, 20, 5), 5);
    expect(west).toBeGreaterThan(179);
    expect(east).toBeLessThan(-179);
  });

  it('bounds: hold the great-circle edges, which bulge beyond the vertices', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.integer({ min: 0, max: 3 }),
        (lon, lat, level) => {
          const [, south, , north] = h3.bounds(h3.encode(lon, lat, level), level);
          expect(lat).toBeLessThanOrEqual(north + 1e-9);
          expect(lat).toBeGreaterThanOrEqual(south - 1e-9);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('cover: large shapes at coarse levels, where cell edges are far from straight in lon and lat', () => {
    const shapes = [
      [
        [-30, 40],
        [60, 55],
        [140, 70],
        [100, 20],
        [20, 10],
        [-30, 40],
      ],
      [
        [150, -60],
        [230, -50],
        [220, 30],
        [160, 60],
        [150, -60],
      ],
      [
        [-170, 75],
        [170, 75],
        [170, 89],
        [-170, 89],
        [-170, 75],
      ],
    ].map((ring) => ({ type: 'Polygon', coordinates: [ring] }) as const);
    const across = (lon: number): number => (lon > 180 ? lon - 360 : lon);
    for (const [k, geometry] of shapes.entries()) {
      // The third spans 20 degrees over the antimeridian, as a step of 340 degrees is read the short way.
      const plain =
        k === 2
          ? [
              [190, 75],
              [170, 75],
              [170, 89],
              [190, 89],
              [190, 75],
            ]
          : geometry.coordinates[0];
      const positions = positionsIn({ type: 'Polygon', coordinates: [plain as number[][]] }, 200, 60);
      for (const level of [0, 1, 2, 3]) {
        const cover = new Set(h3.cover(geometry, level, 50_000));
        for (const [lon, lat] of positions) {
          expect(cover.has(h3.encode(across(lon), lat, level)), `${lon} ${lat} at ${level}`).toBe(true);
        }
      }
    }
  });

  it('cover: the whole globe is every cell', () => {
    const globe = [
      [-180, -90],
      [180, -90],
      [180, 90],
      [-180, 90],
      [-180, -90],
    ];
    expect(h3.cover({ type: 'Polygon', coordinates: [globe] }, 1, 1000).length).toBe(842);
  });
});
