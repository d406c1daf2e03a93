import type { DuckDBConnection } from '@duckdb/node-api';
import type { LocatedEvent, LocatedFeature } from '../../ingest/model/index.ts';
import { gridOf } from '../zones.ts';
import { appendRows } from './append-rows.ts';
import { HOUR_MS } from './partitions.ts';
import type { RecordResults } from './record-results.ts';
import type { StoreState } from './state.ts';
import { type KnownKey, knownAfter, nameOf } from './version-cache.ts';
import { eventRow, featureRow } from './versioned-rows.ts';
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

/** Writes events and features: newest versions, superseded ones, zones of features. Inside the caller's transaction. */
export class VersionedLoader {
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;

  constructor(connection: DuckDBConnection, state: StoreState) {
    this.#connection = connection;
    this.#state = state;
  }

  async loadEvents(
    events: readonly LocatedEvent[],
    seq: number,
    results: RecordResults,
  ): Promise<{ plan: MergePlan<LocatedEvent>; known: readonly KnownKey[]; hours: ReadonlySet<number> }> {
    const { plan, before, left } = await this.#mergeInto('event', events, (event) => event.updated);
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
    // Hours in which events begin now, or began before: their counts change.
    const hours = new Set([
      ...left,
      ...plan.current.map(({ start }) => Math.floor(start / HOUR_MS) * HOUR_MS),
    ]);
    return { plan, known: knownAfter(before, current, superseded), hours };
  }

  async loadFeatures(
    features: readonly LocatedFeature[],
    seq: number,
    results: RecordResults,
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
  ): Promise<{ plan: MergePlan<T>; before: ReadonlyMap<string, KnownKey>; left: readonly number[] }> {
    const before = new Map<string, KnownKey>();
    const left: number[] = [];
    if (items.length === 0) {
      return { plan: { current: [], superseded: [], overtaken: [], duplicate: [] }, before, left };
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
      if (table === 'event') {
        const starts = await this.#connection.runAndReadAll(
          `SELECT DISTINCT start_ms FROM event WHERE ${where}`,
        );
        left.push(...starts.getRows().map(([start]) => Math.floor(Number(start) / HOUR_MS) * HOUR_MS));
      }
      await this.#connection.run(`INSERT INTO ${table}_version SELECT * FROM ${table} WHERE ${where}`);
      await this.#connection.run(`DELETE FROM ${table} WHERE ${where}`);
    }
    return { plan, before, left };
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
}

function count(
  items: readonly { readonly record: number }[],
  duplicate: readonly boolean[],
  results: RecordResults,
): void {
  items.forEach((item, index) => {
    const counts = duplicate[index] ? results.duplicates : results.stored;
    counts[item.record]! += 1;
  });
}
