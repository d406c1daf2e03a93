/** How many BeiDou zones a cover will have, from the same cover at a level coarse enough to be cheap. */
import type { CoverEstimate } from '../codec.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { geometryParts, pathsOf, turnsInto } from '../geometry/geometry-parts.ts';
import { countCells } from '../geometry/row-runs.ts';
import { polarUnsupported } from './beidou2d-cell.ts';
import {
  areaInCells,
  boxOf,
  coverParts,
  type Extent,
  edgeRows,
  type LevelCover,
  polarReach,
  spanOf,
} from './beidou2d-level-cover.ts';
import { beidouLevel, MIN_LEVEL, POLAR_MAX_LEVEL, UNITS_PER_DEGREE } from './beidou2d-levels.ts';
import { columnOf, type Raster, rasterOf, rowOf } from './beidou2d-raster.ts';

/** Rows the edges may pass at the level looked at, beside four for each position: a millisecond. */
const LOOK_ROWS = 4096;
const LOOK_ROWS_PER_POSITION = 4;
/** Cells of one polar cap at level 2. */
const CAP_CELLS = 16;

/**
 * Bounds and a guess for `coverBeidou2d(geometry, level)`, mode `intersects`; the exact number three times where that costs no more.
 *
 * The bounds hold for any geometry, proper or not: all fine zones in a coarse zone that lies within count, and none outside the
 * coarse zones met. For lines the cells an edge can pass bound it closer.
 * @throws {GridError} `polar-unsupported` where the cover would be refused for that, `geometry-invalid`.
 */
export function estimateCoverBeidou2d(geometry: GridGeometry, level: number): CoverEstimate {
  const parts = geometryParts(geometry);
  const points = parts.filter((part) => part.kind === 'point');
  const extents = parts.filter((part) => part.kind !== 'point');
  const raster = rasterOf(level);
  if (level > POLAR_MAX_LEVEL && extents.some((part) => polarReach(boxOf(part)) === 'beyond')) {
    throw polarUnsupported(level);
  }
  const looked = lookedLevel(extents, level);
  if (looked === level) {
    const exact = countOf(coverParts(parts, level, 'intersects'));
    return { atLeast: exact, about: exact, atMost: exact };
  }
  const pointZones = countOf(coverParts(points, level, 'intersects'));
  const lines = extents.filter((part) => part.kind === 'line');
  const areas = extents.filter((part) => part.kind === 'area');
  const met = fineCount(coverParts(areas, looked, 'intersects'), level);
  const held = fineCount(coverParts(areas, looked, 'within'), level);
  const metLines = coverParts(lines, looked, 'intersects');
  const alongLines = lines.reduce((sum, part) => sum + cellsAtMost(part, raster), 0);
  const atMost = met.fine + Math.min(fineCount(metLines, level).fine, alongLines) + pointZones;
  // A coarse zone that is met has a fine one that is met.
  const atLeast = Math.max(
    held.fine + met.coarse - held.coarse,
    fineCount(metLines, level).coarse,
    pointZones,
    extents.reduce((most, part) => Math.max(most, spanOf(boxOf(part), turnsInto(part), raster).atLeast), 0),
  );
  const guess = extents.reduce((sum, part) => sum + guessOf(part, raster), pointZones);
  return { atLeast, about: Math.round(Math.min(Math.max(guess, atLeast), atMost)), atMost };
}

/** The finest level, up to the one asked for, at which the edges pass few rows. */
function lookedLevel(extents: readonly Extent[], level: number): number {
  let positions = 0;
  for (const part of extents) for (const path of pathsOf(part)) positions += path.length / 2;
  for (let looked = level; looked > MIN_LEVEL; looked -= 1) {
    const rows = extents.reduce((sum, part) => sum + edgeRows(part, rasterOf(looked)), 0);
    if (rows <= LOOK_ROWS + LOOK_ROWS_PER_POSITION * positions) return looked;
  }
  return MIN_LEVEL;
}

function countOf({ runs, polar }: LevelCover): number {
  return countCells(runs) + polar.length;
}

/** Cells of a cover that have cells at a finer level, and how many those are. */
function fineCount(
  { runs, polar, level: looked }: LevelCover,
  level: number,
): { readonly coarse: number; readonly fine: number } {
  const from = beidouLevel(looked);
  const to = beidouLevel(level);
  const cells = countCells(runs);
  const each = (from.lonUnits / to.lonUnits) * (from.latUnits / to.latUnits);
  const caps = level <= POLAR_MAX_LEVEL ? polar.length : 0;
  return { coarse: cells + caps, fine: cells * each + caps * CAP_CELLS };
}

/**
 * Most cells the edges of a part can mark: those of a staircase between the cells of two consecutive vertices, and where an edge is
 * slanted one more for each cut between rows and each end, which may fall in doubt.
 */
function cellsAtMost(part: Extent, raster: Raster): number {
  let cells = 0;
  eachStep(part, raster, (across, up, upright) => {
    if (up === 0) cells += across;
    else if (upright) cells += up;
    else cells += Math.min(across + 2 * up + 2, (across + 3) * (up + 1) - 1);
  });
  // Along the antimeridian both its sides are marked.
  return (cells + pathsOf(part).length) * turnsInto(part).length;
}

/** Its area, and as many cells as its edges pass: of an area half of those lie outside the area. */
function guessOf(part: Extent, raster: Raster): number {
  let steps = 0;
  eachStep(part, raster, (across, up) => {
    steps += across + up;
  });
  return part.kind === 'line' ? steps + 1 : areaInCells(part, raster) + steps / 2 + 1;
}

/** Columns and rows between the cells of consecutive vertices. */
function eachStep(
  part: Extent,
  raster: Raster,
  visit: (across: number, up: number, upright: boolean) => void,
): void {
  for (const path of pathsOf(part)) {
    let column = columnOf(path[0]! * UNITS_PER_DEGREE, raster);
    let row = rowOf(path[1]! * UNITS_PER_DEGREE, raster);
    for (let n = 2; n < path.length; n += 2) {
      const nextColumn = columnOf(path[n]! * UNITS_PER_DEGREE, raster);
      const nextRow = rowOf(path[n + 1]! * UNITS_PER_DEGREE, raster);
      visit(Math.abs(nextColumn - column), Math.abs(nextRow - row), path[n] === path[n - 2]);
      [column, row] = [nextColumn, nextRow];
    }
  }
}
