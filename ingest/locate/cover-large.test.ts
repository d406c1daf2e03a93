import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beidou2d, h3, isGridError } from '../../grid/index.ts';
import type { Geometry } from '../model/index.ts';
import { atOnce } from '../turns.ts';
import { coverOf, coverSteps } from './cover.ts';
import { coverLarge, isOrdinary } from './cover-large.ts';
import { LOCATE_GRIDS } from './grids.ts';

/** A ring of `n` vertices that does not cross itself: its radius changes by `waves` and by chance. */
function ring(n: number, [lon, lat]: readonly [number, number], radius: number, noise: readonly number[]) {
  const vertices = Array.from({ length: n }, (_, i): [number, number] => {
    const angle = (i / n) * 2 * Math.PI;
    const r = radius * (0.55 + 0.25 * Math.sin(5 * angle) + 0.2 * noise[i % noise.length]!);
    return [lon + r * Math.cos(angle), lat + r * Math.sin(angle)];
  });
  return [...vertices, vertices[0]!];
}

const arbitraryGeometry: fc.Arbitrary<Geometry> = fc
  .record({
    n: fc.integer({ min: 3, max: 700 }),
    centre: fc.tuple(
      fc.double({ min: -120, max: 120, noNaN: true }),
      fc.double({ min: -60, max: 60, noNaN: true }),
    ),
    noise: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 31 }),
    hole: fc.boolean(),
    type: fc.constantFrom('Polygon' as const, 'MultiPolygon', 'LineString'),
  })
  .map(({ n, centre, noise, hole, type }) => {
    const outer = ring(n, centre, 0.3, noise);
    const rings = hole ? [outer, ring(40, centre, 0.08, [0.5])] : [outer];
    if (type === 'LineString') return { type, coordinates: outer };
    if (type === 'Polygon') return { type, coordinates: rings };
    return { type, coordinates: [rings, [ring(200, [centre[0] + 1, centre[1]], 0.2, noise)]] };
  });

describe('coverLarge', () => {
  it('coverLarge gives the zones of h3.cover, or none where there are too many', () => {
    fc.assert(
      fc.property(arbitraryGeometry, fc.integer({ min: 3, max: 7 }), (geometry, level) => {
        let expected: readonly bigint[] | undefined;
        try {
          expected = h3.cover(geometry, level, 256);
        } catch (error) {
          if (!isGridError(error, 'too-many-zones')) throw error;
        }
        let found: readonly bigint[] | undefined;
        try {
          found = atOnce(coverLarge(geometry, h3, level, 256));
        } catch (error) {
          if (!isGridError(error, 'too-many-zones')) throw error;
        }
        expect(found).toEqual(expected === undefined ? undefined : [...expected]);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it.each([
    [
      'a ring across the antimeridian',
      [
        [
          [179.5, 0],
          [-179.5, 0],
          [-179.5, 1],
          [179.5, 1],
          [179.5, 0],
        ],
      ],
    ],
    [
      'a ring round the pole',
      [
        [
          [0, 85],
          [90, 85],
          [179, 85],
          [-90, 85],
          [0, 85],
        ],
      ],
    ],
    [
      'a belt wider than half the globe',
      [
        [
          [-100, 0],
          [100, 0],
          [100, 1],
          [-100, 1],
          [-100, 0],
        ],
      ],
    ],
  ])('isOrdinary leaves %s to the grid', (_name, coordinates) => {
    expect(isOrdinary({ type: 'Polygon', coordinates: coordinates as [number, number][][] })).toBe(false);
  });
});

describe('coverSteps', () => {
  it('coverSteps rests often: H3 is asked for at most 49 vertices in one piece, however large the outline', () => {
    const outline: Geometry = {
      type: 'Polygon',
      coordinates: [ring(4000, [104.6, 35.5], 0.4, [0.1, 0.9, 0.4])],
    };
    let asked = 0;
    let most = 0;
    const counting = {
      ...h3,
      cover: (...args: Parameters<typeof h3.cover>) => {
        const [geometry] = args;
        if (geometry.type !== 'LineString') throw new Error('The whole outline at once');
        asked += geometry.coordinates.length;
        return h3.cover(...args);
      },
    };
    const steps = coverSteps(outline, { ...LOCATE_GRIDS, h3: counting });
    let cover = steps.next();
    while (!cover.done) {
      most = Math.max(most, asked);
      asked = 0;
      cover = steps.next();
    }
    expect(most).toBeLessThanOrEqual(49);
    expect(most).toBeGreaterThan(40);
    expect(cover.value).toEqual(coverOf(outline, LOCATE_GRIDS));
    const [inH3, inBeidou] = cover.value;
    expect([...inH3!.zones]).toEqual([...h3.cover(outline, inH3!.level, 256)]);
    expect([...inBeidou!.zones]).toEqual([...beidou2d.cover(outline, inBeidou!.level, 256)]);
  });
});
