/** What every grid must do, run over the registry by `codec.test.ts`. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZoneGrid } from './codec.ts';
import { isGridError } from './errors.ts';
import { pointInGeometry } from './geometry/point-in-geometry.ts';
import { NO_ZONE } from './no-zone.ts';
import { centres, meetsByTurf, positionsIn, shapes, wrapped } from './test-shapes.ts';

/** What the suite cannot know of a grid by itself. */
export interface ContractFacts {
  /** A level whose zones are about 0.02 degree wide, for covers. */
  readonly coverLevel: number;
  /** Do parents hold their children in space as well as by id? */
  readonly nestsInSpace: boolean;
  /** Texts that are refused, and why. */
  readonly refusedTexts: readonly (readonly [text: string, reason: RegExp])[];
}

/** The whole suite over one grid. Seeded: a failure comes again. */
export function zoneGridContract(grid: ZoneGrid, facts: ContractFacts): void {
  fc.configureGlobal({ seed: 39_409 });
  const levels = fc.integer({ min: grid.minLevel, max: grid.maxLevel });
  const positions = fc.tuple(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.double({ min: -87.9, max: 87.9, noNaN: true }),
  );
  const codeOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return isGridError(error) ? error.code : `not a GridError: ${error}`;
    }
    return 'no error';
  };

  describe(`${grid.id} keeps the ZoneGrid contract`, () => {
    it('cover and coverCompact: refuse a bound that is no number and a mode there is not', () => {
      const point = { type: 'Point', coordinates: [104.6, 35.6] } as const;
      for (const bound of [Number.NaN, -1, undefined as unknown as number]) {
        expect(codeOf(() => grid.cover(point, facts.coverLevel, bound))).toBe('too-many-zones');
        expect(codeOf(() => grid.coverCompact(point, facts.coverLevel, bound))).toBe('too-many-zones');
      }
      expect(grid.cover(point, facts.coverLevel, Number.POSITIVE_INFINITY)).toHaveLength(1);
      const mode = 'touches' as 'within';
      expect(codeOf(() => grid.cover(point, facts.coverLevel, 9, mode))).toBe('mode-unknown');
      expect(codeOf(() => grid.coverCompact(point, facts.coverLevel, 9, mode))).toBe('mode-unknown');
    });

    it('encode: the centre of a zone encodes to that zone, at every level', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          const zone = grid.encode(lon, lat, level);
          expect(grid.encode(...grid.centre(zone, level), level)).toBe(zone);
        }),
      );
    });

    it('format and parse: text round trips, and no other text is accepted', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          const zone = grid.encode(lon, lat, level);
          const text = grid.format(zone, level);
          expect(grid.parse(text)).toEqual({ zone, level });
          for (const other of [` ${text}`, `${text} `, text.toLowerCase(), text.toUpperCase(), `${text}\n`]) {
            if (other !== text) expect(codeOf(() => grid.parse(other))).toBe('zone-invalid');
          }
        }),
      );
    });

    it.each(facts.refusedTexts.map(([text, reason]) => ({ text, reason })))(
      'parse: refuses "$text" with a reason',
      ({ text, reason }) => {
        expect(() => grid.parse(text)).toThrow(reason);
        expect(codeOf(() => grid.parse(text))).toMatch(/^(zone-invalid|polar-unsupported)$/);
      },
    );

    it('parent: equals encoding at the coarser level where the grid nests, and is on the way up from every level', () => {
      fc.assert(
        fc.property(positions, levels, levels, ([lon, lat], a, b) => {
          const [coarse, fine] = [Math.min(a, b), Math.max(a, b)];
          const zone = grid.encode(lon, lat, fine);
          const up = grid.parent(zone, fine, coarse);
          expect(grid.parse(grid.format(up, coarse)).level).toBe(coarse);
          if (facts.nestsInSpace) expect(up).toBe(grid.encode(lon, lat, coarse));
          const between = Math.floor((coarse + fine) / 2);
          expect(grid.parent(grid.parent(zone, fine, between), between, coarse)).toBe(up);
        }),
      );
    });

    it('subZones: children have this parent, ascend, and hold the child a point encodes to', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          fc.pre(level < grid.maxLevel);
          const child = grid.encode(lon, lat, level + 1);
          const zone = grid.parent(child, level + 1, level);
          const children = grid.subZones(zone, level, level + 1);
          for (let n = 1; n < children.length; n += 1) expect(children[n]! > children[n - 1]!).toBe(true);
          expect(children).toContain(child);
          for (const each of children) expect(grid.parent(each, level + 1, level)).toBe(zone);
        }),
        { numRuns: 40 },
      );
    });

    it('range: holds the point-level id of every position of the zone and of no other', () => {
      fc.assert(
        fc.property(positions, positions, levels, (one, two, level) => {
          fc.pre(level <= grid.pointLevel);
          const point = grid.encode(...one, grid.pointLevel);
          const zone = grid.parent(point, grid.pointLevel, level);
          const { lo, hi } = grid.range(zone, level);
          expect(lo <= point && point <= hi).toBe(true);
          const other = grid.encode(...two, grid.pointLevel);
          const isInside = grid.parent(other, grid.pointLevel, level) === zone;
          expect(lo <= other && other <= hi).toBe(isInside);
        }),
      );
    });

    it('range: neighbouring zones have ranges that do not overlap', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          fc.pre(level <= grid.pointLevel);
          const zone = grid.encode(lon, lat, level);
          const ranges = [zone, ...grid.neighbours(zone, level)].map((each) => grid.range(each, level));
          ranges.sort((a, b) => (a.lo < b.lo ? -1 : 1));
          for (let n = 1; n < ranges.length; n += 1) expect(ranges[n]!.lo > ranges[n - 1]!.hi).toBe(true);
        }),
      );
    });

    it('neighbours: symmetric, without the zone itself, also across the axes and the antimeridian', () => {
      fc.assert(
        fc.property(fc.oneof(positions, centres), levels, ([lon, lat], level) => {
          const zone = grid.encode(lon, lat, level);
          const neighbours = grid.neighbours(zone, level);
          expect(neighbours).not.toContain(zone);
          expect(new Set(neighbours).size).toBe(neighbours.length);
          expect(neighbours.length).toBeGreaterThanOrEqual(5);
          for (const each of neighbours) expect(grid.neighbours(each, level)).toContain(zone);
        }),
        { numRuns: 60 },
      );
    });

    it('bounds and boundary: hold the position; the ring is closed and counter-clockwise', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          const zone = grid.encode(lon, lat, level);
          const [west, south, east, north] = grid.bounds(zone, level);
          const slack = 1e-9;
          expect(lat).toBeGreaterThanOrEqual(south - slack);
          expect(lat).toBeLessThanOrEqual(north + slack);
          const inLon =
            west <= east
              ? lon >= west - slack && lon <= east + slack
              : lon >= west - slack || lon <= east + slack;
          // +180 and -180 are one meridian: H3 may bound it from the other side.
          expect(inLon || Math.abs(lon) === 180).toBe(true);
          const ring = grid.boundary(zone, level);
          expect(ring[0]).toEqual(ring[ring.length - 1]);
          let twice = 0;
          const [ox, oy] = ring[0]!;
          for (let n = 1; n < ring.length; n += 1) {
            const [ax, ay] = ring[n - 1]!;
            const [bx, by] = ring[n]!;
            twice += (ax - ox) * (by - oy) - (bx - ox) * (ay - oy);
          }
          expect(twice).toBeGreaterThan(0);
        }),
      );
    });

    it('areaM2: children add up to their parent where the grid nests; positive everywhere', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          const zone = grid.encode(lon, lat, level);
          const area = grid.areaM2(zone, level);
          expect(area).toBeGreaterThan(0);
          if (!facts.nestsInSpace || level === grid.maxLevel) return;
          const parts = grid.subZones(zone, level, level + 1).map((each) => grid.areaM2(each, level + 1));
          const sum = parts.reduce((total, part) => total + part, 0);
          expect(Math.abs(sum - area) / area).toBeLessThan(1e-10);
        }),
        { numRuns: 40 },
      );
    });

    it('encodeBatch: equals encode one by one, NO_ZONE where encode refuses, into the array given', () => {
      const wild = fc.oneof(
        fc.double({ min: -181, max: 181 }),
        fc.constantFrom(0, -0, 180, -180, 90, -90, 88, -88, 120, -120, Number.NaN, Number.POSITIVE_INFINITY),
      );
      fc.assert(
        fc.property(fc.array(fc.tuple(wild, wild), { maxLength: 40 }), levels, (pairs, level) => {
          const lon = Float64Array.from(pairs, ([x]) => x);
          const lat = Float64Array.from(pairs, ([, y]) => y);
          // A view into a larger buffer: offsets must be kept.
          const out = new BigUint64Array(pairs.length + 3).subarray(2, 2 + pairs.length);
          expect(grid.encodeBatch(lon, lat, level, out)).toBe(out);
          const expected = pairs.map(([x, y]) => {
            try {
              return grid.encode(x, y, level);
            } catch (error) {
              if (isGridError(error)) return NO_ZONE;
              throw error;
            }
          });
          expect(Array.from(out)).toEqual(expected);
        }),
      );
      expect(codeOf(() => grid.encodeBatch(new Float64Array(2), new Float64Array(3), grid.minLevel))).toBe(
        'shape-mismatch',
      );
    });

    it('refusals: positions, levels and ids that are none, each by its code', () => {
      const level = grid.pointLevel;
      for (const [lon, lat] of [
        [Number.NaN, 0],
        [0, Number.NaN],
        [180.1, 0],
        [-181, 0],
        [0, 90.1],
        [0, -91],
      ] as const) {
        expect(codeOf(() => grid.encode(lon, lat, level))).toBe('position-invalid');
      }
      for (const bad of [grid.minLevel - 1, grid.maxLevel + 1, 1.5, Number.NaN]) {
        expect(codeOf(() => grid.encode(104, 35, bad))).toBe('level-out-of-range');
        expect(codeOf(() => grid.cover({ type: 'Point', coordinates: [104, 35] }, bad, 9))).toBe(
          'level-out-of-range',
        );
        expect(codeOf(() => grid.format(grid.encode(104, 35, level), bad))).toBe('level-out-of-range');
      }
      const zone = grid.encode(104.6263, 35.5806, 5);
      expect(codeOf(() => grid.parent(zone, 5, 6))).toBe('level-out-of-range');
      expect(codeOf(() => grid.subZones(zone, 5, 4))).toBe('level-out-of-range');
      expect(codeOf(() => grid.subZones(zone, 5, grid.maxLevel))).toBe('too-many-zones');
      for (const act of [
        grid.format,
        grid.neighbours,
        grid.range,
        grid.centre,
        grid.bounds,
        grid.boundary,
        grid.areaM2,
      ]) {
        expect(codeOf(() => act(NO_ZONE, 5))).toBe('zone-invalid');
        expect(codeOf(() => act(-1n, 5))).toBe('zone-invalid');
        expect(codeOf(() => act(zone, 4))).toBe('zone-invalid');
      }
    });

    it('cover: holds the zone of every position of a geometry (the slow judge encodes them all)', () => {
      fc.assert(
        fc.property(shapes(0.05), (geometry) => {
          const cover = new Set(grid.cover(geometry, facts.coverLevel, 10_000));
          expect(cover.size).toBeGreaterThan(0);
          for (const [lon, lat] of positionsIn(geometry, 60, 40)) {
            const zone = grid.encode(wrapped(lon), lat, facts.coverLevel);
            expect(cover.has(zone), `${lon}, ${lat} of ${JSON.stringify(geometry)}`).toBe(true);
          }
        }),
        { numRuns: 60 },
      );
    });

    it('cover: holds no zone that turf finds apart from the geometry', () => {
      fc.assert(
        fc.property(shapes(0.05), (geometry) => {
          for (const zone of grid.cover(geometry, facts.coverLevel, 10_000)) {
            expect(meetsByTurf(grid, zone, facts.coverLevel, geometry), JSON.stringify(geometry)).toBe(true);
          }
        }),
        { numRuns: 40 },
      );
    });

    it('cover: ascending, distinct, the same for a crossing polygon written in any of its ways', () => {
      const level = facts.coverLevel;
      const ring = (a: number, b: number): readonly (readonly number[])[] => [
        [a, 10],
        [b, 10.01],
        [b, 10.1],
        [a, 10.08],
        [a, 10],
      ];
      const ways = [ring(179.95, 180.07), ring(179.95, -179.93), ring(-180.05, -179.93)];
      const covers = ways.map((way) => grid.cover({ type: 'Polygon', coordinates: [way] }, level, 1000));
      expect(covers[1]).toEqual(covers[0]);
      expect(covers[2]).toEqual(covers[0]);
      const sorted = [...new Set(covers[0])].sort((a, b) => (a < b ? -1 : 1));
      expect(covers[0]).toEqual(sorted);
      expect(covers[0]).toContain(grid.encode(179.97, 10.05, level));
      expect(covers[0]).toContain(grid.encode(-179.95, 10.05, level));
      expect(covers[0]!.length).toBeLessThan(120);
    });

    it('cover: a flat or tiny geometry has a zone, an empty one has none', () => {
      const level = facts.coverLevel;
      const here = grid.encode(104.6263, 35.5806, level);
      const dot = [104.6263, 35.5806];
      expect(grid.cover({ type: 'Polygon', coordinates: [[dot, dot, dot, dot]] }, level, 9)).toContain(here);
      expect(grid.cover({ type: 'LineString', coordinates: [dot] }, level, 9)).toContain(here);
      const flat = [dot, [104.7263, 35.5806], dot, dot];
      expect(grid.cover({ type: 'Polygon', coordinates: [flat] }, level, 99)).toContain(here);
      for (const type of ['LineString', 'Polygon', 'MultiPolygon', 'Point'] as const) {
        expect(grid.cover({ type, coordinates: [] }, level, 9)).toEqual([]);
      }
    });

    it('cover: too many zones are refused before the work, with an estimate and the bound', () => {
      const square = [
        [100, 30],
        [110, 30],
        [110, 40],
        [100, 40],
        [100, 30],
      ];
      const act = (): unknown => grid.cover({ type: 'Polygon', coordinates: [square] }, grid.maxLevel, 1000);
      expect(codeOf(act)).toBe('too-many-zones');
      expect(act).toThrow(/about \d.* zones, at most 1000/);
      const exact = grid.cover({ type: 'Polygon', coordinates: [square] }, 3, 10_000);
      expect(grid.cover({ type: 'Polygon', coordinates: [square] }, 3, exact.length)).toEqual(exact);
      const fewer = (): unknown =>
        grid.cover({ type: 'Polygon', coordinates: [square] }, 3, exact.length - 1);
      expect(codeOf(fewer)).toBe('too-many-zones');
    });

    it('cover: geometries that are none are refused', () => {
      const bad = [[104, 35], [105], [104, 36], [104, 35]];
      expect(codeOf(() => grid.cover({ type: 'Polygon', coordinates: [bad] }, 5, 9))).toBe(
        'geometry-invalid',
      );
      expect(codeOf(() => grid.cover({ type: 'Point', coordinates: [Number.NaN, 1] }, 5, 9))).toBe(
        'geometry-invalid',
      );
      const circle = { type: 'Circle', coordinates: [] } as never;
      expect(codeOf(() => grid.cover(circle, 5, 9))).toBe('geometry-invalid');
    });

    it('cover: the centre of a zone inside the ring of its own boundary', () => {
      fc.assert(
        fc.property(positions, levels, ([lon, lat], level) => {
          const zone = grid.encode(lon, lat, level);
          const geometry = { type: 'Polygon', coordinates: [grid.boundary(zone, level)] } as const;
          expect(pointInGeometry(geometry, ...grid.centre(zone, level))).toBe(true);
          expect(grid.cover(geometry, level, 100)).toContain(zone);
        }),
        { numRuns: 50 },
      );
    });
  });
}
