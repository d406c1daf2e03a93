/** Which level of one grid is most like a level of the other. */
import { beidouLevel, UNITS_PER_DEGREE } from '../beidou/beidou2d-levels.ts';
import { checkLevel, checkPosition } from '../checks.ts';
import type { DggrsId } from '../codec.ts';
import { ELLIPSOID_AREA_M2, rectangleAreaM2 } from '../geometry/ellipsoid.ts';
import { GRIDS } from '../registry.ts';

/** The middle of China: where nothing else is known, a guess better than the equator. */
const DEFAULT_LAT_DEG = 35;

/**
 * The level of another grid whose zones are nearest in area, by ratio. BeiDou zones narrow towards the poles, so it depends on latitude; H3
 * counts with its mean area.
 * @param latDeg - Latitude of the place, degrees; 35 when left out.
 * @throws {GridError} `level-out-of-range`, `position-invalid`.
 * @example matchingLevel('h3', 9, 'beidou2d') // 5: 105,333 m2 against 12,543 m2; level 4 has 2.8 km2
 */
export function matchingLevel(
  from: DggrsId,
  level: number,
  to: DggrsId,
  latDeg: number = DEFAULT_LAT_DEG,
): number {
  checkLevel(from, level, GRIDS[from].minLevel, GRIDS[from].maxLevel);
  checkPosition(0, latDeg);
  const wanted = Math.log(typicalAreaM2(from, level, latDeg));
  const { minLevel, maxLevel } = GRIDS[to];
  let best = minLevel;
  let apart = Number.POSITIVE_INFINITY;
  for (let candidate = minLevel; candidate <= maxLevel; candidate += 1) {
    const ratio = Math.abs(Math.log(typicalAreaM2(to, candidate, latDeg)) - wanted);
    if (ratio < apart) {
      apart = ratio;
      best = candidate;
    }
  }
  return best;
}

/** Area of a zone at a latitude: the mean of all cells for H3, the zone of the raster for BeiDou, in its caps the last below 88 degrees. */
export function typicalAreaM2(grid: DggrsId, level: number, latDeg: number): number {
  if (grid === 'h3') return ELLIPSOID_AREA_M2 / (2 + 120 * 7 ** level);
  const { lonUnits, latUnits } = beidouLevel(level);
  const height = latUnits / UNITS_PER_DEGREE;
  const row = Math.floor(Math.min(Math.abs(latDeg), 88 - height / 2) / height);
  return rectangleAreaM2(lonUnits / UNITS_PER_DEGREE, row * height, height);
}
