/** Which polar cells a line or an area meets, at levels 1 and 2: sixteen boxes at most, each tried. */

import { type GeometryPart, pathsOf, shiftPath, turnsInto } from '../geometry/geometry-parts.ts';
import { insideRings, segmentMeetsBox } from '../geometry/planar.ts';
import type { PolarCell } from './beidou2d-cell.ts';
import { polarBox, polarCells } from './beidou2d-polar.ts';

/** Half-open edges: a box's far edges end this much early. Below the snap of `encode` (1e-5 unit is 1.36e-12 degree). */
const FAR_EDGE_DEG = 1e-12;

type Box = readonly [west: number, south: number, east: number, north: number];

/** Polar cells of `level` that a part meets, both caps. */
export function coverPolar(
  part: Exclude<GeometryPart, { kind: 'point' }>,
  level: number,
): readonly PolarCell[] {
  const copies = turnsInto(part).map((turn) => pathsOf(part).map((path) => shiftPath(path, turn)));
  const meets = (box: Box): boolean =>
    copies.some((paths) => {
      for (const path of paths) {
        for (let n = 0; n < path.length; n += 2) {
          const m = Math.max(0, n - 2);
          if (segmentMeetsBox(path[m]!, path[m + 1]!, path[n]!, path[n + 1]!, ...box)) return true;
        }
      }
      return part.kind === 'area' && insideRings(paths, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    });
  return [...polarCells(false, level), ...polarCells(true, level)].filter((cell) =>
    halfOpenBoxes(cell).some(meets),
  );
}

/** A cell's boxes inside -180..180 with the edges it owns: one, or two where it crosses the antimeridian or 0. */
function halfOpenBoxes(cell: PolarCell): readonly Box[] {
  const { westDeg, eastDeg, nearDeg, farDeg } = polarBox(cell);
  const near = nearDeg - FAR_EDGE_DEG;
  const far = farDeg === 90 ? 90 : farDeg - FAR_EDGE_DEG;
  const [south, north] = cell.south ? [-far, -near] : [near, far];
  if (eastDeg - westDeg === 360) return [[-180, south, 180, north]];
  const boxes: Box[] = [];
  if (westDeg < 180 && eastDeg > 0) {
    const west = Math.max(westDeg, 0);
    const east = eastDeg >= 180 ? 180 : eastDeg - FAR_EDGE_DEG;
    boxes.push([west === 0 ? 0 : west - FAR_EDGE_DEG, south, east, north]);
  }
  const west = westDeg >= 180 || eastDeg > 180 ? -180 : westDeg;
  const east = eastDeg > 180 ? eastDeg - 360 : eastDeg;
  // West of 0 the near edge is the eastern one; 0 itself belongs east.
  if (west < 0)
    boxes.push([
      west === -180 ? -180 : west + FAR_EDGE_DEG,
      south,
      east === 0 ? -Number.MIN_VALUE : east + FAR_EDGE_DEG,
      north,
    ]);
  return boxes;
}
