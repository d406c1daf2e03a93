/** Runs of a raster written out as packed codes. Column and row have bits of their own in a code, so each is worked out once. */
import { countCells, type RowRuns } from '../geometry/row-runs.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import { LEVEL_MASKS, writeCode } from './beidou2d-cell.ts';
import { beidouLevel } from './beidou2d-levels.ts';

/** The six zone bits of the high word, which the column sets and not the row. */
const ZONE_BITS = 63 << 25;

const rowWords = new Uint32Array(2);
const columnWords = new Uint32Array(2);

/**
 * Writes the zones of all cells, in order of rows and columns (not of ids), from index `at` on.
 * @returns The index after the last one written.
 */
export function writeRuns(runs: RowRuns, level: number, zones: BigUint64Array, at: number): number {
  const words = wordsOf(zones);
  const { rows, starts, columns } = runs;
  const table = columnTable(runs, level);
  let next = 2 * at;
  for (let r = 0; r < rows.length; r += 1) {
    writeRow(rows[r]!, level);
    const rowHigh = rowWords[HIGH_WORD]!;
    const rowLow = rowWords[1 - HIGH_WORD]!;
    for (let n = starts[r]!; n < starts[r + 1]!; n += 1) {
      const last = columns[2 * n + 1]!;
      for (let column = columns[2 * n]!; column <= last; column += 1) {
        if (table === undefined) {
          writeColumn(column, level, columnWords, 0);
          words[next + HIGH_WORD] = columnWords[HIGH_WORD]! | rowHigh;
          words[next + 1 - HIGH_WORD] = columnWords[1 - HIGH_WORD]! | rowLow;
        } else {
          const from = 2 * (column - table.first);
          words[next + HIGH_WORD] = table.words[from + HIGH_WORD]! | rowHigh;
          words[next + 1 - HIGH_WORD] = table.words[from + 1 - HIGH_WORD]! | rowLow;
        }
        next += 2;
      }
    }
  }
  return next / 2;
}

function writeRow(row: number, level: number): void {
  const [high, low] = LEVEL_MASKS[level]!;
  const y = (row < 0 ? -1 - row : row) * beidouLevel(level).latUnits;
  writeCode(rowWords, 0, 0, y, false, row < 0, high & ~ZONE_BITS, low);
}

function writeColumn(column: number, level: number, words: Uint32Array, at: number): void {
  const [high, low] = LEVEL_MASKS[level]!;
  const x = (column < 0 ? -1 - column : column) * beidouLevel(level).lonUnits;
  writeCode(words, at, x, 0, column < 0, false, high, low);
}

/** Bits of every column the runs span, where that is not much more than the cells themselves. */
function columnTable(
  runs: RowRuns,
  level: number,
): { readonly first: number; readonly words: Uint32Array } | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < runs.columns.length; n += 2) {
    first = Math.min(first, runs.columns[n]!);
    last = Math.max(last, runs.columns[n + 1]!);
  }
  const size = last - first + 1;
  if (runs.columns.length === 0 || size > countCells(runs)) return undefined;
  const words = new Uint32Array(2 * size);
  for (let n = 0; n < size; n += 1) writeColumn(first + n, level, words, 2 * n);
  return { first, words };
}
