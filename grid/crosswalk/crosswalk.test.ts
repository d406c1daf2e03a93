import fc from 'fast-check';
import { getPentagons } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { beidou2d } from '../beidou/beidou2d.ts';
import type { DggrsId } from '../codec.ts';
import { isGridError } from '../errors.ts';
import { arcRing, sharedAreaM2 } from '../geometry/arc-ring.ts';
import { cellVertices, h3 } from '../h3/h3.ts';
import { GRIDS } from '../registry.ts';
import { type Crosswalk, crosswalk } from './crosswalk.ts';
import { crosswalkMatrix, redistribute } from './crosswalk-matrix.ts';
import { matchingLevel, typicalAreaM2 } from './matching-level.ts';
import { beidouBox } from './shared-areas.ts';

fc.configureGlobal({ seed: 39_409 });

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return isGridError(error) ? error.code : String(error);
  }
  return 'no error';
};

/** Anywhere, on the axes, on the antimeridian, beside 88 degrees and at the poles. */
const positions = fc.oneof(
  fc.tuple(fc.double({ min: -180, max: 180, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true })),
  fc.tuple(
    fc.constantFrom(0, 180, -180, 120, 104.6263),
    fc.constantFrom(0, 35.5806, 87.99, 88, 89.5, 90, -90, -89.7, -88.2),
  ),
);

/** The divided zone's own share of each, by the other road: a flood from a zone known to share area. */
function floodedH3(zone: bigint, level: number, toLevel: number): Map<bigint, number> {
  const box = beidouBox(zone, level);
  const [lon, lat] = beidou2d.centre(zone, level);
  const found = new Map<bigint, number>();
  const open = [h3.encode(lon, lat, toLevel)];
  const seen = new Set(open);
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    const area = sharedAreaM2(arcRing(cellVertices(cell, toLevel)), ...box);
    if (area <= 1e-12 * beidou2d.areaM2(zone, level)) continue;
    found.set(cell, area);
    for (const next of h3.neighbours(cell, toLevel)) {
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  }
  return found;
}

function expectWhole({ zones, weights, residual }: Crosswalk, residualMax: number): void {
  expect(zones.length).toBeGreaterThan(0);
  expect(Math.abs(sum(weights) - 1)).toBeLessThan(1e-12);
  expect(Math.min(...weights)).toBeGreaterThan(0);
  expect(Math.abs(residual)).toBeLessThan(residualMax);
  for (let n = 1; n < zones.length; n += 1) expect(zones[n]! > zones[n - 1]!).toBe(true);
}

describe('crosswalk', () => {
  const levels = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 10 }));
  const near = ([h3Level, beidouLevel]: readonly [number, number]): boolean => {
    const ratio = typicalAreaM2('h3', h3Level, 0) / typicalAreaM2('beidou2d', beidouLevel, 0);
    return ratio < 400 && ratio > 1 / 2000;
  };

  it('from H3: weights sum to 1, before that missing less than 1e-9 (1e-6 at centimetres), poles and antimeridian too', () => {
    fc.assert(
      fc.property(positions, levels.filter(near), ([lon, lat], [level, toLevel]) => {
        const cell = h3.encode(lon, lat, level);
        const reachesCap = Math.max(...h3.boundary(cell, level).map(([, y]) => Math.abs(y))) > 87.9;
        if (reachesCap && toLevel > 2) return;
        expectWhole(
          crosswalk('h3', cell, level, 'beidou2d', toLevel, 20_000),
          level < 12 && toLevel < 8 ? 1e-9 : 1e-6,
        );
      }),
      { numRuns: 400 },
    );
  });

  it('from BeiDou: weights sum to 1, before that missing less than 1e-9 (1e-6 at centimetres), polar caps too', () => {
    fc.assert(
      fc.property(positions, levels.filter(near), ([lon, lat], [toLevel, level]) => {
        if (Math.abs(lat) >= 88 && level > 2) return;
        const zone = beidou2d.encode(lon, lat, level);
        expectWhole(
          crosswalk('beidou2d', zone, level, 'h3', toLevel, 40_000),
          level < 8 && toLevel < 12 ? 1e-9 : 1e-6,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('every polar zone is whole at every coarse H3 level, those that begin at 180 degrees too', () => {
    for (const cap of ['N000', 'S000']) {
      const { zone } = beidou2d.parse(cap);
      for (const polar of [zone, ...beidou2d.subZones(zone, 1, 2)]) {
        const level = polar === zone ? 1 : 2;
        for (const toLevel of [0, 1, 2, 3]) {
          const { residual } = crosswalk('beidou2d', polar, level, 'h3', toLevel, 1000);
          expect(Math.abs(residual), `${beidou2d.format(polar, level)} at ${toLevel}`).toBeLessThan(1e-9);
        }
      }
    }
  });

  it('all twelve pentagons of levels 0 to 4 are whole', () => {
    for (let level = 0; level <= 4; level += 1) {
      for (const text of getPentagons(level))
        expectWhole(
          crosswalk('h3', h3.parse(text).zone, level, 'beidou2d', level === 0 ? 1 : 2, 10_000),
          1e-11,
        );
    }
  });

  it('lists the zones a flood of neighbours finds, no more and no fewer, with the same shares', () => {
    fc.assert(
      fc.property(positions, levels.filter(near), ([lon, lat], [toLevel, level]) => {
        if (Math.abs(lat) >= 88 && level > 2) return;
        const zone = beidou2d.encode(lon, lat, level);
        const { zones, weights } = crosswalk('beidou2d', zone, level, 'h3', toLevel, 40_000);
        const flooded = floodedH3(zone, level, toLevel);
        expect(flooded.size).toBe(zones.length);
        const area = beidou2d.areaM2(zone, level);
        zones.forEach((cell, n) => {
          expect(Math.abs(weights[n]! - flooded.get(cell)! / area)).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('both ways agree: what a shares with b, b shares with a', () => {
    fc.assert(
      fc.property(positions, levels.filter(near), ([lon, lat], [level, toLevel]) => {
        if (Math.abs(lat) > 87 || toLevel > 7) return;
        const cell = h3.encode(lon, lat, level);
        const code = beidou2d.encode(lon, lat, toLevel);
        const there = crosswalk('h3', cell, level, 'beidou2d', toLevel, 20_000);
        const back = crosswalk('beidou2d', code, toLevel, 'h3', level, 40_000);
        const one = (there.weights[there.zones.indexOf(code)] ?? 0) * h3.areaM2(cell, level);
        const other = (back.weights[back.zones.indexOf(cell)] ?? 0) * beidou2d.areaM2(code, toLevel);
        expect(Math.abs(one - other)).toBeLessThan(
          1e-7 * Math.min(h3.areaM2(cell, level), beidou2d.areaM2(code, toLevel)),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('shares are those of random positions, each counted by the grids themselves', () => {
    const cell = h3.encode(179.99, 51.2, 4);
    const { zones, weights } = crosswalk('h3', cell, 4, 'beidou2d', 3, 1000);
    const [west, south, east, north] = h3.bounds(cell, 4);
    const counts = new Map<bigint, number>();
    let all = 0;
    for (let i = 0; i < 400; i += 1) {
      for (let j = 0; j < 400; j += 1) {
        const lon = west + ((i + 0.5) / 400) * (east + 360 - west);
        const lat = south + ((j + 0.5) / 400) * (north - south);
        const wrapped = lon > 180 ? lon - 360 : lon;
        if (h3.encode(wrapped, lat, 4) !== cell) continue;
        const weight = Math.cos((lat * Math.PI) / 180);
        const code = beidou2d.encode(wrapped, lat, 3);
        counts.set(code, (counts.get(code) ?? 0) + weight);
        all += weight;
      }
    }
    expect(zones.length).toBeGreaterThanOrEqual(counts.size);
    zones.forEach((zone, n) => {
      expect(Math.abs(weights[n]! - (counts.get(zone) ?? 0) / all)).toBeLessThan(2e-3);
    });
  });

  it('within one grid it follows the ids', () => {
    for (const id of ['h3', 'beidou2d'] satisfies DggrsId[]) {
      const zone = GRIDS[id].encode(104.6263, 35.5806, 5);
      expect(crosswalk(id, zone, 5, id, 4, 10).zones).toEqual(
        BigUint64Array.of(GRIDS[id].parent(zone, 5, 4)),
      );
      const down = crosswalk(id, zone, 5, id, 6, 10);
      expect([...down.zones]).toEqual([...GRIDS[id].subZones(zone, 5, 6)]);
      expectWhole(down, 1e-12);
    }
  });

  it('refuses too many zones, BeiDou level 3 beyond 88 degrees, levels and zones that are none', () => {
    const cell = h3.encode(104.6, 35.6, 5);
    const code = beidou2d.encode(104.6, 35.6, 3);
    expect(codeOf(() => crosswalk('h3', cell, 5, 'beidou2d', 6, 1000))).toBe('too-many-zones');
    expect(codeOf(() => crosswalk('beidou2d', code, 3, 'h3', 9, 1000))).toBe('too-many-zones');
    // Between levels of one grid too, and where the bound is none.
    expect(codeOf(() => crosswalk('h3', cell, 5, 'h3', 7, 48))).toBe('too-many-zones');
    expect(crosswalk('h3', cell, 5, 'h3', 7, 49).zones.length).toBe(49);
    expect(codeOf(() => crosswalk('h3', cell, 5, 'beidou2d', 4, Number.NaN))).toBe('too-many-zones');
    const { length } = crosswalk('h3', cell, 5, 'beidou2d', 4, 1000).zones;
    expect(codeOf(() => crosswalk('h3', cell, 5, 'beidou2d', 4, length - 1))).toBe('too-many-zones');
    expect(crosswalk('h3', cell, 5, 'beidou2d', 4, length).zones).toHaveLength(length);
    expect(codeOf(() => crosswalk('h3', h3.encode(0, 90, 5), 5, 'beidou2d', 3, 1000))).toBe(
      'polar-unsupported',
    );
    expect(codeOf(() => crosswalk('h3', cell, 5, 'beidou2d', 11, 1000))).toBe('level-out-of-range');
    expect(codeOf(() => crosswalk('h3', code, 5, 'beidou2d', 4, 1000))).toBe('zone-invalid');
  });
});

describe('crosswalkMatrix and redistribute', () => {
  const zones = h3.subZones(h3.encode(179.98, -16.5, 4), 4, 6);
  const matrix = crosswalkMatrix('h3', zones, 6, 'beidou2d', 4);
  const values = Float64Array.from(zones, (_, n) => ((n * 37) % 101) - 20 + n / 7);

  it('rows are crosswalks, columns ascend', () => {
    zones.forEach((zone, row) => {
      const single = crosswalk('h3', zone, 6, 'beidou2d', 4, 10_000);
      const [start, end] = [matrix.offsets[row]!, matrix.offsets[row + 1]!];
      expect([...matrix.columns.subarray(start, end)].map((column) => matrix.columnZones[column])).toEqual([
        ...single.zones,
      ]);
      expect(matrix.weights.slice(start, end)).toEqual(single.weights);
    });
    expect(Math.abs(matrix.residual)).toBeLessThan(1e-9);
    expect([...matrix.columnZones]).toEqual([...matrix.columnZones].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('redistribute sum: the total stays, there and back again too', () => {
    const there = redistribute(values, matrix, 'sum');
    const size = sum(values.map(Math.abs));
    expect(Math.abs(sum(there) - sum(values)) / size).toBeLessThan(1e-12);
    const back = crosswalkMatrix('beidou2d', matrix.columnZones, 4, 'h3', 6);
    expect(Math.abs(sum(redistribute(there, back, 'sum')) - sum(values)) / size).toBeLessThan(1e-12);
  });

  it('redistribute mean: figure x area stays over the area covered, and an even figure stays as it is', () => {
    const means = redistribute(values, matrix, 'mean');
    const covered = new Float64Array(matrix.columnZones.length);
    zones.forEach((_, row) => {
      for (let n = matrix.offsets[row]!; n < matrix.offsets[row + 1]!; n += 1)
        covered[matrix.columns[n]!]! += matrix.weights[n]! * matrix.rowAreasM2[row]!;
    });
    const before = sum(values.map((value, row) => value * matrix.rowAreasM2[row]!));
    const after = sum(means.map((mean, column) => mean * covered[column]!));
    expect(Math.abs(after / before - 1)).toBeLessThan(1e-12);
    for (const mean of redistribute(
      values.map(() => 7.5),
      matrix,
      'mean',
    ))
      expect(mean).toBeCloseTo(7.5, 12);
    expect(Math.max(...means)).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
  });

  it('a missing figure reaches nobody: NaN only where all are missing', () => {
    const some = values.map((value, n) => (n === 0 ? value : Number.NaN));
    const sums = redistribute(some, matrix, 'sum');
    expect(sum(sums.filter((value) => !Number.isNaN(value)))).toBeCloseTo(values[0]!, 10);
    expect(sums.some(Number.isNaN)).toBe(true);
    expect(
      redistribute(
        values.map(() => Number.NaN),
        matrix,
        'mean',
      ).every(Number.isNaN),
    ).toBe(true);
    expect(codeOf(() => redistribute(values.subarray(1), matrix, 'sum'))).toBe('shape-mismatch');
  });

  it('bounds the shares of all rows together', () => {
    expect(codeOf(() => crosswalkMatrix('h3', zones, 6, 'beidou2d', 4, 500))).toBe('too-many-zones');
  });
});

describe('matchingLevel', () => {
  it('is the level of least area ratio to zones really there', () => {
    for (const latDeg of [0, 35, 60]) {
      for (let level = 0; level <= 15; level += 1) {
        const area = typicalAreaM2('h3', level, latDeg);
        const ratios = Array.from({ length: 10 }, (_, n) =>
          Math.abs(Math.log(beidou2d.areaM2(beidou2d.encode(104, latDeg, n + 1), n + 1) / area)),
        );
        expect(matchingLevel('h3', level, 'beidou2d', latDeg)).toBe(ratios.indexOf(Math.min(...ratios)) + 1);
      }
    }
    expect(matchingLevel('beidou2d', 5, 'h3')).toBe(10);
    // 21,000 km2 at 84 to 88 degrees, not the 297,000 of the equator.
    expect(matchingLevel('beidou2d', 1, 'h3', 89)).toBe(3);
    expect(codeOf(() => matchingLevel('h3', 16, 'beidou2d'))).toBe('level-out-of-range');
  });
});
