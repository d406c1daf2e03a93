/**
 * Runs of cells compacted without listing them. The raster is uniform and parents never straddle the equator or the prime
 * meridian, so a parent is complete where all rows of its height have a run over its whole width: interval arithmetic, level by level.
 */
import { type RowRuns, RunMarks } from '../geometry/row-runs.ts';
import { beidouLevel, MIN_LEVEL } from './beidou2d-levels.ts';

/** Cells that stay at one level. */
export interface KeptRuns {
  readonly level: number;
  readonly runs: RowRuns;
}

/** What is left at each level once complete families have moved up, finest first; empty levels are left out. */
export function compactRuns(runs: RowRuns, level: number): readonly KeptRuns[] {
  const kept: KeptRuns[] = [];
  let current = runs;
  for (let at = level; current.rows.length > 0; at -= 1) {
    if (at === MIN_LEVEL) {
      kept.push({ level: at, runs: current });
      break;
    }
    const { columns, rows } = beidouLevel(at);
    const complete = completeParents(current, columns, rows);
    const left = complete.rows.length === 0 ? current : withoutParents(current, complete, columns, rows);
    if (left.rows.length > 0) kept.push({ level: at, runs: left });
    current = complete;
  }
  return kept;
}

/** Parents, `width` columns by `height` rows each, that the runs fill. */
function completeParents({ rows, starts, columns }: RowRuns, width: number, height: number): RowRuns {
  const found = new RunMarks();
  for (let r = 0; r < rows.length; ) {
    const parentRow = Math.floor(rows[r]! / height);
    let end = r + 1;
    while (end < rows.length && rows[end]! < (parentRow + 1) * height) end += 1;
    if (end - r === height) {
      // Shrunk to whole parents row by row: a parent is complete exactly if it is so in every row.
      let common = wholeParents(columns, starts[r]!, starts[r + 1]!, width);
      for (let n = r + 1; n < end && common.length > 0; n += 1) {
        common = commonRuns(common, wholeParents(columns, starts[n]!, starts[n + 1]!, width));
      }
      for (let n = 0; n < common.length; n += 2) found.add(parentRow, common[n]!, common[n + 1]!);
    }
    r = end;
  }
  return found.toRuns();
}

function wholeParents(columns: Int32Array, from: number, to: number, width: number): number[] {
  const whole: number[] = [];
  for (let n = from; n < to; n += 1) {
    const first = Math.ceil(columns[2 * n]! / width);
    const last = Math.floor((columns[2 * n + 1]! + 1) / width) - 1;
    if (first <= last) whole.push(first, last);
  }
  return whole;
}

function commonRuns(a: readonly number[], b: readonly number[]): number[] {
  const common: number[] = [];
  for (let i = 0, k = 0; i < a.length && k < b.length; ) {
    const first = Math.max(a[i]!, b[k]!);
    const last = Math.min(a[i + 1]!, b[k + 1]!);
    if (first <= last) common.push(first, last);
    if (a[i + 1]! < b[k + 1]!) i += 2;
    else k += 2;
  }
  return common;
}

function withoutParents(runs: RowRuns, parents: RowRuns, width: number, height: number): RowRuns {
  const left = new RunMarks();
  const { rows, starts, columns } = runs;
  let p = 0;
  for (let r = 0; r < rows.length; r += 1) {
    const parentRow = Math.floor(rows[r]! / height);
    while (p < parents.rows.length && parents.rows[p]! < parentRow) p += 1;
    const isHere = parents.rows[p] === parentRow;
    let k = isHere ? parents.starts[p]! : 0;
    const end = isHere ? parents.starts[p + 1]! : 0;
    for (let n = starts[r]!; n < starts[r + 1]!; n += 1) {
      let next = columns[2 * n]!;
      const last = columns[2 * n + 1]!;
      // Complete parents lie inside runs, so none is shared between two.
      for (; k < end && parents.columns[2 * k]! * width <= last; k += 1) {
        const first = parents.columns[2 * k]! * width;
        if (next < first) left.add(rows[r]!, next, first - 1);
        next = (parents.columns[2 * k + 1]! + 1) * width;
      }
      if (next <= last) left.add(rows[r]!, next, last);
    }
  }
  return left.toRuns();
}
