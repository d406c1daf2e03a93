import type { BucketRun } from './city-time.ts';

/**
 * SQL for the start of the bucket that the instant in a column lies in, BIGINT, UTC ms. What lies before the first run or behind the
 * last counts as if that run went on.
 *
 * @param runs - Ascending, without gaps, at least one: buckets of equal length are one branch, found in a tree of comparisons.
 */
export function bucketOfRunsSql(column: string, runs: readonly BucketRun[]): string {
  if (runs.length > 1) {
    const middle = runs.length >> 1;
    const [before, after] = [runs.slice(0, middle), runs.slice(middle)];
    return `CASE WHEN ${column} < ${after[0]!.from}::BIGINT THEN ${bucketOfRunsSql(column, before)} ELSE ${bucketOfRunsSql(column, after)} END`;
  }
  const { from, to, length } = runs[0]!;
  return to - from === length ? `${from}::BIGINT` : bucketOfLengthSql(column, length, from);
}

/** SQL for the start of a bucket of so many ms, also for times before the origin: `%` keeps the sign of its left side. */
export function bucketOfLengthSql(column: string, lengthMs: number, origin = 0): string {
  const length = `${lengthMs}::BIGINT`;
  const shift = ((origin % lengthMs) + lengthMs) % lengthMs;
  const from = shift === 0 ? column : `(${column} - ${shift}::BIGINT)`;
  return `${column} - ((${from} % ${length}) + ${length}) % ${length}`;
}
