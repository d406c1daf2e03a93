import type { DuckDBConnection } from '@duckdb/node-api';
import { appendRows } from './append-rows.ts';
import type { StoreState } from './state.ts';

/** Writes the newest readings down at a clean stop, so that the next start need not read the tables. */
export async function saveLatest(connection: DuckDBConnection, state: StoreState): Promise<void> {
  const { latest, newestOwn, position } = state;
  await connection.run('BEGIN');
  await connection.run('DELETE FROM latest');
  const ids = Array.from({ length: latest.size }, (_, id) => id).filter((id) => latest.has(id));
  await appendRows(
    connection,
    'latest',
    ids.map((id) => [
      position,
      id,
      Number.isFinite(newestOwn.get(id)) ? newestOwn.get(id) : null,
      latest.time[id]!,
      latest.result[id]!,
      latest.h3[id]!,
      latest.beidou[id]!,
      latest.quality[id]!,
    ]),
  );
  await connection.run('COMMIT');
}
