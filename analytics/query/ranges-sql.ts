import { ubigint } from '../sql/macros.ts';

/** Inclusive ranges of ids, ascending, disjoint. */
export interface IdRange {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** So many ranges are compared one after another; more in a tree. */
const FLAT = 4;
/** So many ranges go to the files and row groups, which are skipped by them. */
const PRUNING = 8;

/**
 * SQL for "the id in this column lies in one of these ranges". The hull comes first: by it row groups are skipped. Behind it a tree of
 * comparisons: of 64 ranges some seven are looked at a row, not one OR after another.
 */
export function rangesSql(column: string, ranges: readonly IdRange[]): string {
  if (ranges.length === 0) return 'false';
  const hull = `${column} BETWEEN ${ubigint(ranges[0]!.lo)} AND ${ubigint(ranges.at(-1)!.hi)}`;
  return ranges.length === 1 ? hull : `(${hull} AND ${treeSql(column, ranges)})`;
}

function treeSql(column: string, ranges: readonly IdRange[]): string {
  if (ranges.length <= FLAT) {
    const any = ranges.map(({ lo, hi }) => `${column} BETWEEN ${ubigint(lo)} AND ${ubigint(hi)}`);
    return `(${any.join(' OR ')})`;
  }
  const middle = ranges.length >> 1;
  const [before, after] = [ranges.slice(0, middle), ranges.slice(middle)];
  return `CASE WHEN ${column} < ${ubigint(after[0]!.lo)} THEN ${treeSql(column, before)} ELSE ${treeSql(column, after)} END`;
}

/** At most `most` ranges that hold all of these: those with the smallest gaps between them are joined. */
export function coarserRanges(ranges: readonly IdRange[], most = PRUNING): readonly IdRange[] {
  if (ranges.length <= most) return ranges;
  const gaps = ranges
    .slice(1)
    .map((range, index) => ({ index, gap: range.lo - ranges[index]!.hi }))
    .sort((a, b) => (a.gap < b.gap ? -1 : a.gap > b.gap ? 1 : 0))
    .slice(0, ranges.length - most);
  const closed = new Set(gaps.map(({ index }) => index));
  const all: { lo: bigint; hi: bigint }[] = [];
  for (const [index, { lo, hi }] of ranges.entries()) {
    if (closed.has(index - 1)) all.at(-1)!.hi = hi;
    else all.push({ lo, hi });
  }
  return all;
}
