/** `coverOfZonesIn` and `visibleZones`: no zone with an edge in the box is left out, at any level, across the antimeridian too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOf } from '../zones.ts';
import { coverOfBox, coverOfZonesIn } from './box-cover.ts';
import { coarserRanges, rangesSql } from './ranges-sql.ts';
import { visibleZones } from './visible-zones.ts';

const levels = fc.constantFrom(
  ...[4, 6, 7, 8, 9, 10].map((level) => ['h3', level] as const),
  ...[3, 4, 5, 6].map((level) => ['beidou2d', level] as const),
);

describe('coverOfZonesIn', () => {
  it('holds every point of every zone that is visible in the box', () => {
    fc.assert(
      fc.property(
        levels,
        fc.oneof(
          fc.double({ min: 100, max: 110, noNaN: true }),
          fc.double({ min: 179, max: 180, noNaN: true }),
        ),
        fc.double({ min: -60, max: 60, noNaN: true }),
        fc.double({ min: 0.001, max: 0.4, noNaN: true }),
        fc.array(
          fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })),
          {
            minLength: 5,
            maxLength: 30,
          },
        ),
        ([dggrs, level], west, south, size, places) => {
          const grid = gridOf(dggrs);
          const east = west + size > 180 ? west + size - 360 : west + size;
          const box = [west, south, east, south + size] as const;
          const { ranges, level: coarse } = coverOfZonesIn(dggrs, box, level)!;
          expect(coarse).toBeLessThanOrEqual(level);
          const near = places.map(([x, y]) => {
            const lon = west + size / 2 + x * size;
            return grid.encode(lon > 180 ? lon - 360 : lon, south + size / 2 + y * size, level);
          });
          for (const zone of visibleZones(dggrs, level, [...new Set(near)], box)) {
            const { lo, hi } = grid.range(zone, level);
            expect(ranges.some((range) => range.lo <= lo && hi <= range.hi)).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives none about the poles where the grid has no zones, and covers the whole earth otherwise', () => {
    expect(coverOfZonesIn('beidou2d', [-180, -90, 180, 90], 5)).toBeUndefined();
    expect(coverOfZonesIn('h3', [-180, -90, 180, 90], 7)!.ranges.length).toBeGreaterThan(0);
    expect(coverOfBox('h3', [104, 36, 104.5, 36.5])!.ranges.length).toBeGreaterThan(0);
  });
});

describe('rangesSql and coarserRanges', () => {
  const ranges = Array.from({ length: 11 }, (_, i) => ({
    lo: BigInt(i * i * 10),
    hi: BigInt(i * i * 10 + 3),
  }));

  it('joins the nearest, and compares a tree behind the hull', () => {
    const few = coarserRanges(ranges, 3);
    expect(few).toHaveLength(3);
    expect(ranges.every(({ lo, hi }) => few.some((one) => one.lo <= lo && hi <= one.hi))).toBe(true);
    expect(rangesSql('z', ranges).startsWith('(z BETWEEN 0::UBIGINT AND 1003::UBIGINT AND CASE WHEN')).toBe(
      true,
    );
    expect(rangesSql('z', [])).toBe('false');
  });
});
