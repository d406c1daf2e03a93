/** The inside of an area, row by row, from the crossings and the marks of its edges. */
import type { CoverMode } from '../codec.ts';
import type { RowRuns, RunMarks } from '../geometry/row-runs.ts';
import type { Raster } from './beidou2d-raster.ts';
import { columnOf } from './beidou2d-raster.ts';
import type { Trace } from './beidou2d-trace.ts';
import { SNAP_UNITS } from './beidou2d-units.ts';

/** First and last column a span of a row's middle stands for; nothing where first > last. */
type ColumnsOf = (from: number, to: number, raster: Raster) => readonly [first: number, last: number];

const COLUMNS_OF: Record<CoverMode, ColumnsOf> = {
  // The cells at both ends hold an edge and are marked, so their rounding does not matter.
  intersects: (from, to, raster) => [columnOf(from, raster), columnOf(to, raster)],
  within: (from, to, { width }) => [
    Math.ceil((from - SNAP_UNITS) / width),
    Math.floor((to + SNAP_UNITS) / width) - 1,
  ],
  centre: (from, to, { width }) => [
    Math.ceil((from - SNAP_UNITS) / width - 0.5),
    Math.floor((to + SNAP_UNITS) / width - 0.5),
  ],
};

/**
 * Adds an area's cells to `out`, in order: spans between crossings together with the marked cells, or for `within` without them.
 */
export function fillArea(trace: Trace, mode: CoverMode, out: RunMarks): void {
  const { raster, firstRow, lastRow } = trace;
  const { starts, xs } = trace.crossings!.byRow(firstRow, lastRow);
  const marks = trace.marks.toRuns();
  const spans: number[] = [];
  let at = 0;
  for (let row = firstRow; row <= lastRow; row += 1) {
    spansOf(xs, starts[row - firstRow]!, starts[row - firstRow + 1]!, mode, raster, spans);
    if (marks.rows[at] !== row) {
      for (let n = 0; n < spans.length; n += 2) out.add(row, spans[n]!, spans[n + 1]!);
      continue;
    }
    if (mode === 'within') addDifference(row, spans, marks, at, out);
    else addUnion(row, spans, marks, at, out);
    at += 1;
  }
}

/** Columns between each odd crossing and the next even one, cut to the raster. */
function spansOf(
  xs: Float64Array,
  start: number,
  end: number,
  mode: CoverMode,
  raster: Raster,
  spans: number[],
): void {
  spans.length = 0;
  for (let n = start; n + 1 < end; n += 2) {
    const from = xs[n]!;
    // Spans that touch are one: two copies of a ring round a pole meet at its seam.
    while (n + 3 < end && xs[n + 2]! - xs[n + 1]! <= SNAP_UNITS) n += 2;
    const [first, last] = COLUMNS_OF[mode](from, xs[n + 1]!, raster);
    const left = Math.max(first, -raster.columns);
    const right = Math.min(last, raster.columns - 1);
    if (left <= right) spans.push(left, right);
  }
}

function addUnion(row: number, spans: readonly number[], marks: RowRuns, at: number, out: RunMarks): void {
  let m = marks.starts[at]!;
  const end = marks.starts[at + 1]!;
  for (let n = 0; n < spans.length || m < end; ) {
    // In order of their first columns; `add` joins what overlaps.
    if (n >= spans.length || (m < end && marks.columns[2 * m]! <= spans[n]!)) {
      out.add(row, marks.columns[2 * m]!, marks.columns[2 * m + 1]!);
      m += 1;
    } else {
      out.add(row, spans[n]!, spans[n + 1]!);
      n += 2;
    }
  }
}

function addDifference(
  row: number,
  spans: readonly number[],
  marks: RowRuns,
  at: number,
  out: RunMarks,
): void {
  let m = marks.starts[at]!;
  const end = marks.starts[at + 1]!;
  for (let n = 0; n < spans.length; n += 2) {
    const last = spans[n + 1]!;
    let next = spans[n]!;
    while (m < end && marks.columns[2 * m + 1]! < next) m += 1;
    for (let k = m; k < end && marks.columns[2 * k]! <= last; k += 1) {
      if (next < marks.columns[2 * k]!) out.add(row, next, marks.columns[2 * k]! - 1);
      next = marks.columns[2 * k + 1]! + 1;
    }
    if (next <= last) out.add(row, next, last);
  }
}
