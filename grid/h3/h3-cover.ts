/** Which H3 cells stand for a geometry: listed, compacted, and refused early where there are too many. */
import { tooManyZones } from '../checks.ts';
import type { CoverMode, ZoneSet } from '../codec.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { aboutKept, aboutListed, estimateCoverH3 } from './h3-cover-estimate.ts';
import type { EncodeBatch } from './h3-cover-points.ts';
import { Descent } from './h3-descent.ts';
import { lattice, STEPS } from './h3-lattice.ts';
import { listDescendants } from './h3-words.ts';

/** Up to here finding out by descending costs less than an estimate. */
const SMALL_BOUND = 4096;

/**
 * Cells of `level` that stand for the geometry, ascending.
 * @throws {GridError} `too-many-zones` with an estimate, before the work where the sizes show it; `geometry-invalid`.
 */
export function coverH3(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  mode: CoverMode,
  encodeBatch: EncodeBatch,
): BigUint64Array {
  const descent = new Descent(geometry, level, mode, encodeBatch);
  // Small bounds end the descent soon enough. A guess costs little, a bound that holds a coarse descent: only where the guess is too large.
  if (
    maxZones > SMALL_BOUND &&
    mayPass(descent, level, maxZones) &&
    aboutListed(geometry, level) > maxZones
  ) {
    const { atLeast, about } = estimateCoverH3(geometry, level, encodeBatch);
    if (mode === 'intersects' && atLeast > maxZones) {
      throw tooManyZones(`level ${level} in this geometry`, about, maxZones, true);
    }
  }
  descent.maxListed = maxZones;
  descent.tell = () => aboutListed(geometry, level);
  descent.run();
  const { roots } = lattice();
  return listDescendants(descent.cells, level, descent.listed, (base) => roots[base]!.sectors !== undefined);
}

/**
 * The same cells compacted: every complete set of children is its parent.
 * @throws {GridError} `too-many-zones` with an estimate; `geometry-invalid`.
 */
export function coverCompactH3(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  mode: CoverMode,
  encodeBatch: EncodeBatch,
): ZoneSet {
  const descent = new Descent(geometry, level, mode, encodeBatch);
  descent.maxKept = maxZones;
  descent.tell = () => aboutKept(geometry, level);
  descent.run();
  return descent.cells.finish();
}

/**
 * The cells whose ranges hold the point-level id of every position of the geometry. `coverCompact` by `intersects` does not quite: an id
 * of the point level may belong, by its index, to a neighbour of the coarser cell its position lies in.
 * @param pointLevel - Level of the ids, finer than `level` or the same.
 * @throws {GridError} as `coverCompactH3`.
 */
export function coverForRangesH3(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  pointLevel: number,
  encodeBatch: EncodeBatch,
): ZoneSet {
  const descent = new Descent(geometry, pointLevel, 'intersects', encodeBatch);
  descent.wholeFrom = level;
  descent.maxKept = maxZones;
  descent.tell = () => aboutKept(geometry, level);
  descent.run();
  return descent.cells.finish();
}

/** Whether circles round the edges have room for more cells than that. */
function mayPass({ edges }: Descent, level: number, maxZones: number): boolean {
  let room = 0;
  for (const root of edges.roots) room += 8 * (edges.circle(root)[3] / STEPS[level]! + 1) ** 2;
  // Without edges there are points, or the globe.
  return room > maxZones || edges.roots.length === 0;
}
