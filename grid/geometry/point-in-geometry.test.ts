import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../refusal.ts';
import { shapes, wrapped } from '../test-shapes.ts';
import type { GridGeometry } from './geometry.ts';
import { pointInGeometry, prepareGeometry, representativePoint } from './point-in-geometry.ts';

fc.configureGlobal({ seed: 39_409 });

describe('pointInGeometry', () => {
  it('agrees with turf on polygons with holes', () => {
    const offsets = fc.double({ min: -0.06, max: 0.06, noNaN: true });
    fc.assert(
      fc.property(shapes(0.05), offsets, offsets, (geometry, dx, dy) => {
        if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return;
        const shell = geometry.type === 'Polygon' ? geometry.coordinates[0]! : geometry.coordinates[0]![0]!;
        const [x, y] = [shell[0]![0]! - 0.03 + dx, shell[0]![1]! + dy];
        const expected = booleanPointInPolygon([x, y], geometry as never);
        expect(pointInGeometry(geometry, wrapped(x), y)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('counts vertices, edges and the edges of holes as inside', () => {
    const geometry: GridGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [4, 0],
          [4, 4],
          [0, 4],
          [0, 0],
        ],
        [
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 2],
          [1, 1],
        ],
      ],
    };
    for (const [x, y] of [
      [0, 0],
      [4, 4],
      [2, 0],
      [4, 1],
      [1, 1],
      [1.5, 1],
      [0.5, 0.5],
    ]) {
      expect(pointInGeometry(geometry, x!, y!)).toBe(true);
    }
    for (const [x, y] of [
      [1.5, 1.5],
      [-0.001, 0],
      [5, 2],
      [Number.NaN, 1],
      [1e300, 1],
    ]) {
      expect(pointInGeometry(geometry, x!, y!)).toBe(false);
    }
  });

  it('finds points and lines within 1e-9 degree, and across the antimeridian from both sides', () => {
    expect(pointInGeometry({ type: 'Point', coordinates: [180, 5] }, -180, 5)).toBe(true);
    const line: GridGeometry = {
      type: 'LineString',
      coordinates: [
        [179, 0],
        [-179, 2],
      ],
    };
    expect(pointInGeometry(line, 180, 1)).toBe(true);
    expect(pointInGeometry(line, -180, 1)).toBe(true);
    expect(pointInGeometry(line, -179.5, 1.5)).toBe(true);
    expect(pointInGeometry(line, 0, 1)).toBe(false);
    const box: GridGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [170, 0],
          [190, 0],
          [190, 9],
          [170, 9],
          [170, 0],
        ],
      ],
    };
    for (const lon of [175, 180, -180, -175]) expect(pointInGeometry(box, lon, 5)).toBe(true);
    for (const lon of [165, -165, 0]) expect(pointInGeometry(box, lon, 5)).toBe(false);
  });
});

describe('representativePoint', () => {
  it('lies in its geometry, whatever the shape', () => {
    fc.assert(
      fc.property(shapes(0.05), (geometry) => {
        const [lon, lat] = representativePoint(geometry)!;
        expect(Math.abs(lon)).toBeLessThanOrEqual(180);
        expect(pointInGeometry(geometry, lon, lat)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('lies inside rings whose centroid does not: a horseshoe, a ring with its hole in the middle', () => {
    const horseshoe: GridGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [9, 0],
          [9, 9],
          [8, 9],
          [8, 1],
          [1, 1],
          [1, 9],
          [0, 9],
          [0, 0],
        ],
      ],
    };
    const ring: GridGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [9, 0],
          [9, 9],
          [0, 9],
          [0, 0],
        ],
        [
          [1, 1],
          [8, 1],
          [8, 8],
          [1, 8],
          [1, 1],
        ],
      ],
    };
    for (const geometry of [horseshoe, ring]) {
      expect(pointInGeometry(geometry, ...representativePoint(geometry)!)).toBe(true);
    }
  });

  it('is a vertex of a flat polygon, the middle of a line, and nothing of nothing', () => {
    const flat: GridGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [1, 2],
          [3, 2],
          [1, 2],
          [1, 2],
        ],
      ],
    };
    expect(pointInGeometry(flat, ...representativePoint(flat)!)).toBe(true);
    expect(
      representativePoint({
        type: 'LineString',
        coordinates: [
          [0, 0],
          [1, 0],
          [4, 0],
        ],
      }),
    ).toEqual([2, 0]);
    expect(representativePoint({ type: 'MultiPolygon', coordinates: [] })).toBeUndefined();
  });
});

describe('geometries from files', () => {
  it('are refused by code when they are none, whatever stands in them', () => {
    const none: readonly unknown[] = [
      undefined,
      null,
      'Point',
      {},
      { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 1] } },
      { type: 'Point' },
      { type: 'Point', coordinates: null },
      { type: 'Point', coordinates: '1,1' },
      { type: 'Point', coordinates: ['1', '1'] },
      { type: 'Point', coordinates: [1, null] },
      { type: 'MultiPoint', coordinates: [1, 1] },
      { type: 'LineString', coordinates: [null, 3] },
      { type: 'LineString', coordinates: { length: 2 } },
      { type: 'MultiLineString', coordinates: [[1, 1]] },
      { type: 'Polygon', coordinates: 'x' },
      { type: 'Polygon', coordinates: [null] },
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, null],
            [1, 1],
            [0, 0],
          ],
        ],
      },
      { type: 'MultiPolygon', coordinates: [[[[0, 0]]], null] },
      { type: 'GeometryCollection' },
      { type: 'GeometryCollection', geometries: [null] },
      { type: 'GeometryCollection', geometries: [{ type: 'GeometryCollection', geometries: 5 }] },
    ];
    for (const geometry of none) {
      const refusal = refusalOf(() => prepareGeometry(geometry as GridGeometry));
      expect(refusal?.code, JSON.stringify(geometry)).toBe('geometry-invalid');
    }
  });
});
