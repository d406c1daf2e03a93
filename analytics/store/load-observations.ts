import type { DuckDBConnection } from '@duckdb/node-api';
import type { LoadBatch } from '../../ingest/model/index.ts';
import type { RecordResult } from './accounts.ts';
import { appendRows } from './append-rows.ts';
import { DuplicateLookup, type DuplicateScan } from './duplicates.ts';
import { ObservationAppender } from './observation-appender.ts';
import { HOUR_MS, type Partition, type Route } from './partitions.ts';
import type { StoreState } from './state.ts';

export interface LoadedObservations {
  readonly stored: number;
  /** Hours that rows have reached, by their start, UTC ms. */
  readonly hours: ReadonlySet<number>;
  /** Tables made for them. */
  readonly partitions: readonly Partition[];
}

/** Writes the observations of a batch into their tables, without what was known already. Inside the caller's transaction. */
export class ObservationLoader {
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;
  readonly #appender: ObservationAppender;
  readonly #lookup: DuplicateLookup;

  constructor(connection: DuckDBConnection, state: StoreState) {
    this.#connection = connection;
    this.#state = state;
    this.#appender = new ObservationAppender(connection);
    this.#lookup = new DuplicateLookup(connection);
  }

  /** Forgets open appenders: after a rollback, and before tables are dropped. */
  releaseTables(): void {
    this.#appender.close();
  }

  /** Counts what became of each row into `results`, by record. `ids`: datastream ids by the batch's datastream. */
  async load(
    batch: LoadBatch,
    ids: Uint32Array,
    scan: DuplicateScan,
    results: readonly RecordResult[],
  ): Promise<LoadedObservations> {
    const columns = batch.observations;
    const hours = new Set<number>();
    const created: Partition[] = [];
    if (columns.n === 0) return { stored: 0, hours, partitions: created };
    await this.#markStoredDuplicates(batch, ids, scan);
    const byTable = new Map<string, { partition: Partition; rows: Uint32Array; count: number }>();
    let stored = 0;
    let last: { partition: Partition; rows: Uint32Array; count: number } | undefined;
    let route: Route | undefined;
    // By arrival, not by the clock: a replay finds late what was late.
    const nowMs = batch.newestReceivedAt ?? Date.now();
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
        route === undefined ||
        time < route.from ||
        time >= route.to ||
        (grain === 'month') !== (route.partition.grain === 'month')
      ) {
        route = this.#state.partitions.openTable(time, grain, nowMs, batch.from);
        const { partition } = route;
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
      const time = scan.times[row]!;
      for (const { name } of this.#state.partitions.touching(time, time + 1)) {
        const rows = byTable.get(name);
        if (rows === undefined) byTable.set(name, [row]);
        else rows.push(row);
      }
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
      partitions.map(({ name, from, to, grain, since, until }) => [name, from, to, grain, since, until]),
    );
    await this.#connection.run(
      observationViewSql([...this.#state.partitions.all, ...partitions].map(({ name }) => name)),
    );
  }
}

/** The view over all observation tables, for people and for shapes that read everything. */
export function observationViewSql(tables: readonly string[]): string {
  const all = ['observation_none', ...tables];
  return `CREATE OR REPLACE VIEW observation AS ${all.map((name) => `SELECT * FROM ${name}`).join(' UNION ALL ')}`;
}
