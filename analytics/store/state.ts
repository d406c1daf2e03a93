import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, Position } from '../../ingest/model/index.ts';
import { RollupStanding } from '../rollups/standing.ts';
import { type Account, AccountBook } from './accounts.ts';
import { Dictionary } from './dictionary.ts';
import { DirtyHours } from './dirty-hours.ts';
import { LatestIndex } from './latest-index.ts';
import { GrowingFloat64 } from './memory.ts';
import { PartitionList, type TableGrain } from './partitions.ts';
import type { Part } from './parts/part.ts';
import { PartList } from './parts/part-list.ts';
import { RecentRejections } from './recent-rejections.ts';
import { restoreLatest } from './restore-latest.ts';
import { SupersededIndex } from './superseded.ts';
import { VersionCache } from './version-cache.ts';

/** What the loader keeps in memory of the database: everything here can be read back from it. */
export class StoreState {
  position: Position = 0;
  /** Arrival ordinal of the next event or feature version, and id of the next rejection. */
  nextSeq = 1;
  /**
   * Entries below this were counted when the state was written down from which the index was rebuilt: of them only the
   * observations are wanted that no part covers. 0 for an index that was not rebuilt.
   */
  snapshotPosition: Position = 0;
  /** Some entry below this may have brought rows that are in parts: of a state older than its parts. */
  coveredUntil: Position = 0;
  /** Days before this have been dropped by retention; their hours stay as the rollup has them. UTC ms. */
  droppedBefore = Number.NEGATIVE_INFINITY;
  nextFeature = 0;
  rejections = 0;
  readonly dictionary = new Dictionary();
  readonly partitions = new PartitionList();
  readonly parts = new PartList();
  readonly superseded = new SupersededIndex();
  readonly book = new AccountBook();
  readonly dirty = new DirtyHours();
  readonly rollups = new RollupStanding(this.dirty);
  /** Hours in which an event begins that is not counted yet, or began when it was counted. */
  readonly dirtyEvents = new DirtyHours();
  readonly latest = new LatestIndex();
  readonly versions = new VersionCache();
  /** Newest own time of each datastream: what is newer cannot be a duplicate. */
  readonly newestOwn = new GrowingFloat64(Number.NEGATIVE_INFINITY);
  /** Newest phenomenonTime of the events (and versions of features) of a dataset, and of the events of a Thing. UTC ms. */
  readonly newestItemOfDataset = new Map<string, number>();
  readonly eventDatasets = new Set<string>();
  /** Newest arrival of anything that was kept or known already, by dataset. UTC ms. */
  readonly newestArrivalOfDataset = new Map<string, number>();
  readonly newestEventOfThing = new Map<string, number>();
  readonly recentRejections = new RecentRejections();

  /** Takes note of an event: feeds and cameras are judged by it. */
  noteEvent(dataset: string, thing: string | undefined, timeMs: number): void {
    this.eventDatasets.add(dataset);
    this.noteItem(dataset, timeMs);
    if (thing !== undefined && timeMs > (this.newestEventOfThing.get(thing) ?? Number.NEGATIVE_INFINITY)) {
      this.newestEventOfThing.set(thing, timeMs);
    }
  }

  /** Takes note of an arrival: a source that sends only what is refused is not heard of. */
  noteArrival({ dataset, records, newestAt }: Account): void {
    if (records.stored + records.duplicates === 0 || newestAt === 0) return;
    const before = this.newestArrivalOfDataset.get(dataset) ?? 0;
    this.newestArrivalOfDataset.set(dataset, Math.max(before, newestAt));
  }

  /** Takes note of a feature. */
  noteItem(dataset: string, timeMs: number): void {
    if (timeMs > (this.newestItemOfDataset.get(dataset) ?? Number.NEGATIVE_INFINITY)) {
      this.newestItemOfDataset.set(dataset, timeMs);
    }
  }

  /** Reads everything back: at open, and after a load that failed. */
  async restore(connection: DuckDBConnection, nowMs: EpochMs): Promise<void> {
    const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
    const [loader] = await read('SELECT position, next_seq, dropped_before, snapshot_position FROM loader');
    this.position = Number(loader![0]);
    this.nextSeq = Number(loader![1]);
    this.droppedBefore = Number(loader![2]);
    this.snapshotPosition = Number(loader![3]);
    await this.dictionary.restore(connection);
    this.partitions.clear();
    for (const row of await read(
      'SELECT name, from_ms, to_ms, grain, since_position, until_position FROM observation_part',
    )) {
      const name = row[0] as string;
      this.partitions.add({
        name,
        // Tables from before parts have only their name to tell.
        grain: (row[3] as TableGrain | null) ?? (name.startsWith('observation_m') ? 'month' : 'day'),
        from: Number(row[1]),
        to: Number(row[2]),
        since: Number(row[4] ?? 0),
        until: row[5] === null ? null : Number(row[5]),
      });
    }
    this.parts.clear();
    for (const [body] of await read('SELECT body FROM part'))
      this.parts.add(JSON.parse(body as string) as Part);
    this.coveredUntil = Math.max(
      0,
      ...this.parts.all.flatMap(({ covers }) => covers.map(({ until }) => until)),
    );
    await this.superseded.restore(connection);
    this.book.clear();
    this.newestArrivalOfDataset.clear();
    for (const row of await read('SELECT * FROM account')) {
      const [id, dataset, source, delivery, ...counts] = row;
      const c = counts.map(Number);
      const account: Account = {
        id: id as number,
        dataset: dataset as string,
        source: source as string,
        delivery: delivery as string,
        records: { stored: c[0]!, refused: c[1]!, held: c[2]!, duplicates: c[3]! },
        partial: c[4]!,
        readings: { stored: c[5]!, refused: c[6]!, held: c[7]!, duplicates: c[8]! },
        newestAt: c[9]!,
      };
      this.book.set(account);
      this.noteArrival(account);
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
      'SELECT received_at // 60000, dataset, count(*) FROM rejection WHERE received_at >= ? GROUP BY 1, 2',
      [since],
    );
    this.recentRejections.clear();
    for (const [minute, dataset, count] of recent.getRows()) {
      this.recentRejections.add(Number(minute) * 60_000, dataset as string, Number(count));
    }
    this.newestItemOfDataset.clear();
    this.newestEventOfThing.clear();
    this.eventDatasets.clear();
    const named = (id: unknown) => this.dictionary.datasetName(id as number) ?? '';
    const events =
      'SELECT dataset, thing, max(greatest(start_ms, coalesce(end_ms, start_ms))) FROM event GROUP BY 1, 2';
    for (const [dataset, thing, time] of await read(events)) {
      this.noteEvent(named(dataset), (thing as string | null) ?? undefined, Number(time));
    }
    for (const [dataset, time] of await read('SELECT dataset, max(updated) FROM feature GROUP BY 1')) {
      this.noteItem(named(dataset), Number(time));
    }
    await this.versions.restore(connection);
    await restoreLatest(connection, this);
  }
}
