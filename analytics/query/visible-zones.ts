import { gridOf } from '../zones.ts';
import type { GridId } from './shapes.ts';

type Box = readonly [west: number, south: number, east: number, north: number];

/** Those of the zones of a level whose bounds meet a box; all without one. Zones with their centre in it are told without their bounds. */
export function visibleZones(
  dggrs: GridId,
  level: number,
  zones: readonly bigint[],
  box: Box | undefined,
): readonly bigint[] {
  if (box === undefined) return zones;
  const grid = gridOf(dggrs);
  const { lonDeg, latDeg } = grid.decodeBatch(BigUint64Array.from(zones), level);
  const sides = pieces(box);
  return zones.filter((zone, index) => {
    const [lon, lat] = [lonDeg[index]!, latDeg[index]!];
    if (lat >= box[1] && lat <= box[3] && sides.some(([west, east]) => lon >= west && lon <= east))
      return true;
    return overlaps(grid.bounds(zone, level), box);
  });
}

/** Boxes that cross the antimeridian have west > east. */
function overlaps(a: Box, b: Box): boolean {
  if (a[3] < b[1] || b[3] < a[1]) return false;
  return pieces(a).some(([aw, ae]) => pieces(b).some(([bw, be]) => aw <= be && bw <= ae));
}

function pieces([west, , east]: Box): readonly (readonly [number, number])[] {
  return west <= east
    ? [[west, east]]
    : [
        [west, 180],
        [-180, east],
      ];
}
