import fc from 'fast-check';
import {
  cellArea,
  cellToBoundary,
  cellToChildren,
  getPentagons,
  getRes0Cells,
  latLngToCell,
  UNITS,
} from 'h3-js';
import { describe, expect, it } from 'vitest';
import { h3 } from '../h3/h3.ts';
import { type ArcRing, arcAreaM2, arcRing, sharedAreaM2 } from './arc-ring.ts';
import { ELLIPSOID_AREA_M2, rectangleAreaM2 } from './ellipsoid.ts';
import { ringAreaM2 } from './ellipsoid-area.ts';

fc.configureGlobal({ seed: 39_409 });

type LonLat = readonly [number, number];

const verticesOf = (cell: string): readonly LonLat[] => cellToBoundary(cell).map(([lat, lon]) => [lon, lat]);
const lons = fc.double({ min: -180, max: 180, noNaN: true });
const lats = fc.double({ min: -90, max: 90, noNaN: true });
const cells = (max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(lons, lats, fc.integer({ min: 0, max }))
      .map(([lon, lat, level]) => latLngToCell(lat, lon, level)),
    fc
      .tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max }))
      .map(([n, level]) => getPentagons(level)[n]!),
    fc
      .integer({ min: 0, max })
      .chain((level) => fc.constantFrom(latLngToCell(90, 0, level), latLngToCell(-90, 0, level))),
  );

/** Vertices with points put between them on the great circles, by vectors. */
function densified(vertices: readonly LonLat[], pieces: number): readonly LonLat[] {
  const vector = ([lonDeg, latDeg]: LonLat): number[] => {
    const [lon, lat] = [(lonDeg * Math.PI) / 180, (latDeg * Math.PI) / 180];
    return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
  };
  return vertices.flatMap((from, n) => {
    const [a, b] = [vector(from), vector(vertices[(n + 1) % vertices.length]!)];
    return Array.from({ length: pieces }, (_, k): LonLat => {
      if (k === 0) return from;
      const [x, y, z] = a.map((each, i) => each + (k / pieces) * (b[i]! - each));
      return [(Math.atan2(y!, x!) * 180) / Math.PI, (Math.atan2(z!, Math.hypot(x!, y!)) * 180) / Math.PI];
    });
  });
}

/** The slow judge: the ring cut into short straight edges on the plane of longitude and latitude. */
function judgedArea(vertices: readonly LonLat[], pieces: number): number {
  const path: number[] = [];
  let before = vertices[0]![0];
  let lon = before;
  for (const [x, y] of [...densified(vertices, pieces), vertices[0]!]) {
    const step = x - before - 360 * Math.round((x - before) / 360);
    lon += step;
    before = x;
    path.push(lon, y);
  }
  const turn = Math.round((lon - path[0]!) / 360);
  if (turn !== 0) path.push(lon, 90 * turn, path[0]!, 90 * turn, path[0]!, path[1]!);
  return ringAreaM2(Float64Array.from(path));
}

describe('arcAreaM2', () => {
  it.each([0, 1, 2, 3])(
    'h3.areaM2: all cells of level %i make up the ellipsoid, each within 1 % of the sphere',
    (level) => {
      let sum = 0;
      let apart = 0;
      for (const cell of getRes0Cells().flatMap((base) => cellToChildren(base, level))) {
        const area = h3.areaM2(BigInt(`0x${cell}`), level);
        sum += area;
        apart = Math.max(apart, Math.abs(area / cellArea(cell, UNITS.m2) - 1));
      }
      expect(Math.abs(sum / ELLIPSOID_AREA_M2 - 1)).toBeLessThan(1e-13);
      expect(apart).toBeGreaterThan(0.008);
      expect(apart).toBeLessThan(0.01);
    },
  );

  it('agrees with edges cut into short straight ones, error falling with the square of their number', () => {
    fc.assert(
      fc.property(cells(9), (cell) => {
        const vertices = verticesOf(cell);
        const [rough, fine] = [judgedArea(vertices, 200), judgedArea(vertices, 400)];
        // Richardson: what is left of the judge's error.
        const judged = fine + (fine - rough) / 3;
        const tolerance = Math.max(1e-10, 0.1 * Math.abs((fine - rough) / fine));
        expect(Math.abs(arcAreaM2(vertices) / judged - 1)).toBeLessThan(tolerance);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps nine figures of a cell of half a metre', () => {
    const cell = latLngToCell(35.5806, 104.6263, 15);
    const vertices = verticesOf(cell);
    expect(Math.abs(arcAreaM2(vertices) / judgedArea(vertices, 1) - 1)).toBeLessThan(1e-8);
  });
});

describe('sharedAreaM2', () => {
  const partsOf = (ring: ArcRing, west: readonly number[], south: readonly number[]): number => {
    let sum = 0;
    for (let i = 1; i < west.length; i += 1)
      for (let j = 1; j < south.length; j += 1)
        sum += sharedAreaM2(ring, west[i - 1]!, south[j - 1]!, west[i]!, south[j]!);
    return sum;
  };

  it('boxes that tile the globe share the whole cell, whatever its level, with a pole or across the antimeridian', () => {
    const cuts = (limit: number) =>
      fc
        .array(fc.double({ min: -limit, max: limit, noNaN: true }), { maxLength: 6 })
        .map((each) => [-limit, ...each, limit].sort((a, b) => a - b));
    fc.assert(
      fc.property(cells(6), cuts(180), cuts(90), (cell, west, south) => {
        const vertices = verticesOf(cell);
        expect(Math.abs(partsOf(arcRing(vertices), west, south) / arcAreaM2(vertices) - 1)).toBeLessThan(
          1e-9,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('boxes cut through the cell itself share the whole of it', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(cells(12), shares, shares, (cell, across, up) => {
        const vertices = verticesOf(cell);
        const ring = arcRing(vertices);
        const at = (from: number, to: number, inner: readonly number[]): number[] =>
          [from, ...inner.map((t) => from + t * (to - from)), to].sort((a, b) => a - b);
        const sum = partsOf(
          ring,
          at(ring.westDeg, ring.eastDeg, across),
          at(ring.southDeg, ring.northDeg, up),
        );
        expect(Math.abs(sum / arcAreaM2(vertices) - 1)).toBeLessThan(1e-8);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with a lattice of positions, each counted by its cell', () => {
    const level = 2;
    for (const [lon, lat] of [
      [104.6, 35.6],
      [179.9, 51],
      [-30, -82],
      [12, 89.5],
    ] as const) {
      const cell = h3.encode(lon, lat, level);
      const ring = arcRing(verticesOf(h3.format(cell, level)));
      const [west, south, east, north] = [
        lon - 1.3,
        Math.max(-90, lat - 1.1),
        lon + 2.1,
        Math.min(90, lat + 0.9),
      ];
      let [inside, all] = [0, 0];
      const steps = 120;
      for (let i = 0; i < steps; i += 1) {
        for (let j = 0; j < steps; j += 1) {
          const x = west + ((i + 0.5) / steps) * (east - west);
          const y = south + ((j + 0.5) / steps) * (north - south);
          const weight = Math.cos((y * Math.PI) / 180);
          all += weight;
          if (h3.encode(x > 180 ? x - 360 : x, y, level) === cell) inside += weight;
        }
      }
      const share =
        sharedAreaM2(ring, west, south, east, north) / rectangleAreaM2(east - west, south, north - south);
      expect(Math.abs(share - inside / all)).toBeLessThan(0.005);
    }
  });

  it('is 0 for a box beside the cell, and the box for one inside it', () => {
    const ring = arcRing(verticesOf(latLngToCell(35.5806, 104.6263, 4)));
    expect(sharedAreaM2(ring, 106, 35, 107, 36)).toBe(0);
    expect(sharedAreaM2(ring, 104, 37, 105, 38)).toBe(0);
    expect(sharedAreaM2(ring, 104.62, 35.58, 104.63, 35.59) / rectangleAreaM2(0.01, 35.58, 0.01)).toBeCloseTo(
      1,
      10,
    );
  });
});

describe('sharedAreaM2 and the poles', () => {
  it('is the same for a ring and a box mirrored at the equator, also where a box ends at the apex of an arc', () => {
    const mirrored = (vertices: readonly LonLat[]): readonly LonLat[] =>
      [...vertices].reverse().map(([lon, lat]) => [lon, -lat]);
    const triangle: readonly LonLat[] = [
      [0, 87],
      [100, 85],
      [178, 87],
    ];
    const ring = arcRing(triangle);
    const other = arcRing(mirrored(triangle));
    for (const [south, north] of [
      [86, 88],
      [88, 89],
      [88, 90],
      [89.9, 90],
      [0, ring.northDeg],
    ] as const) {
      const north1 = sharedAreaM2(ring, -180, south, 180, north);
      const south1 = sharedAreaM2(other, -180, -north, 180, -south);
      expect(north1).toBeGreaterThan(1e6);
      expect(Math.abs(south1 / north1 - 1)).toBeLessThan(1e-10);
    }
    fc.assert(
      fc.property(cells(5), lats, lats, (cell, a, b) => {
        const vertices = verticesOf(cell);
        const [south, north] = [Math.min(a, b), Math.max(a, b)];
        const up = sharedAreaM2(arcRing(vertices), -180, south, 180, north);
        const down = sharedAreaM2(arcRing(mirrored(vertices)), -180, -north, 180, -south);
        expect(Math.abs(up - down)).toBeLessThanOrEqual(1e-9 * arcAreaM2(vertices));
      }),
      { numRuns: 300 },
    );
  });
});
