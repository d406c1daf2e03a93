/** Whole geometries from any declared reference to CGCS2000: what covers and codes take. */
import { GridError } from '../errors.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import type { CoordinateReference } from './coordinate-reference.ts';
import { type HeightReference, toEllipsoidalHeight } from './height.ts';
import { positionToCgcs2000 } from './to-cgcs2000.ts';

type Nested = readonly number[] | readonly Nested[];

/**
 * A geometry with every position in CGCS2000 degrees; the given one is left as it is.
 *
 * @param geometry - GeoJSON, longitude or easting first. Straight edges stay edges between the converted ends, unbent.
 * @param heights - What third coordinates are counted from. Given, they come out as metres above the ellipsoid; left out, they are dropped,
 * since a height of unknown reference must not pass for an ellipsoidal one. Anything behind them is dropped.
 * @throws {GridError} `position-invalid` with the sentence of `positionRefusal`, `height-invalid` for a height that is no number,
 * `geometry-invalid` for what has no coordinates.
 */
export function geometryToCgcs2000<G extends GridGeometry>(
  reference: CoordinateReference,
  geometry: G,
  heights?: HeightReference,
): G {
  if (geometry.type === 'GeometryCollection') {
    const geometries = geometry.geometries.map((part) => geometryToCgcs2000(reference, part, heights));
    return { type: geometry.type, geometries } as unknown as G;
  }
  const coordinates = convert(reference, geometry.coordinates, heights);
  return { type: geometry.type, coordinates } as unknown as G;
}

function convert(reference: CoordinateReference, list: Nested, heights: HeightReference | undefined): Nested {
  if (!Array.isArray(list) || list.length === 0) {
    throw new GridError(
      'geometry-invalid',
      'Cannot convert a geometry without coordinates: a list is empty or missing',
    );
  }
  if (typeof list[0] !== 'number') {
    return (list as readonly Nested[]).map((inner) => convert(reference, inner, heights));
  }
  // By index: taking a list apart by its iterator is ten times dearer, and outlines are long.
  const position = list as readonly number[];
  const lonLat = positionToCgcs2000(reference, position[0]!, position[1] ?? Number.NaN);
  const height = position[2];
  if (heights === undefined || height === undefined) return lonLat;
  return [lonLat[0], lonLat[1], toEllipsoidalHeight(heights, height)];
}
