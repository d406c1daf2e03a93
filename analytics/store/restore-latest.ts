import type { DuckDBConnection } from '@duckdb/node-api';
import { QUALITY } from '../../ingest/model/index.ts';
import type { StoreState } from './state.ts';

/**
 * Fills the latest state and the newest own times: from the `latest` table when it was written at this very position
 * (a clean stop), else from what was kept of the sealed rows and from the hot tables, newest reading of each datastream, of
 * equals the later arrival.
 */
export async function restoreLatest(connection: DuckDBConnection, state: StoreState): Promise<void> {
  state.latest.clear();
  state.newestOwn.clear();
  const saved = await connection.runAndReadAll(
    'SELECT datastream, own_newest, time, result, h3, beidou, quality FROM latest WHERE position = ?',
    [BigInt(state.position)],
  );
  if (saved.currentRowCount > 0) {
    for (const [id, own, time, result, h3, beidou, quality] of saved.getRows()) {
      if (own !== null) state.newestOwn.set(id as number, Number(own));
      state.latest.offer(
        id as number,
        Number(time),
        result as number,
        h3 as bigint,
        beidou as bigint,
        quality as number,
      );
    }
    return;
  }
  const sealed = await connection.runAndReadAll(
    'SELECT datastream, own_newest, time, result, h3, beidou, quality FROM latest_sealed ORDER BY since',
  );
  for (const [id, own, time, result, h3, beidou, quality] of sealed.getRows()) {
    if (own !== null && Number(own) > state.newestOwn.get(id as number)) {
      state.newestOwn.set(id as number, Number(own));
    }
    state.latest.offer(
      id as number,
      Number(time),
      result as number,
      h3 as bigint,
      beidou as bigint,
      quality as number,
    );
  }
  // Tables one after another, in the order in which they were opened: memory stays small, and of two readings of one
  // instant in two tables the later arrival stands.
  for (const partition of [...state.partitions.all].sort((a, b) => a.since - b.since)) {
    const own = await connection.runAndReadAll(
      `SELECT datastream, max(time) FROM ${partition.name} WHERE (quality & ${QUALITY.serverTime}::UTINYINT) = 0 GROUP BY 1`,
    );
    for (const [id, time] of own.getRows()) {
      const held = state.newestOwn.get(id as number);
      if (Number(time) > held) state.newestOwn.set(id as number, Number(time));
    }
    const newest = await connection.runAndReadAll(
      `WITH m AS (SELECT datastream, max(time) AS time FROM ${partition.name} GROUP BY 1),
            r AS (SELECT o.datastream, max(o.rowid) AS row_id FROM ${partition.name} o JOIN m USING (datastream, time) GROUP BY 1)
       SELECT o.datastream, o.time, o.result, o.h3, o.beidou, o.quality
       FROM ${partition.name} o JOIN r ON o.rowid = r.row_id`,
    );
    for (const [id, time, result, h3, beidou, quality] of newest.getRows()) {
      state.latest.offer(
        id as number,
        Number(time),
        result as number,
        h3 as bigint,
        beidou as bigint,
        quality as number,
      );
    }
  }
}
