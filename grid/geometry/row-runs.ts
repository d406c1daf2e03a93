/** Cells of a raster as runs of columns in rows: unions, differences and counts without listing cells. */
import { sortZones } from '../cover/sort-zones.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';

/** Runs in order: by row, then by column, neither touching nor overlapping. */
export interface RowRuns {
  /** Rows that have runs, ascending. Shape (r). */
  readonly rows: Int32Array;
  /** Index of each row's first run, and the number of all runs. Shape (r + 1). */
  readonly starts: Int32Array;
  /** First and last column of each run, inclusive. Shape (2 x runs). */
  readonly columns: Int32Array;
}

/** Rows of marks with more than this are sorted by counting rather than one by one. */
const ROW_INSERTION_MAX = 48;

/** Collects runs in any order, overlapping or not; `toRuns` makes their union. */
export class RunMarks {
  // Rows, first columns and last columns in turn.
  #data = new Int32Array(3 * 128);
  #length = 0;

  /** Runs held. */
  get count(): number {
    return this.#length / 3;
  }

  /** Adds columns `first..last` of a row. int32 each. */
  add(row: number, first: number, last: number): void {
    const end = this.#length;
    const data = this.#data;
    // A path usually goes on where it left off: grow that run rather than add one.
    if (end > 0 && data[end - 3] === row && first >= data[end - 2]! && first <= data[end - 1]! + 1) {
      if (last > data[end - 1]!) data[end - 1] = last;
      return;
    }
    if (end === data.length) {
      this.#data = new Int32Array(2 * end);
      this.#data.set(data);
    }
    this.#data[end] = row;
    this.#data[end + 1] = first;
    this.#data[end + 2] = last;
    this.#length = end + 3;
  }

  /** Adds all runs of a union. */
  addRuns({ rows, starts, columns }: RowRuns): void {
    for (let r = 0; r < rows.length; r += 1) {
      for (let n = starts[r]!; n < starts[r + 1]!; n += 1)
        this.add(rows[r]!, columns[2 * n]!, columns[2 * n + 1]!);
    }
  }

  /** The union of all that was added. */
  toRuns(): RowRuns {
    return joinSorted(sorted(this.#data.subarray(0, this.#length)));
  }
}

/** Number of cells. */
export function countCells({ columns }: RowRuns): number {
  let cells = 0;
  for (let n = 0; n < columns.length; n += 2) cells += columns[n + 1]! - columns[n]! + 1;
  return cells;
}

/** Triples by row, then by first column; the array given where it is in order already. */
function sorted(triples: Int32Array): Int32Array {
  let least = 0;
  let most = -1;
  let inOrder = true;
  for (let n = 0; n < triples.length; n += 3) {
    const row = triples[n]!;
    if (n === 0) {
      least = row;
      most = row;
    } else {
      const before = triples[n - 3]!;
      if (row < before || (row === before && triples[n + 1]! < triples[n - 2]!)) inOrder = false;
      if (row < least) least = row;
      else if (row > most) most = row;
    }
  }
  if (inOrder) return triples;
  const count = triples.length / 3;
  return most - least <= 4 * count ? sortedByRow(triples, least, most) : sortedByKey(triples);
}

/** For rows without wide gaps and few marks each: a place for every row, then one by one inside it. */
function sortedByRow(triples: Int32Array, least: number, most: number): Int32Array {
  const places = new Int32Array(most - least + 2);
  for (let n = 0; n < triples.length; n += 3) places[triples[n]! - least + 1]! += 3;
  for (let r = 1; r < places.length; r += 1) {
    if (places[r]! > 3 * ROW_INSERTION_MAX) return sortedByKey(triples);
    places[r]! += places[r - 1]!;
  }
  const found = new Int32Array(triples.length);
  const ends = places.slice();
  for (let n = 0; n < triples.length; n += 3) {
    const r = triples[n]! - least;
    const first = triples[n + 1]!;
    let at = ends[r]!;
    for (; at > places[r]! && found[at - 2]! > first; at -= 3) {
      found[at + 1] = found[at - 2]!;
      found[at + 2] = found[at - 1]!;
    }
    found[ends[r]!] = triples[n]!;
    found[at + 1] = first;
    found[at + 2] = triples[n + 2]!;
    ends[r]! += 3;
  }
  return found;
}

function sortedByKey(triples: Int32Array): Int32Array {
  const count = triples.length / 3;
  const keys = new BigUint64Array(count);
  const words = wordsOf(keys);
  const lasts = new Int32Array(count);
  for (let n = 0; n < count; n += 1) {
    // Signed integers sort as unsigned ones once their sign bit is turned round.
    words[2 * n + HIGH_WORD] = triples[3 * n]! ^ 0x8000_0000;
    words[2 * n + 1 - HIGH_WORD] = triples[3 * n + 1]! ^ 0x8000_0000;
    lasts[n] = triples[3 * n + 2]!;
  }
  sortZones(keys, lasts);
  const found = new Int32Array(triples.length);
  for (let n = 0; n < count; n += 1) {
    found[3 * n] = words[2 * n + HIGH_WORD]! ^ 0x8000_0000;
    found[3 * n + 1] = words[2 * n + 1 - HIGH_WORD]! ^ 0x8000_0000;
    found[3 * n + 2] = lasts[n]!;
  }
  return found;
}

function joinSorted(triples: Int32Array): RowRuns {
  let rowCount = 0;
  let runCount = 0;
  const rows = new Int32Array(triples.length / 3);
  const starts = new Int32Array(triples.length / 3 + 1);
  const columns = new Int32Array((triples.length / 3) * 2);
  for (let n = 0; n < triples.length; n += 3) {
    const row = triples[n]!;
    const first = triples[n + 1]!;
    const last = triples[n + 2]!;
    const isNewRow = rowCount === 0 || rows[rowCount - 1] !== row;
    if (!isNewRow && first <= columns[2 * runCount - 1]! + 1) {
      if (last > columns[2 * runCount - 1]!) columns[2 * runCount - 1] = last;
      continue;
    }
    if (isNewRow) {
      rows[rowCount] = row;
      starts[rowCount] = runCount;
      rowCount += 1;
    }
    columns[2 * runCount] = first;
    columns[2 * runCount + 1] = last;
    runCount += 1;
  }
  starts[rowCount] = runCount;
  return {
    rows: rows.subarray(0, rowCount),
    starts: starts.subarray(0, rowCount + 1),
    columns: columns.subarray(0, 2 * runCount),
  };
}
