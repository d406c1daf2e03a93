import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centres } from '../test-shapes.ts';
import { ELLIPSOID_AREA_M2, rectangleAreaM2 } from './ellipsoid.ts';
import { geometryAreaM2, ringAreaM2 } from './ellipsoid-area.ts';
import type { GridGeometry } from './geometry.ts';

fc.configureGlobal({ seed: 39_409 });

type Ring = readonly (readonly [number, number])[];

const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const polygon = (...rings: readonly Ring[]): GridGeometry => ({ type: 'Polygon', coordinates: rings });

/** Nodes and weights of Gauss and Legendre with five points on 0..1. */
const NODES = [0.046910077030668, 0.2307653449471585, 0.5, 0.7692346550528415, 0.953089922969332];
const WEIGHTS = [
  0.1184634425280945, 0.2393143352496832, 0.2844444444444444, 0.2393143352496832, 0.1184634425280945,
];

/** The slow judge: each edge cut in pieces, each piece as rectangles between the edge and the lowest latitude, in closed form. */
function judgedArea(ring: Ring, pieces: number): number {
  const floor = Math.min(...ring.map(([, lat]) => lat));
  let area = 0;
  for (let n = 1; n < ring.length; n += 1) {
    const [ax, ay] = ring[n - 1]!;
    const [bx, by] = ring[n]!;
    for (let piece = 0; piece < pieces; piece += 1) {
      for (const [k, node] of NODES.entries()) {
        const t = (piece + node) / pieces;
        area -= WEIGHTS[k]! * rectangleAreaM2((bx - ax) / pieces, floor, ay - floor + t * (by - ay));
      }
    }
  }
  return Math.abs(area);
}

describe('geometryAreaM2', () => {
  it('equals rectangleAreaM2 for boxes of any size, down to a BeiDou zone of 1.5 cm', () => {
    const size = fc.double({ min: -23, max: 5, noNaN: true }).map((power) => 2 ** power);
    fc.assert(
      fc.property(centres, size, size, ([lon, lat], width, height) => {
        const [east, north] = [lon + width, Math.min(90, lat + height)];
        const expected = rectangleAreaM2(east - lon, lat, north - lat);
        expect(Math.abs(geometryAreaM2(polygon(box(lon, lat, east, north))) / expected - 1)).toBeLessThan(
          4e-15,
        );
      }),
    );
  });

  it('agrees with a sum of thin rectangles on stars from 2 cm to 3000 km', () => {
    const radii = fc.array(fc.double({ min: 0.3, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 });
    const size = fc.double({ min: -22, max: 4.5, noNaN: true }).map((power) => 2 ** power);
    fc.assert(
      fc.property(centres, radii, size, ([lon, lat], sizes, radius) => {
        const ring = sizes.map((each, n) => {
          const angle = (2 * Math.PI * n) / sizes.length;
          const y = Math.max(-90, Math.min(90, lat + each * radius * Math.sin(angle)));
          return [lon + each * radius * Math.cos(angle), y] as const;
        });
        ring.push(ring[0]!);
        const expected = judgedArea(ring, radius > 1 ? 8 : 1);
        // The judge itself counts from the lowest latitude, in edges up to three times as wide as the shape.
        expect(Math.abs(geometryAreaM2(polygon(ring)) / expected - 1)).toBeLessThan(2e-13);
      }),
    );
  });

  it('takes holes out whichever way they are wound, and adds the parts of a MultiPolygon', () => {
    const shell = box(100, 30, 110, 40);
    const hole = box(102, 32, 104, 35);
    const expected = rectangleAreaM2(10, 30, 10) - rectangleAreaM2(2, 32, 3);
    expect(geometryAreaM2(polygon(shell, hole)) / expected).toBeCloseTo(1, 13);
    expect(geometryAreaM2(polygon([...shell].reverse(), hole)) / expected).toBeCloseTo(1, 13);
    const two: GridGeometry = { type: 'MultiPolygon', coordinates: [[shell, hole], [box(0, -10, 1, -9)]] };
    expect(geometryAreaM2(two) / (expected + rectangleAreaM2(1, -10, 1))).toBeCloseTo(1, 13);
  });

  it('reads rings across the antimeridian, round a pole and round the globe', () => {
    const across = rectangleAreaM2(20, -5, 10);
    expect(geometryAreaM2(polygon(box(170, -5, 190, 5))) / across).toBeCloseTo(1, 13);
    const wrappedBox: Ring = [
      [170, -5],
      [-170, -5],
      [-170, 5],
      [170, 5],
      [170, -5],
    ];
    expect(geometryAreaM2(polygon(wrappedBox)) / across).toBeCloseTo(1, 13);
    const round = [0, 90, 180, -90, 0];
    for (const lat of [60, -60]) {
      const ring = round.map((lon) => [lon, lat] as const);
      expect(geometryAreaM2(polygon(ring)) / rectangleAreaM2(360, 60, 30)).toBeCloseTo(1, 13);
    }
    expect(geometryAreaM2(polygon(box(-180, -90, 180, 90))) / ELLIPSOID_AREA_M2).toBeCloseTo(1, 14);
  });

  it('is 0 for points, lines and nothing', () => {
    expect(geometryAreaM2({ type: 'Point', coordinates: [1, 2] })).toBe(0);
    expect(geometryAreaM2({ type: 'LineString', coordinates: box(0, 0, 1, 1) })).toBe(0);
    expect(geometryAreaM2({ type: 'MultiPolygon', coordinates: [] })).toBe(0);
  });
});

describe('ringAreaM2', () => {
  it('is positive counter-clockwise and negative clockwise', () => {
    const ring = box(0, 0, 1, 1);
    expect(ringAreaM2(Float64Array.from(ring.flat()))).toBeCloseTo(rectangleAreaM2(1, 0, 1), 2);
    expect(ringAreaM2(Float64Array.from([...ring].reverse().flat()))).toBeCloseTo(
      -rectangleAreaM2(1, 0, 1),
      2,
    );
  });
});

describe('ELLIPSOID_AREA_M2', () => {
  it('is the area of GRS80', () => {
    // H. Moritz, Geodetic Reference System 1980: R2, the radius of the sphere of equal surface, is 6,371,007.1810 m.
    expect(ELLIPSOID_AREA_M2 / (4 * Math.PI * 6_371_007.181 ** 2)).toBeCloseTo(1, 10);
  });
});
