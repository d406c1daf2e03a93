import { existsSync, readFileSync } from 'node:fs';
import { cellsToMultiPolygon, compactCells, POLYGON_TO_CELLS_FLAGS, polygonToCellsExperimental } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { compactZones, uncompactZones, zoneRanges } from '../cover/compact.ts';
import { toCgcs2000 } from '../datum/datum.ts';
import { geometryAreaM2 } from '../geometry/ellipsoid-area.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { prepareGeometry } from '../geometry/point-in-geometry.ts';
import { h3 } from './h3.ts';
import { seeded } from './test-h3-shapes.ts';

const golden = new URL('../../../shared/data/h3-golden/', import.meta.url);
const counties = new URL(
  '../../../shared/data/boundaries/dingxi_621100_counties_datav_gcj02.geojson',
  import.meta.url,
);
const read = (name: string): string => readFileSync(new URL(name, golden), 'utf8');
const cellsOf = (name: string): readonly string[] => read(name).match(/8[0-9a-f]{14}/g) ?? [];
const idOf = (text: string): bigint => BigInt(`0x${text}`);
const ascending = (zones: readonly bigint[]): readonly bigint[] =>
  [...zones].sort((a, b) => (a < b ? -1 : 1));
const outline = (cells: readonly string[]): GridGeometry => ({
  type: 'MultiPolygon',
  coordinates: cellsToMultiPolygon([...cells], true),
});

describe.skipIf(!existsSync(golden))(
  'h3 covers against the official inputs (skipped where ../shared/data/h3-golden is absent)',
  () => {
    it('compact and uncompact: the two golden sets are each other', () => {
      const fine = cellsOf('compact_test1.txt');
      const mixed = cellsOf('uncompact_test1.txt');
      expect([fine.length, mixed.length]).toEqual([19, 13]);
      expect(cellsOf('compact_test2.txt')).toEqual(fine);
      const set = compactZones(h3, fine.map(idOf), 5);
      expect(ascending([...set.zones])).toEqual(ascending(mixed.map(idOf)));
      expect(uncompactZones(h3, set, 5, 19)).toEqual(ascending(fine.map(idOf)));
    });

    it('coverCompact: the outline of the golden cells gives the golden compacted set', () => {
      const fine = cellsOf('compact_test1.txt');
      const mixed = cellsOf('uncompact_test1.txt').map(idOf);
      const set = h3.coverCompact(outline(fine), 5, 13, 'centre');
      expect(ascending([...set.zones])).toEqual(ascending(mixed));
      expect(h3.cover(outline(fine), 5, 19, 'centre')).toEqual(ascending(fine.map(idOf)));
      // Drawn along cell edges it meets the cells round it too, and holds those that lie off them.
      const all = new Set(h3.cover(outline(fine), 5, 100));
      const within = new Set(h3.cover(outline(fine), 5, 100, 'within'));
      for (const cell of fine.map(idOf)) expect(all.has(cell)).toBe(true);
      for (const cell of within) expect(fine.map(idOf)).toContain(cell);
    });

    it('cover: the golden multipolygon, two cells side by side', () => {
      const cells = cellsOf('multipolygon_test1.txt');
      expect(cells.length).toBe(2);
      expect(h3.cover(outline(cells), 7, 2, 'centre')).toEqual(ascending(cells.map(idOf)));
      const finer = h3.cover(outline(cells), 9, 1000, 'centre');
      const peers = cellsToMultiPolygon([...cells], true).flatMap((rings) =>
        polygonToCellsExperimental(rings, 9, POLYGON_TO_CELLS_FLAGS.containmentCenter, true),
      );
      expect(finer).toEqual(ascending(peers.map(idOf)));
    });

    it('cover: the golden polygons by every mode, listed and compacted', () => {
      const rings = [
        JSON.parse(read('polygon_test1.txt')),
        JSON.parse(read('polygon_test2.txt'))[0][0],
      ] as readonly (readonly (readonly [number, number])[])[];
      for (const ring of rings) {
        const geometry: GridGeometry = {
          type: 'Polygon',
          coordinates: [[...ring, ring[0]!].map(([lat, lon]) => [lon, lat])],
        };
        for (const [mode, flag] of [
          ['intersects', POLYGON_TO_CELLS_FLAGS.containmentOverlapping],
          ['within', POLYGON_TO_CELLS_FLAGS.containmentFull],
          ['centre', POLYGON_TO_CELLS_FLAGS.containmentCenter],
        ] as const) {
          for (const level of [9, 10, 11]) {
            const peers = polygonToCellsExperimental([ring.map((pair) => [...pair])], level, flag);
            const found = h3.cover(geometry, level, 100_000, mode);
            const known = new Set(peers.map(idOf));
            const extra = found.filter((zone) => !known.has(zone));
            // The second polygon's vertices are corners of cells, to six decimals: one lies within the tolerance.
            expect(extra.length, `${mode} ${level}`).toBe(
              mode === 'intersects' && ring.length === 10 && level === 10 ? 1 : 0,
            );
            expect(found.length).toBe(peers.length + extra.length);
            if (extra.length > 0) continue;
            const set = h3.coverCompact(geometry, level, 100_000, mode);
            expect(ascending([...set.zones])).toEqual(ascending(compactCells(peers).map(idOf)));
          }
        }
      }
    });
  },
);

describe.skipIf(!existsSync(counties))(
  'h3 covers of seven counties (skipped where ../shared/data/boundaries is absent)',
  () => {
    const geometries = (): readonly GridGeometry[] => {
      const { features } = JSON.parse(readFileSync(counties, 'utf8')) as {
        features: { geometry: { type: 'MultiPolygon'; coordinates: number[][][][] } }[];
      };
      return features.map(({ geometry }) => ({
        type: 'MultiPolygon',
        coordinates: geometry.coordinates.map((rings) =>
          rings.map((ring) =>
            ring.map(([lon, lat]) => {
              const moved = toCgcs2000({ datum: 'gcj02', lonDeg: lon!, latDeg: lat! });
              return [moved.lonDeg, moved.latDeg];
            }),
          ),
        ),
      }));
    };

    it('coverCompact: the cell of each of 30,000 positions inside is in it at level 9, its id in a range of coverForRanges', () => {
      const random = seeded(61);
      let [inside, zones, kept, keptForRanges] = [0, 0, 0, 0];
      for (const geometry of geometries()) {
        const set = h3.coverCompact(geometry, 9, 10_000);
        const forRanges = h3.coverForRanges!(geometry, 9, 10_000);
        const listed = uncompactZones(h3, set, 9, 100_000);
        zones += listed.length;
        kept += set.zones.length;
        keptForRanges += forRanges.zones.length;
        const { lon, lat } = positionsInside(geometry, random);
        inside += lon.length;
        const cells = new Set(listed);
        for (const zone of h3.encodeBatch(lon, lat, 9)) if (!cells.has(zone)) expect(zone).toBe('covered');
        const { lo, hi } = zoneRanges(h3, forRanges);
        let range = 0;
        for (const id of h3.encodeBatch(lon, lat, 12).sort()) {
          while (range < hi.length - 1 && hi[range]! < id) range += 1;
          if (!(lo[range]! <= id && id <= hi[range]!)) expect(id).toBe('in a range');
        }
      }
      expect(inside).toBeGreaterThan(30_000);
      expect(Math.abs(zones - 218_640)).toBeLessThan(20);
      expect(keptForRanges).toBeGreaterThan(kept);
      expect(keptForRanges).toBeLessThan(1.1 * kept);
    });

    it('cover: areas of the modes bracket that of the county, and centre meets it within 1 in 1000 at level 8', () => {
      const county = geometries()[0]!;
      const area = geometryAreaM2(county);
      const of = (mode: 'intersects' | 'within' | 'centre'): number =>
        h3.cover(county, 8, 10_000, mode).reduce((sum, zone) => sum + h3.areaM2(zone, 8), 0);
      expect(of('within')).toBeLessThan(area);
      expect(of('intersects')).toBeGreaterThan(area);
      expect(Math.abs(of('centre') / area - 1)).toBeLessThan(1 / 1000);
    });
  },
);

/** Positions all over the inside, and as many again within some thirty metres of the boundary. */
function positionsInside(
  geometry: GridGeometry,
  random: () => number,
): { readonly lon: Float64Array; readonly lat: Float64Array } {
  const { contains } = prepareGeometry(geometry);
  const rings = (geometry as Extract<GridGeometry, { type: 'MultiPolygon' }>).coordinates.flat();
  const vertices = rings.flat();
  const [west, south, east, north] = boxOf(geometry);
  const lon: number[] = [];
  const lat: number[] = [];
  const each = 2200;
  while (lon.length < 2 * each) {
    const [vx, vy] = vertices[Math.floor(random() * vertices.length)]!;
    const x = lon.length < each ? west + (east - west) * random() : vx! + (random() - 0.5) * 6e-4;
    const y = lon.length < each ? south + (north - south) * random() : vy! + (random() - 0.5) * 6e-4;
    if (!contains(x, y)) continue;
    lon.push(x);
    lat.push(y);
  }
  return { lon: Float64Array.from(lon), lat: Float64Array.from(lat) };
}

function boxOf(geometry: GridGeometry): readonly [number, number, number, number] {
  const positions = (geometry as Extract<GridGeometry, { type: 'MultiPolygon' }>).coordinates.flat(2);
  const lon = positions.map((position) => position[0]!);
  const lat = positions.map((position) => position[1]!);
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}
