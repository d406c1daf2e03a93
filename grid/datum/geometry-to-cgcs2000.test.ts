import { describe, expect, it } from 'vitest';
import type { GridGeometry } from '../geometry/geometry.ts';
import { parseCoordinateReference } from './coordinate-reference.ts';
import { geometryToCgcs2000 } from './geometry-to-cgcs2000.ts';
import { positionToCgcs2000 } from './to-cgcs2000.ts';

const GK = parseCoordinateReference('gk3-cm105');
const [E, N] = [466_128.2518, 3_939_072.365];
const at = (east: number, north: number) => positionToCgcs2000(GK, E + east, N + north);

describe('geometryToCgcs2000', () => {
  it('converts every position of every kind of geometry, and leaves the given one alone', () => {
    const line = [
      [E, N],
      [E + 10, N + 5],
    ];
    const moved = [at(0, 0), at(10, 5)];
    const geometries: readonly [GridGeometry, unknown][] = [
      [{ type: 'Point', coordinates: [E, N] }, at(0, 0)],
      [{ type: 'MultiPoint', coordinates: line }, moved],
      [{ type: 'LineString', coordinates: line }, moved],
      [{ type: 'MultiLineString', coordinates: [line, line] }, [moved, moved]],
      [{ type: 'Polygon', coordinates: [line] }, [moved]],
      [{ type: 'MultiPolygon', coordinates: [[line], [line]] }, [[moved], [moved]]],
    ];
    for (const [geometry, coordinates] of geometries) {
      const before = JSON.stringify(geometry);
      expect(geometryToCgcs2000(GK, geometry)).toEqual({ type: geometry.type, coordinates });
      expect(JSON.stringify(geometry)).toBe(before);
    }
    const collection: GridGeometry = {
      type: 'GeometryCollection',
      geometries: geometries.map(([geometry]) => geometry),
    };
    expect(geometryToCgcs2000(GK, collection)).toEqual({
      type: 'GeometryCollection',
      geometries: geometries.map(([{ type }, coordinates]) => ({ type, coordinates })),
    });
  });

  it('keeps heights by a declared reference only', () => {
    const point: GridGeometry = { type: 'Point', coordinates: [E, N, 1938.5, 7] };
    expect(geometryToCgcs2000(GK, point)).toEqual({ type: 'Point', coordinates: at(0, 0) });
    const raised = geometryToCgcs2000(GK, point, { above: 'sea-level', undulationM: -38.5 });
    expect(raised).toEqual({ type: 'Point', coordinates: [...at(0, 0), 1900] });
    expect(geometryToCgcs2000(GK, { type: 'Point', coordinates: [E, N] }, 'ellipsoidal')).toEqual({
      type: 'Point',
      coordinates: at(0, 0),
    });
  });

  it('refuses a geometry for one bad position, by its sentence', () => {
    const swapped: GridGeometry = {
      type: 'LineString',
      coordinates: [
        [E, N],
        [N, E],
      ],
    };
    expect(() => geometryToCgcs2000(GK, swapped)).toThrow(/look swapped/);
    expect(() => geometryToCgcs2000('gcj02', { type: 'Point', coordinates: [E, N] })).toThrow(/-180\.\.180/);
    expect(() => geometryToCgcs2000('gcj02', { type: 'Point', coordinates: [104] })).toThrow(
      /finite numbers/,
    );
    expect(() => geometryToCgcs2000('gcj02', { type: 'Point', coordinates: [] })).toThrow(
      /without coordinates/,
    );
    expect(() =>
      geometryToCgcs2000('gcj02', { type: 'Point', coordinates: [104, 35, Number.NaN] }, 'ellipsoidal'),
    ).toThrow(/finite number of metres/);
  });
});
