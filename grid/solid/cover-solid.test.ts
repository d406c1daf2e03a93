import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import { type HeightCoding, heightLayer, layerFloorM } from '../beidou/beidou3d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import { isGridError } from '../errors.ts';
import type { SolidZoneSet } from '../solid.ts';
import { meetsByTurf, positionsIn, shapes, wrapped } from '../test-shapes.ts';
import { countSolidZones } from './compact-solid.ts';
import { coverSolid } from './cover-solid.ts';
import { estimateSolid } from './estimate-solid.ts';
import { solidHolds } from './read-solid.ts';
import { solidBoxes } from './solid-boxes.ts';
import type { PipeSolid, Solid, StripSolid } from './solid-shape.ts';
import { alongLine, distanceToBox, ecef, farthestCorner, geodetic } from './testing/judge.ts';

const codings = fc.constantFrom<HeightCoding>('annexC', 'clause6');
/** Cell sizes by level, metres: shapes are drawn some cells wide. */
const SIZE_M = [0, 600_000, 55_000, 25_000, 1_855, 124, 62, 7.7, 0.97, 0.12, 0.015];

/** Is the zone that holds a position in the set? */
function hasZoneOf(set: SolidZoneSet, lon: number, lat: number, height: number): boolean {
  return solidHolds(set, wrapped(lon), lat, height);
}

describe('coverSolid of prisms', () => {
  it('coverSolid intersects holds every position of an extruded footprint', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 4, max: 9 })
          .chain((level) => fc.tuple(fc.constant(level), shapes((3 * SIZE_M[level]!) / 111_000))),
        fc.double({ min: -500, max: 5000, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        codings,
        ([level, footprint], low, cells, heightCoding) => {
          const high = low + cells * SIZE_M[level]!;
          const solid: Solid = { kind: 'extruded', footprint, floorM: low, topM: high };
          const set = coverSolid(solid, { level, heightCoding });
          expect(set.zones.length).toBeGreaterThan(0);
          for (const [lon, lat] of positionsIn(footprint, 3, 5))
            for (const height of [low, (low + high) / 2, high])
              expect(hasZoneOf(set, lon, lat, height)).toBe(true);
          set.zones.forEach((zone, n) => {
            expect(meetsByTurf(beidou2d, zone, level, footprint)).toBe(true);
            expect(layerFloorM(set.floorLayers[n]!)).toBeLessThanOrEqual(low + 1e-6);
            expect(layerFloorM(set.topLayers[n]!)).toBeGreaterThan(high - 1e-6);
          });
        },
      ),
      { seed: 31, numRuns: 60 },
    );
  });

  it('a box that is one zone: 8 zones share its closed skin, 1 lies within, 1 has its centre in it', () => {
    // Level 7 is 1/4 arc-second; layers of 512 are counted from the ellipsoid in both readings.
    const side = 1 / 14_400;
    const box = [10 * side, 20 * side, layerFloorM(1024), 11 * side, 21 * side, layerFloorM(1536)] as const;
    for (const heightCoding of ['annexC', 'clause6'] as const) {
      const solid = { kind: 'box', box } as const;
      const own = beidou2d.encode(10.5 * side, 20.5 * side, 7);
      const shared = coverSolid(solid, { level: 7, heightCoding });
      expect(countSolidZones(shared)).toBe(8);
      expect([...shared.floorLayers]).toEqual([1024, 1024, 1024, 1024]);
      expect([...shared.topLayers]).toEqual([2048, 2048, 2048, 2048]);
      for (const mode of ['within', 'centre'] as const) {
        const set = coverSolid(solid, { level: 7, mode, heightCoding });
        expect([...set.zones]).toEqual([own]);
        expect([set.floorLayers[0], set.topLayers[0]]).toEqual([1024, 1536]);
      }
    }
  });

  it('modes nest: within in centre in intersects', () => {
    fc.assert(
      fc.property(shapes(0.0004), fc.double({ min: -30, max: 3000, noNaN: true }), (footprint, low) => {
        const solid: Solid = { kind: 'extruded', footprint, floorM: low, topM: low + 20 };
        const [within, centre, all] = (['within', 'centre', 'intersects'] as const).map((mode) =>
          coverSolid(solid, { level: 7, mode }),
        );
        expect(countSolidZones(centre!)).toBeGreaterThan(0);
        expect(isSubset(within!, centre!)).toBe(true);
        expect(isSubset(centre!, all!)).toBe(true);
      }),
      { seed: 32, numRuns: 60 },
    );
  });

  it('a slab thinner than a layer keeps one layer by centre and none within', () => {
    const box = [104.6, 35.5, 1900.1, 104.601, 35.501, 1900.2] as const;
    expect(countSolidZones(coverSolid({ kind: 'box', box }, { level: 6, mode: 'within' }))).toBe(0);
    const centre = coverSolid({ kind: 'box', box }, { level: 6, mode: 'centre' });
    expect(new Set(centre.floorLayers)).toEqual(new Set([Math.floor(heightLayer(1900.15) / 4096) * 4096]));
  });

  it('a box across the antimeridian lies on both sides of it', () => {
    const set = coverSolid({ kind: 'box', box: [179.999, 0.001, 0, -179.999, 0.002, 10] }, { level: 6 });
    for (const lon of [179.9995, 180, -180, -179.9995]) expect(solidHolds(set, lon, 0.0015, 5)).toBe(true);
    expect(solidHolds(set, 0, 0.0015, 5)).toBe(false);
    for (const [west, , , east] of solidBoxes(set, { merge: true })) expect(east - west).toBeLessThan(0.01);
  });

  it('an empty footprint has no zones, an empty line has none', () => {
    const footprint = { type: 'MultiPolygon', coordinates: [] } as const;
    expect(coverSolid({ kind: 'extruded', footprint, floorM: 0, topM: 1 }, { level: 5 }).zones.length).toBe(
      0,
    );
    expect(coverSolid({ kind: 'pipe', line: [], radiusM: 1 }, { level: 5 }).zones.length).toBe(0);
  });
});

function isSubset(small: SolidZoneSet, large: SolidZoneSet): boolean {
  return [...small.zones].every((zone, n) => {
    const [lon, lat] = beidou2d.centre(zone, small.levels[n]!);
    return [small.floorLayers[n]!, small.topLayers[n]! - 1].every((layer) =>
      solidHolds(large, lon, lat, (layerFloorM(layer) + layerFloorM(layer + 1)) / 2),
    );
  });
}

const unit = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 1000);
const anchors = fc.oneof(
  fc.tuple(fc.double({ min: -179, max: 179, noNaN: true }), fc.double({ min: -85, max: 85, noNaN: true })),
  fc.tuple(fc.constantFrom(0, 180, 104.6263, -54), fc.constantFrom(0, 35.5806, -33.9, 80)),
);

type Line = readonly (readonly [number, number, number])[];

/** Lines of some cells' length, with slopes up to upright. */
function lines(level: number): fc.Arbitrary<Line> {
  const spanM = 4 * SIZE_M[level]!;
  return fc
    .tuple(
      anchors,
      fc.double({ min: -200, max: 4000, noNaN: true }),
      fc.array(fc.tuple(unit, unit, unit), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('free', 'upright', 'level'),
    )
    .map(([[lon, lat], height, steps, kind]) =>
      steps.map(([x, y, z]) => {
        const flat = kind === 'upright' ? 0 : 1;
        return [
          lon + (flat * x * spanM) / 111_320 / Math.cos((lat * Math.PI) / 180),
          lat + (flat * y * spanM) / 110_600,
          height + (kind === 'level' ? 0 : z * spanM),
        ] as const;
      }),
    );
}

const tubes = fc
  .integer({ min: 5, max: 9 })
  .chain((level) =>
    fc.tuple(fc.constant(level), lines(level), fc.double({ min: 0.001, max: 2.5, noNaN: true }), codings),
  );

describe('coverSolid of pipes', () => {
  it('coverSolid intersects holds every position within the radius of the axis, judged in space', () => {
    fc.assert(
      fc.property(
        tubes,
        fc.array(fc.tuple(unit, unit, unit), { minLength: 40, maxLength: 40 }),
        (tube, balls) => {
          const [level, line, size, heightCoding] = tube;
          const radiusM = size * SIZE_M[level]!;
          const set = coverSolid({ kind: 'pipe', line, radiusM }, { level, heightCoding });
          const axis = alongLine(line, 7);
          balls.forEach(([x, y, z], k) => {
            const [lon, lat, height] = axis[k % axis.length]!;
            const centre = ecef(lon, lat, height);
            // On the skin more often than not, where a cover would fail first.
            const scale = (radiusM * (k % 3 === 0 ? Math.abs(x) : 1)) / (Math.hypot(x, y, z) || 1);
            const point = geodetic([centre[0] + x * scale, centre[1] + y * scale, centre[2] + z * scale]);
            expect(hasZoneOf(set, ...point)).toBe(true);
          });
        },
      ),
      { seed: 33, numRuns: 150 },
    );
  });

  it('coverSolid intersects has no zone that lies clear of the tube', () => {
    fc.assert(
      fc.property(tubes, ([level, line, size, heightCoding]) => {
        const radiusM = size * SIZE_M[level]!;
        const set = coverSolid({ kind: 'pipe', line, radiusM }, { level, heightCoding });
        const dense = alongLine(line, 200);
        const step = (8 * Math.sqrt(3) * SIZE_M[level]!) / 200;
        for (const box of someZones(set)) {
          // The judge's own line runs east of 180, boxes do not.
          const turn = Math.round((dense[0]![0] - box[0]) / 360) * 360;
          const moved = [box[0] + turn, box[1], box[2], box[3] + turn, box[4], box[5]] as const;
          expect(distanceToBox(dense, moved)).toBeLessThan(radiusM * 1.001 + step / 2 + 1e-4);
        }
      }),
      { seed: 34, numRuns: 60 },
    );
  });

  it('coverSolid within has only zones whose corners lie in the tube, and misses none in a straight one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 9 }).chain((level) => fc.tuple(fc.constant(level), lines(level))),
        ([level, line]) => {
          const radiusM = 2.5 * SIZE_M[level]!;
          const straight = line.slice(0, 2);
          const set = coverSolid({ kind: 'pipe', line: straight, radiusM }, { level, mode: 'within' });
          const all = coverSolid({ kind: 'pipe', line: straight, radiusM }, { level });
          const dense = alongLine(straight, 300);
          const slack = (0.03 * SIZE_M[level]!) ** 2 / radiusM + 1e-4;
          for (const box of someZones(all)) {
            const turn = Math.round((dense[0]![0] - box[0]) / 360) * 360;
            const moved = [box[0] + turn, box[1], box[2], box[3] + turn, box[4], box[5]] as const;
            const far = farthestCorner(dense, moved);
            const [lon, lat] = [(box[0] + box[3]) / 2, (box[1] + box[4]) / 2];
            const held = solidHolds(set, lon, lat, (box[2] + box[5]) / 2);
            if (held) expect(far).toBeLessThan(radiusM + slack);
            else expect(far).toBeGreaterThan(radiusM * 0.998 - slack);
          }
        },
      ),
      { seed: 35, numRuns: 25 },
    );
  });

  it('coverSolid intersects keeps a zone that the tube touches by less than a ten-thousandth of its radius', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -179, max: 179, noNaN: true }),
        fc.double({ min: -86, max: 86, noNaN: true }),
        fc.integer({ min: -100, max: 4000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('east', 'west', 'north', 'south', 'up', 'down'),
        fc.integer({ min: -90, max: 90 }),
        (lon, lat, height, radiusM, towards, turn) => {
          const level = 7;
          // A position a hair inside a zone, at the side that is turned to the tube.
          const [west, south, floorM, east, north, topM] = beidou3d.bounds(
            beidou3d.encode(lon, lat, height, level),
          );
          const hair = 1e-10;
          const target = {
            east: [west + hair, lat, height],
            west: [east - hair, lat, height],
            north: [lon, south + hair, height],
            south: [lon, north - hair, height],
            up: [lon, lat, floorM + 1e-5],
            down: [lon, lat, topM - 1e-5],
          }[towards] as [number, number, number];
          const point = ecef(...target);
          const [l, p] = [(target[0] * Math.PI) / 180, (target[1] * Math.PI) / 180];
          const eastward = [-Math.sin(l), Math.cos(l), 0] as const;
          const northward = [-Math.sin(p) * Math.cos(l), -Math.sin(p) * Math.sin(l), Math.cos(p)] as const;
          const upward = [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)] as const;
          const axes = {
            east: eastward,
            west: eastward,
            north: northward,
            south: northward,
            up: upward,
            down: upward,
          };
          const sign = towards === 'east' || towards === 'north' || towards === 'up' ? -1 : 1;
          const away = sign * (radiusM * (1 - 1e-7) - 1e-5);
          const n = axes[towards];
          const start = geodetic([point[0] + n[0] * away, point[1] + n[1] * away, point[2] + n[2] * away]);
          // The axis goes off sideways, along the border of the zone.
          const [c, s] = [Math.cos((turn * Math.PI) / 180) / 200, Math.sin((turn * Math.PI) / 180) / 200];
          const end = {
            east: [start[0], start[1] - 0.009, start[2] + 5000 * s],
            west: [start[0], start[1] + 0.009, start[2] + 5000 * s],
            north: [start[0] + c, start[1], start[2] + 5000 * s],
            south: [start[0] - c, start[1], start[2] + 5000 * s],
            up: [start[0] + c, start[1] + s, start[2]],
            down: [start[0] - c, start[1] + s, start[2]],
          }[towards] as [number, number, number];
          const set = coverSolid({ kind: 'pipe', line: [start, end], radiusM }, { level, maxZones: 1e8 });
          expect(solidHolds(set, ...target)).toBe(true);
        },
      ),
      { seed: 38, numRuns: 100 },
    );
  });

  it('reads depths below the ground, one for all vertices or one each, and heights of vertices', () => {
    const line = [
      [104.6, 35.58],
      [104.601, 35.58],
    ];
    const flat: PipeSolid = { kind: 'pipe', line, radiusM: 0.3, depthM: 2, groundM: 1900 };
    const same: PipeSolid = { kind: 'pipe', line: line.map((at) => [...at, 1898]), radiusM: 0.3 };
    expect(coverSolid(flat, { level: 8 })).toEqual(coverSolid(same, { level: 8 }));
    const sloped: PipeSolid = { ...flat, depthM: [2, 4], groundM: (lon) => 1900 + (lon - 104.6) * 1000 };
    const other: PipeSolid = {
      ...same,
      line: [
        [104.6, 35.58, 1898],
        [104.601, 35.58, 1897],
      ],
    };
    expect(countSolidZones(coverSolid(sloped, { level: 8 }))).toBe(
      countSolidZones(coverSolid(other, { level: 8 })),
    );
    expect(() => coverSolid({ ...flat, depthM: [2] }, { level: 8 })).toThrow(/1 depths|one depth/);
    expect(() => coverSolid({ kind: 'pipe', line, radiusM: 1 }, { level: 8 })).toThrow(/ground height/);
  });

  it('a network of pipes is covered as one set', () => {
    const pipes = [0, 1, 2].map(
      (k): PipeSolid => ({
        kind: 'pipe',
        line: [
          [104.6 + k * 0.0005, 35.58, 1895],
          [104.6005 + k * 0.0005, 35.58, 1894],
        ],
        radiusM: 0.3,
      }),
    );
    const whole = coverSolid(pipes, { level: 8 });
    for (const pipe of pipes) expect(isSubset(coverSolid(pipe, { level: 8 }), whole)).toBe(true);
    const sum = pipes.reduce((count, pipe) => count + countSolidZones(coverSolid(pipe, { level: 8 })), 0);
    expect(countSolidZones(whole)).toBeLessThan(sum);
  });
});

/** At most 300 single zones of a set as boxes, spread over it. */
function someZones(
  set: SolidZoneSet,
): readonly (readonly [number, number, number, number, number, number])[] {
  const every = Math.max(1, Math.floor(set.zones.length / 100));
  const boxes: [number, number, number, number, number, number][] = [];
  for (let n = 0; n < set.zones.length; n += every) {
    const [west, south, east, north] = beidou2d.bounds(set.zones[n]!, set.levels[n]!);
    const thickness = thicknessOf(set, n);
    const layers = (set.topLayers[n]! - set.floorLayers[n]!) / thickness;
    for (const k of new Set([0, layers >> 1, layers - 1])) {
      const floor = set.floorLayers[n]! + k * thickness;
      boxes.push([west, south, layerFloorM(floor), east, north, layerFloorM(floor + thickness)]);
    }
  }
  return boxes;
}

function thicknessOf(set: SolidZoneSet, n: number): number {
  const exponents = [0, 25, 22, 21, 17, 13, 12, 9, 6, 3, 0];
  const mixed = [0, 29_491_200, 3_686_400, 1_843_200, 122_880, 8_192, 4_096, 512, 64, 8, 1];
  const level = set.levels[n]!;
  return set.heightCoding === 'annexC' ? 2 ** exponents[level]! : mixed[level]!;
}

describe('coverSolid of strips', () => {
  it('coverSolid intersects holds every position beside the line, level by level of its thickness', () => {
    fc.assert(
      fc.property(
        tubes,
        fc.array(fc.tuple(unit, unit, unit), { minLength: 30, maxLength: 30 }),
        (tube, offsets) => {
          const [level, line, size, heightCoding] = tube;
          const widthM = 2 * size * SIZE_M[level]!;
          const strip: StripSolid = { kind: 'strip', line, widthM, fromM: -0.5, toM: 4 };
          const set = coverSolid(strip, { level, heightCoding });
          const axis = alongLine(line, 7);
          offsets.forEach(([x, y, z], k) => {
            const [lon, lat, height] = axis[k % axis.length]!;
            // Level metres of the ellipsoid: a chord this short is its arc to a nanometre.
            const away = (0.4999999 * widthM) / (Math.hypot(x, y) || 1);
            const [cosLat, sinLat] = [Math.cos((lat * Math.PI) / 180), Math.sin((lat * Math.PI) / 180)];
            const [cosLon, sinLon] = [Math.cos((lon * Math.PI) / 180), Math.sin((lon * Math.PI) / 180)];
            const [east, north] = [x * away, y * away];
            const foot = ecef(lon, lat, 0);
            const [pLon, pLat] = geodetic([
              foot[0] - east * sinLon - north * sinLat * cosLon,
              foot[1] + east * cosLon - north * sinLat * sinLon,
              foot[2] + north * cosLat,
            ]);
            expect(hasZoneOf(set, pLon, pLat, height + 1.75 + 2.25 * z)).toBe(true);
          });
        },
      ),
      { seed: 36, numRuns: 100 },
    );
  });

  it('coverSolid intersects has no zone that lies clear of the strip', () => {
    fc.assert(
      fc.property(tubes, ([level, line, size, heightCoding]) => {
        const radiusM = size * SIZE_M[level]!;
        const strip: StripSolid = { kind: 'strip', line, widthM: 2 * radiusM, fromM: -0.5, toM: 4 };
        const set = coverSolid(strip, { level, heightCoding });
        const dense = alongLine(line, 200);
        const step = (8 * Math.sqrt(3) * SIZE_M[level]!) / 200;
        for (const box of someZones(set)) {
          const turn = Math.round((dense[0]![0] - box[0]) / 360) * 360;
          const flat = [box[0] + turn, box[1], 0, box[3] + turn, box[4], 0] as const;
          const beside = dense.filter(
            ([lon, lat, height]) =>
              height - 0.5 <= box[5] + step &&
              height + 4 >= box[2] - step &&
              distanceToBox([[lon, lat, 0]], flat) < radiusM * 1.001 + step + 1e-4,
          );
          expect(beside.length).toBeGreaterThan(0);
        }
      }),
      { seed: 39, numRuns: 60 },
    );
  });

  it('a level strip has the layers of its own heights to a tenth of a millimetre', () => {
    const line = [
      [104.6, 35.58],
      [104.6003, 35.5801],
    ];
    const bottom = layerFloorM(64 * 2000);
    const top = layerFloorM(64 * 2003);
    const strip: StripSolid = {
      kind: 'strip',
      line,
      widthM: 5,
      fromM: 1e-4,
      toM: top - bottom - 1e-4,
      groundM: bottom,
    };
    const set = coverSolid(strip, { level: 8 });
    expect([...new Set(set.floorLayers)]).toEqual([64 * 2000]);
    expect([...new Set(set.topLayers)]).toEqual([64 * 2003]);
    const lower = coverSolid({ ...strip, fromM: -1e-4 }, { level: 8 });
    expect([...new Set(lower.floorLayers)]).toEqual([64 * 1999]);
  });

  it('a level strip of one vertex is a round slab', () => {
    const set = coverSolid(
      { kind: 'strip', line: [[104.6, 35.58]], widthM: 40, fromM: 0, toM: 3, groundM: 1900 },
      { level: 8 },
    );
    expect(new Set(set.floorLayers).size).toBe(1);
    const at = (metres: number): number => 35.58 + metres / 110_950;
    expect(solidHolds(set, 104.6, at(19.9), 1901)).toBe(true);
    expect(solidHolds(set, 104.6, at(21.1), 1901)).toBe(false);
  });
});

describe('coverSolid refuses', () => {
  const box = { kind: 'box', box: [104.6, 35.5, 1900, 104.61, 35.51, 1990] } as const;
  const codeOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (isGridError(error)) return error.code;
      throw error;
    }
    return 'none';
  };

  it('too many zones, whether listed or as runs, with a figure in the message', () => {
    expect(codeOf(() => coverSolid(box, { level: 9 }))).toBe('too-many-zones');
    expect(codeOf(() => coverSolid(box, { level: 9, coarsestLevel: 5 }))).toBe('too-many-zones');
    expect(codeOf(() => coverSolid(box, { level: 7, maxZones: 100 }))).toBe('too-many-zones');
    const pipe = {
      kind: 'pipe',
      line: [
        [100, 35, 0],
        [110, 36, 0],
      ],
      radiusM: 5,
    } as const;
    expect(() => coverSolid(pipe, { level: 9, maxZones: 10_000 })).toThrow(/\d+ zones, at most 10000/);
  });

  it('what will be too many before it starts, in every mode, and never what will not', () => {
    const long = {
      kind: 'pipe',
      line: [
        [100, 30, 0],
        [110, 30, 0],
      ],
      radiusM: 1,
    } as const;
    for (const mode of ['intersects', 'within', 'centre'] as const)
      expect(codeOf(() => coverSolid(long, { level: 10, mode }))).toBe('too-many-zones');
    fc.assert(
      fc.property(tubes, ([level, line, size]) => {
        const pipe: PipeSolid = { kind: 'pipe', line, radiusM: size * SIZE_M[level]! };
        const count = countSolidZones(coverSolid(pipe, { level }));
        expect(countSolidZones(coverSolid(pipe, { level, maxZones: count }))).toBe(count);
        expect(codeOf(() => coverSolid(pipe, { level, maxZones: count - 1 }))).toBe('too-many-zones');
      }),
      { seed: 40, numRuns: 60 },
    );
  });

  it('the polar caps, of prisms and of tubes', () => {
    expect(codeOf(() => coverSolid({ ...box, box: [0, 87, 0, 1, 88.5, 9] }, { level: 2 }))).toBe(
      'polar-unsupported',
    );
    expect(codeOf(() => coverSolid({ ...box, box: [0, 87.9, 0, 0.1, 88.1, 9] }, { level: 4 }))).toBe(
      'polar-unsupported',
    );
    for (const [from, to] of [
      [87.9, 88.1],
      [87.99999, 87.999999],
      [-89.5, -89.9],
    ] as const) {
      const line = [
        [0, from, 0],
        [0, to, 0],
      ];
      expect(codeOf(() => coverSolid({ kind: 'pipe', line, radiusM: 5 }, { level: 6 }))).toBe(
        'polar-unsupported',
      );
    }
  });

  it('levels, heights and measures that are none', () => {
    expect(codeOf(() => coverSolid(box, { level: 11 }))).toBe('level-out-of-range');
    expect(codeOf(() => coverSolid(box, { level: 5, coarsestLevel: 6 }))).toBe('level-out-of-range');
    expect(codeOf(() => coverSolid({ ...box, box: [0, 0, 5, 1, 1, 4] }, { level: 5 }))).toBe(
      'geometry-invalid',
    );
    expect(codeOf(() => coverSolid({ ...box, box: [0, 0, 0, 1, 1, Number.NaN] }, { level: 5 }))).toBe(
      'height-invalid',
    );
    const pipe = { kind: 'pipe', line: [[0, 0, 0]], radiusM: 1 } as const;
    expect(codeOf(() => coverSolid({ ...pipe, radiusM: -1 }, { level: 5 }))).toBe('geometry-invalid');
    expect(codeOf(() => coverSolid({ ...pipe, radiusM: 20_000 }, { level: 5 }))).toBe('geometry-invalid');
    expect(codeOf(() => coverSolid({ ...pipe, line: [[0, 0, Number.NaN]] }, { level: 5 }))).toBe(
      'height-invalid',
    );
    expect(codeOf(() => coverSolid({ ...pipe, line: [[0, 91, 0]] }, { level: 5 }))).toBe('geometry-invalid');
  });
});

describe('estimateSolid', () => {
  it('bounds hold for pipes, strips and prisms', () => {
    fc.assert(
      fc.property(
        tubes,
        fc.constantFrom('pipe', 'strip', 'box'),
        ([level, line, size, heightCoding], kind) => {
          const radiusM = size * SIZE_M[level]!;
          const [lon, lat, height] = line[0]!;
          const side = radiusM / 111_000;
          const east = lon + side > 180 ? lon + side - 360 : lon + side;
          const solids: Record<string, Solid> = {
            pipe: { kind: 'pipe', line, radiusM },
            strip: { kind: 'strip', line, widthM: 2 * radiusM, fromM: -1, toM: 2 },
            box: { kind: 'box', box: [wrapped(lon), lat, height, east, lat + side, height + radiusM] },
          };
          const estimate = estimateSolid(solids[kind]!, { level, heightCoding });
          const count = countSolidZones(coverSolid(solids[kind]!, { level, heightCoding }));
          expect(estimate.atLeast).toBeLessThanOrEqual(count);
          expect(estimate.atMost).toBeGreaterThanOrEqual(count);
          expect(estimate.atLeast).toBeLessThanOrEqual(estimate.about);
          expect(estimate.about).toBeLessThanOrEqual(estimate.atMost);
        },
      ),
      { seed: 37, numRuns: 120 },
    );
  });
});
