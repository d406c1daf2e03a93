import type { DuckDBConnection } from '@duckdb/node-api';
import type { Loader } from './loader.ts';
import { DAY_MS, HOUR_MS } from './partitions.ts';
import type { StoreState } from './state.ts';

/**
 * Drops whole tables whose readings are all older than `days`, and deletes such readings of whole UTC days from the tables
 * of a month. Tables with hours that the rollup does not hold yet wait for it. The rollup keeps what it has of dropped days.
 *
 * @returns Names of the tables dropped, or with rows deleted.
 */
export async function dropOldDays(
  connection: DuckDBConnection,
  state: StoreState,
  loader: Loader,
  nowMs: number,
  days: number,
): Promise<readonly string[]> {
  const before = nowMs - days * DAY_MS;
  const cut = Math.floor(before / DAY_MS) * DAY_MS;
  const built = (from: number, to: number) => {
    for (let hour = from; hour < to; hour += HOUR_MS) {
      if (state.dirty.has(hour) && hour >= state.droppedBefore) return false;
    }
    return true;
  };
  const old = state.partitions.all.filter(
    ({ from, to, until }) => until === null && to <= before && built(from, to),
  );
  // Of a day that has none yet `cut` takes nothing: only what it took raises `droppedBefore`.
  const cutNames: string[] = [];
  for (const partition of state.partitions.all) {
    const { name, from, to } = partition;
    // A frozen table is on its way into a part, which goes as a whole.
    if (partition.until !== null || from >= cut || to <= before || !built(from, cut)) continue;
    const deleted = await connection.run(`DELETE FROM ${name} WHERE time < ${cut}::BIGINT`);
    if (deleted.rowsChanged > 0) cutNames.push(name);
  }
  if (old.length === 0) {
    if (cutNames.length > 0) await raise(connection, state, cut);
    return cutNames;
  }
  const droppedBefore = Math.max(
    state.droppedBefore,
    cutNames.length > 0 ? cut : Number.NEGATIVE_INFINITY,
    ...old.map(({ to }) => to),
  );
  loader.releaseTables();
  const names = old.map(({ name }) => name);
  await connection.run('BEGIN');
  try {
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
  return [...names, ...cutNames];
}

async function raise(connection: DuckDBConnection, state: StoreState, to: number): Promise<void> {
  if (to <= state.droppedBefore) return;
  await connection.run(`UPDATE loader SET dropped_before = ${to}`);
  state.droppedBefore = to;
}
