import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, Position } from '../../../ingest/model/index.ts';
import { writeSnapshot } from '../snapshot/write-snapshot.ts';
import type { SealOptions, SealProgress, SealReport } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { dropParts, expiredParts } from './drop-parts.ts';
import { mergeable, mergeParts } from './merge-parts.ts';
import type { SealContext } from './seal-context.ts';
import { freeze, sealTable } from './seal-table.ts';

/** A table that never rests is sealed all the same when it was seen so long ago, ms. */
const RESTLESS_MS = 24 * 3_600_000;
/** State is written down so often even where nothing was sealed: a journal of events alone is let go too. ms. */
const SNAPSHOT_AT_LEAST_MS = 24 * 3_600_000;

interface Seen {
  readonly rows: number;
  readonly firstAt: EpochMs;
  /** When it was last found to have grown. */
  readonly grewAt: EpochMs;
}

export interface SealerOptions {
  /** Days kept of every dataset that declares none of its own; null keeps all. */
  readonly retentionDays: number | null;
  /** Below this the journal is not needed, as the snapshots on disk at the start say. */
  readonly releasable: Position;
}

/** Seals what is due, merges what is small, drops what is old and writes the state down: one thing after another. */
export class Sealer {
  readonly #context: SealContext;
  readonly #options: SealerOptions;
  readonly #seen = new Map<string, Seen>();
  #tail: Promise<unknown> = Promise.resolve();
  #changed = false;
  #snapshotAt: EpochMs;
  #snapshotPosition: Position = -1;
  #releasable: Position;
  readonly totals = { seals: 0, rows: 0, merges: 0, failures: 0 };

  constructor(context: SealContext, options: SealerOptions) {
    this.#context = context;
    this.#options = options;
    this.#releasable = options.releasable;
    this.#snapshotAt = context.clock();
  }

  /** See `Store.releasable`. A damaged part holds it back: what it held may have to be replayed. */
  get releasable(): Position {
    const { state } = this.#context;
    const damaged = state.parts.all
      .filter((part) => state.parts.damageOf(part) !== undefined)
      .flatMap((part) => part.covers.map(({ since }) => since));
    return Math.min(this.#releasable, ...damaged);
  }

  /** See `Store.seal`. */
  run(options: SealOptions = {}): Promise<SealReport> {
    const turn = this.#tail.then(() => this.#run(options));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when nothing is being sealed any more. */
  idle(): Promise<unknown> {
    return this.#tail;
  }

  async #run(options: SealOptions): Promise<SealReport> {
    const { state, log } = this.#context;
    const report = { tables: 0, parts: 0, rows: 0, bytes: 0, merged: 0, dropped: 0 };
    const tell = (step: SealProgress['step'], done: number, of: number) =>
      options.onProgress?.({ step, done, of, rows: report.rows });
    try {
      const due = await this.#due(options.all === true);
      for (const [index, name] of due.entries()) {
        if (this.#context.closing()) break;
        const started = performance.now();
        const frozen = await freeze(this.#context, name);
        if (frozen === undefined || frozen.until === null) continue;
        const parts = await sealTable(this.#context, frozen);
        const rows = parts.reduce((sum, part) => sum + part.rows, 0);
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
        this.#seen.delete(name);
        report.tables += 1;
        report.parts += parts.length;
        report.rows += rows;
        report.bytes += bytes;
        this.totals.seals += 1;
        this.totals.rows += rows;
        this.#changed = true;
        const tookMs = Math.round(performance.now() - started);
        log.info(
          { table: name, rows, bytes, parts: parts.length, tookMs },
          'Observations were sealed into parts',
        );
        tell('seal', index + 1, due.length);
      }
      const groups = mergeable(
        state.parts.all.filter((part) => state.parts.damageOf(part) === undefined),
        this.#context.clock(),
        this.#context.policy,
        options.all === true,
      );
      for (const [index, group] of groups.entries()) {
        if (this.#context.closing()) break;
        const merged = await mergeParts(this.#context, group);
        if (merged === null) continue;
        report.merged += group.length;
        this.totals.merges += 1;
        this.#changed = true;
        log.info(
          { dataset: merged.dataset, part: merged.id, of: group.length, rows: merged.rows },
          'Small parts were merged',
        );
        tell('merge', index + 1, groups.length);
      }
      const expired = this.#context.closing() ? [] : expiredParts(this.#context, this.#options.retentionDays);
      if (expired.length > 0) {
        await dropParts(this.#context, expired);
        report.dropped = expired.length;
        this.#changed = true;
        log.info({ parts: expired.map(({ id }) => id) }, 'Parts past their retention were dropped');
        tell('retention', expired.length, expired.length);
      }
      const snapshot = this.#context.closing()
        ? null
        : await this.#snapshot(options.all === true, options.snapshot === true);
      if (snapshot !== null) tell('snapshot', 1, 1);
      return { ...report, snapshot };
    } catch (error) {
      if (!this.#context.closing()) this.totals.failures += 1;
      if (error instanceof StoreError) throw error;
      throw new StoreError(
        'seal-failed',
        `Cannot seal: ${error instanceof Error ? error.message : error}. No row is lost: what was not sealed stays in the index`,
        { cause: error },
      );
    }
  }

  /** Names of the tables to seal now, oldest first: frozen ones, and open ones by the policy. */
  async #due(all: boolean): Promise<readonly string[]> {
    const { state, pool, policy, clock } = this.#context;
    const partitions = state.partitions.all;
    if (all) return partitions.map(({ name }) => name);
    const now = clock();
    const rows = await pool.lend((connection) => estimates(connection), 'seal');
    return partitions
      .filter(({ name, grain, to, until }) => {
        const size = rows.get(name) ?? 0;
        const before = this.#seen.get(name);
        const seen: Seen = {
          rows: size,
          firstAt: before?.firstAt ?? now,
          grewAt: before === undefined || before.rows !== size ? now : before.grewAt,
        };
        this.#seen.set(name, seen);
        if (until !== null || size >= policy.maxHotRows) return true;
        if (size === 0) return false;
        if (grain === 'day' && now < to + policy.sealAfterMs) return false;
        // Few rows, late ones above all, wait for company: a part of its own for each would be merged again soon.
        const worth = size >= policy.smallPartRows || now - seen.firstAt >= policy.sealAfterMs;
        return (worth && now - seen.grewAt >= policy.quietMs) || now - seen.firstAt >= RESTLESS_MS;
      })
      .map(({ name }) => name);
  }

  async #snapshot(now: boolean, wanted: boolean): Promise<Position | null> {
    const { clock, policy, state } = this.#context;
    const age = clock() - this.#snapshotAt;
    const due = this.#changed
      ? now || this.#snapshotPosition < 0 || age >= policy.snapshotEveryMs
      : age >= SNAPSHOT_AT_LEAST_MS && state.position !== this.#snapshotPosition;
    if (!due && !(wanted && state.position !== this.#snapshotPosition)) return null;
    const written = await writeSnapshot(this.#context);
    this.#changed = false;
    this.#snapshotAt = clock();
    this.#snapshotPosition = written.position;
    this.#releasable = written.releasable;
    return written.position;
  }
}

async function estimates(connection: DuckDBConnection): Promise<ReadonlyMap<string, number>> {
  const reader = await connection.runAndReadAll('SELECT table_name, estimated_size FROM duckdb_tables()');
  return new Map(reader.getRows().map(([name, size]) => [name as string, Number(size)]));
}
