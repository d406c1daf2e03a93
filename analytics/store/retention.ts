import type { DuckDBConnection } from '@duckdb/node-api';
import { observationViewSql } from './load-observations.ts';
import type { Loader } from './loader.ts';
import { DAY_MS, HOUR_MS } from './partitions.ts';
import type { StoreState } from './state.ts';

/**
 * Drops whole tables whose readings are all older than `days`. Tables with hours that the rollup does not hold yet wait
 * for it. The rollup keeps what it has of dropped days.
 *
 * @returns Names of the tables dropped.
 */
export async function dropOldDays(
  connection: DuckDBConnection,
  state: StoreState,
  loader: Loader,
  nowMs: number,
  days: number,
): Promise<readonly string[]> {
  const before = nowMs - days * DAY_MS;
  const old = state.partitions.all.filter((partition) => {
    if (partition.to > before) return false;
    for (let hour = partition.from; hour < partition.to; hour += HOUR_MS) {
      if (state.dirty.has(hour) && hour >= state.droppedBefore) return false;
    }
    return true;
  });
  if (old.length === 0) return [];
  const droppedBefore = Math.max(state.droppedBefore, ...old.map(({ to }) => to));
  loader.releaseTables();
  const names = old.map(({ name }) => name);
  const kept = state.partitions.all.map(({ name }) => name).filter((name) => !names.includes(name));
  await connection.run('BEGIN');
  try {
    await connection.run(observationViewSql(kept));
    for (const name of names) await connection.run(`DROP TABLE ${name}`);
    await connection.run(
      `DELETE FROM observation_part WHERE name IN (${names.map((name) => `'${name}'`).join(',')})`,
    );
    await connection.run(`UPDATE loader SET dropped_before = ${droppedBefore}`);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  }
  for (const name of names) state.partitions.remove(name);
  state.droppedBefore = droppedBefore;
  return names;
}
