/**
 * Which BeiDou zones a geometry meets: exactly those its points encode to, up to 4e-6 unit (0.06 micrometre) on slanted edges,
 * where doubt includes the zone.
 *
 * The signed raster is uniform, so each edge is cut at row borders and marks a run of columns per row; between marked cells a
 * row is all inside or all outside, and one crossing count per gap tells which. Work: edges x rows they pass + rows + zones.
 */

import { tooManyZones } from '../checks.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import {
  type GeometryPart,
  geometryParts,
  type Path,
  pathsOf,
  turnsInto,
} from '../geometry/geometry-parts.ts';
import { RowRuns } from '../geometry/row-runs.ts';
import { codeAt, columnsPerSide, packCell, polarUnsupported, rowsPerSide } from './beidou2d-cell.ts';
import {
  beidouLevel,
  LON_LIMIT_UNITS,
  POLAR_MAX_LEVEL,
  POLAR_UNITS,
  UNITS_PER_DEGREE,
} from './beidou2d-levels.ts';
import { coverPolar } from './beidou2d-polar-cover.ts';
import { SNAP_UNITS, snapDown } from './beidou2d-units.ts';

/** Rounding of a slanted edge's crossing, in units; below `SNAP_UNITS`, above the error of doubles at 540 degrees. */
const SLANT_UNITS = 4e-6;

type Extent = Exclude<GeometryPart, { kind: 'point' }>;

/** The raster of one level, and the row and column a signed position in units lies in. */
interface Raster {
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Zones of `level` the geometry meets, ascending.
 * @throws {GridError} `too-many-zones` with the count or an estimate; `polar-unsupported` when it reaches |lat| >= 88 degrees
 * below level 2; `geometry-invalid`.
 */
export function coverBeidou2d(
  geometry: GridGeometry,
  level: number,
  maxZones: number,
  encode: (lonDeg: number, latDeg: number, level: number) => bigint,
): readonly bigint[] {
  const { lonUnits, latUnits } = beidouLevel(level);
  const raster = {
    level,
    width: lonUnits,
    height: latUnits,
    columns: columnsPerSide(level),
    rows: rowsPerSide(level),
  };
  const runs = new RowRuns();
  const others = new Set<bigint>();
  for (const part of geometryParts(geometry)) {
    if (part.kind === 'point') others.add(encode(part.lonDeg, part.latDeg, level));
    else coverExtent(part, raster, maxZones, runs, others);
  }
  const count = runs.merge() + others.size;
  if (count > maxZones) throw tooManyZones(`level ${level} in this geometry`, count, maxZones, false);
  return listZones(runs, others, raster);
}

function listZones(runs: RowRuns, others: ReadonlySet<bigint>, raster: Raster): readonly bigint[] {
  const zones = new Set(others);
  for (const [row, columns] of runs.rows()) {
    const y = (row < 0 ? -1 - row : row) * raster.height;
    for (let n = 0; n < columns.length; n += 2) {
      for (let column = columns[n]!; column <= columns[n + 1]!; column += 1) {
        const x = (column < 0 ? -1 - column : column) * raster.width;
        zones.add(codeAt(x, y, column < 0, row < 0, raster.level));
      }
    }
  }
  return Array.from(BigUint64Array.from(zones).sort());
}

function coverExtent(
  part: Extent,
  raster: Raster,
  maxZones: number,
  runs: RowRuns,
  others: Set<bigint>,
): void {
  const reach = polarReach(part);
  if (reach !== 'none' && raster.level <= POLAR_MAX_LEVEL) {
    for (const cell of coverPolar(part, raster.level)) others.add(packCell(cell));
  }
  // Touching 88 degrees from below loses nothing at finer levels: no position there has a zone.
  if (reach === 'beyond' && raster.level > POLAR_MAX_LEVEL) throw polarUnsupported(raster.level);
  for (const turn of turnsInto(part)) coverTurn(part, turn, raster, maxZones, runs);
}

/** Does a part reach into a polar cap, only touch its border from below, or neither? */
function polarReach(part: Extent): 'none' | 'touches' | 'beyond' {
  let south = Number.POSITIVE_INFINITY;
  let north = Number.NEGATIVE_INFINITY;
  for (const path of pathsOf(part)) {
    for (let n = 1; n < path.length; n += 2) {
      south = Math.min(south, path[n]!);
      north = Math.max(north, path[n]!);
    }
  }
  const border = POLAR_UNITS / UNITS_PER_DEGREE;
  const slack = SNAP_UNITS / UNITS_PER_DEGREE;
  if (north > border + slack || south < -border - slack) return 'beyond';
  // All of it on the border itself has no zone below the cap either.
  if (south > border - slack || north < -border + slack) return 'beyond';
  return north > border - slack || south < -border + slack ? 'touches' : 'none';
}

/** One copy of a part, moved by whole turns, cut to -180..180. */
function coverTurn(part: Extent, turnDeg: number, raster: Raster, maxZones: number, runs: RowRuns): void {
  const paths = pathsOf(part).map((path) =>
    path.map((value, n) => (n % 2 === 0 ? value + turnDeg : value) * UNITS_PER_DEGREE),
  );
  const box = boxOf(paths);
  const firstRow = Math.max(rowOf(box.south, raster), -raster.rows);
  const lastRow = Math.min(rowOf(box.north, raster), raster.rows - 1);
  const firstColumn = Math.max(columnOf(box.west, raster), -raster.columns);
  const lastColumn = Math.min(columnOf(box.east, raster), raster.columns - 1);
  // A connected part has a zone in every row and column it spans: refuse before any work is done.
  const atLeast = Math.max(lastRow - firstRow, lastColumn - firstColumn) + 1;
  if (atLeast > maxZones) {
    const area = part.kind === 'area' ? Math.abs(signedArea(paths)) / (raster.width * raster.height) : 0;
    throw tooManyZones(`level ${raster.level} in this geometry`, Math.max(atLeast, area), maxZones, true);
  }
  const edges = new RowRuns();
  const crossings = new Map<number, number[]>();
  const sink: EdgeSink = { edges, crossings, firstRow, lastRow, raster };
  for (const path of paths) {
    if (path.length === 2) traceEdge(path[0]!, path[1]!, path[0]!, path[1]!, sink);
    for (let n = 2; n < path.length; n += 2) {
      traceEdge(path[n - 2]!, path[n - 1]!, path[n]!, path[n + 1]!, sink);
      if (edges.pending > 2 * maxZones + 1024) {
        const count = edges.merge();
        if (count > maxZones)
          throw tooManyZones(`level ${raster.level} in this geometry`, count, maxZones, true);
      }
    }
  }
  edges.merge();
  for (const [row, columns] of edges.rows()) {
    for (let n = 0; n < columns.length; n += 2) runs.add(row, columns[n]!, columns[n + 1]!);
  }
  if (part.kind === 'area') fillRows(sink, firstColumn, lastColumn, runs);
}

interface EdgeSink {
  readonly edges: RowRuns;
  /** Where edges cross the middle of each row, in units. */
  readonly crossings: Map<number, number[]>;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly raster: Raster;
}

/** Marks the cells an edge passes and notes its crossings of row middles. Units, signed. */
function traceEdge(ax: number, ay: number, bx: number, by: number, sink: EdgeSink): void {
  if (ay > by) {
    traceEdge(bx, by, ax, ay, sink);
    return;
  }
  const { raster } = sink;
  const from = Math.max(rowOf(ay, raster), sink.firstRow);
  const to = Math.min(rowOf(by, raster), sink.lastRow);
  const slope = ay === by ? 0 : (bx - ax) / (by - ay);
  for (let row = from; row <= to; row += 1) {
    const low = rowFloor(row, raster.height);
    const high = rowFloor(row + 1, raster.height);
    const x1 = ay >= low ? ax : ax + (low - ay) * slope;
    const x2 = by <= high ? bx : ax + (high - ay) * slope;
    // Ends and upright edges are exact; a cut of a slanted edge is widened by its rounding.
    const slack = ax === bx || (ay >= low && by <= high) ? 0 : SLANT_UNITS;
    const left = Math.max(columnOf(Math.min(x1, x2) - slack, raster), -raster.columns);
    const right = Math.min(columnOf(Math.max(x1, x2) + slack, raster), raster.columns - 1);
    if (left <= right) sink.edges.add(row, left, right);
    const middle = (row + 0.5) * raster.height;
    if (ay <= middle !== by <= middle) {
      const list = sink.crossings.get(row);
      const x = ax + (middle - ay) * slope;
      if (list === undefined) sink.crossings.set(row, [x]);
      else list.push(x);
    }
  }
}

/** Adds the cells between marked ones that lie inside, row by row. */
function fillRows(sink: EdgeSink, firstColumn: number, lastColumn: number, runs: RowRuns): void {
  const { edges, crossings, raster } = sink;
  for (let row = sink.firstRow; row <= sink.lastRow; row += 1) {
    const sorted = Float64Array.from(crossings.get(row) ?? []).sort();
    const marked = edges.row(row);
    let next = firstColumn;
    for (let n = 0; n <= marked.length; n += 2) {
      const end = n < marked.length ? marked[n]! - 1 : lastColumn;
      if (next <= end && isOdd(sorted, (next + 0.5) * raster.width)) runs.add(row, next, end);
      if (n < marked.length) next = marked[n + 1]! + 1;
    }
  }
}

/** Is the number of values below `x` odd? */
function isOdd(sorted: Float64Array, x: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

/** Lower border of a row in units as `encode` draws it: snapping moves each border towards the equator by `SNAP_UNITS`. */
function rowFloor(row: number, height: number): number {
  return row === 0 ? 0 : row * height - Math.sign(row) * SNAP_UNITS;
}

function rowOf(y: number, raster: Raster): number {
  return signedIndex(y, raster.height);
}

/** Column of a signed x; one exactly on the antimeridian belongs to the outermost column of its side, as in `encode`. */
function columnOf(x: number, raster: Raster): number {
  if (Math.abs(Math.abs(x) - LON_LIMIT_UNITS) < SNAP_UNITS)
    return x < 0 ? -raster.columns : raster.columns - 1;
  return signedIndex(x, raster.width);
}

function signedIndex(value: number, size: number): number {
  return value < 0 ? -1 - Math.floor(snapDown(-value) / size) : Math.floor(snapDown(value) / size);
}

function boxOf(paths: readonly Path[]): { west: number; south: number; east: number; north: number } {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const path of paths) {
    for (let n = 0; n < path.length; n += 2) {
      box.west = Math.min(box.west, path[n]!);
      box.east = Math.max(box.east, path[n]!);
      box.south = Math.min(box.south, path[n + 1]!);
      box.north = Math.max(box.north, path[n + 1]!);
    }
  }
  return box;
}

/** Planar area of the outer ring less its holes, for estimates. */
function signedArea(rings: readonly Path[]): number {
  let area = 0;
  rings.forEach((ring, k) => {
    let twice = 0;
    for (let n = 2; n < ring.length; n += 2) {
      twice += ring[n - 2]! * ring[n + 1]! - ring[n]! * ring[n - 1]!;
    }
    area += (k === 0 ? 1 : -1) * Math.abs(twice / 2);
  });
  return area;
}
