/** Cells of a raster as runs of columns in rows: a union of many overlapping runs, counted without listing cells. */

/** Inclusive runs `[first, last, first, last, ...]` per row. */
export class RowRuns {
  readonly #rows = new Map<number, number[]>();
  #added = 0;

  /** Runs held, before merging: grows with every `add`, shrinks with `merge`. */
  get pending(): number {
    return this.#added;
  }

  /** Adds columns `first..last` of a row. */
  add(row: number, first: number, last: number): void {
    const runs = this.#rows.get(row);
    if (runs === undefined) this.#rows.set(row, [first, last]);
    else {
      const end = runs.length - 1;
      // A path usually goes on where it left off: grow that run rather than add one.
      if (first >= runs[end - 1]! && first <= runs[end]! + 1) {
        if (last > runs[end]!) runs[end] = last;
        return;
      }
      runs.push(first, last);
    }
    this.#added += 1;
  }

  /** Sorts and joins the runs of each row; returns the number of cells. */
  merge(): number {
    let cells = 0;
    this.#added = 0;
    for (const [row, runs] of this.#rows) {
      const joined = runs.length === 2 ? runs : joinRuns(runs);
      this.#rows.set(row, joined);
      this.#added += joined.length / 2;
      for (let n = 0; n < joined.length; n += 2) cells += joined[n + 1]! - joined[n]! + 1;
    }
    return cells;
  }

  /** Runs of a row in order; call after `merge`. */
  row(row: number): readonly number[] {
    return this.#rows.get(row) ?? [];
  }

  rows(): IterableIterator<[number, number[]]> {
    return this.#rows.entries();
  }
}

function joinRuns(runs: readonly number[]): number[] {
  const order = Array.from({ length: runs.length / 2 }, (_, n) => 2 * n).sort((a, b) => runs[a]! - runs[b]!);
  const joined: number[] = [];
  for (const n of order) {
    const first = runs[n]!;
    const last = runs[n + 1]!;
    const end = joined.length - 1;
    if (end > 0 && first <= joined[end]! + 1) joined[end] = Math.max(joined[end]!, last);
    else joined.push(first, last);
  }
  return joined;
}
