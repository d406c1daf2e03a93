import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beidou2d } from './beidou/beidou2d.ts';
import { isGridError } from './errors.ts';
import { h3 } from './h3/h3.ts';
import { fromUint64Id, toUint64Id, uint64IdRange } from './uint64-id.ts';

fc.configureGlobal({ seed: 39_409 });

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return isGridError(error) ? error.code : error;
  }
}

const lon = fc.double({ min: -180, max: 180, noNaN: true });
const lat = fc.double({ min: -87.9, max: 87.9, noNaN: true });

describe('self-describing 64-bit ids', () => {
  it('toUint64Id: the worked example, 58 bits of code, two of zero, four of level', () => {
    const zone = beidou2d.encode(104.6263, 35.5806, 5);
    expect(toUint64Id('beidou2d', zone, 5)).toBe(0x6085_e1d2_3000_0005n);
    expect(uint64IdRange('beidou2d', zone, 5)).toEqual({
      lo: 0x6085_e1d2_3000_0005n,
      hi: 0x6085_e1d2_33ff_ffffn,
    });
  });

  it('fromUint64Id: takes back every zone of levels 1..9, the caps among them, and every H3 cell', () => {
    fc.assert(
      fc.property(lon, lat, fc.integer({ min: 1, max: 9 }), (x, y, level) => {
        const zone = beidou2d.encode(x, y, level);
        const id = toUint64Id('beidou2d', zone, level);
        expect(fromUint64Id('beidou2d', id)).toEqual({ zone, level });
        const cell = h3.encode(x, y, level);
        expect(toUint64Id('h3', cell, level)).toBe(cell);
        expect(fromUint64Id('h3', cell)).toEqual({ zone: cell, level });
      }),
    );
    const cap = beidou2d.parse('S00023').zone;
    expect(fromUint64Id('beidou2d', toUint64Id('beidou2d', cap, 2))).toEqual({ zone: cap, level: 2 });
  });

  it('uint64IdRange: holds exactly the zone and its descendants, never an ancestor or a cell beside it', () => {
    const levels = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(lon, lat, lon, lat, levels, levels, (x, y, otherX, otherY, level, otherLevel) => {
        const zone = beidou2d.encode(x, y, level);
        const { lo, hi } = uint64IdRange('beidou2d', zone, level);
        const holds = (each: bigint, at: number): boolean => {
          const id = toUint64Id('beidou2d', each, at);
          return lo <= id && id <= hi;
        };
        // Cells of the same position, of its corners and of another position: in the range when, and only when, the zone is their ancestor.
        const [west, south, east, north] = beidou2d.bounds(zone, level);
        for (const [px, py] of [
          [x, y],
          [otherX, otherY],
          [west, south],
          [east, north],
          [west, north],
        ] as const) {
          if (Math.abs(py) >= 88) continue;
          const each = beidou2d.encode(px, py, otherLevel);
          const isInside = otherLevel >= level && beidou2d.parent(each, otherLevel, level) === zone;
          expect(holds(each, otherLevel)).toBe(isInside);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('uint64IdRange: all ids of two levels below, first and last among them', () => {
    const { zone, level } = beidou2d.parse('S01V00');
    const { lo, hi } = uint64IdRange('beidou2d', zone, level);
    for (const subLevel of [3, 4]) {
      for (const sub of beidou2d.subZones(zone, level, subLevel)) {
        const id = toUint64Id('beidou2d', sub, subLevel);
        expect(lo < id && id <= hi).toBe(true);
      }
    }
    const parent = beidou2d.parent(zone, 2, 1);
    expect(toUint64Id('beidou2d', parent, 1) < lo).toBe(true);
  });

  it('refuses level 10 and ids of other forms by type', () => {
    const zone = beidou2d.encode(104.6263, 35.5806, 10);
    expect(codeOf(() => toUint64Id('beidou2d', zone, 10))).toBe('level-out-of-range');
    expect(codeOf(() => uint64IdRange('beidou2d', zone, 10))).toBe('level-out-of-range');
    for (const id of [
      0n,
      10n,
      63n,
      (1n << 64n) | 1n,
      -1n,
      (48n << 57n) | 17n,
      (48n << 57n) | (1n << 20n) | 1n,
    ]) {
      expect(codeOf(() => fromUint64Id('beidou2d', id))).toBe('zone-invalid');
    }
    expect(codeOf(() => toUint64Id('beidou2d', zone, 5))).toBe('zone-invalid');
    expect(codeOf(() => fromUint64Id('h3', 5n))).toBe('zone-invalid');
  });
});
