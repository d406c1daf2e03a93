import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGridError } from '../errors.ts';
import { beidou2d } from './beidou2d.ts';
import { encodeBeidou3d, type HeightCoding, heightLayer, layerFloorM, parseBeidou3d } from './beidou3d.ts';

fc.configureGlobal({ seed: 39_409 });

interface Vector3d {
  readonly id: string;
  readonly lng: number;
  readonly lat: number;
  readonly height: number;
  readonly level: number;
  readonly code2d: string;
  readonly code3d?: string;
  readonly code3dClause6: string;
  readonly heightLayer: number;
  readonly bottom?: number;
}
const file = new URL('../../../shared/data/beidou/vectors.json', import.meta.url);
const hasVectors = existsSync(file);
const vectors: readonly Vector3d[] = hasVectors
  ? (({ vectors: agreed, extra }) => [...agreed, ...extra])(JSON.parse(readFileSync(file, 'utf8')))
  : [];

describe.skipIf(!hasVectors)(
  'beidou3d against 571 shared vectors (skipped where ../shared/data/beidou is absent)',
  () => {
    it('encode and parse: every vector in both codings, layers and floors', () => {
      const solid = vectors.filter(({ code3d }) => code3d !== undefined);
      expect(solid.length).toBe(571);
      for (const {
        id,
        lng,
        lat,
        height,
        level,
        code2d,
        code3d,
        code3dClause6,
        heightLayer: n,
        bottom,
      } of solid) {
        expect(heightLayer(height), id).toBe(n);
        for (const [coding, code] of [
          ['annexC', code3d!],
          ['clause6', code3dClause6],
        ] as const) {
          expect(encodeBeidou3d(lng, lat, height, level, coding), id).toBe(code);
          const zone = parseBeidou3d(code, coding);
          expect([zone.level, zone.code2d], id).toEqual([level, code2d]);
          expect(zone.floorLayer, id).toBeLessThanOrEqual(n);
          expect(zone.topM, id).toBeGreaterThan(height - 1e-6);
          if (bottom !== undefined && coding === 'annexC') expect(zone.floorM, id).toBeCloseTo(bottom, 6);
        }
      }
    });
  },
);

const heights = fc.double({ min: -6_000_000, max: 500_000_000, noNaN: true });
const codings = fc.constantFrom<HeightCoding>('annexC', 'clause6');

describe('beidou3d', () => {
  it('encodeBeidou3d: the standard’s own pair and the worked example in both codings', () => {
    const { zone } = beidou2d.parse('N36J93078B3101524314');
    expect(encodeBeidou3d(...beidou2d.centre(zone, 10), 0, 10)).toBe('N036J0093000780B3010010520430140');
    const args = [104.6263, 35.5806, 1900] as const;
    expect(encodeBeidou3d(...args, 10)).toBe('N048I00570007408CF30207557600072');
    expect(encodeBeidou3d(...args, 10, 'clause6')).toBe('N048I00570007418C030207557600072');
    const { floorM, topM } = parseBeidou3d(encodeBeidou3d(...args, 10));
    expect(floorM).toBeCloseTo(1899.9856, 5);
    expect(topM).toBeCloseTo(1900.00057, 5);
  });

  it('layers nest at every level and in both codings, above and below ground', () => {
    fc.assert(
      fc.property(heights, fc.integer({ min: 1, max: 10 }), codings, (height, level, coding) => {
        const text = encodeBeidou3d(104.6263, -35.5806, height, level, coding);
        const zone = parseBeidou3d(text, coding);
        const n = heightLayer(height);
        expect(zone.floorLayer).toBeLessThanOrEqual(n);
        expect(zone.topM).toBeGreaterThan(layerFloorM(n));
        // The floor is the zone's own: encoding its middle gives the code back, and truncation gives the ancestor.
        const middle = (zone.floorM + zone.topM) / 2;
        expect(encodeBeidou3d(104.6263, -35.5806, middle, level, coding)).toBe(text);
        const deep = encodeBeidou3d(104.6263, -35.5806, height, 10, coding);
        expect(deep.startsWith(text)).toBe(true);
      }),
    );
  });

  it('codings agree from the ground to 1,839 m, and not above', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1839.5, noNaN: true }), (height) => {
        expect(encodeBeidou3d(104, 35, height, 10, 'annexC')).toBe(
          encodeBeidou3d(104, 35, height, 10, 'clause6'),
        );
      }),
    );
    expect(encodeBeidou3d(104, 35, 1840, 10, 'annexC')).not.toBe(
      encodeBeidou3d(104, 35, 1840, 10, 'clause6'),
    );
  });

  it('parseBeidou3d: refuses what is not canonical, and F in clause6', () => {
    const refusals: readonly (readonly [string, HeightCoding, RegExp])[] = [
      ['N048I0', 'annexC', /length 6/],
      ['N248I00', 'annexC', /sign "2"/],
      ['N048I64', 'annexC', /height "64"/],
      ['N048I6A', 'annexC', /height "6A"/],
      ['N048i00', 'annexC', /row "i"/],
      ['N061I00', 'annexC', /zone "61"/],
      ['N048I00570007408CF', 'clause6', /level 5 height "F" must be below 15/],
      ['N048I00570007408Cf', 'annexC', /height "f"/],
    ];
    for (const [text, coding, reason] of refusals) expect(() => parseBeidou3d(text, coding)).toThrow(reason);
    expect(() => parseBeidou3d('N000000')).toThrow(/3D codes at/);
  });

  it('heights outside the standard’s range and polar positions are refused by type', () => {
    const codeOf = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return isGridError(error) ? error.code : error;
      }
    };
    for (const height of [-6_302_107, -7_000_000, 528_680_172, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(codeOf(() => heightLayer(height))).toBe('height-invalid');
    }
    // toBe tells 0 from -0.
    for (const height of [0, -0, -5e-324, -1e-9]) expect(heightLayer(height), `${height}`).toBe(0);
    expect(heightLayer(-6_302_106)).toBeLessThan(0);
    expect(heightLayer(528_680_171)).toBeGreaterThan(0);
    expect(codeOf(() => encodeBeidou3d(0, 89, 0, 1))).toBe('polar-unsupported');
    expect(codeOf(() => encodeBeidou3d(0, 9, 0, 11))).toBe('level-out-of-range');
  });
});
