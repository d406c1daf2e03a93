import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, LoadBatch, Position } from '../../ingest/model/index.ts';
import { appendRows } from './append-rows.ts';
import { settleContested } from './contested.ts';
import { type BatchScan, DuplicateScanner, FATE } from './duplicates.ts';
import { GrowingFloat64 } from './memory.ts';
import { ObservationAppender } from './observation-appender.ts';
import { DAY_MS, type Partition } from './partitions.ts';
import type { Cover } from './parts/part.ts';
import type { PartList } from './parts/part-list.ts';
import { placeRows } from './placement.ts';
import type { RecordResults } from './record-results.ts';
import type { StoreState } from './state.ts';
import { StoredReadings } from './stored-readings.ts';
import { writeSuperseded } from './superseded.ts';

export interface LoadedObservations {
  readonly scan: BatchScan;
  /** Rows kept of entries that were not counted before, those that went straight to the audit included. */
  readonly stored: number;
  /** Hours that rows have reached, by their start, UTC ms. */
  readonly hours: ReadonlySet<number>;
  /** Minutes that rows have reached, counted from the epoch. */
  readonly minutes: ReadonlySet<number>;
  /** Tables made for them. */
  readonly partitions: readonly Partition[];
  /** Rows the audit has got: for `SupersededIndex.add`. */
  readonly superseded: readonly { readonly datastream: number; readonly part: string | null }[];
}

/**
 * Writes the observations of a batch into their tables: without what was known already, and what they correct moved to the
 * audit. Of entries that were counted before (see `StoreState.snapshotPosition`) only what no part covers is added.
 * Inside the caller's transaction.
 */
export class ObservationLoader {
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;
  readonly #appender: ObservationAppender;
  readonly #scanner = new DuplicateScanner();
  readonly #readings: StoredReadings;
  /** Newest own times among the rows that are there, while a replay brings back rows older than `newestOwn` says. */
  #present: GrowingFloat64 | undefined;
  /** Datastreams whose place in `#present` is known. */
  readonly #presentKnown = new Set<number>();

  constructor(connection: DuckDBConnection, state: StoreState) {
    this.#connection = connection;
    this.#state = state;
    this.#appender = new ObservationAppender(connection);
    this.#readings = new StoredReadings(connection, state);
  }

  /** Forgets open appenders: after a rollback, and before tables are dropped. */
  releaseTables(): void {
    this.#appender.close();
  }

  /** Takes back what a load that failed had noted in memory. */
  undo(): void {
    this.#appender.close();
    this.#scanner.undo();
  }

  /** Counts what became of each row into `results`, by record. `ids`: datastream ids by the batch's datastream. */
  async load(batch: LoadBatch, ids: Uint32Array, results: RecordResults): Promise<LoadedObservations> {
    const state = this.#state;
    const columns = batch.observations;
    const replaying = batch.from < Math.max(state.snapshotPosition, state.coveredUntil);
    const positionOf = (row: number) => batch.records[columns.record[row]!]!.position;
    const isOld = (row: number) => replaying && positionOf(row) < state.snapshotPosition;
    const corrects = Uint8Array.from(ids, (id) => (state.dictionary.correctsOf(id) ? 1 : 0));
    const contests = replaying
      ? Uint8Array.from(ids, (id, stream) => (state.superseded.hasStream(id) ? 1 : corrects[stream]!))
      : corrects;
    const scan = this.#scanner.scan(columns, ids, {
      contests,
      newest: state.newestOwn,
      replay: replaying ? this.#replayRules(batch, ids, isOld, positionOf) : undefined,
    });
    const superseded = await this.#markKnown(scan, contests, {
      positionOf,
      isOld,
      corrects: (row) => corrects[columns.datastream[row]!] === 1,
    });
    const stored = countRows(scan, results, isOld, replaying);
    // Of control entries only: then there are no rows either.
    const arrivedAt = batch.newestReceivedAt ?? 0;
    const { tables, hours, minutes } = placeRows(
      scan,
      state.dictionary,
      state.partitions,
      arrivedAt,
      batch.from,
    );
    const partitions = tables
      .map(({ partition }) => partition)
      .filter(({ name }) => state.partitions.get(name) === undefined);
    if (partitions.length > 0) await this.#createPartitions(partitions);
    for (const { partition, rows } of tables) await this.#appender.append(partition.name, rows, scan);
    return { scan, stored, hours, minutes, partitions, superseded };
  }

  async #markKnown(
    scan: BatchScan,
    contests: Uint8Array,
    facts: Parameters<typeof settleContested>[3],
  ): Promise<LoadedObservations['superseded']> {
    const { candidates, contested, columns } = scan;
    const plain = candidates.filter((row) => contests[columns.datastream[row]!] === 0);
    if (plain.length > 0) {
      for (const row of await this.#readings.known(scan, plain)) {
        scan.fate[row] = facts.isOld(row) ? FATE.covered : FATE.duplicate;
      }
    }
    if (contested.length === 0) return [];
    const asked = candidates.filter((row) => contests[columns.datastream[row]!] === 1);
    const standing = asked.length === 0 ? [] : await this.#readings.standing(scan, asked);
    const audited = asked.length === 0 ? [] : await this.#readings.audited(scan, asked);
    const changes = settleContested(scan, standing, audited, facts);
    return writeSuperseded(this.#connection, this.#state.partitions, changes);
  }

  /** Rows that are old, those that parts cover, and what the others are compared with. */
  #replayRules(
    batch: LoadBatch,
    ids: Uint32Array,
    isOld: (row: number) => boolean,
    positionOf: (row: number) => number,
  ) {
    const { parts, partitions, dictionary } = this.#state;
    this.#present ??= new GrowingFloat64(Number.NEGATIVE_INFINITY);
    const hotTo = partitions.all.reduce((to, table) => Math.max(to, table.to), Number.NEGATIVE_INFINITY);
    for (const id of ids) {
      if (this.#presentKnown.has(id)) continue;
      this.#presentKnown.add(id);
      const dataset = dictionary.datastream(id)!.dataset;
      this.#present.set(
        id,
        parts.of(dataset).reduce((to, part) => Math.max(to, part.to), hotTo),
      );
    }
    const { datastream } = batch.observations;
    const covers = new CoversByDay(parts);
    return {
      isOld,
      isCovered: (row: number, timeMs: number) =>
        covers.cover(batch.datastreams[datastream[row]!]!.dataset, timeMs, positionOf(row)),
      newest: this.#present,
    };
  }

  async #createPartitions(partitions: readonly Partition[]): Promise<void> {
    for (const { name } of partitions) {
      await this.#connection.run(`CREATE TABLE ${name} AS SELECT * FROM observation_none`);
    }
    await appendRows(
      this.#connection,
      'observation_part',
      partitions.map(({ name, from, to, grain, since, until }) => [name, from, to, grain, since, until]),
    );
  }
}

/** What parts hold, for the many rows of one batch: of a dataset and day they are listed once. */
class CoversByDay {
  readonly #parts: PartList;
  readonly #byDataset = new Map<string, Map<number, readonly Cover[]>>();

  constructor(parts: PartList) {
    this.#parts = parts;
  }

  /** As `PartList.covers`. */
  cover(dataset: string, timeMs: EpochMs, position: Position): boolean {
    let days = this.#byDataset.get(dataset);
    if (days === undefined) {
      days = new Map();
      this.#byDataset.set(dataset, days);
    }
    const day = Math.floor(timeMs / DAY_MS);
    let covers = days.get(day);
    if (covers === undefined) {
      covers = this.#parts.coversTouching(dataset, day * DAY_MS, (day + 1) * DAY_MS);
      days.set(day, covers);
    }
    for (const { from, to, since, until } of covers) {
      if (timeMs >= from && timeMs < to && position >= since && position < until) return true;
    }
    return false;
  }
}

/** Counts rows by record; gives how many were stored. Rows of entries that were counted before count nowhere. */
function countRows(
  { columns, fate }: BatchScan,
  results: RecordResults,
  isOld: (row: number) => boolean,
  replaying: boolean,
): number {
  const { n, record } = columns;
  let duplicates = 0;
  let left = 0;
  for (let row = 0; row < n; row++) {
    const its = fate[row]!;
    if (its === FATE.covered || (replaying && isOld(row))) left += 1;
    else if (its === FATE.duplicate) {
      results.duplicates[record[row]!]! += 1;
      duplicates += 1;
    } else results.stored[record[row]!]! += 1;
  }
  return n - duplicates - left;
}
