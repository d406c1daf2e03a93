import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import { NO_LAYER, NO_ZONE } from '../no-zone.ts';
import type { SolidZone } from '../solid.ts';
import { beidou2d } from './beidou2d.ts';
import { beidou3d } from './beidou3d-grid.ts';
import { type HeightCoding, LAYER_LIMIT } from './beidou3d-layers.ts';
import { parseBeidou3dBatch } from './beidou3d-text.ts';

const CODINGS: readonly HeightCoding[] = ['annexC', 'clause6'];
const key = ({ zone, floorLayer, level }: SolidZone): string => `${zone} ${floorLayer} ${level}`;

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return isGridError(error) ? error.code : error;
  }
}

/** The lowest and highest layer of a level. */
function ends(level: number, coding: HeightCoding): readonly [number, number] {
  const thickness = beidou3d.layersPerZone(level, coding);
  return [
    Math.floor(-LAYER_LIMIT / thickness) * thickness,
    Math.ceil(LAYER_LIMIT / thickness) * thickness - thickness,
  ];
}

describe('beidou3d', () => {
  it('format and anchor: the standard’s pair, and the worked example with its floor', () => {
    const { zone, level } = beidou2d.parse('N36J93078B3101524314');
    expect(beidou3d.format({ zone, level, floorLayer: 0 })).toBe('N036J0093000780B3010010520430140');
    const solid = beidou3d.encode(104.6263, 35.5806, 1900, 10);
    expect(solid.floorLayer).toBe(126_914);
    expect(beidou3d.format(solid)).toBe('N048I00570007408CF30207557600072');
    expect(beidou3d.format(solid, 'clause6')).toBe('N048I00570007418C030207557600072');
    const [lon, lat, floorM] = beidou3d.anchor(solid);
    expect([lon, lat]).toEqual([104.62629991319444, 35.5805999077691]);
    expect(floorM).toBeCloseTo(1899.9856, 5);
    expect(beidou3d.centre(solid)[2]).toBeCloseTo(1899.99308, 4);
    // A partner's documented output at heights where this reading and annex C part.
    expect(beidou3d.format(beidou3d.encode(116.3126, 39.9931, -0.001, 1))).toBe('N150J63');
  });

  it.each(CODINGS)(
    '%s: neighbours across equator, prime meridian, 180 degrees and the ellipsoid are mutual',
    (coding) => {
      const places = [
        [0.000_001, 0.000_001, 0.001],
        [-0.000_001, -0.000_001, -0.001],
        [179.999_999_9, 12, 5],
        [-180, -12, -5],
        [104.6, 35.58, 1900],
      ] as const;
      for (const level of [1, 2, 3, 6, 10]) {
        for (const [lon, lat, height] of places) {
          const solid = beidou3d.encode(lon, lat, height, level, coding);
          for (const by of [6, 18, 26] as const) {
            const list = beidou3d.neighbours(solid, by, coding);
            expect(new Set(list.map(key)).size).toBe(by);
            expect(list.map(key)).not.toContain(key(solid));
            for (const each of list) {
              expect(beidou3d.neighbours(each, by, coding).map(key)).toContain(key(solid));
            }
          }
          // The 26 are those that share a corner: the 2D neighbours and the zone itself, on three layers.
          const zones = new Set(beidou3d.neighbours(solid, 26, coding).map(({ zone }) => zone));
          expect(zones).toEqual(new Set([...beidou2d.neighbours(solid.zone, level), solid.zone]));
        }
      }
    },
  );

  it('neighbours: named ones across the axes and the ground', () => {
    const texts = (text: string, by: 6 | 18 | 26): readonly string[] =>
      beidou3d
        .neighbours(beidou3d.parse(text), by)
        .map((each) => beidou3d.format(each))
        .sort();
    expect(texts('N031A00', 6)).toEqual(['N030A00', 'N031A01', 'N031B00', 'N032A00', 'N131A63', 'S031A00']);
    expect(texts('S160B63', 6)).toEqual(['S060B00', 'S101B63', 'S159B63', 'S160A63', 'S160B62', 'S160C63']);
  });

  it.each(CODINGS)('%s: fewer neighbours below 88 degrees and at both ends of the heights', (coding) => {
    for (const level of [1, 2, 5, 10]) {
      const [lowest, highest] = ends(level, coding);
      const { zone } = beidou3d.encode(10, 40, 0, level, coding);
      const top = beidou3d.encode(10, 87.999_999_99, 0, level, coding);
      expect([6, 18, 26].map((by) => beidou3d.neighbours(top, by as 6, coding).length)).toEqual([5, 13, 17]);
      for (const floorLayer of [lowest, highest]) {
        const solid = { zone, floorLayer, level };
        expect([6, 18, 26].map((by) => beidou3d.neighbours(solid, by as 6, coding).length)).toEqual([
          5, 13, 17,
        ]);
        const corner = { ...solid, zone: top.zone };
        expect([6, 18, 26].map((by) => beidou3d.neighbours(corner, by as 6, coding).length)).toEqual([
          4, 9, 11,
        ]);
        expect(beidou3d.parse(beidou3d.format(solid, coding), coding)).toEqual(solid);
        expect(codeOf(() => beidou3d.format({ ...solid, floorLayer: floorLayer * 2 }, coding))).toBe(
          'zone-invalid',
        );
      }
      const [, , floorM] = beidou3d.bounds({ zone, floorLayer: lowest, level }, coding);
      const topM = beidou3d.bounds({ zone, floorLayer: highest, level }, coding)[5];
      expect(floorM).toBeCloseTo(-6_302_106.72, 2);
      expect(topM).toBeCloseTo(528_680_171.13, 2);
    }
  });

  it.each(CODINGS)('%s: sub-zones partition their zone, in order, and each has it for parent', (coding) => {
    for (const [level, subLevel, height] of [
      [1, 2, 100],
      [2, 3, -100],
      [3, 4, 3000],
      [4, 5, -1],
      [5, 7, 1900],
      [9, 10, -0.01],
      [7, 7, 5],
    ] as const) {
      const solid = beidou3d.encode(-104.6, 35.6, height, level, coding);
      const list = beidou3d.subZones(solid, subLevel, coding);
      const layers = beidou3d.layersPerZone(level, coding) / beidou3d.layersPerZone(subLevel, coding);
      expect(list.length).toBe(beidou2d.subZones(solid.zone, level, subLevel).length * layers);
      expect(new Set(list.map(key)).size).toBe(list.length);
      list.forEach((each, n) => {
        expect(beidou3d.parent(each, level, coding)).toEqual(solid);
        expect(beidou3d.format(each, coding).startsWith(beidou3d.format(solid, coding))).toBe(true);
        const before = list[n - 1];
        if (before !== undefined) {
          expect(
            before.zone < each.zone || (before.zone === each.zone && before.floorLayer < each.floorLayer),
          ).toBe(true);
        }
      });
    }
    const coarse = beidou3d.encode(1, 1, 1, 1, coding);
    expect(codeOf(() => beidou3d.subZones(coarse, 5, coding))).toBe('too-many-zones');
  });

  it('subZones: the lowest layer of level 1 in annexC has only the layers the standard knows', () => {
    const [lowest, highest] = ends(1, 'annexC');
    const { zone } = beidou3d.encode(1, 1, 1, 1);
    // 56.25 layers of level 1 fit into 256 degrees: a quarter of the last one, two of its eight layers.
    expect(beidou3d.subZones({ zone, floorLayer: lowest, level: 1 }, 2).length).toBe(96 * 2);
    expect(beidou3d.subZones({ zone, floorLayer: highest, level: 1 }, 2).length).toBe(96 * 2);
  });

  it('every level-1 layer of cells in all four quadrants: text, centre and back, alone and in batches', () => {
    for (const coding of CODINGS) {
      const [lowest, highest] = ends(1, coding);
      const step = beidou3d.layersPerZone(1, coding);
      const solids: SolidZone[] = [];
      for (const [lon, lat] of [
        [1, 1],
        [-1, 1],
        [1, -1],
        [-179, -87],
      ] as const) {
        const zone = beidou2d.encode(lon, lat, 1);
        for (let floorLayer = lowest; floorLayer <= highest; floorLayer += step)
          solids.push({ zone, floorLayer, level: 1 });
      }
      const batch = {
        zones: BigUint64Array.from(solids, ({ zone }) => zone),
        floorLayers: Int32Array.from(solids, ({ floorLayer }) => floorLayer),
      };
      const texts = beidou3d.formatBatch(batch, 1, coding);
      expect(new Set(texts).size).toBe(solids.length);
      const { lonDeg, latDeg, heightM } = beidou3d.decodeBatch(batch, 1, coding);
      expect(beidou3d.encodeBatch(lonDeg, latDeg, heightM, 1, coding)).toEqual(batch);
      const parsed = parseBeidou3dBatch(texts, coding);
      expect([parsed.zones, parsed.floorLayers]).toEqual([batch.zones, batch.floorLayers]);
      solids.forEach((solid, n) => {
        expect(beidou3d.parse(texts[n]!, coding)).toEqual(solid);
        expect(beidou3d.centre(solid, coding)).toEqual([lonDeg[n], latDeg[n], heightM[n]]);
      });
    }
  });

  it('parseBeidou3dBatch: a text spoiled anywhere is read or refused exactly as the single call does', () => {
    const chars = '0123456789ABCDEFGNSVWaf é'.split('');
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -87.9, max: 87.9, noNaN: true }),
        fc.double({ min: -6_000_000, max: 500_000_000, noNaN: true }),
        fc.integer({ min: 1, max: 10 }),
        fc.constantFrom(...CODINGS),
        fc.constantFrom(...CODINGS),
        fc.nat(),
        fc.constantFrom(...chars),
        fc.integer({ min: 0, max: 2 }),
        (lon, lat, height, level, coding, readAs, place, char, kept) => {
          const text = beidou3d.format(beidou3d.encode(lon, lat, height, level, coding), coding);
          const at = place % text.length;
          const spoiled = text.slice(0, at) + char + text.slice(at + kept);
          const { zones, floorLayers, levels, refusals } = parseBeidou3dBatch([text, spoiled, ''], readAs);
          [text, spoiled, ''].forEach((each, n) => {
            let message: string | undefined;
            try {
              expect({ zone: zones[n], floorLayer: floorLayers[n], level: levels[n] }).toEqual(
                beidou3d.parse(each, readAs),
              );
            } catch (error) {
              if (!isGridError(error)) throw error;
              message = error.message;
              expect([zones[n], floorLayers[n], levels[n]]).toEqual([NO_ZONE, NO_LAYER, 0]);
            }
            expect(refusals.get(n)?.message).toBe(message);
          });
        },
      ),
      { numRuns: 3000, seed: 39_409 },
    );
  });

  it('refusals: typed alone, NO_ZONE and NO_LAYER in a batch, NaN when decoded', () => {
    const bad: readonly (readonly [number, number, number, string])[] = [
      [0, 88, 0, 'polar-unsupported'],
      [0, -90, 0, 'polar-unsupported'],
      [181, 0, 0, 'position-invalid'],
      [0, Number.NaN, 0, 'position-invalid'],
      [0, 0, Number.NaN, 'height-invalid'],
      [0, 0, -6_302_107, 'height-invalid'],
      [0, 0, 528_680_172, 'height-invalid'],
      [0, 0, Number.POSITIVE_INFINITY, 'height-invalid'],
      [0, 0, Number.NEGATIVE_INFINITY, 'height-invalid'],
      [0, 0, -7_000_000, 'height-invalid'],
    ];
    for (const [lon, lat, height, code] of bad) {
      for (const level of [1, 2, 10]) {
        expect(codeOf(() => beidou3d.encode(lon, lat, height, level))).toBe(code);
        const solids = beidou3d.encodeBatch(
          Float64Array.of(lon),
          Float64Array.of(lat),
          Float64Array.of(height),
          level,
        );
        expect([solids.zones[0], solids.floorLayers[0]]).toEqual([NO_ZONE, NO_LAYER]);
        expect(beidou3d.formatBatch(solids, level)).toEqual(['']);
        const { lonDeg, latDeg, heightM } = beidou3d.decodeBatch(solids, level);
        expect([lonDeg[0], latDeg[0], heightM[0]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      }
    }
    expect(codeOf(() => beidou3d.encode(0, 0, 0, 11))).toBe('level-out-of-range');
    expect(codeOf(() => beidou3d.parse('N000000'))).toBe('polar-unsupported');
    expect(codeOf(() => beidou3d.parse('N048I64'))).toBe('zone-invalid');
    const { zone } = beidou3d.encode(1, 1, 1, 5);
    expect(codeOf(() => beidou3d.bounds({ zone, floorLayer: 1, level: 5 }))).toBe('zone-invalid');
    expect(codeOf(() => beidou3d.bounds({ zone: beidou2d.encode(0, 89, 1), floorLayer: 0, level: 1 }))).toBe(
      'polar-unsupported',
    );
    expect(
      codeOf(() => beidou3d.encodeBatch(new Float64Array(2), new Float64Array(2), new Float64Array(1), 5)),
    ).toBe('shape-mismatch');
  });
});
