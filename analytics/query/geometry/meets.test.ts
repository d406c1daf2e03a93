/** `prepareArea(...).meets` against a plain search for a shared position on a fine lattice and along the edges. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GridGeometry, pointInGeometry } from '../../../grid/index.ts';
import type { AreaGeometry } from '../shapes.ts';
import { shortTurn } from './geodesic.ts';
import { prepareArea } from './meets.ts';

const square = (west: number, south: number, size: number): [number, number][] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const ring: AreaGeometry = { type: 'Polygon', coordinates: [square(0, 0, 10), square(3, 3, 4)] };

describe('prepareArea', () => {
  it('points, lines and areas: inside, across, around, in the hole, outside', () => {
    const { meets } = prepareArea(ring);
    const polygon = (...rings: [number, number][][]): GridGeometry => ({
      type: 'Polygon',
      coordinates: rings,
    });
    const line = (...coordinates: [number, number][]): GridGeometry => ({ type: 'LineString', coordinates });
    const cases: [boolean, GridGeometry][] = [
      [true, { type: 'Point', coordinates: [1, 1] }],
      [false, { type: 'Point', coordinates: [5, 5] }],
      [true, { type: 'Point', coordinates: [10, 5] }],
      [false, { type: 'Point', coordinates: [11, 5] }],
      [true, line([-5, 5], [15, 5])],
      [false, line([4, 4], [6, 6])],
      [true, line([5, 5], [5, 8])],
      [false, line([-5, 12], [15, 12])],
      [true, polygon(square(1, 1, 1))],
      [false, polygon(square(4, 4, 2))],
      [true, polygon(square(-5, -5, 20))],
      // Around it, with a hole that it lies in.
      [false, polygon(square(-5, -5, 20), square(-1, -1, 12))],
      [true, polygon(square(-5, -5, 20), square(1, 1, 8))],
      [false, { type: 'MultiPolygon', coordinates: [[square(20, 20, 1)], [square(4, 4, 1)]] }],
      [true, { type: 'MultiPolygon', coordinates: [[square(20, 20, 1)], [square(9, 9, 5)]] }],
    ];
    for (const [wanted, geometry] of cases) expect([meets(geometry), geometry]).toEqual([wanted, geometry]);
  });

  const box = (lon: number) =>
    fc
      .tuple(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
      )
      .map(([x, y, size]) => ({ west: lon + x, south: y, size }));

  it.each([
    ['by the prime meridian', 0],
    ['across the antimeridian', 180],
  ])('boxes meet where their spans overlap, %s', (_, lon) => {
    fc.assert(
      fc.property(box(lon), box(lon), (a, b) => {
        const wanted =
          a.west <= b.west + b.size &&
          b.west <= a.west + a.size &&
          a.south <= b.south + b.size &&
          b.south <= a.south + a.size;
        const written = ({ west, south, size }: typeof a): AreaGeometry => ({
          type: 'Polygon',
          coordinates: [square(west, south, size).map(([x, y]) => [shortTurn(x), y])],
        });
        expect(prepareArea(written(a)).meets(written(b))).toBe(wanted);
      }),
    );
  });

  it('a point meets exactly what holds it', () => {
    const { meets } = prepareArea(ring);
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 11, noNaN: true }),
        fc.double({ min: -1, max: 11, noNaN: true }),
        (x, y) => {
          expect(meets({ type: 'Point', coordinates: [x, y] })).toBe(pointInGeometry(ring, x, y));
        },
      ),
    );
  });
});
