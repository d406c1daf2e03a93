import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, LoadBatch } from '../../ingest/model/index.ts';
import { AccountWriter } from './account-writer.ts';
import { closeTally, emptyTally, tallyBatch } from './accounts.ts';
import { appendRows } from './append-rows.ts';
import type { CommitDelta, LatestColumns } from './commit-delta.ts';
import type { BatchScan } from './duplicates.ts';
import { ObservationLoader } from './load-observations.ts';
import { VersionedLoader } from './load-versioned.ts';
import { RecordResults } from './record-results.ts';
import { uncounted } from './replayed.ts';
import type { StoreState } from './state.ts';
import { StoreError } from './store-error.ts';
import { eventAnswer } from './versioned-rows.ts';

/** The one writer: turns batches into transactions, and keeps the state in memory equal to the database. */
export class Loader {
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;
  readonly #clock: () => EpochMs;
  readonly #observations: ObservationLoader;
  readonly #versioned: VersionedLoader;
  readonly #accounts: AccountWriter;
  #sequence = 0;

  constructor(connection: DuckDBConnection, state: StoreState, clock: () => EpochMs) {
    this.#connection = connection;
    this.#state = state;
    this.#clock = clock;
    this.#observations = new ObservationLoader(connection, state);
    this.#versioned = new VersionedLoader(connection, state);
    this.#accounts = new AccountWriter(connection);
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** See `Store.load`. Calls must not overlap. */
  async load(pulled: LoadBatch): Promise<CommitDelta> {
    const state = this.#state;
    if (pulled.from !== state.position || pulled.to < pulled.from) {
      throw new StoreError(
        'position-mismatch',
        `Cannot load entries from ${pulled.from} to ${pulled.to}: the index wants ${state.position} next`,
        { expected: state.position },
      );
    }
    const batch = uncounted(pulled, state.snapshotPosition);
    try {
      await this.#connection.run('BEGIN');
      let catalogueChanged = false;
      for (const declaration of batch.declarations) {
        if (state.dictionary.declare(declaration)) catalogueChanged = true;
      }
      const ids = Uint32Array.from(batch.datastreams, (key) =>
        state.dictionary.idOf(key.dataset, key.thing, key.property),
      );
      for (const event of batch.events) state.dictionary.datasetIdOf(event.dataset);
      for (const feature of batch.features) state.dictionary.datasetIdOf(feature.dataset);
      if (state.dictionary.changed) await state.dictionary.flush(this.#connection);

      const results = new RecordResults(batch.records.length);
      let seq = state.nextSeq;
      const observations = await this.#observations.load(batch, ids, results);
      const events = await this.#versioned.loadEvents(batch.events, seq, results);
      seq += batch.events.length;
      const features = await this.#versioned.loadFeatures(batch.features, seq, results);
      seq += batch.features.length;
      await this.#loadRejections(batch, seq);
      seq += batch.rejections.length;
      const accounts = await this.#loadAccounts(batch, results);
      const freshHours = [...observations.hours].filter((hour) => !state.dirty.has(hour));
      await appendRows(
        this.#connection,
        'rollup_dirty',
        freshHours.map((hour) => [hour]),
      );
      await appendRows(
        this.#connection,
        'rollup_events_dirty',
        [...events.hours].filter((hour) => !state.dirtyEvents.has(hour)).map((hour) => [hour]),
      );
      // One call: each is a turn of the thread pool, which queries and the journal's syncs share.
      await this.#connection.run(`UPDATE loader SET position = ${batch.to}, next_seq = ${seq}; COMMIT`);

      // From here on the database has it: memory follows, and nothing below may fail.
      state.position = batch.to;
      state.nextSeq = seq;
      state.dictionary.settle();
      for (const partition of observations.partitions) state.partitions.add(partition);
      for (const { datastream, part } of observations.superseded) state.superseded.add(datastream, part);
      for (const { account } of accounts.plan) {
        state.book.set(account);
        state.noteArrival(account);
      }
      state.dirty.touch(observations.hours, observations.minutes);
      state.dirtyEvents.touch(events.hours);
      state.nextFeature += features.created;
      state.rejections += batch.rejections.length;
      for (const rejection of batch.rejections) {
        state.recentRejections.add(rejection.receivedAt, rejection.dataset);
      }
      for (const known of events.known) state.versions.remember(known);
      for (const event of events.plan.current) {
        state.noteEvent(event.dataset, event.thing, Math.max(event.start, event.end ?? event.start));
      }
      for (const feature of features.plan.current) state.noteItem(feature.dataset, feature.validFrom);
      this.#sequence += 1;
      return {
        position: batch.to,
        head: batch.head,
        committedAt: this.#clock(),
        sequence: this.#sequence,
        latest: this.#offerLatest(batch, observations.scan),
        events: events.plan.current.map(eventAnswer),
        newestReceivedAt: batch.newestReceivedAt ?? null,
        catalogueChanged: catalogueChanged || features.plan.current.length > 0,
        counts: {
          ...accounts.counts,
          observations: observations.stored,
          events: events.plan.current.length,
          features: features.plan.current.length,
          rejections: batch.rejections.length,
        },
      };
    } catch (error) {
      await this.#takeBack();
      throw new StoreError(
        'load-failed',
        `Cannot load entries from ${batch.from} to ${batch.to}: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }

  /** Forgets open appenders and statements, before tables are dropped or the connection is closed. */
  releaseTables(): void {
    this.#observations.releaseTables();
    this.#accounts.release();
  }

  async #takeBack(): Promise<void> {
    this.#observations.undo();
    await this.#connection.run('ROLLBACK').catch(() => undefined);
    await this.#state.dictionary.restore(this.#connection);
  }

  async #loadRejections(batch: LoadBatch, seq: number): Promise<void> {
    await appendRows(
      this.#connection,
      'rejection',
      batch.rejections.map((rejection, index) => [
        seq + index,
        rejection.position,
        rejection.record,
        rejection.receivedAt,
        rejection.sourceId,
        rejection.principal,
        rejection.origin,
        rejection.code,
        rejection.message,
        rejection.disposition,
        rejection.where ?? null,
        rejection.dataset,
        rejection.thing ?? null,
        rejection.readings,
        rejection.byteLength,
      ]),
    );
  }

  async #loadAccounts(batch: LoadBatch, results: RecordResults) {
    const changes = tallyBatch(batch, results, this.#state.snapshotPosition);
    const plan = this.#state.book.plan(changes);
    await this.#accounts.write(plan);
    const records = emptyTally();
    const readings = emptyTally();
    let partialRecords = 0;
    for (const change of changes) {
      for (const way of ['stored', 'refused', 'held', 'duplicates'] as const) {
        records[way] += change.records[way];
        readings[way] += change.readings[way];
      }
      partialRecords += change.partial;
    }
    return {
      plan,
      counts: { records: closeTally(records), readings: closeTally(readings), partialRecords },
    };
  }

  /** What was counted before stood before: the state that was written down has it, or what is newer. */
  #offerLatest(batch: LoadBatch, scan: BatchScan): LatestColumns {
    const { latest, snapshotPosition } = this.#state;
    const { record } = scan.columns;
    const isNew = (row: number) => batch.records[record[row]!]!.position >= snapshotPosition;
    return latest.columnsOf(latest.offerRows(scan, batch.from < snapshotPosition ? isNew : undefined));
  }
}
