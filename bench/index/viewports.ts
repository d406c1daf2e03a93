import { beidou2d, h3, type ZoneGrid } from '../../grid/index.ts';
import { between, CITY_BOX } from './city-rows.ts';

export type Box = readonly [west: number, south: number, east: number, north: number];

const CENTRE = [104.55, 35.1] as const;
/** Width of a screen by its height. */
const ASPECT = 16 / 9;

/** The grids and levels that screens draw. */
export const LEVELS: readonly { readonly grid: ZoneGrid; readonly level: number }[] = [
  ...[4, 5, 6, 7, 8, 9, 10].map((level) => ({ grid: h3, level })),
  ...[3, 4, 5, 6].map((level) => ({ grid: beidou2d, level })),
];

/**
 * A box as a screen shows it somewhere in the city, with 1,000 to 5,000 zones of the level in view; the whole city where
 * it has not so many.
 */
export function viewport(grid: ZoneGrid, level: number, random: () => number): Box {
  const zoneM2 = grid.areaM2(grid.encode(CENTRE[0], CENTRE[1], level), level);
  const areaM2 = zoneM2 * between(1_000, 4_500, random());
  const heightM = Math.sqrt(areaM2 / ASPECT);
  const metresPerDegree = 111_200;
  const height = Math.min(CITY_BOX[3] - CITY_BOX[1], heightM / metresPerDegree);
  const perDegreeEast = metresPerDegree * Math.cos((CENTRE[1] * Math.PI) / 180);
  const width = Math.min(CITY_BOX[2] - CITY_BOX[0], (heightM * ASPECT) / perDegreeEast);
  const west = between(CITY_BOX[0], CITY_BOX[2] - width, random());
  const south = between(CITY_BOX[1], CITY_BOX[3] - height, random());
  return [west, south, west + width, south + height];
}
