import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, LoadBatch } from '../../ingest/model/index.ts';
import { closeTally, emptyTally, type RecordResult, tallyBatch } from './accounts.ts';
import { appendRows } from './append-rows.ts';
import type { CommitDelta, LatestColumns } from './commit-delta.ts';
import { type DuplicateScan, scanDuplicates } from './duplicates.ts';
import { ObservationLoader } from './load-observations.ts';
import { VersionedLoader } from './load-versioned.ts';
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
  #sequence = 0;

  constructor(connection: DuckDBConnection, state: StoreState, clock: () => EpochMs) {
    this.#connection = connection;
    this.#state = state;
    this.#clock = clock;
    this.#observations = new ObservationLoader(connection, state);
    this.#versioned = new VersionedLoader(connection, state);
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** See `Store.load`. Calls must not overlap. */
  async load(batch: LoadBatch): Promise<CommitDelta> {
    const state = this.#state;
    if (batch.from !== state.position || batch.to < batch.from) {
      throw new StoreError(
        'position-mismatch',
        `Cannot load entries from ${batch.from} to ${batch.to}: the index wants ${state.position} next`,
        { expected: state.position },
      );
    }
    let scan: DuplicateScan | undefined;
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

      const results: RecordResult[] = batch.records.map(() => ({ stored: 0, duplicates: 0 }));
      let seq = state.nextSeq;
      scan = scanDuplicates(batch.observations, ids, state.newestOwn);
      const observations = await this.#observations.load(batch, ids, scan, results);
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
      // One call: each is a turn of the thread pool, which queries and the journal's syncs share.
      await this.#connection.run(
        `${accounts.updateSql} UPDATE loader SET position = ${batch.to}, next_seq = ${seq}; COMMIT`,
      );

      // From here on the database has it: memory follows, and nothing below may fail.
      state.position = batch.to;
      state.nextSeq = seq;
      state.dictionary.settle();
      for (const partition of observations.partitions) state.partitions.add(partition);
      for (const { account } of accounts.plan) {
        state.book.set(account);
        state.noteArrival(account);
      }
      state.dirty.touch(observations.hours);
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
        latest: this.#offerLatest(batch, ids, scan),
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
      await this.#takeBack(scan);
      throw new StoreError(
        'load-failed',
        `Cannot load entries from ${batch.from} to ${batch.to}: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }

  /** Forgets open appenders, before tables are dropped. */
  releaseTables(): void {
    this.#observations.releaseTables();
  }

  async #takeBack(scan: DuplicateScan | undefined): Promise<void> {
    this.#observations.releaseTables();
    await this.#connection.run('ROLLBACK').catch(() => undefined);
    for (const [id, time] of scan?.before ?? []) this.#state.newestOwn.set(id, time);
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

  async #loadAccounts(batch: LoadBatch, results: readonly RecordResult[]) {
    const changes = tallyBatch(batch, results);
    const plan = this.#state.book.plan(changes);
    const cells = ({ account }: (typeof plan)[number]) => [
      account.id,
      account.dataset,
      account.source,
      account.delivery,
      account.records.stored,
      account.records.refused,
      account.records.held,
      account.records.duplicates,
      account.partial,
      account.readings.stored,
      account.readings.refused,
      account.readings.held,
      account.readings.duplicates,
      account.newestAt,
    ];
    await appendRows(this.#connection, 'account', plan.filter(({ known }) => !known).map(cells));
    const known = plan.filter((entry) => entry.known);
    let updateSql = '';
    if (known.length > 0) {
      const values = known.map(
        (entry) =>
          `(${cells(entry)
            .filter((cell) => typeof cell === 'number')
            .join(',')})`,
      );
      updateSql = `UPDATE account SET records_stored = v.a, records_refused = v.b, records_held = v.c, records_duplicate = v.d,
           records_partial = v.e, readings_stored = v.f, readings_refused = v.g, readings_held = v.h,
           readings_duplicate = v.i, newest_at = v.j
         FROM (VALUES ${values.join(',')}) v(id, a, b, c, d, e, f, g, h, i, j) WHERE account.id = v.id;`;
    }
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
      updateSql,
      counts: { records: closeTally(records), readings: closeTally(readings), partialRecords },
    };
  }

  #offerLatest(batch: LoadBatch, ids: Uint32Array, scan: DuplicateScan): LatestColumns {
    const columns = batch.observations;
    const latest = this.#state.latest;
    const changed = new Set<number>();
    for (let row = 0; row < columns.n; row++) {
      if (scan.duplicate[row] === 1) continue;
      const id = ids[columns.datastream[row]!]!;
      const taken = latest.offer(
        id,
        scan.times[row]!,
        columns.result[row]!,
        columns.h3[row]!,
        columns.beidou[row]!,
        columns.quality[row]!,
      );
      if (taken) changed.add(id);
    }
    const datastream = Uint32Array.from(changed);
    return {
      n: datastream.length,
      datastream,
      time: Float64Array.from(datastream, (id) => latest.time[id]!),
      result: Float64Array.from(datastream, (id) => latest.result[id]!),
      h3: BigUint64Array.from(datastream as unknown as Iterable<bigint>, (id) => latest.h3[Number(id)]!),
      beidou: BigUint64Array.from(
        datastream as unknown as Iterable<bigint>,
        (id) => latest.beidou[Number(id)]!,
      ),
      quality: Uint8Array.from(datastream, (id) => latest.quality[id]!),
    };
  }
}
