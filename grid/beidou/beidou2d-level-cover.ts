/**
 * The cells of one BeiDou level that stand for a geometry, as runs of a raster, not yet as zones.
 *
 * The signed raster is uniform, so each edge is cut at row borders and marks a run of columns per row; where edges cross the middle of a row
 * tells what lies inside between them. Work: positions + edges x rows they pass + rows; the zones themselves are never listed.
 */
import { tooManyZones } from '../checks.ts';
import type { CoverMode } from '../codec.ts';
import { GridError } from '../errors.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { type GeometryPart, geometryParts, pathsOf, turnsInto } from '../geometry/geometry-parts.ts';
import { representativePoint } from '../geometry/point-in-geometry.ts';
import { countCells, type RowRuns, RunMarks } from '../geometry/row-runs.ts';
import { packCell, polarUnsupported } from './beidou2d-cell.ts';
import { fillArea } from './beidou2d-fill.ts';
import {
  LON_LIMIT_UNITS,
  MIN_LEVEL,
  POLAR_MAX_LEVEL,
  POLAR_UNITS,
  UNITS_PER_DEGREE,
} from './beidou2d-levels.ts';
import { polarCellAt } from './beidou2d-polar.ts';
import { coverPolar } from './beidou2d-polar-cover.ts';
import { columnOf, type Raster, rasterOf, rowOf } from './beidou2d-raster.ts';
import { Crossings, type Trace, tracePath } from './beidou2d-trace.ts';
import { SNAP_UNITS, wholeUnits } from './beidou2d-units.ts';

/**
 * Rows that the edges of one part may pass, counted for each edge: 2^23, about 200 MB of working memory and a second. A county has a
 * hundred thousand at level 7; only a level far too fine for its geometry has more.
 */
export const MAX_EDGE_ROWS = 8_388_608;

/** An area over more rows than this is looked at from a coarser level before it is walked. */
const LOOK_FIRST_ROWS = 2048;

export type Extent = Exclude<GeometryPart, { kind: 'point' }>;

export interface LevelCover {
  readonly level: number;
  readonly runs: RowRuns;
  /** Packed polar cells, levels 1 and 2 only; each once, ascending. */
  readonly polar: readonly bigint[];
}

/**
 * @param maxZones - Where given, more zones are refused as early as they show.
 * @throws {GridError} `too-many-zones`; `polar-unsupported` when the geometry reaches |lat| >= 88 degrees below level 2; `geometry-invalid`.
 */
export function coverLevel(
  geometry: GridGeometry,
  level: number,
  mode: CoverMode,
  maxZones = Number.POSITIVE_INFINITY,
): LevelCover {
  const parts = geometryParts(geometry);
  const cover = coverParts(parts, level, mode, maxZones);
  if (mode !== 'centre' || parts.length === 0 || cover.runs.rows.length > 0 || cover.polar.length > 0)
    return cover;
  const [lonDeg, latDeg] = representativePoint(geometry)!;
  return coverParts([{ kind: 'point', lonDeg, latDeg }], level, mode, maxZones);
}

/** The same for parts, where `centre` may give none. */
export function coverParts(
  parts: readonly GeometryPart[],
  level: number,
  mode: CoverMode,
  maxZones = Number.POSITIVE_INFINITY,
): LevelCover {
  const raster = rasterOf(level);
  const out = new RunMarks();
  const polar = new Set<bigint>();
  for (const part of parts) {
    if (part.kind !== 'point') coverExtent(part, raster, mode, maxZones, out, polar);
    else if (mode !== 'within') coverPoint(part.lonDeg, part.latDeg, raster, out, polar);
  }
  return {
    level,
    runs: out.toRuns(),
    polar: polar.size === 0 ? [] : Array.from(BigUint64Array.from(polar).sort()),
  };
}

/** The cell of a position, as `encode` finds it. */
function coverPoint(lonDeg: number, latDeg: number, raster: Raster, out: RunMarks, polar: Set<bigint>): void {
  const y = wholeUnits(Math.abs(latDeg));
  if (y < POLAR_UNITS) {
    const column = columnOf(lonDeg * UNITS_PER_DEGREE, raster);
    out.add(rowOf(latDeg * UNITS_PER_DEGREE, raster), column, column);
    return;
  }
  if (raster.level > POLAR_MAX_LEVEL) throw polarUnsupported(raster.level);
  const x = Math.min(wholeUnits(Math.abs(lonDeg)), LON_LIMIT_UNITS - 1);
  polar.add(packCell(polarCellAt(x, y, lonDeg < 0, latDeg < 0, raster.level)));
}

function coverExtent(
  part: Extent,
  raster: Raster,
  mode: CoverMode,
  maxZones: number,
  out: RunMarks,
  polar: Set<bigint>,
): void {
  const box = boxOf(part);
  const reach = polarReach(box);
  // Touching 88 degrees from below loses nothing at finer levels: no position there has a zone.
  if (reach === 'beyond' && raster.level > POLAR_MAX_LEVEL) throw polarUnsupported(raster.level);
  if (mode === 'within' && part.kind === 'line') return;
  if (reach !== 'none' && raster.level <= POLAR_MAX_LEVEL) {
    for (const cell of coverPolar(part, raster.level, mode)) polar.add(packCell(cell));
  }
  const paths = pathsOf(part);
  const turns = turnsInto(part);
  const span = spanOf(box, turns, raster);
  // A connected part has a zone in every row and column it spans: refuse before any work is done.
  if (mode === 'intersects' && span.atLeast > maxZones) throw tooManyIn(part, raster, span.atLeast, maxZones);
  checkEdgeRows(part, turns.length, raster, maxZones);
  if (span.lastRow - span.firstRow > LOOK_FIRST_ROWS) checkWithin(part, span, raster, maxZones);
  const isArea = part.kind === 'area';
  const trace: Trace = {
    raster,
    firstRow: span.firstRow,
    lastRow: span.lastRow,
    // A line's marks are its cells.
    marks: isArea ? new RunMarks() : out,
    crossings: isArea ? new Crossings() : undefined,
  };
  const traced = isArea ? mode : 'intersects';
  for (const turn of turns) for (const path of paths) tracePath(path, turn, traced, trace);
  if (isArea) fillArea(trace, mode, out);
}

/** Rows a part spans below the caps, and the least number of zones that says. */
export function spanOf(
  { west, south, east, north }: Box,
  turns: readonly number[],
  raster: Raster,
): { readonly firstRow: number; readonly lastRow: number; readonly atLeast: number } {
  const firstRow = Math.max(rowOf(south * UNITS_PER_DEGREE, raster), -raster.rows);
  const lastRow = Math.min(rowOf(north * UNITS_PER_DEGREE, raster), raster.rows - 1);
  let atLeast = lastRow - firstRow + 1;
  // Columns say nothing where part of the span may lie in a cap.
  if (Math.max(-south, north) * UNITS_PER_DEGREE >= POLAR_UNITS - 1) return { firstRow, lastRow, atLeast };
  for (const turn of turns) {
    const from = Math.max(columnOf((west + turn) * UNITS_PER_DEGREE, raster), -raster.columns);
    const to = Math.min(columnOf((east + turn) * UNITS_PER_DEGREE, raster), raster.columns - 1);
    atLeast = Math.max(atLeast, to - from + 1);
  }
  return { firstRow, lastRow, atLeast };
}

/** Refuses a part whose edges pass too many rows to be walked. */
function checkEdgeRows(part: Extent, turns: number, raster: Raster, maxZones: number): void {
  const passed = turns * edgeRows(part, raster);
  if (passed <= MAX_EDGE_ROWS) return;
  const area = part.kind === 'area' ? areaInCells(part, raster) : 0;
  if (area > maxZones) throw tooManyIn(part, raster, area, maxZones);
  throw new GridError(
    'too-many-zones',
    `Cannot cover a geometry at level ${raster.level}: its edges pass about ${Number(passed.toPrecision(2))} rows of zones, at most ${MAX_EDGE_ROWS}`,
  );
}

/** Rows the edges of a part pass, summed: its positions and what they climb. */
export function edgeRows(part: Extent, raster: Raster): number {
  let climb = 0;
  let positions = 0;
  for (const path of pathsOf(part)) {
    positions += path.length / 2;
    for (let n = 3; n < path.length; n += 2) climb += Math.abs(path[n]! - path[n - 2]!);
  }
  return positions + (climb * UNITS_PER_DEGREE) / raster.height;
}

/** Refuses an area that plainly holds too many zones, by the zones within it at a coarser level: every mode has all those below them. */
function checkWithin(
  part: Extent,
  span: { readonly firstRow: number; readonly lastRow: number },
  raster: Raster,
  maxZones: number,
): void {
  if (part.kind === 'line' || maxZones === Number.POSITIVE_INFINITY) return;
  let coarse = raster;
  const height = (span.lastRow - span.firstRow) * raster.height;
  while (coarse.level > MIN_LEVEL && height / coarse.height > LOOK_FIRST_ROWS)
    coarse = rasterOf(coarse.level - 1);
  const each = (coarse.width / raster.width) * (coarse.height / raster.height);
  const atLeast = countCells(coverParts([part], coarse.level, 'within').runs) * each;
  if (atLeast > maxZones) throw tooManyIn(part, raster, atLeast, maxZones);
}

function tooManyIn(part: Extent, raster: Raster, atLeast: number, maxZones: number): GridError {
  const area = part.kind === 'area' ? areaInCells(part, raster) : 0;
  return tooManyZones(`level ${raster.level} in this geometry`, Math.max(atLeast, area), maxZones, true);
}

/** Planar area of the outer ring less its holes, in cells. A guess for rings that cross themselves. */
export function areaInCells(part: Extent, raster: Raster): number {
  if (part.kind === 'line') return 0;
  let area = 0;
  part.rings.forEach((ring, k) => {
    const [ox, oy] = [ring[0]!, ring[1]!];
    let twice = 0;
    for (let n = 2; n < ring.length; n += 2) {
      twice += (ring[n - 2]! - ox) * (ring[n + 1]! - oy) - (ring[n]! - ox) * (ring[n - 1]! - oy);
    }
    area += (k === 0 ? 1 : -1) * Math.abs(twice / 2);
  });
  return Math.max(0, area) * (UNITS_PER_DEGREE / raster.width) * (UNITS_PER_DEGREE / raster.height);
}

/** Bounds of a part, degrees. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export function boxOf(part: Extent): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of pathsOf(part)) {
    for (let n = 0; n < path.length; n += 2) {
      const lon = path[n]!;
      const lat = path[n + 1]!;
      if (lon < west) west = lon;
      if (lon > east) east = lon;
      if (lat < south) south = lat;
      if (lat > north) north = lat;
    }
  }
  return { west, south, east, north };
}

/** Does a part reach into a polar cap, only touch its border from below, or neither? */
export function polarReach({ south, north }: Box): 'none' | 'touches' | 'beyond' {
  const border = POLAR_UNITS / UNITS_PER_DEGREE;
  const slack = SNAP_UNITS / UNITS_PER_DEGREE;
  if (north > border + slack || south < -border - slack) return 'beyond';
  // All of it on the border itself has no zone below the cap either.
  if (south > border - slack || north < -border + slack) return 'beyond';
  return north > border - slack || south < -border + slack ? 'touches' : 'none';
}
