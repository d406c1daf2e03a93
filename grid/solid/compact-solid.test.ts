import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import { beidouLevel } from '../beidou/beidou2d-levels.ts';
import { type HeightCoding, heightLayer, layerFloorM } from '../beidou/beidou3d.ts';
import { isGridError } from '../errors.ts';
import type { SolidZoneSet } from '../solid.ts';
import { shapes, wrapped } from '../test-shapes.ts';
import { countSolidZones, uncompactSolid } from './compact-solid.ts';
import { coverSolid } from './cover-solid.ts';
import { listSolidZones, solidHolds, solidVolumeM3 } from './read-solid.ts';
import { solidBoxes } from './solid-boxes.ts';
import type { Solid } from './solid-shape.ts';

const codings = fc.constantFrom<HeightCoding>('annexC', 'clause6');
/** Thickness by level, as written in the standard: annex C cuts bits, clause 6 counts 4 degrees, 30', 15', 1', 4", 2", 1/4" ... */
const BITS = [0, 25, 22, 21, 17, 13, 12, 9, 6, 3, 0];
const SECONDS = [0, 14_400, 1800, 900, 60, 4, 2, 1 / 4, 1 / 32, 1 / 256, 1 / 2048];
function thickness(level: number, coding: HeightCoding): number {
  return coding === 'annexC' ? 2 ** BITS[level]! : 2048 * SECONDS[level]!;
}

const name = (zone: bigint, level: number, floor: number): string => `${level}:${zone}:${floor}`;

/** Every solid zone of a set by name: slow and plain. */
function zonesOf(set: SolidZoneSet): Map<string, readonly [bigint, number, number]> {
  const named = new Map<string, readonly [bigint, number, number]>();
  set.zones.forEach((zone, n) => {
    const level = set.levels[n]!;
    for (
      let floor = set.floorLayers[n]!;
      floor < set.topLayers[n]!;
      floor += thickness(level, set.heightCoding)
    )
      named.set(name(zone, level, floor), [zone, level, floor]);
  });
  return named;
}

/** The judge: families counted one by one in a map, level by level. */
function compactPlainly(set: SolidZoneSet, level: number, coarsest: number): readonly string[] {
  const kept: string[] = [];
  let current = [...zonesOf(set).values()];
  for (let at = level; at > coarsest; at -= 1) {
    const parent = thickness(at - 1, set.heightCoding);
    const families = new Map<string, (readonly [bigint, number, number])[]>();
    for (const [zone, own, floor] of current) {
      const key = name(beidou2d.parent(zone, own, at - 1), at - 1, Math.floor(floor / parent) * parent);
      families.set(key, [...(families.get(key) ?? []), [zone, own, floor]]);
    }
    const { columns, rows } = beidouLevel(at);
    const size = (columns * rows * parent) / thickness(at, set.heightCoding);
    current = [];
    for (const [key, family] of families) {
      if (family.length === size) {
        const [, zone, floor] = key.split(':');
        current.push([BigInt(zone!), at - 1, Number(floor)]);
      } else for (const one of family) kept.push(name(one[0], one[1], one[2]));
    }
  }
  return [...kept, ...current.map(([zone, own, floor]) => name(zone, own, floor))].sort();
}

/** Prisms of some zones of level 7 or 6 that hold whole parents, around the ground, below it and above 1,840 m. */
const solids: fc.Arbitrary<readonly [Solid, number]> = fc
  .tuple(
    shapes(0.0012),
    fc.constantFrom(-300, -40, -5, 0, 1_700, 1_850, 5_000),
    fc.double({ min: 0, max: 200, noNaN: true }),
    fc.constantFrom(6, 7),
  )
  .map(([footprint, floorM, thick, level]) => [
    { kind: 'extruded', footprint, floorM, topM: floorM + thick },
    level,
  ]);

describe('compacted solids', () => {
  it('coverSolid with coarsestLevel gives what a plain count of families gives, and uncompactSolid gives it back', () => {
    fc.assert(
      fc.property(
        solids,
        codings,
        fc.integer({ min: 1, max: 6 }),
        ([solid, level], heightCoding, coarsest) => {
          const flat = coverSolid(solid, { level, heightCoding });
          const compacted = coverSolid(solid, { level, heightCoding, coarsestLevel: coarsest });
          expect([...zonesOf(compacted).keys()].sort()).toEqual(compactPlainly(flat, level, coarsest));
          expect(uncompactSolid(compacted, level, 1_000_000)).toEqual(flat);
          expect(solidVolumeM3(compacted)).toBeCloseTo(solidVolumeM3(flat), 3);
        },
      ),
      { seed: 41, numRuns: 60 },
    );
  });

  it('slabs above each other, with gaps and overlaps, compact the same way', () => {
    const slab = fc
      .tuple(
        fc.nat(3),
        fc.nat(3),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: -20, max: 60 }),
        fc.integer({ min: 0, max: 30 }),
      )
      .map(([x, y, wide, from, thick]): Solid => {
        const side = 1 / 900; // level 5
        const box = [
          x * side,
          y * side,
          from * 20,
          (x + wide) * side,
          (y + wide) * side,
          (from + thick) * 20,
        ] as const;
        return { kind: 'box', box };
      });
    fc.assert(
      fc.property(
        fc.array(slab, { minLength: 2, maxLength: 6 }),
        codings,
        fc.constantFrom('within', 'intersects'),
        (slabs, heightCoding, mode) => {
          const flat = coverSolid(slabs, { level: 6, heightCoding, mode });
          const compacted = coverSolid(slabs, { level: 6, heightCoding, mode, coarsestLevel: 4 });
          expect([...zonesOf(compacted).keys()].sort()).toEqual(compactPlainly(flat, 6, 4));
          expect(uncompactSolid(compacted, 6, 1_000_000)).toEqual(flat);
        },
      ),
      { seed: 45, numRuns: 60 },
    );
  });

  it('a network of pipes around itself compacts the same way', () => {
    const at = (k: number): Solid => ({
      kind: 'pipe',
      line: [
        [104.6 + k * 1e-4, 35.5799, 1890],
        [104.6005, 35.58 + k * 1e-4, 1845 + k],
      ],
      radiusM: 9,
    });
    const network = [0, 1, 2, 3].map(at);
    for (const heightCoding of ['annexC', 'clause6'] as const) {
      const flat = coverSolid(network, { level: 8, heightCoding });
      const compacted = coverSolid(network, { level: 8, heightCoding, coarsestLevel: 5 });
      expect(new Set(compacted.levels).size).toBeGreaterThan(1);
      expect(countSolidZones(compacted)).toBeLessThan(0.7 * countSolidZones(flat));
      expect([...zonesOf(compacted).keys()].sort()).toEqual(compactPlainly(flat, 8, 5));
    }
  });

  it('one family by hand: 4 zones of level 6 in 2 layers are one zone of level 5, in both readings', () => {
    const side = 1 / 900; // 4 arc-seconds, level 5
    const inside = 1e-7;
    for (const heightCoding of ['annexC', 'clause6'] as const) {
      const box = [
        20 * side + inside,
        30 * side + inside,
        layerFloorM(8192 * 3) + 0.001,
        21 * side - inside,
        31 * side - inside,
        layerFloorM(8192 * 4) - 0.001,
      ] as const;
      const set = coverSolid({ kind: 'box', box }, { level: 6, heightCoding, coarsestLevel: 1 });
      expect([...set.levels]).toEqual([5]);
      expect([...set.zones]).toEqual([beidou2d.encode(20.5 * side, 30.5 * side, 5)]);
      expect([set.floorLayers[0], set.topLayers[0]]).toEqual([8192 * 3, 8192 * 4]);
    }
  });

  it('zones are sorted by range, then level, then floor, and runs neither touch nor overlap', () => {
    fc.assert(
      fc.property(solids, codings, ([solid, level], heightCoding) => {
        const set = coverSolid(solid, { level, heightCoding, coarsestLevel: 4 });
        for (let n = 1; n < set.zones.length; n += 1) {
          if (set.zones[n] === set.zones[n - 1] && set.levels[n] === set.levels[n - 1])
            expect(set.floorLayers[n]).toBeGreaterThan(set.topLayers[n - 1]!);
          else if (set.zones[n] === set.zones[n - 1])
            expect(set.levels[n]).toBeGreaterThan(set.levels[n - 1]!);
          else expect(set.zones[n]! > set.zones[n - 1]!).toBe(true);
        }
      }),
      { seed: 42, numRuns: 30 },
    );
  });

  it('many runs are sorted as few are: pieces of a network in any order give one set', () => {
    const pipes = Array.from({ length: 40 }, (_, k): Solid => {
      const lat = -0.0004 + 0.00002 * k;
      return {
        kind: 'pipe',
        line: [
          [-0.0005, lat, k - 20],
          [0.0005, lat, 20 - k],
        ],
        radiusM: 1,
      };
    });
    const set = coverSolid(pipes, { level: 8 });
    expect(set.zones.length).toBeGreaterThan(8192);
    expect(coverSolid([...pipes].reverse(), { level: 8 })).toEqual(set);
    for (let n = 1; n < set.zones.length; n += 1) {
      const ordered =
        set.zones[n]! > set.zones[n - 1]! ||
        (set.zones[n] === set.zones[n - 1] && set.floorLayers[n]! > set.topLayers[n - 1]!);
      if (!ordered) expect.fail(`runs ${n - 1} and ${n} are out of order`);
    }
  });

  it('uncompactSolid and listSolidZones refuse what would be too many, and levels coarser than the set', () => {
    const box = [104.6, 35.58, 1890, 104.603, 35.583, 1990] as const;
    const set = coverSolid({ kind: 'box', box }, { level: 7, coarsestLevel: 5 });
    const refused = (work: () => unknown, code: 'too-many-zones' | 'level-out-of-range'): void => {
      try {
        work();
      } catch (error) {
        if (isGridError(error, code)) return;
        throw error;
      }
      throw new Error(`"${code}" was expected`);
    };
    refused(() => uncompactSolid(set, 7, 10), 'too-many-zones');
    refused(() => uncompactSolid(set, 10, 1_000_000), 'too-many-zones');
    refused(() => uncompactSolid(set, 6, 1_000_000), 'level-out-of-range');
    refused(() => listSolidZones(set, 10), 'too-many-zones');
  });
});

describe('reading solids back', () => {
  it('solidHolds says of every position what the list of zones says', () => {
    fc.assert(
      fc.property(
        solids,
        codings,
        fc.array(
          fc.tuple(
            fc.double({ min: -1, max: 1, noNaN: true }),
            fc.double({ min: -1, max: 1, noNaN: true }),
            fc.double({ min: -1, max: 1, noNaN: true }),
          ),
          { minLength: 30, maxLength: 30 },
        ),
        ([solid, level], heightCoding, offsets) => {
          const set = coverSolid(solid, { level, heightCoding, coarsestLevel: 3 });
          const zones = zonesOf(set);
          const [lon, lat] = beidou2d.centre(set.zones[0]!, set.levels[0]!);
          const height = layerFloorM(set.floorLayers[0]!);
          for (const [x, y, z] of offsets) {
            const position = [wrapped(lon + 0.003 * x), lat + 0.002 * y, height + 150 * z] as const;
            let held = false;
            for (let at = 1; at <= 10; at += 1) {
              const thick = thickness(at, heightCoding);
              const floor = Math.floor(heightLayer(position[2]) / thick) * thick;
              held ||= zones.has(name(beidou2d.encode(position[0], position[1], at), at, floor));
            }
            expect(solidHolds(set, ...position)).toBe(held);
          }
        },
      ),
      { seed: 43, numRuns: 40 },
    );
  });

  it('solidHolds draws the borders of a zone where encode draws them', () => {
    fc.assert(
      fc.property(solids, codings, ([solid, level], heightCoding) => {
        const set = coverSolid(solid, { level, heightCoding, coarsestLevel: 4 });
        const zones = zonesOf(set);
        for (let n = 0; n < set.zones.length; n += Math.ceil(set.zones.length / 20)) {
          const [west, south, east, north] = beidou2d.bounds(set.zones[n]!, set.levels[n]!);
          const centre = beidou2d.centre(set.zones[n]!, set.levels[n]!);
          for (const [lon, lat] of [
            centre,
            [west, south],
            [east, north],
            [east, south],
            [west, north],
          ] as const) {
            for (const layer of [
              set.floorLayers[n]! - 1,
              set.floorLayers[n]!,
              set.topLayers[n]! - 1,
              set.topLayers[n]!,
            ]) {
              let held = false;
              for (let at = 1; at <= 10; at += 1) {
                const thick = thickness(at, heightCoding);
                held ||= zones.has(
                  name(beidou2d.encode(lon, lat, at), at, Math.floor(layer / thick) * thick),
                );
              }
              expect(solidHolds(set, lon, lat, layerFloorM(layer))).toBe(held);
            }
          }
        }
      }),
      { seed: 46, numRuns: 30 },
    );
  });

  it('listSolidZones lists what countSolidZones counts', () => {
    const box = [104.6, 35.58, 1890, 104.603, 35.583, 1990] as const;
    const set = coverSolid({ kind: 'box', box }, { level: 7, coarsestLevel: 5 });
    const listed = listSolidZones(set, 100_000);
    expect(listed.length).toBe(countSolidZones(set));
    expect(listed.map(({ zone, level, floorLayer }) => name(zone, level, floorLayer)).sort()).toEqual(
      [...zonesOf(set).keys()].sort(),
    );
  });

  it('solidBoxes fill the room of the zones, merged or not, without overlap', () => {
    fc.assert(
      fc.property(solids, codings, ([solid, level], heightCoding) => {
        const set = coverSolid(solid, { level, heightCoding, coarsestLevel: 5 });
        const boxes = solidBoxes(set);
        const merged = solidBoxes(set, { merge: true });
        expect(boxes.length).toBe(set.zones.length);
        expect(merged.length).toBeLessThanOrEqual(boxes.length);
        const room = (box: readonly number[]): number =>
          (box[3]! - box[0]!) * (box[4]! - box[1]!) * (box[5]! - box[2]!) * 1e10;
        const sum = (all: readonly (readonly number[])[]): number =>
          all.reduce((total, box) => total + room(box), 0);
        expect(sum(merged) / sum(boxes)).toBeCloseTo(1, 9);
        // Disjoint and inside: each middle of a zone lies in one merged box.
        const every = Math.ceil(boxes.length / 50);
        boxes.forEach((box, n) => {
          if (n % every !== 0) return;
          const middle = [0, 1, 2].map((axis) => (box[axis]! + box[axis + 3]!) / 2);
          const holding = merged.filter((one) =>
            middle.every((value, axis) => value > one[axis]! && value < one[axis + 3]!),
          );
          expect(holding.length).toBe(1);
        });
      }),
      { seed: 44, numRuns: 40 },
    );
  });

  it('a building of 10^5 zones draws as one box', () => {
    const box = [104.626, 35.58, 1890, 104.6266, 35.5802, 1980] as const;
    const set = coverSolid({ kind: 'box', box }, { level: 8 });
    expect(countSolidZones(set)).toBeGreaterThan(100_000);
    expect(solidBoxes(set).length).toBe(set.zones.length);
    const [drawn, ...others] = solidBoxes(set, { merge: true });
    expect(others).toEqual([]);
    // At most one zone wider than the box on each side.
    [0, 1, 2].forEach((axis) => {
      expect(drawn![axis]!).toBeLessThanOrEqual(box[axis]!);
      expect(drawn![axis + 3]!).toBeGreaterThanOrEqual(box[axis + 3]!);
      expect(box[axis]! - drawn![axis]!).toBeLessThan(axis === 2 ? 1 : 1 / 115_200 + 1e-12);
    });
  });

  it('solidVolumeM3 is what adding up thin slices gives, for zones of every size, high and deep', () => {
    for (const [level, lat, floor] of [
      [1, 2, 0],
      [1, -86, 33_554_432],
      [2, 35.58, -3_686_400],
      [7, 35.58, 126_976],
    ] as const) {
      const zone = beidou2d.encode(104.6, lat, level);
      const top = floor + thickness(level, 'clause6');
      const set: SolidZoneSet = {
        zones: BigUint64Array.of(zone),
        levels: Uint8Array.of(level),
        floorLayers: Int32Array.of(floor),
        topLayers: Int32Array.of(top),
        heightCoding: 'clause6',
      };
      const [west, south, east, north] = beidou2d.bounds(zone, level);
      const [low, high] = [layerFloorM(floor), layerFloorM(top)];
      const degree = Math.PI / 180;
      const eccentricity = (2 - 1 / 298.257222101) / 298.257222101;
      let volume = 0;
      const slices = 2000;
      for (let k = 0; k < slices; k += 1) {
        const phi = (south + ((k + 0.5) * (north - south)) / slices) * degree;
        const w = 1 - eccentricity * Math.sin(phi) ** 2;
        const across = 6_378_137 / Math.sqrt(w);
        const along = (6_378_137 * (1 - eccentricity)) / w ** 1.5;
        // Simpson's rule is exact for the parabola in h.
        const slice = (h: number): number => (across + h) * (along + h);
        const mean = (slice(low) + 4 * slice((low + high) / 2) + slice(high)) / 6;
        volume +=
          ((mean * (high - low) * Math.cos(phi) * (north - south)) / slices) *
          degree *
          (east - west) *
          degree;
      }
      expect(solidVolumeM3(set) / volume - 1).toBeLessThan(2e-7);
      expect(solidVolumeM3(set) / volume - 1).toBeGreaterThan(-2e-7);
    }
  });
});
