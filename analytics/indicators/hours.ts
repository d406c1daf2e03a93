import type { StoreInternals } from '../store/internals.ts';

const HOUR_MS = 3_600_000;

/** SQL for the start of the hour of `time`. */
export const HOUR_SQL = `time - time % ${HOUR_MS}::BIGINT`;

/** Runs a statement that answers (hour, value); rows without a value are left out. */
export async function readHours(
  { pool }: Pick<StoreInternals, 'pool'>,
  sql: string,
): Promise<ReadonlyMap<number, number>> {
  const { n, columns } = await pool.run(sql);
  const values = new Map<number, number>();
  for (let row = 0; row < n; row++) {
    const value = columns[1]![row];
    if (value !== null) values.set(Number(columns[0]![row]), Number(value));
  }
  return values;
}
