import fc from 'fast-check';
import { getPentagons, getRes0Cells } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import type { ZoneGrid, ZoneSet } from '../codec.ts';
import { isGridError } from '../errors.ts';
import { h3 } from '../h3/h3.ts';
import { NO_ZONE } from '../no-zone.ts';
import { centres } from '../test-shapes.ts';
import { compactZones, coverRanges, uncompactZones, zoneRanges } from './compact.ts';
import { pairsOf, plainCompact, plainList, plainRanges } from './test-plain-sets.ts';
import { isPentagonBase } from './zone-layout.ts';

fc.configureGlobal({ seed: 39_409 });

/** A zone whose families of two levels below are listed, then thinned: complete, nearly complete and broken families. */
function families(grid: ZoneGrid): fc.Arbitrary<{ readonly zones: bigint[]; readonly level: number }> {
  const polar = fc.constantFrom<readonly [number, number]>([10, 89], [130, -88.2]);
  const pentagons = fc.constantFrom<readonly [number, number]>([10.536, 64.7], [-36.7, -0.3], [58.15, 10.4]);
  return fc
    .tuple(
      fc.oneof(centres, grid.id === 'h3' ? pentagons : polar),
      fc.integer({ min: grid.minLevel, max: grid.maxLevel - 2 }),
      fc.integer({ min: 1, max: 2 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 3 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([[lon, lat], top, down, holes, start]) => {
      const isPolar = Math.abs(lat) >= 88 && grid.id === 'beidou2d';
      const coarse = isPolar ? 1 : top;
      const level = isPolar ? 2 : coarse + down;
      const zone = grid.encode(lon, lat, coarse);
      const all = [zone, ...grid.neighbours(zone, coarse).slice(0, 2)]
        .filter((each) => !isPolar || each === zone || level === 2)
        .flatMap((each) => grid.subZones(each, coarse, level));
      const left = all.filter((_, n) => !holes.some((hole) => Math.floor(hole * all.length) === n));
      // In any order.
      const at = Math.floor(start * left.length);
      return { zones: [...left.slice(at), ...left.slice(0, at)], level };
    })
    .filter(({ zones }) => zones.length < 100_000);
}

describe.each([beidou2d, h3])('sets of zones of $id', (grid) => {
  it('compactZones, uncompactZones and zoneRanges: as the plain versions', () => {
    fc.assert(
      fc.property(families(grid), ({ zones, level }) => {
        const set = compactZones(grid, zones, level);
        expect(pairsOf(set)).toEqual(plainCompact(grid, zones, level));
        const sorted = BigUint64Array.from(zones).sort();
        expect(uncompactZones(grid, set, level, zones.length)).toEqual(Array.from(sorted));
        expect(uncompactZones(grid, set, level, zones.length)).toEqual(plainList(grid, set, level));
        if (level > grid.pointLevel) return;
        const { lo, hi } = zoneRanges(grid, set);
        expect(Array.from(lo, (each, n) => [each, hi[n]!])).toEqual(plainRanges(grid, set));
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('compactZones: one given twice counts once, an iterable does, the array given stays as it is, none gives none', () => {
    const parent = grid.encode(104.6, 35.6, 4);
    const children = [...grid.subZones(parent, 4, 5)].reverse();
    const array = BigUint64Array.from([...children, ...children]);
    const before = array.slice();
    for (const zones of [array, new Set(children), children]) {
      expect(pairsOf(compactZones(grid, zones, 5))).toEqual([{ zone: parent, level: 4 }]);
    }
    expect(array).toEqual(before);
    expect(compactZones(grid, [], 5).zones.length).toBe(0);
    expect(uncompactZones(grid, compactZones(grid, [], 5), 6, 0)).toEqual([]);
    expect(zoneRanges(grid, compactZones(grid, [], 5)).lo.length).toBe(0);
  });

  it('zoneRanges: zones in any order and in one another, touching ranges joined', () => {
    const parent = grid.encode(-54, -33.9, 4);
    const children = grid.subZones(parent, 4, 5);
    const set: ZoneSet = {
      zones: BigUint64Array.from([children[5]!, parent, children[0]!, grid.parent(parent, 4, 3)]),
      levels: Uint8Array.of(5, 4, 5, 3),
    };
    const all = grid.range(grid.parent(parent, 4, 3), 3);
    expect(zoneRanges(grid, set)).toEqual({ lo: BigUint64Array.of(all.lo), hi: BigUint64Array.of(all.hi) });
  });

  it('coverRanges: what zoneRanges makes of the cover, or of one that holds every point id', () => {
    const ring = [
      [104.6, 35.5],
      [104.8, 35.52],
      [104.7, 35.7],
      [104.6, 35.5],
    ];
    const geometry = { type: 'Polygon', coordinates: [ring] } as const;
    for (const mode of ['intersects', 'within', 'centre'] as const) {
      const zones = compactZones(grid, grid.cover(geometry, 5, 1e5, mode), 5);
      const set = (mode === 'intersects' && grid.coverForRanges?.(geometry, 5, 1e5)) || zones;
      expect(coverRanges(grid, geometry, 5, 1e5, mode)).toEqual(zoneRanges(grid, set));
    }
    expect(() => coverRanges(grid, geometry, 5, 0)).toThrow(/at most 0/);
  });

  it('refusals by their code, before anything is listed', () => {
    const codeOf = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return isGridError(error) ? error.code : `${error}`;
      }
      return 'none';
    };
    const zone = grid.encode(104.6263, 35.5806, 5);
    const set = (zones: bigint[], levels: number[]): ZoneSet => ({
      zones: BigUint64Array.from(zones),
      levels: Uint8Array.from(levels),
    });
    expect(codeOf(() => compactZones(grid, [zone], 4))).toBe('zone-invalid');
    expect(codeOf(() => compactZones(grid, [zone, NO_ZONE], 5))).toBe('zone-invalid');
    expect(codeOf(() => compactZones(grid, [zone], grid.maxLevel + 1))).toBe('level-out-of-range');
    expect(codeOf(() => uncompactZones(grid, set([zone], [5]), 4, 9))).toBe('level-out-of-range');
    expect(codeOf(() => uncompactZones(grid, set([zone], [5]), grid.maxLevel, 1000))).toBe('too-many-zones');
    expect(codeOf(() => uncompactZones(grid, set([zone], [5, 5]), 6, 9))).toBe('shape-mismatch');
    expect(codeOf(() => zoneRanges(grid, set([NO_ZONE], [5])))).toBe('zone-invalid');
  });

  it('isZone: every id of random bits is taken for a zone only if the grid can write it', () => {
    const bits = fc.bigInt({ min: 0n, max: NO_ZONE });
    const levels = fc.integer({ min: grid.minLevel, max: grid.maxLevel });
    const near = fc
      .tuple(centres, levels, fc.integer({ min: 0, max: 63 }))
      .map(([[lon, lat], level, bit]) => ({
        id: grid.encode(lon, lat, level) ^ (1n << BigInt(bit)),
        level,
      }));
    const any = fc.tuple(bits, levels).map(([id, level]) => ({ id, level }));
    fc.assert(
      fc.property(fc.oneof(near, any), ({ id, level }) => {
        const isGood = (act: () => unknown): boolean => {
          try {
            act();
          } catch (error) {
            if (isGridError(error)) return false;
            throw error;
          }
          return true;
        };
        const expected = isGood(() => grid.format(id, level));
        expect(isGood(() => compactZones(grid, [id], level))).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('uncompactZones', () => {
  it('of a polar cap gives its cells at level 2 and is refused below', () => {
    const cap = { zones: BigUint64Array.of(beidou2d.parse('S000').zone), levels: Uint8Array.of(1) };
    expect(uncompactZones(beidou2d, cap, 2, 16)).toEqual(beidou2d.subZones(cap.zones[0]!, 1, 2));
    expect(() => uncompactZones(beidou2d, cap, 3, 1e9)).toThrow(/levels 1..2/);
  });
});

describe('isPentagonBase', () => {
  it('are the pentagons h3-js knows', () => {
    const pentagons = new Set(getPentagons(0));
    for (const cell of getRes0Cells()) {
      expect(isPentagonBase(Number((BigInt(`0x${cell}`) >> 45n) & 127n))).toBe(pentagons.has(cell));
    }
  });
});
