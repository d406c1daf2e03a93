/** Which polar cells stand for a line or an area, at levels 1 and 2: sixteen boxes at most, each tried. */
import type { CoverMode } from '../codec.ts';
import { type GeometryPart, type Path, pathsOf, shiftPath, turnsInto } from '../geometry/geometry-parts.ts';
import { distanceToSegment, insideRings, segmentMeetsBox } from '../geometry/planar.ts';
import type { PolarCell } from './beidou2d-cell.ts';
import { polarBox, polarCells } from './beidou2d-polar.ts';
import { seamStart } from './beidou2d-trace.ts';

/** Half-open edges: a box's far edges end this much early. Below the snap of `encode` (1e-5 unit is 1.36e-12 degree). */
const FAR_EDGE_DEG = 1e-12;

type Box = readonly [west: number, south: number, east: number, north: number];
type Extent = Exclude<GeometryPart, { kind: 'point' }>;

/** A part moved by whole turns into -180..180. */
type Copies = readonly (readonly Path[])[];

/** Polar cells of `level` that stand for a part, both caps. For a line `centre` means `intersects`, and `within` gives none. */
export function coverPolar(part: Extent, level: number, mode: CoverMode): readonly PolarCell[] {
  const copies = turnsInto(part).map((turn) => pathsOf(part).map((path) => shiftPath(path, turn)));
  const isArea = part.kind === 'area';
  const cells = [...polarCells(false, level), ...polarCells(true, level)];
  if (mode === 'within')
    return isArea ? cells.filter((cell) => wholeBoxes(cell).every((box) => holds(copies, box))) : [];
  if (mode === 'centre' && isArea) return cells.filter((cell) => holdsCentre(copies, cell));
  return cells.filter((cell) => halfOpenBoxes(cell).some((box) => meets(copies, box, isArea)));
}

function meets(copies: Copies, box: Box, isArea: boolean): boolean {
  return copies.some((paths) => {
    if (paths.some((path) => pathMeets(path, box, path.length))) return true;
    return isArea && insideRings(paths, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
  });
}

/** Does the area hold a box whole? No edge in its open inside, and its middle within. */
function holds(copies: Copies, [west, south, east, north]: Box): boolean {
  const open = [
    west + FAR_EDGE_DEG,
    south + FAR_EDGE_DEG,
    east - FAR_EDGE_DEG,
    north - FAR_EDGE_DEG,
  ] as const;
  if (copies.some((paths) => paths.some((path) => pathMeets(path, open, seamStart(path))))) return false;
  return copies.some((paths) => insideRings(paths, (west + east) / 2, (south + north) / 2));
}

/** Does a path meet a closed box, leaving out its seam edges? */
function pathMeets(path: Path, box: Box, seam: number): boolean {
  for (let n = 0; n < path.length; n += 2) {
    if (n === seam || n === seam + 4) continue;
    const m = Math.max(0, n - 2);
    if (segmentMeetsBox(path[m]!, path[m + 1]!, path[n]!, path[n + 1]!, ...box)) return true;
  }
  return false;
}

function holdsCentre(copies: Copies, cell: PolarCell): boolean {
  const { westDeg, eastDeg, nearDeg, farDeg } = polarBox(cell);
  const side = cell.south ? -1 : 1;
  if (eastDeg - westDeg === 360) {
    // The pole is one position with every longitude: whatever reaches its latitude reaches it.
    return copies.some((paths) =>
      paths.some((path) => path.some((value, n) => n % 2 === 1 && value * side >= 90 - FAR_EDGE_DEG)),
    );
  }
  const middle = (westDeg + eastDeg) / 2;
  // From the east the antimeridian is 180, from the west -180.
  const lons = middle === 180 ? [180, -180] : [middle > 180 ? middle - 360 : middle];
  return lons.some((x) => copies.some((paths) => holdsPosition(paths, x, (side * (nearDeg + farDeg)) / 2)));
}

function holdsPosition(paths: readonly Path[], x: number, y: number): boolean {
  if (insideRings(paths, x, y)) return true;
  return paths.some((path) => {
    for (let n = 2; n < path.length; n += 2) {
      const distance = distanceToSegment(x, y, path[n - 2]!, path[n - 1]!, path[n]!, path[n + 1]!);
      if (distance <= FAR_EDGE_DEG) return true;
    }
    return false;
  });
}

/** A cell's boxes inside -180..180: one, or two where it crosses the antimeridian. */
function wholeBoxes(cell: PolarCell): readonly Box[] {
  const { westDeg, eastDeg, nearDeg, farDeg } = polarBox(cell);
  const [south, north] = cell.south ? [-farDeg, -nearDeg] : [nearDeg, farDeg];
  if (westDeg >= 180) return [[westDeg - 360, south, eastDeg - 360, north]];
  if (eastDeg <= 180) return [[westDeg, south, eastDeg, north]];
  return [
    [westDeg, south, 180, north],
    [-180, south, eastDeg - 360, north],
  ];
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
