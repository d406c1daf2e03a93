/** Cells of single positions in a cover: of its points, and of the one position that stands for a geometry. */
import type { CoverMode } from '../codec.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import type { GeometryPart } from '../geometry/geometry-parts.ts';
import { representativePoint } from '../geometry/point-in-geometry.ts';
import { wordsOf } from '../no-zone.ts';

/** Encodes positions: shape (n) in, (n) out, as `ZoneGrid.encodeBatch`. */
export type EncodeBatch = (lonDeg: Float64Array, latDeg: Float64Array, level: number) => BigUint64Array;

/** Cells of the points of a geometry, ascending, as words. */
export function pointsOf(
  parts: readonly GeometryPart[],
  level: number,
  encodeBatch: EncodeBatch,
): Uint32Array {
  const points = parts.filter((part) => part.kind === 'point');
  const lon = Float64Array.from(points, ({ lonDeg }) => lonDeg);
  const lat = Float64Array.from(points, ({ latDeg }) => latDeg);
  return wordsOf(encodeBatch(lon, lat, level).sort());
}

/** What stays by `centre` of a geometry too small or thin to hold the centre of any cell. */
export function representativeOf(
  geometry: GridGeometry,
  level: number,
  mode: CoverMode,
  encodeBatch: EncodeBatch,
): Uint32Array | undefined {
  const point = mode === 'centre' ? representativePoint(geometry) : undefined;
  return point && wordsOf(encodeBatch(Float64Array.of(point[0]), Float64Array.of(point[1]), level));
}
