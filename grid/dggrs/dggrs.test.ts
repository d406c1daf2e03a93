import fc from 'fast-check';
import { cellToChildren, getPentagons, getRes0Cells } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import type { DggrsId } from '../codec.ts';
import { isGridError } from '../errors.ts';
import { h3 } from '../h3/h3.ts';
import { GRIDS } from '../registry.ts';
import { DGGRS_DEFINITIONS } from './definitions.ts';
import { BEIDOU_ID_LAYOUT, H3_ID_LAYOUT } from './id-layout.ts';
import { subZoneAt, subZoneCount, subZoneIndex } from './sub-zone-order.ts';

fc.configureGlobal({ seed: 39_409 });

const lons = fc.double({ min: -180, max: 180, noNaN: true });
const lats = fc.double({ min: -90, max: 90, noNaN: true });
const IDS = ['h3', 'beidou2d'] as const satisfies readonly DggrsId[];

/** All zones of a level. */
function* allZones(id: DggrsId, level: number): Generator<bigint> {
  if (id === 'h3') {
    for (const base of getRes0Cells())
      for (const cell of cellToChildren(base, level)) yield BigInt(`0x${cell}`);
    return;
  }
  for (const hemisphere of 'NS') {
    const first = [beidou2d.parse(`${hemisphere}000`).zone];
    for (let zone = 1; zone <= 60; zone += 1)
      for (let row = 0; row < 22; row += 1)
        first.push(
          beidou2d.parse(`${hemisphere}${`${zone}`.padStart(2, '0')}${String.fromCharCode(65 + row)}`).zone,
        );
    for (const zone of first)
      if (level <= 2 || !beidou2d.format(zone, 1).endsWith('000')) yield* beidou2d.subZones(zone, 1, level);
  }
}

describe('DGGRS_DEFINITIONS', () => {
  it.each([
    ['h3', 0],
    ['h3', 1],
    ['h3', 2],
    ['h3', 3],
    ['beidou2d', 1],
    ['beidou2d', 2],
  ] as const)(
    '%s level %i: count, mean, least and greatest area are those of a walk over all zones',
    (id, level) => {
      const { zones, meanAreaM2, minAreaM2, maxAreaM2 } = DGGRS_DEFINITIONS[id].levels.find(
        (each) => each.level === level,
      )!;
      let [count, sum, least, most] = [0, 0, Infinity, 0];
      for (const zone of allZones(id, level)) {
        const area = GRIDS[id].areaM2(zone, level);
        count += 1;
        sum += area;
        least = Math.min(least, area);
        most = Math.max(most, area);
      }
      expect(`${count}`).toBe(zones);
      expect(sum / count / meanAreaM2).toBeCloseTo(1, 10);
      expect(least / minAreaM2).toBeCloseTo(1, 6);
      expect(most / maxAreaM2).toBeCloseTo(1, 6);
    },
  );

  it('areas of random zones of every level lie between the least and the greatest; the least of H3 is a pentagon', () => {
    fc.assert(
      fc.property(lons, lats, fc.constantFrom(...IDS), fc.nat(), (lon, lat, id, n) => {
        const { levels } = DGGRS_DEFINITIONS[id];
        const { level, minAreaM2, maxAreaM2 } = levels[n % levels.length]!;
        if (id === 'beidou2d' && level > 2 && Math.abs(lat) >= 88) return;
        const area = GRIDS[id].areaM2(GRIDS[id].encode(lon, lat, level), level);
        expect(area).toBeGreaterThanOrEqual(minAreaM2 * (1 - 1e-6));
        expect(area).toBeLessThanOrEqual(maxAreaM2 * (1 + 1e-6));
      }),
      { numRuns: 5000 },
    );
    for (const { level, minAreaM2 } of DGGRS_DEFINITIONS.h3.levels) {
      const least = Math.min(...getPentagons(level).map((cell) => h3.areaM2(h3.parse(cell).zone, level)));
      expect(least / minAreaM2).toBeCloseTo(1, 6);
    }
  });

  it('refinement ratios are those of sub-zones; counts follow from them', () => {
    for (const id of IDS) {
      const { levels, minRefinementLevel, maxRefinementLevel } = DGGRS_DEFINITIONS[id];
      expect([minRefinementLevel, maxRefinementLevel]).toEqual([GRIDS[id].minLevel, GRIDS[id].maxLevel]);
      expect(levels.map(({ level }) => level)).toEqual(
        Array.from({ length: maxRefinementLevel - minRefinementLevel + 1 }, (_, n) => n + minRefinementLevel),
      );
      for (const { level, refinementRatio } of levels.slice(1)) {
        const zone = GRIDS[id].encode(104.6, 35.6, level - 1);
        expect(GRIDS[id].subZones(zone, level - 1, level)).toHaveLength(refinementRatio!);
      }
    }
    expect(DGGRS_DEFINITIONS.beidou2d.levels.map(({ refinementRatio }) => refinementRatio)).toEqual([
      null,
      96,
      6,
      150,
      225,
      4,
      64,
      64,
      64,
      64,
    ]);
    expect(DGGRS_DEFINITIONS.beidou2d.levels.map(({ zones }) => zones).slice(0, 4)).toEqual([
      '2642',
      '253472',
      '1520640',
      '228096000',
    ]);
    for (const { level, refinementRatio, layers } of DGGRS_DEFINITIONS.beidou3d.levels) {
      expect(layers).toEqual({
        annexC: beidou3d.layersPerZone(level, 'annexC'),
        clause6: beidou3d.layersPerZone(level, 'clause6'),
      });
      if (refinementRatio === null || refinementRatio > 30_000) continue;
      const zone = beidou3d.encode(104.6, 35.6, 1900, level - 1);
      expect(beidou3d.subZones(zone, level)).toHaveLength(refinementRatio);
    }
  });

  it('relative depths are answered at every level, the next is not', () => {
    for (const id of IDS) {
      const { levels, maxRelativeDepth, defaultDepth } = DGGRS_DEFINITIONS[id];
      expect(defaultDepth).toBeLessThanOrEqual(maxRelativeDepth);
      const most = (depth: number): number =>
        Math.max(
          ...levels
            .slice(0, -depth)
            .map(({ level }) => subZoneCount(id, GRIDS[id].encode(104.6, 35.6, level), level, level + depth)),
        );
      expect(most(maxRelativeDepth)).toBeLessThanOrEqual(2 ** 20);
      expect(most(maxRelativeDepth + 1)).toBeGreaterThan(2 ** 20);
    }
  });

  it('texts match the pattern; what beidou2d refuses does not', () => {
    fc.assert(
      fc.property(lons, lats, fc.nat(), (lon, lat, n) => {
        for (const id of IDS) {
          const { levels, zoneIdText } = DGGRS_DEFINITIONS[id];
          const { level } = levels[n % levels.length]!;
          if (id === 'beidou2d' && level > 2 && Math.abs(lat) >= 88) continue;
          const text = GRIDS[id].format(GRIDS[id].encode(lon, lat, level), level);
          expect(text).toMatch(new RegExp(zoneIdText.pattern));
          // One sign changed: the pattern and the codec agree on the outcome.
          if (id === 'h3') continue;
          const at = n % text.length;
          const odd = text.slice(0, at) + '0123456789ABCDEFNSVW '[n % 21] + text.slice(at + 1);
          let accepted = true;
          try {
            beidou2d.parse(odd);
          } catch {
            accepted = false;
          }
          expect({ odd, accepted }).toEqual({ odd, accepted: new RegExp(zoneIdText.pattern).test(odd) });
        }
        if (Math.abs(lat) >= 88) return;
        const solid = beidou3d.format(beidou3d.encode(lon, lat, (n % 5000) - 500, 1 + (n % 10)));
        expect(solid).toMatch(new RegExp(DGGRS_DEFINITIONS.beidou3d.zoneIdText.pattern));
      }),
      { numRuns: 3000 },
    );
    for (const id of IDS)
      for (const text of DGGRS_DEFINITIONS[id].zoneIdText.examples)
        expect(GRIDS[id].format(GRIDS[id].parse(text).zone, GRIDS[id].parse(text).level)).toBe(text);
    for (const text of DGGRS_DEFINITIONS.beidou3d.zoneIdText.examples)
      expect(beidou3d.format(beidou3d.parse(text))).toBe(text);
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(DGGRS_DEFINITIONS))).toEqual(DGGRS_DEFINITIONS);
  });
});

describe('subZoneAt, subZoneIndex, subZoneCount', () => {
  it('count as subZones lists, ascending, at every level, below pentagons and in polar caps', () => {
    const zones = fc.oneof(
      fc.tuple(fc.constantFrom(...IDS), lons, lats, fc.nat()).map(([id, lon, lat, n]) => {
        const { levels } = DGGRS_DEFINITIONS[id];
        const { level } = levels[n % levels.length]!;
        const safe = id === 'beidou2d' && level > 2 ? (lat * 87.9) / 90 : lat;
        return [id, GRIDS[id].encode(lon, safe, level), level] as const;
      }),
      fc
        .tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 13 }))
        .map(([n, level]) => ['h3', h3.parse(getPentagons(level)[n]!).zone, level] as const),
      fc.constantFrom('N000', 'S000').map((text) => ['beidou2d', beidou2d.parse(text).zone, 1] as const),
    );
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 3 }), ([id, zone, level], deeper) => {
        const polar = id === 'beidou2d' && beidou2d.format(zone, level).slice(1, 3) === '00';
        const subLevel = Math.min(level + deeper, polar ? 2 : GRIDS[id].maxLevel);
        const count = subZoneCount(id, zone, level, subLevel);
        if (count > 5000) return;
        const listed = GRIDS[id].subZones(zone, level, subLevel);
        expect(count).toBe(listed.length);
        listed.forEach((each, n) => {
          if (n > 0) expect(each > listed[n - 1]!).toBe(true);
          if (n % 17 !== 0 && n + 1 !== count) return;
          expect(subZoneAt(id, zone, level, subLevel, n)).toBe(each);
          expect(subZoneIndex(id, zone, level, each, subLevel)).toBe(n);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('go there and back over the whole depth, 1e15 sub-zones', () => {
    const zone = beidou2d.encode(-104.6, -35.6, 1);
    const count = subZoneCount('beidou2d', zone, 1, 10);
    expect(count).toBe(96 * 6 * 150 * 225 * 4 * 64 ** 4);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (part) => {
        const index = Math.floor(part * count);
        expect(subZoneIndex('beidou2d', zone, 1, subZoneAt('beidou2d', zone, 1, 10, index), 10)).toBe(index);
      }),
    );
  });

  it('refuse what is out of range', () => {
    const zone = h3.encode(104.6, 35.6, 5);
    const codeOf = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return isGridError(error) ? error.code : String(error);
      }
      return 'no error';
    };
    expect(codeOf(() => subZoneAt('h3', zone, 5, 6, 7))).toBe('zone-invalid');
    expect(codeOf(() => subZoneAt('h3', zone, 5, 4, 0))).toBe('level-out-of-range');
    expect(codeOf(() => subZoneIndex('h3', zone, 5, h3.encode(0, 0, 6), 6))).toBe('zone-invalid');
    expect(codeOf(() => subZoneCount('beidou2d', beidou2d.parse('N000').zone, 1, 3))).toBe(
      'polar-unsupported',
    );
  });
});

describe('H3_ID_LAYOUT, BEIDOU_ID_LAYOUT', () => {
  it('name the parts of ids as the codecs make them', () => {
    const bases = getRes0Cells().map((cell) =>
      Number((BigInt(`0x${cell}`) >> BigInt(H3_ID_LAYOUT.baseCellShift)) & 127n),
    );
    expect(Math.max(...bases) + 1).toBe(H3_ID_LAYOUT.baseCells);
    const pentagons = getPentagons(0).map((cell) =>
      Number((BigInt(`0x${cell}`) >> BigInt(H3_ID_LAYOUT.baseCellShift)) & 127n),
    );
    expect(pentagons).toEqual([...H3_ID_LAYOUT.pentagonBaseCells]);
    const bits = BEIDOU_ID_LAYOUT.levels.flatMap(({ columnShift, columnBits, rowShift, rowBits }) => [
      ...Array.from({ length: columnBits }, (_, n) => columnShift + n),
      ...Array.from({ length: rowBits }, (_, n) => rowShift + n),
    ]);
    // Every bit once, but for the hemisphere's.
    expect([...bits].sort((a, b) => a - b)).toEqual(Array.from({ length: 63 }, (_, n) => n));
    expect(BEIDOU_ID_LAYOUT.levels.map(({ solidLength }) => solidLength)).toEqual([
      7, 10, 12, 15, 18, 20, 23, 26, 29, 32,
    ]);
  });
});
