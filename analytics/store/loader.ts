import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, LoadBatch, LocatedEvent, LocatedFeature } from '../../ingest/model/index.ts';
import { gridOf } from '../zones.ts';
import { closeTally, emptyTally, type RecordResult, tallyBatch } from './accounts.ts';
import { appendRows } from './append-rows.ts';
import type { CommitDelta, LatestColumns } from './commit-delta.ts';
import { DuplicateLookup, type DuplicateScan, scanDuplicates } from './duplicates.ts';
import { ObservationAppender } from './observation-appender.ts';
import { HOUR_MS, type Partition, partitionOf } from './partitions.ts';
import type { StoreState } from './state.ts';
import { StoreError } from './store-error.ts';
import { type KnownKey, knownAfter, nameOf } from './version-cache.ts';
import { eventAnswer, eventRow, featureRow } from './versioned-rows.ts';
import {
  hashOf,
  keyHash,
  type MergePlan,
  mergeVersions,
  type StoredVersion,
  type Versioned,
} from './versions.ts';

/** Keys of one look-up: SQL text stays below some 50 kB. */
const KEYS_PER_LOOKUP = 2000;

/** The one writer: turns batches into transactions, and keeps the state in memory equal to the database. */
export class Loader {
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;
  readonly #clock: () => EpochMs;
  readonly #appender: ObservationAppender;
  readonly #lookup: DuplicateLookup;
  #sequence = 0;

  constructor(connection: DuckDBConnection, state: StoreState, clock: () => EpochMs) {
    this.#connection = connection;
    this.#state = state;
    this.#clock = clock;
    this.#appender = new ObservationAppender(connection);
    this.#lookup = new DuplicateLookup(connection);
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
      const observations = await this.#loadObservations(batch, ids, scan, results);
      const events = await this.#loadEvents(batch.events, seq, results);
      seq += batch.events.length;
      const features = await this.#loadFeatures(batch.features, seq, results);
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
      for (const { account } of accounts.plan) state.book.set(account);
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
    this.#appender.close();
  }

  async #takeBack(scan: DuplicateScan | undefined): Promise<void> {
    this.#appender.close();
    await this.#connection.run('ROLLBACK').catch(() => undefined);
    for (const [id, time] of scan?.before ?? []) this.#state.newestOwn.set(id, time);
    await this.#state.dictionary.restore(this.#connection);
  }

  async #loadObservations(
    batch: LoadBatch,
    ids: Uint32Array,
    scan: DuplicateScan,
    results: readonly RecordResult[],
  ): Promise<{ stored: number; hours: Set<number>; partitions: readonly Partition[] }> {
    const columns = batch.observations;
    const hours = new Set<number>();
    const created: Partition[] = [];
    if (columns.n === 0) return { stored: 0, hours, partitions: created };
    await this.#markStoredDuplicates(batch, ids, scan);
    const byTable = new Map<string, { partition: Partition; rows: Uint32Array; count: number }>();
    let stored = 0;
    let last: { partition: Partition; rows: Uint32Array; count: number } | undefined;
    const grains = Array.from(ids, (id) => this.#state.dictionary.grainOf(id));
    for (let row = 0; row < columns.n; row++) {
      const result = results[columns.record[row]!]!;
      if (scan.duplicate[row] === 1) {
        result.duplicates += 1;
        continue;
      }
      result.stored += 1;
      stored += 1;
      const time = scan.times[row]!;
      const grain = grains[columns.datastream[row]!]!;
      if (
        last === undefined ||
        time < last.partition.from ||
        time >= last.partition.to ||
        grain !== last.partition.grain
      ) {
        const partition = partitionOf(time, grain);
        last = byTable.get(partition.name);
        if (last === undefined) {
          last = { partition, rows: new Uint32Array(columns.n), count: 0 };
          byTable.set(partition.name, last);
        }
      }
      last.rows[last.count++] = row;
      hours.add(Math.floor(time / HOUR_MS) * HOUR_MS);
    }
    for (const { partition } of byTable.values()) {
      if (this.#state.partitions.get(partition.name) === undefined) created.push(partition);
    }
    if (created.length > 0) await this.#createPartitions(created);
    for (const { partition, rows, count } of byTable.values()) {
      await this.#appender.append(partition.name, columns, rows, count, scan.times, ids);
    }
    return { stored, hours, partitions: created };
  }

  async #markStoredDuplicates(batch: LoadBatch, ids: Uint32Array, scan: DuplicateScan): Promise<void> {
    if (scan.candidates.length === 0) return;
    const byTable = new Map<string, number[]>();
    for (const row of scan.candidates) {
      const grain = this.#state.dictionary.grainOf(ids[batch.observations.datastream[row]!]!);
      const { name } = partitionOf(scan.times[row]!, grain);
      if (this.#state.partitions.get(name) === undefined) continue;
      const rows = byTable.get(name);
      if (rows === undefined) byTable.set(name, [row]);
      else rows.push(row);
    }
    for (const [table, rows] of byTable) {
      for (const row of await this.#lookup.find(table, rows, batch.observations, scan.times, ids)) {
        scan.duplicate[row] = 1;
      }
    }
  }

  async #createPartitions(partitions: readonly Partition[]): Promise<void> {
    for (const { name } of partitions) {
      await this.#connection.run(`CREATE TABLE ${name} AS SELECT * FROM observation_none`);
    }
    await appendRows(
      this.#connection,
      'observation_part',
      partitions.map(({ name, from, to }) => [name, from, to]),
    );
    await this.#connection.run(
      observationViewSql([...this.#state.partitions.all, ...partitions].map(({ name }) => name)),
    );
  }

  async #loadEvents(
    events: readonly LocatedEvent[],
    seq: number,
    results: readonly RecordResult[],
  ): Promise<{ plan: MergePlan<LocatedEvent>; known: readonly KnownKey[] }> {
    const { plan, before } = await this.#mergeInto('event', events, (event) => event.updated);
    count(events, plan.duplicate, results);
    let next = seq;
    const write = async (table: string, list: readonly LocatedEvent[]): Promise<readonly StoredVersion[]> => {
      const first = next;
      next += list.length;
      await appendRows(
        this.#connection,
        table,
        list.map((event, i) => eventRow(event, this.#state.dictionary.datasetIdOf(event.dataset), first + i)),
      );
      return list.map((event, i) => ({
        dataset: event.dataset,
        key: event.key,
        seq: first + i,
        updated: event.updated,
        contentHash: hashOf(event),
      }));
    };
    const current = await write('event', plan.current);
    const superseded = await write('event_version', plan.superseded);
    return { plan, known: knownAfter(before, current, superseded) };
  }

  async #loadFeatures(
    features: readonly LocatedFeature[],
    seq: number,
    results: readonly RecordResult[],
  ): Promise<{ plan: MergePlan<LocatedFeature & Versioned>; created: number }> {
    if (features.length === 0) {
      return { plan: { current: [], superseded: [], overtaken: [], duplicate: [] }, created: 0 };
    }
    const known = new Map<string, number>();
    const wrapped = features.map((feature) => ({ ...feature, updated: feature.validFrom }));
    for (const row of await this.#lookupRows('feature', wrapped, 'id, dataset, key')) {
      const dataset = this.#state.dictionary.datasetName(row[1] as number) ?? '';
      known.set(`${dataset}\u0000${row[2] as string}`, row[0] as number);
    }
    const { plan } = await this.#mergeInto('feature', wrapped, (feature) => feature.validFrom);
    count(features, plan.duplicate, results);
    let created = 0;
    const idOf = (feature: LocatedFeature): number => {
      const key = `${feature.dataset}\u0000${feature.key}`;
      let id = known.get(key);
      if (id === undefined) {
        id = this.#state.nextFeature + created++;
        known.set(key, id);
      }
      return id;
    };
    let next = seq;
    const row = (feature: LocatedFeature) =>
      featureRow(feature, idOf(feature), this.#state.dictionary.datasetIdOf(feature.dataset), next++);
    const replaced = plan.current.map(idOf);
    for (let start = 0; start < replaced.length && plan.overtaken.length > 0; start += KEYS_PER_LOOKUP) {
      await this.#connection.run(
        `DELETE FROM feature_zone WHERE feature IN (${replaced.slice(start, start + KEYS_PER_LOOKUP).join(',')})`,
      );
    }
    await appendRows(this.#connection, 'feature', plan.current.map(row));
    await appendRows(this.#connection, 'feature_version', plan.superseded.map(row));
    await appendRows(
      this.#connection,
      'feature_zone',
      plan.current.flatMap((feature) =>
        feature.cover.flatMap(({ grid, level, zones }) =>
          Array.from(zones, (zone) => {
            const range = gridOf(grid === 'h3' ? 'h3' : 'beidou2d').range(zone, level);
            return [idOf(feature), grid, level, zone, range.lo, range.hi];
          }),
        ),
      ),
    );
    return { plan, created };
  }

  /** Merges versions with those stored, and moves overtaken rows to the table of superseded ones. */
  async #mergeInto<T extends Versioned>(
    table: 'event' | 'feature',
    items: readonly T[],
    updatedOf: (item: T) => number,
  ): Promise<{ plan: MergePlan<T>; before: ReadonlyMap<string, KnownKey> }> {
    const before = new Map<string, KnownKey>();
    if (items.length === 0) {
      return { plan: { current: [], superseded: [], overtaken: [], duplicate: [] }, before };
    }
    const rounded = items.map((item) => ({ ...item, updated: Math.round(updatedOf(item)) }));
    const asked = new Map<string, T>();
    for (const item of rounded) {
      const recent = table === 'event' ? this.#state.versions.recent(item) : undefined;
      if (recent !== undefined) before.set(nameOf(item), recent);
      else if (table === 'feature' || this.#state.versions.mayHold(keyHash(item.dataset, item.key))) {
        asked.set(nameOf(item), item);
      }
    }
    for (const known of await this.#lookupVersions(table, [...asked.values()])) {
      before.set(nameOf(known.current), known);
    }
    const held = [...before.values()];
    const plan = mergeVersions(
      rounded,
      held.map(({ current }) => current),
      held.flatMap(({ superseded }) => superseded),
    );
    for (let start = 0; start < plan.overtaken.length; start += KEYS_PER_LOOKUP) {
      const seqs = plan.overtaken.slice(start, start + KEYS_PER_LOOKUP);
      // The range lets the zone maps skip all but the row groups of these arrivals.
      const where = `seq BETWEEN ${Math.min(...seqs)} AND ${Math.max(...seqs)} AND seq IN (${seqs.join(',')})`;
      await this.#connection.run(`INSERT INTO ${table}_version SELECT * FROM ${table} WHERE ${where}`);
      await this.#connection.run(`DELETE FROM ${table} WHERE ${where}`);
    }
    return { plan, before };
  }

  async #lookupVersions(
    table: 'event' | 'feature',
    keys: readonly Versioned[],
  ): Promise<readonly KnownKey[]> {
    if (keys.length === 0) return [];
    const columns = 'dataset, key, seq, updated, content_hash';
    const stored = (await this.#lookupRows(table, keys, columns)).map((row) => this.#storedVersion(row));
    if (stored.length === 0) return [];
    const superseded = new Map<string, StoredVersion[]>();
    for (const row of await this.#lookupRows(`${table}_version`, stored, columns)) {
      const version = this.#storedVersion(row);
      const list = superseded.get(nameOf(version));
      if (list === undefined) superseded.set(nameOf(version), [version]);
      else list.push(version);
    }
    return stored.map((current) => ({ current, superseded: superseded.get(nameOf(current)) ?? [] }));
  }

  async #lookupRows(
    table: string,
    keys: readonly { readonly dataset: string; readonly key: string }[],
    columns: string,
  ): Promise<readonly (readonly unknown[])[]> {
    const hashes = [...new Set(keys.map(({ dataset, key }) => keyHash(dataset, key)))];
    const rows: (readonly unknown[])[] = [];
    for (let start = 0; start < hashes.length; start += KEYS_PER_LOOKUP) {
      const list = hashes
        .slice(start, start + KEYS_PER_LOOKUP)
        .map((hash) => `${hash}::UBIGINT`)
        .join(',');
      const reader = await this.#connection.runAndReadAll(
        `SELECT ${columns} FROM ${table} WHERE key_hash IN (${list})`,
      );
      rows.push(...reader.getRows());
    }
    return rows;
  }

  #storedVersion(row: readonly unknown[]): StoredVersion {
    return {
      dataset: this.#state.dictionary.datasetName(row[0] as number) ?? '',
      key: row[1] as string,
      seq: Number(row[2]),
      updated: Number(row[3]),
      contentHash: row[4] as bigint,
    };
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
           readings_duplicate = v.i
         FROM (VALUES ${values.join(',')}) v(id, a, b, c, d, e, f, g, h, i) WHERE account.id = v.id;`;
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

/** The view over all observation tables, for people and for shapes that read everything. */
export function observationViewSql(tables: readonly string[]): string {
  const all = ['observation_none', ...tables];
  return `CREATE OR REPLACE VIEW observation AS ${all.map((name) => `SELECT * FROM ${name}`).join(' UNION ALL ')}`;
}

function count(
  items: readonly { readonly record: number }[],
  duplicate: readonly boolean[],
  results: readonly RecordResult[],
): void {
  items.forEach((item, index) => {
    const result = results[item.record]!;
    if (duplicate[index]) result.duplicates += 1;
    else result.stored += 1;
  });
}
