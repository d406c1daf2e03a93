import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import type { HeightCoding } from '../beidou/beidou3d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import { isGridError } from '../errors.ts';
import { refusalOf } from '../refusal.ts';
import { positionsIn, shapes, wrapped } from '../test-shapes.ts';
import { countSolidZones } from './compact-solid.ts';
import { coverSolid } from './cover-solid.ts';
import { estimateSolid } from './estimate-solid.ts';
import { solidHolds } from './read-solid.ts';
import { representativeOfSolid } from './representative-solid.ts';
import type { Solid } from './solid-shape.ts';
import { formatSolidRuns, parseSolidRuns } from './solid-text.ts';

const codings = fc.constantFrom<HeightCoding>('annexC', 'clause6');

/** Solids of every kind, some zones of level 7 wide, that reach no pole. */
const anySolid: fc.Arbitrary<Solid> = fc
  .tuple(
    shapes(0.0003),
    fc.constantFrom('extruded', 'pipe', 'strip', 'draped'),
    fc.integer({ min: -200, max: 3000 }),
    fc.integer({ min: 0, max: 60 }),
  )
  .map(([shape, kind, height, thick]): Solid => {
    const line = shape.type === 'LineString' ? shape.coordinates : [positionsIn(shape, 1, 2)[0]!];
    const groundM = (lon: number, lat: number): number =>
      height + 3000 * (lat - Math.floor(lat * 10) / 10) + lon / 10;
    if (kind === 'pipe') return { kind, line, radiusM: thick / 4, groundM: height, depthM: 2 };
    if (kind === 'strip') return { kind, line, widthM: thick, fromM: -1, toM: thick, groundM };
    if (kind === 'draped') return { kind, area: shape, fromM: 0, toM: thick, groundM };
    return { kind: 'extruded', footprint: shape, floorM: height, topM: height + thick };
  });

describe('representativeOfSolid', () => {
  it('lies in every cover that intersects, and by centre no solid vanishes', () => {
    fc.assert(
      fc.property(anySolid, codings, (solid, heightCoding) => {
        const position = representativeOfSolid(solid)!;
        // The terrain of a draped solid is asked at the zone, not at the position: its own height may be a layer off.
        if (solid.kind !== 'draped')
          expect(solidHolds(coverSolid(solid, { level: 7, heightCoding }), ...position)).toBe(true);
        expect(
          countSolidZones(coverSolid(solid, { level: 5, heightCoding, mode: 'centre' })),
        ).toBeGreaterThan(0);
        expect(
          countSolidZones(coverSolid(solid, { level: 7, heightCoding, mode: 'centre' })),
        ).toBeGreaterThan(0);
      }),
      { seed: 51, numRuns: 120 },
    );
  });

  it('is half way along a line by length, and undefined for an empty solid', () => {
    const pipe: Solid = {
      kind: 'pipe',
      line: [
        [10, 0, 0],
        [10.001, 0, 5],
        [10.004, 0, 5],
      ],
      radiusM: 1,
    };
    const [lon, lat, height] = representativeOfSolid(pipe)!;
    expect(lon).toBeCloseTo(10.002, 5);
    expect([lat, height]).toEqual([0, 5]);
    expect(representativeOfSolid({ ...pipe, line: [] })).toBeUndefined();
  });
});

describe('draped solids', () => {
  const area = {
    type: 'Polygon',
    coordinates: [
      [
        [104.6, 35.58],
        [104.602, 35.58],
        [104.602, 35.582],
        [104.6, 35.582],
        [104.6, 35.58],
      ],
    ],
  } as const;
  // Rises 40 m to the east over the parcel.
  const slope = (lon: number): number => 1900 + (lon - 104.6) * 20_000;

  it('follow the terrain: every position on it is held, and no more than the rise of one zone too much', () => {
    const set = coverSolid({ kind: 'draped', area, fromM: 0, toM: 0, groundM: slope }, { level: 8 });
    for (const [lon, lat] of positionsIn(area, 10, 10)) {
      expect(solidHolds(set, lon, lat, slope(lon))).toBe(true);
      expect(solidHolds(set, lon, lat, slope(lon) + 3)).toBe(false);
      expect(solidHolds(set, lon, lat, slope(lon) - 3)).toBe(false);
    }
  });

  it('on level ground are the prism of that height', () => {
    const flat = coverSolid({ kind: 'draped', area, fromM: -2, toM: 3, groundM: 1900 }, { level: 7 });
    expect(flat).toEqual(
      coverSolid({ kind: 'extruded', footprint: area, floorM: 1898, topM: 1903 }, { level: 7 }),
    );
    const estimate = estimateSolid({ kind: 'draped', area, fromM: -2, toM: 3, groundM: 1900 }, { level: 7 });
    expect(estimate.atLeast).toBeLessThanOrEqual(countSolidZones(flat));
    expect(estimate.atMost).toBeGreaterThanOrEqual(countSolidZones(flat));
  });

  it('within: only layers that stay in the band over the whole zone', () => {
    const set = coverSolid(
      { kind: 'draped', area, fromM: 0, toM: 12, groundM: slope },
      { level: 8, mode: 'within' },
    );
    expect(set.zones.length).toBeGreaterThan(0);
    set.zones.forEach((zone, n) => {
      if (n % 37 !== 0) return;
      const [west, , east] = beidou2d.bounds(zone, 8);
      const [, , floorM] = beidou3d.bounds({ zone, level: 8, floorLayer: set.floorLayers[n]! });
      const topLayer = set.topLayers[n]! - 64;
      const [, , , , , topM] = beidou3d.bounds({ zone, level: 8, floorLayer: topLayer });
      expect(floorM).toBeGreaterThanOrEqual(slope(east) - 1e-6);
      expect(topM).toBeLessThanOrEqual(slope(west) + 12 + 1e-6);
    });
  });
});

describe('runs as text', () => {
  it('parseSolidRuns reads what formatSolidRuns writes, in any order', () => {
    fc.assert(
      fc.property(anySolid, codings, fc.constantFrom(5, 7), (solid, heightCoding, coarsestLevel) => {
        const set = coverSolid(solid, { level: 7, heightCoding, coarsestLevel });
        const texts = formatSolidRuns(set);
        expect(parseSolidRuns(texts, heightCoding)).toEqual(set);
        expect(parseSolidRuns([...texts].reverse(), heightCoding)).toEqual(set);
      }),
      { seed: 52, numRuns: 60 },
    );
  });

  it('by hand: three layers of level 6 above the zone the equator and the prime meridian begin', () => {
    const box = [0.0001, 0.0001, 1, 0.0001, 0.0001, 130] as const;
    const texts = formatSolidRuns(coverSolid({ kind: 'box', box }, { level: 6 }));
    expect(texts).toEqual(['N031A000000000000000+2']);
  });

  it('refuses what is no run', () => {
    for (const text of [
      '',
      '+2',
      'N031A000000000000000+0',
      'N031A000000000000000+02',
      'N031A000000000000000+2+3',
      'N31A0',
    ]) {
      const refusal = ((): unknown => {
        try {
          return parseSolidRuns([text], 'annexC');
        } catch (error) {
          return error;
        }
      })();
      expect(isGridError(refusal, 'zone-invalid'), text).toBe(true);
    }
    expect(() => parseSolidRuns(['N031A000000000000000+999999999'], 'annexC')).toThrow(/highest layer/);
  });

  it('a pole of no width across the antimeridian stays where it is', () => {
    const set = coverSolid(
      { kind: 'strip', line: [[180, 10]], widthM: 2, fromM: 0, toM: 5, groundM: 0 },
      { level: 8 },
    );
    for (const lon of [wrapped(180), -180]) expect(solidHolds(set, lon, 10, 2)).toBe(true);
  });
});

describe('solids from files', () => {
  it('are refused by code when they are none, and where the ground is not known', () => {
    const line = [
      [104, 35, 5],
      [104.001, 35, 5],
    ];
    const flat = line.map(([lon, lat]) => [lon, lat]);
    const area = { type: 'Point', coordinates: [104, 35] };
    const none: readonly (readonly [unknown, string])[] = [
      [null, 'geometry-invalid'],
      [undefined, 'geometry-invalid'],
      [{ kind: 'sphere' }, 'geometry-invalid'],
      [{ kind: 'pipe', line, radiusM: '1' }, 'geometry-invalid'],
      [{ kind: 'pipe', line: [[104, 35, null]], radiusM: 1 }, 'height-invalid'],
      [{ kind: 'pipe', line: [[104, 35, '5']], radiusM: 1 }, 'height-invalid'],
      [{ kind: 'pipe', line: flat, radiusM: 1, groundM: null, depthM: 1 }, 'height-invalid'],
      [{ kind: 'pipe', line: flat, radiusM: 1, groundM: () => Number.NaN, depthM: 1 }, 'height-invalid'],
      [{ kind: 'draped', area, fromM: 0, toM: 1, groundM: () => Number.NaN }, 'height-invalid'],
      [{ kind: 'draped', area, fromM: 0, toM: 1, groundM: () => undefined }, 'height-invalid'],
    ];
    for (const [solid, code] of none) {
      for (const act of [
        () => coverSolid(solid as Solid, { level: 6 }),
        () => estimateSolid(solid as Solid, { level: 6 }),
      ]) {
        expect(refusalOf(act)?.code, JSON.stringify(solid)).toBe(code);
      }
    }
    expect(refusalOf(() => representativeOfSolid({ kind: 'sphere' } as never))?.code).toBe(
      'geometry-invalid',
    );
  });
});
