import { isGridError, type ZoneGrid } from '../../grid/index.ts';
import type { Geometry, LocatedFeature } from '../model/index.ts';
import type { LocateGrids } from './grids.ts';

/** Zones of one feature in one grid. A city block needs tens; more makes the index big without telling more. */
export const MAX_COVER_ZONES = 256;
/** At the coarsest level nothing coarser is left: this many are taken instead, enough for either grid's whole world. */
const MAX_COARSEST_ZONES = 4096;
/** Finest levels tried: an H3 cell of 10 m, a BeiDou cell of 7.7 m. Finer says more than municipal outlines know. */
const FINEST = { h3: 12, beidou2d: 7 } as const;

/**
 * The zones a line or an area touches, in each grid at the finest level that needs at most `MAX_COVER_ZONES`. Points have
 * none: they are owned by their zone. Never empty in both grids for what is not a point, polar caps apart.
 */
export function coverOf(geometry: Geometry, grids: LocateGrids): LocatedFeature['cover'] {
  if (geometry.type === 'Point') return [];
  const covers: LocatedFeature['cover'][number][] = [];
  for (const [name, grid] of [
    ['h3', grids.h3],
    ['beidou', grids.beidou2d],
  ] as const) {
    const found = coverIn(geometry, grid);
    if (found !== undefined) covers.push({ grid: name, ...found });
  }
  return covers;
}

function coverIn(geometry: Geometry, grid: ZoneGrid): { level: number; zones: BigUint64Array } | undefined {
  for (let level = startLevel(geometry, grid); level >= grid.minLevel; level--) {
    try {
      const limit = level === grid.minLevel ? MAX_COARSEST_ZONES : MAX_COVER_ZONES;
      const zones = grid.cover(geometry, level, limit);
      if (zones.length > 0) return { level, zones: BigUint64Array.from(zones) };
    } catch (error) {
      // Too many zones at this level, or a part of the geometry where the grid has none: a coarser level may do.
      if (!isGridError(error)) throw error;
    }
  }
  return undefined;
}

/** The first level worth trying: its cells would fill the bounding box some four times over the limit at most. */
function startLevel(geometry: Geometry, grid: ZoneGrid): number {
  const [west, south, east, north] = boundsOf(geometry);
  const middle = (south + north) / 2;
  const kmPerDegree = 111_320;
  const areaM2 =
    Math.max((east - west) * kmPerDegree * Math.cos((middle * Math.PI) / 180), 1) *
    Math.max((north - south) * kmPerDegree, 1);
  for (let level: number = FINEST[grid.id]; level > grid.minLevel; level--) {
    if (areaM2 / cellAreaM2(grid, level, west, south) <= 4 * MAX_COVER_ZONES) return level;
  }
  return grid.minLevel;
}

function cellAreaM2(grid: ZoneGrid, level: number, lonDeg: number, latDeg: number): number {
  try {
    return grid.areaM2(grid.encode(lonDeg, latDeg, level), level);
  } catch (error) {
    if (!isGridError(error)) throw error;
    return Number.POSITIVE_INFINITY;
  }
}

function boundsOf(geometry: Geometry): [number, number, number, number] {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  const visit = (value: readonly unknown[]): void => {
    if (typeof value[0] === 'number') {
      const [lon, lat] = value as readonly [number, number];
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    } else for (const member of value) visit(member as readonly unknown[]);
  };
  visit(geometry.coordinates);
  return box;
}
