import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CoverMode, ZoneSet } from '../codec.ts';
import { pairsOf, plainCompact } from '../cover/test-plain-sets.ts';
import { isGridError } from '../errors.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { segmentMeetsBox } from '../geometry/planar.ts';
import { representativePoint } from '../geometry/point-in-geometry.ts';
import { positionsIn, shapes, wrapped } from '../test-shapes.ts';
import { beidou2d } from './beidou2d.ts';
import { packCell } from './beidou2d-cell.ts';
import { BEIDOU_LEVELS, UNITS_PER_DEGREE } from './beidou2d-levels.ts';

fc.configureGlobal({ seed: 39_409 });

const MODES = ['intersects', 'within', 'centre'] as const;

type Rings = readonly (readonly (readonly number[])[])[];
type AreaGeometry = GridGeometry & { readonly type: 'Polygon' | 'MultiPolygon' };

function polygonsOf(geometry: AreaGeometry): readonly Rings[] {
  return geometry.type === 'Polygon'
    ? [geometry.coordinates as Rings]
    : (geometry.coordinates as readonly Rings[]);
}

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

function namesOf(geometry: GridGeometry, level: number, mode: CoverMode): readonly string[] {
  return beidou2d.cover(geometry, level, 100_000, mode).map((zone) => beidou2d.format(zone, level));
}

/**
 * The judge: every cell of the columns and rows round a polygon, looked at by itself. Longitudes run on past 180; a cell's zone is that
 * of the column a whole turn away.
 */
function plainCover(geometry: AreaGeometry, level: number, mode: 'within' | 'centre'): readonly bigint[] {
  const { lonUnits, latUnits } = BEIDOU_LEVELS[level]!;
  const [width, height] = [lonUnits / UNITS_PER_DEGREE, latUnits / UNITS_PER_DEGREE];
  const perTurn = 360 / width;
  const found = new Set<bigint>();
  for (const rings of polygonsOf(geometry)) {
    const lons = rings[0]!.map(([lon]) => lon!);
    const lats = rings[0]!.map(([, lat]) => lat!);
    for (let row = Math.floor(Math.min(...lats) / height); row * height <= Math.max(...lats); row += 1) {
      for (let at = Math.floor(Math.min(...lons) / width); at * width <= Math.max(...lons); at += 1) {
        const centre = [(at + 0.5) * width, (row + 0.5) * height];
        if (!booleanPointInPolygon(centre, { type: 'Polygon', coordinates: rings } as never)) continue;
        if (mode === 'within' && crosses(rings, at * width, row * height, width, height)) continue;
        const column = at >= perTurn / 2 ? at - perTurn : at < -perTurn / 2 ? at + perTurn : at;
        found.add(packCell({ polar: false, level, column, row }));
      }
    }
  }
  return Array.from(BigUint64Array.from(found).sort());
}

/** Does an edge pass the inside of a cell, less a millionth of it all round? */
function crosses(rings: Rings, west: number, south: number, width: number, height: number): boolean {
  const [dx, dy] = [width * 1e-6, height * 1e-6];
  return rings.some((ring) =>
    ring.some(([bx, by], n) => {
      const [ax, ay] = ring[Math.max(0, n - 1)]!;
      return segmentMeetsBox(
        ax!,
        ay!,
        bx!,
        by!,
        west + dx,
        south + dy,
        west + width - dx,
        south + height - dy,
      );
    }),
  );
}

describe('beidou2d.cover by mode', () => {
  it('within and centre: as every cell looked at by itself, holes, axes and the antimeridian included', () => {
    fc.assert(
      fc.property(shapes(0.05), fc.constantFrom(3, 4), (geometry, level) => {
        if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return;
        const within = plainCover(geometry, level, 'within');
        expect(beidou2d.cover(geometry, level, 10_000, 'within')).toEqual(within);
        const centre = plainCover(geometry, level, 'centre');
        const [lon, lat] = representativePoint(geometry)!;
        const expected = centre.length > 0 ? centre : [beidou2d.encode(lon, lat, level)];
        expect(beidou2d.cover(geometry, level, 10_000, 'centre')).toEqual(expected);
      }),
      { numRuns: 250 },
    );
  });

  it('intersects: the zone of every position at the finest levels, where slanted edges cut cells close to their corners', () => {
    fc.assert(
      fc.property(fc.constantFrom(2e-6, 2e-5).chain(shapes), fc.constantFrom(8, 9, 10), (geometry, level) => {
        const cover = new Set(beidou2d.cover(geometry, level, 100_000));
        for (const [lon, lat] of positionsIn(geometry, 200, 20)) {
          expect(cover.has(beidou2d.encode(wrapped(lon), lat, level))).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
    // A diagonal through corners: the cells on both sides of each, in doubt.
    const corner = 6 / UNITS_PER_DEGREE;
    const diagonal = [
      [0, 0],
      [corner, corner],
    ];
    const zones = beidou2d.cover({ type: 'LineString', coordinates: diagonal }, 10, 100);
    for (let n = 0; n <= 6; n += 1) {
      expect(zones).toContain(packCell({ polar: false, level: 10, column: n, row: n }));
    }
    expect(zones.length).toBeGreaterThan(7);
  });

  it('within: all four corners inside, at the finest levels', () => {
    fc.assert(
      fc.property(shapes(2e-6), fc.constantFrom(9, 10), (geometry, level) => {
        if (geometry.type !== 'Polygon') return;
        const polygon = { type: 'Polygon', coordinates: geometry.coordinates } as never;
        for (const zone of beidou2d.cover(geometry, level, 100_000, 'within')) {
          const turn = [-360, 0, 360];
          for (const [lon, lat] of beidou2d.boundary(zone, level)) {
            const [x, y] = beidou2d.centre(zone, level);
            // A thousandth towards the centre: a corner may lie on an edge, and doubles are coarse here.
            const corner = (by: number): number[] => [lon + (x - lon) / 1000 + by, lat + (y - lat) / 1000];
            expect(turn.some((by) => booleanPointInPolygon(corner(by), polygon))).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('boxes on cell edges: within and centre are their cells; through centres: closed, so those on the edge count', () => {
    const places = fc.integer({ min: -5, max: 4 });
    const sizes = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 10 }),
        places,
        places,
        sizes,
        sizes,
        (level, column, row, w, h) => {
          const { lonUnits, latUnits } = BEIDOU_LEVELS[level]!;
          const lonOf = (n: number): number => (n * lonUnits) / UNITS_PER_DEGREE;
          const latOf = (n: number): number => (n * latUnits) / UNITS_PER_DEGREE;
          const cells = (fromX: number, toX: number, fromY: number, toY: number): Set<bigint> => {
            const found = new Set<bigint>();
            for (let x = fromX; x < toX; x += 1) {
              for (let y = fromY; y < toY; y += 1)
                found.add(packCell({ polar: false, level, column: x, row: y }));
            }
            return found;
          };
          const onEdges = box(lonOf(column), latOf(row), lonOf(column + w), latOf(row + h));
          const own = cells(column, column + w, row, row + h);
          expect(new Set(beidou2d.cover(onEdges, level, 100, 'within'))).toEqual(own);
          expect(new Set(beidou2d.cover(onEdges, level, 100, 'centre'))).toEqual(own);
          const half = box(
            lonOf(column + 0.5),
            latOf(row + 0.5),
            lonOf(column + w + 0.5),
            latOf(row + h + 0.5),
          );
          expect(new Set(beidou2d.cover(half, level, 100, 'within'))).toEqual(
            cells(column + 1, column + w, row + 1, row + h),
          );
          expect(new Set(beidou2d.cover(half, level, 100, 'centre'))).toEqual(
            cells(column, column + w + 1, row, row + h + 1),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('within lies in centre, centre in intersects but for the zone of a vanishing parcel; points and lines by the contract', () => {
    fc.assert(
      fc.property(shapes(0.02), fc.integer({ min: 1, max: 5 }), (geometry, level) => {
        const [intersects, within, centre] = MODES.map((mode) => beidou2d.cover(geometry, level, 1e5, mode));
        const isArea = geometry.type === 'Polygon' || geometry.type === 'MultiPolygon';
        if (!isArea) {
          expect(within).toEqual([]);
          expect(centre).toEqual(intersects);
          return;
        }
        const all = new Set(intersects);
        expect(within!.every((zone) => new Set(centre).has(zone))).toBe(true);
        expect(centre!.length).toBeGreaterThan(0);
        expect(centre!.every((zone) => all.has(zone))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('a collection is its members, and a third coordinate is not read', () => {
    const line = [
      [104.6, 35.5, 1900],
      [104.62, 35.52, 1910],
    ];
    const points = [
      [104.7, 35.5],
      [-54, -33.9, 3],
    ];
    const area = box(104.5, 35.5, 104.53, 35.53);
    const members: readonly GridGeometry[] = [
      { type: 'MultiPoint', coordinates: points },
      { type: 'MultiLineString', coordinates: [line, [...line].reverse()] },
      { type: 'GeometryCollection', geometries: [area, { type: 'GeometryCollection', geometries: [] }] },
    ];
    for (const mode of MODES) {
      const each = [
        ...points.map((coordinates) => beidou2d.cover({ type: 'Point', coordinates }, 5, 1e5, mode)),
        beidou2d.cover({ type: 'LineString', coordinates: line }, 5, 1e5, mode),
        beidou2d.cover(area, 5, 1e5, mode),
      ];
      const all = beidou2d.cover({ type: 'GeometryCollection', geometries: members }, 5, 1e5, mode);
      expect(all).toEqual(Array.from(BigUint64Array.from(new Set(each.flat())).sort()));
    }
  });

  it('a ring round a pole is the box up to it, by every mode, wherever it starts', () => {
    for (const start of [-180, -77.3, 0, 10.00001, 179]) {
      for (const lat of [86.51, -85]) {
        const lons = [0, 90, 180, 270, 360].map((lon) => start + lon);
        const ring: GridGeometry = { type: 'Polygon', coordinates: [lons.map((lon) => [lon, lat])] };
        const same = lat > 0 ? box(-180, lat, 180, 90) : box(-180, -90, 180, lat);
        for (const mode of MODES) {
          for (const level of [1, 2]) {
            expect(beidou2d.cover(ring, level, 1e5, mode)).toEqual(beidou2d.cover(same, level, 1e5, mode));
          }
        }
        expect(beidou2d.cover(ring, 1, 1e5, 'within')).toContain(
          beidou2d.parse(lat > 0 ? 'N000' : 'S000').zone,
        );
      }
    }
  });

  it('polar cells by mode: whole boxes within, and the pole is a centre', () => {
    expect(namesOf(box(0, 88, 60, 88.5), 2, 'within')).toEqual(['N00010']);
    expect(namesOf(box(0, 88, 60, 88.5), 2, 'centre')).toEqual(['N00010']);
    expect(namesOf(box(0, 88, 59, 88.5), 2, 'within')).toEqual([]);
    expect(namesOf(box(100, -89.5, 260, -88.9), 2, 'within')).toEqual(['S00002']);
    expect(namesOf(box(-180, 88, 180, 90), 1, 'within')).toEqual(['N000']);
    expect(namesOf(box(-180, 88, 180, 90), 2, 'within').length).toBe(16);
    expect(namesOf(box(10, 89.9, 20, 90), 2, 'centre')).toEqual(['N00000']);
    expect(namesOf(box(10, 89.9, 20, 90), 2, 'within')).toEqual([]);
    expect(namesOf(box(10, 89.9, 20, 90), 1, 'centre')).toEqual(['N000']);
    expect(namesOf(box(-180, 89, -170, 89.5), 2, 'centre')).toEqual(['N00002']);
  });
});

describe('beidou2d.coverCompact', () => {
  it('is what compacting the listed zones makes, by every mode', () => {
    fc.assert(
      fc.property(
        shapes(0.05),
        fc.constantFrom(...MODES),
        fc.constantFrom(2, 3, 4, 5),
        (geometry, mode, level) => {
          const set = beidou2d.coverCompact(geometry, level, 1e6, mode);
          expect(pairsOf(set)).toEqual(
            plainCompact(beidou2d, beidou2d.cover(geometry, level, 1e6, mode), level),
          );
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);

  it('boxes across the axes over whole families: parents do not straddle them', () => {
    const sizes = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(fc.constantFrom(3, 4, 5, 6, 7), sizes, sizes, sizes, sizes, (level, w, s, e, n) => {
        const { lonUnits, latUnits } = BEIDOU_LEVELS[level]!;
        const [x, y] = [lonUnits / UNITS_PER_DEGREE, latUnits / UNITS_PER_DEGREE];
        const geometry = box(-w * x, -s * y, e * x, n * y);
        for (const mode of MODES) {
          const zones = beidou2d.cover(geometry, level, 1e5, mode);
          expect(pairsOf(beidou2d.coverCompact(geometry, level, 1e5, mode))).toEqual(
            plainCompact(beidou2d, zones, level),
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('the globe, and everything south of 70 S, become zones of level 1', () => {
    const globe = beidou2d.coverCompact(box(-180, -90, 180, 90), 2, 3000);
    expect(pairsOf(globe)).toEqual(pairsOf(levelOne(beidou2d.cover(box(-180, -90, 180, 90), 1, 3000))));
    const south = box(-180, -90, 180, -68);
    const listed = beidou2d.cover(south, 2, 1e5, 'within');
    expect(pairsOf(beidou2d.coverCompact(south, 2, 1e5, 'within'))).toEqual(
      plainCompact(beidou2d, listed, 2),
    );
    expect(beidou2d.coverCompact(south, 2, 1e5, 'within').zones.length).toBe(5 * 60 + 1);
  });

  it('refusals: by the compacted number before any is listed, and by the rows edges pass', () => {
    const ring = [
      [104.1, 35.1],
      [105.3, 35.4],
      [104.7, 36.2],
      [104.1, 35.1],
    ];
    const geometry: GridGeometry = { type: 'Polygon', coordinates: [ring] };
    const refusal = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        if (isGridError(error, 'too-many-zones')) return error.message;
        throw error;
      }
      return 'none';
    };
    const count = beidou2d.coverCompact(geometry, 5, 1e6).zones.length;
    expect(refusal(() => beidou2d.coverCompact(geometry, 5, count - 1))).toBe(
      `Cannot list zones of a compacted cover from level 5 up: ${count} zones, at most ${count - 1}`,
    );
    for (const mode of MODES) {
      expect(refusal(() => beidou2d.cover(geometry, 10, 1000, mode))).toMatch(
        /about \d.* zones, at most 1000/,
      );
      expect(refusal(() => beidou2d.coverCompact(geometry, 10, 1e15, mode))).toMatch(
        /rows of zones, at most/,
      );
    }
    expect(refusal(() => beidou2d.cover(geometry, 5, 0, 'within'))).toMatch(/at most 0/);
  });
});

function levelOne(zones: readonly bigint[]): ZoneSet {
  return { zones: BigUint64Array.from(zones), levels: new Uint8Array(zones.length).fill(1) };
}
