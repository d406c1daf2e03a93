/**
 * Edges of a geometry on the raster of a level: which cells each marks, and where it crosses the middle of each row.
 *
 * What an edge marks depends on the mode: for `intersects` the cells it passes, as `encode` draws them, with doubt included; for
 * `within` the cells whose open inside it passes; for `centre` the cells whose centre it passes. Units of 1/2048 arc-second.
 */
import type { CoverMode } from '../codec.ts';
import type { Path } from '../geometry/geometry-parts.ts';
import type { RunMarks } from '../geometry/row-runs.ts';
import { UNITS_PER_DEGREE } from './beidou2d-levels.ts';
import { columnOf, type Raster, rowFloor, rowOf } from './beidou2d-raster.ts';
import { SNAP_UNITS } from './beidou2d-units.ts';

/** Rounding of a slanted edge's crossing, in units; below `SNAP_UNITS`, above the error of doubles at 540 degrees. */
const SLANT_UNITS = 4e-6;

/** Where edges cross the middles of rows. */
export class Crossings {
  #rows = new Int32Array(128);
  #xs = new Float64Array(128);
  #count = 0;

  add(row: number, x: number): void {
    if (this.#count === this.#xs.length) {
      const rows = new Int32Array(2 * this.#count);
      const xs = new Float64Array(2 * this.#count);
      rows.set(this.#rows);
      xs.set(this.#xs);
      this.#rows = rows;
      this.#xs = xs;
    }
    this.#rows[this.#count] = row;
    this.#xs[this.#count] = x;
    this.#count += 1;
  }

  /** Crossings of rows `first..last`, ascending in each; those of row `first + r` are `xs[starts[r]]` to `xs[starts[r + 1] - 1]`. */
  byRow(first: number, last: number): { readonly starts: Int32Array; readonly xs: Float64Array } {
    const starts = new Int32Array(Math.max(0, last - first + 1) + 1);
    const rows = this.#rows;
    for (let n = 0; n < this.#count; n += 1) starts[rows[n]! - first + 1]! += 1;
    for (let r = 1; r < starts.length; r += 1) starts[r]! += starts[r - 1]!;
    const xs = new Float64Array(this.#count);
    const ends = starts.slice();
    for (let n = 0; n < this.#count; n += 1) {
      const r = rows[n]! - first;
      xs[ends[r]!] = this.#xs[n]!;
      ends[r]! += 1;
    }
    for (let r = 1; r < starts.length; r += 1) sortStretch(xs, starts[r - 1]!, starts[r]!);
    return { starts, xs };
  }
}

function sortStretch(xs: Float64Array, from: number, to: number): void {
  if (to - from > 32) {
    xs.subarray(from, to).sort();
    return;
  }
  for (let n = from + 1; n < to; n += 1) {
    const x = xs[n]!;
    let at = n;
    for (; at > from && xs[at - 1]! > x; at -= 1) xs[at] = xs[at - 1]!;
    xs[at] = x;
  }
}

/** What tracing fills: marked cells, and for an area its crossings. Rows outside `firstRow..lastRow` are cut off. */
export interface Trace {
  readonly raster: Raster;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly marks: RunMarks;
  /** None for lines, whose inside is not asked for. */
  readonly crossings: Crossings | undefined;
}

/** Traces a path moved east by `turnDeg`. */
export function tracePath(path: Path, turnDeg: number, mode: CoverMode, trace: Trace): void {
  const xOf = (n: number): number => (path[n]! + turnDeg) * UNITS_PER_DEGREE;
  const yOf = (n: number): number => path[n + 1]! * UNITS_PER_DEGREE;
  let [ax, ay] = [xOf(0), yOf(0)];
  if (mode === 'intersects') {
    const { raster } = trace;
    let [column, row] = [columnOf(ax, raster), rowOf(ay, raster)];
    if (path.length === 2) markRun(row, column, column, trace);
    for (let n = 2; n < path.length; n += 2) {
      const [bx, by] = [xOf(n), yOf(n)];
      const [nextColumn, nextRow] = [columnOf(bx, raster), rowOf(by, raster)];
      if (row === nextRow) {
        if (column < nextColumn) markRun(row, column, nextColumn, trace);
        else markRun(row, nextColumn, column, trace);
        noteCrossing(row, ax, ay, bx, by, trace);
      } else if (row < nextRow) traceTouched(ax, ay, bx, by, row, nextRow, trace);
      else traceTouched(bx, by, ax, ay, nextRow, row, trace);
      [ax, ay, column, row] = [bx, by, nextColumn, nextRow];
    }
    return;
  }
  const seam = mode === 'within' ? seamStart(path) : path.length;
  const traceEdge = mode === 'within' ? tracePassed : traceCentres;
  for (let n = 2; n < path.length; n += 2) {
    const [bx, by] = [xOf(n), yOf(n)];
    const isSeam = n === seam || n === seam + 4;
    if (ay <= by) traceEdge(ax, ay, bx, by, isSeam, trace);
    else traceEdge(bx, by, ax, ay, isSeam, trace);
    [ax, ay] = [bx, by];
  }
}

/**
 * Index of the vertex that ends the first of two seam edges: those by which the reader closed a ring round a pole through that pole. They lie
 * inside the area, a whole turn apart, and bound nothing.
 */
export function seamStart(ring: Path): number {
  const at = ring.length - 6;
  const isSeam =
    at >= 2 &&
    ring[at - 2] === ring[at] &&
    ring[at + 2] === ring[at + 4] &&
    Math.abs(ring[at + 1]!) === 90 &&
    ring[at + 1] === ring[at + 3] &&
    Math.abs(Math.abs(ring[at]! - ring[at + 2]!) - 360) < 1e-9;
  return isSeam ? at : ring.length;
}

/** Marks columns `left..right` of a row, cut to the raster. */
function markRun(row: number, left: number, right: number, trace: Trace): void {
  if (row < trace.firstRow || row > trace.lastRow) return;
  const { columns } = trace.raster;
  const from = Math.max(left, -columns);
  const to = Math.min(right, columns - 1);
  if (from <= to) trace.marks.add(row, from, to);
}

/** Notes where an edge crosses the middle of a row. Half-open upwards, so that a vertex on the middle counts once or twice as it should. */
function noteCrossing(row: number, ax: number, ay: number, bx: number, by: number, trace: Trace): void {
  const middle = (row + 0.5) * trace.raster.height;
  if (ay <= middle === by <= middle || trace.crossings === undefined) return;
  if (row < trace.firstRow || row > trace.lastRow) return;
  trace.crossings.add(row, ax + ((middle - ay) * (bx - ax)) / (by - ay));
}

/** An upward edge through several rows: marks the cells its points encode to, and where that is in doubt both. */
function traceTouched(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  fromRow: number,
  toRow: number,
  trace: Trace,
): void {
  const { raster } = trace;
  const from = Math.max(fromRow, trace.firstRow);
  const to = Math.min(toRow, trace.lastRow);
  const slope = (bx - ax) / (by - ay);
  // Upright edges are exact; a cut of a slanted edge is widened by its rounding.
  const slack = ax === bx ? 0 : SLANT_UNITS;
  for (let row = from; row <= to; row += 1) {
    const low = rowFloor(row, raster.height);
    const high = rowFloor(row + 1, raster.height);
    const x1 = ay >= low ? ax : ax + (low - ay) * slope;
    const x2 = by <= high ? bx : ax + (high - ay) * slope;
    const left = columnOf(Math.min(x1, x2) - slack, raster);
    const right = columnOf(Math.max(x1, x2) + slack, raster);
    markRun(row, left, right, trace);
    noteCrossing(row, ax, ay, bx, by, trace);
  }
}

/** An upward edge: marks the cells whose inside, less `SNAP_UNITS` all round, it passes. */
function tracePassed(ax: number, ay: number, bx: number, by: number, isSeam: boolean, trace: Trace): void {
  const { width, height } = trace.raster;
  const from = Math.max(Math.floor((ay + SNAP_UNITS) / height), trace.firstRow);
  const to = Math.min(Math.ceil((by - SNAP_UNITS) / height) - 1, trace.lastRow);
  const slope = ay === by ? 0 : (bx - ax) / (by - ay);
  for (let row = from; row <= to; row += 1) {
    const low = row * height;
    const high = low + height;
    const x1 = ay >= low ? ax : ax + (low - ay) * slope;
    const x2 = by <= high ? bx : ax + (high - ay) * slope;
    const left = Math.floor((Math.min(x1, x2) + SNAP_UNITS) / width);
    const right = Math.ceil((Math.max(x1, x2) - SNAP_UNITS) / width) - 1;
    if (!isSeam) markRun(row, left, right, trace);
    noteCrossing(row, ax, ay, bx, by, trace);
  }
}

/** An upward edge: marks the cells whose centre it passes within `SNAP_UNITS`. */
function traceCentres(ax: number, ay: number, bx: number, by: number, _isSeam: boolean, trace: Trace): void {
  const { width, height } = trace.raster;
  const from = Math.max(Math.ceil((ay - SNAP_UNITS) / height - 0.5), trace.firstRow);
  const to = Math.min(Math.floor((by + SNAP_UNITS) / height - 0.5), trace.lastRow);
  for (let row = from; row <= to; row += 1) {
    const middle = (row + 0.5) * height;
    const isFlat = by - ay <= 2 * SNAP_UNITS;
    const x = isFlat ? ax : ax + ((Math.min(Math.max(middle, ay), by) - ay) * (bx - ax)) / (by - ay);
    const left = (isFlat ? Math.min(ax, bx) : x) - SNAP_UNITS;
    const right = (isFlat ? Math.max(ax, bx) : x) + SNAP_UNITS;
    markRun(row, Math.ceil(left / width - 0.5), Math.floor(right / width - 0.5), trace);
    noteCrossing(row, ax, ay, bx, by, trace);
  }
}
