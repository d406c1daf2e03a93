import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, Position } from '../../ingest/model/index.ts';
import { AccountBook } from './accounts.ts';
import { Dictionary } from './dictionary.ts';
import { DirtyHours } from './dirty-hours.ts';
import { LatestIndex } from './latest-index.ts';
import { GrowingFloat64 } from './memory.ts';
import { type Grain, PartitionList } from './partitions.ts';
import { restoreLatest } from './restore-latest.ts';

/** What the loader keeps in memory of the database: everything here can be read back from it. */
export class StoreState {
  position: Position = 0;
  /** Arrival ordinal of the next event or feature version, and id of the next rejection. */
  nextSeq = 1;
  /** Days before this have been dropped by retention; their hours stay as the rollup has them. UTC ms. */
  droppedBefore = Number.NEGATIVE_INFINITY;
  nextFeature = 0;
  rejections = 0;
  readonly dictionary = new Dictionary();
  readonly partitions = new PartitionList();
  readonly book = new AccountBook();
  readonly dirty = new DirtyHours();
  readonly latest = new LatestIndex();
  /** Newest own time of each datastream: what is newer cannot be a duplicate. */
  readonly newestOwn = new GrowingFloat64(Number.NEGATIVE_INFINITY);
  /** receivedAt of recent rejections by dataset, oldest first: "refused in the last hour" without a query. */
  recentRejections: { readonly at: EpochMs; readonly dataset: string }[] = [];

  /** Reads everything back: at open, and after a load that failed. */
  async restore(connection: DuckDBConnection, nowMs: EpochMs): Promise<void> {
    const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
    const [loader] = await read('SELECT position, next_seq, dropped_before FROM loader');
    this.position = Number(loader![0]);
    this.nextSeq = Number(loader![1]);
    this.droppedBefore = Number(loader![2]);
    await this.dictionary.restore(connection);
    this.partitions.clear();
    for (const [name, from, to] of await read('SELECT name, from_ms, to_ms FROM observation_part')) {
      const grain: Grain = (name as string).startsWith('observation_m') ? 'month' : 'day';
      this.partitions.add({ name: name as string, grain, from: Number(from), to: Number(to) });
    }
    this.book.clear();
    for (const row of await read('SELECT * FROM account')) {
      const [id, dataset, source, delivery, ...counts] = row;
      const c = counts.map(Number);
      this.book.set({
        id: id as number,
        dataset: dataset as string,
        source: source as string,
        delivery: delivery as string,
        records: { stored: c[0]!, refused: c[1]!, held: c[2]!, duplicates: c[3]! },
        partial: c[4]!,
        readings: { stored: c[5]!, refused: c[6]!, held: c[7]!, duplicates: c[8]! },
      });
    }
    this.dirty.clear();
    this.dirty.touch(
      (await read('SELECT DISTINCT bucket FROM rollup_dirty')).map(([bucket]) => Number(bucket)),
    );
    const [features] = await read(
      'SELECT coalesce(max(id) + 1, 0)::BIGINT FROM (SELECT id FROM feature UNION ALL SELECT id FROM feature_version)',
    );
    this.nextFeature = Number(features![0]);
    const [rejections] = await read('SELECT count(*) FROM rejection');
    this.rejections = Number(rejections![0]);
    const since = BigInt(Math.floor(nowMs - 3_600_000));
    const recent = await connection.runAndReadAll(
      'SELECT received_at, dataset FROM rejection WHERE received_at >= ? ORDER BY received_at',
      [since],
    );
    this.recentRejections = recent
      .getRows()
      .map(([at, dataset]) => ({ at: Number(at), dataset: dataset as string }));
    await restoreLatest(connection, this);
  }
}
