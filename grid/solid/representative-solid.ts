/** One position that surely lies in a solid. */
import { wrapLonDeg } from '../geometry/geometry-parts.ts';
import { representativePoint } from '../geometry/point-in-geometry.ts';
import { type Axis, axisOf, checkSolid, groundAt, prismOfBox, type Solid } from './solid-shape.ts';

/**
 * One position inside a solid, for a label and for a code that stands for all of it: over the representative point of a footprint at
 * half height, half way along a line.
 * @returns `[lon, lat, heightM]`, longitude -180..180, metres above the ellipsoid; undefined for an empty solid.
 * @throws {GridError} `geometry-invalid`, `height-invalid`.
 */
export function representativeOfSolid(
  solid: Solid,
): readonly [lonDeg: number, latDeg: number, heightM: number] | undefined {
  checkSolid(solid);
  if (solid.kind === 'pipe') return middleOfAxis(axisOf(solid), 0);
  if (solid.kind === 'strip') return middleOfAxis(axisOf(solid), (solid.fromM + solid.toM) / 2);
  if (solid.kind === 'draped') {
    const point = representativePoint(solid.area);
    if (point === undefined) return undefined;
    return [...point, groundAt(solid.groundM, ...point) + (solid.fromM + solid.toM) / 2];
  }
  const { footprint, floorM, topM } = solid.kind === 'box' ? prismOfBox(solid) : solid;
  const point = representativePoint(footprint);
  return point === undefined ? undefined : [...point, (floorM + topM) / 2];
}

/** Half way along an axis by its length, `aboveM` higher. */
function middleOfAxis(axis: Axis, aboveM: number): readonly [number, number, number] | undefined {
  const { lonDeg, latDeg, heightM } = axis;
  const last = lonDeg.length - 1;
  if (last < 0) return undefined;
  const lengths = Array.from({ length: last }, (_, n) => {
    const [from, to] = [latDeg[n]!, latDeg[n + 1]!];
    const cosine = Math.cos(((from + to) * Math.PI) / 360);
    const east = (lonDeg[n + 1]! - lonDeg[n]!) * cosine * 111_320;
    return Math.hypot(east, (to - from) * 111_320, heightM[n + 1]! - heightM[n]!);
  });
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [n, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const t = left / length;
      const at = (values: Float64Array): number => values[n]! + t * (values[n + 1]! - values[n]!);
      return [wrapLonDeg(at(lonDeg)), at(latDeg), at(heightM) + aboveM];
    }
    left -= length;
  }
  return [wrapLonDeg(lonDeg[0]!), latDeg[0]!, heightM[0]! + aboveM];
}
