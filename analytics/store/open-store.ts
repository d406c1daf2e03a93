import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { EpochMs, LoadBatch, Position } from '../../ingest/model/index.ts';
import { RollupBuilder } from '../rollups/builder.ts';
import { prepareRollups } from '../rollups/prepare.ts';
import { createMacros } from '../sql/macros.ts';
import type { CommitDelta } from './commit-delta.ts';
import { setInternals } from './internals.ts';
import { Loader } from './loader.ts';
import { migrate } from './migrate.ts';
import { Mutex } from './mutex.ts';
import { refreshObservationView } from './observation-view.ts';
import { isDamage, openDatabase, suspectMarker } from './open-database.ts';
import { explainPartFailure } from './parts/explain-failure.ts';
import { makeFolder } from './parts/part-files.ts';
import { reconcileParts } from './parts/reconcile.ts';
import { Retirement } from './parts/retirement.ts';
import { SEAL_POLICY } from './parts/seal-policy.ts';
import { Sealer } from './parts/sealer.ts';
import { QueryPool } from './query-pool.ts';
import { dropOldDays } from './retention.ts';
import { saveLatest } from './save-latest.ts';
import { type Rebuilt, rebuildFromParts } from './snapshot/rebuild-from-parts.ts';
import { listSnapshots, releasableBy } from './snapshot/snapshot-files.ts';
import { StoreState } from './state.ts';
import type {
  PartsSummary,
  Recovery,
  SealOptions,
  SealPolicy,
  SealReport,
  Store,
  StoreLog,
  StoreMetrics,
  StoreOptions,
} from './store.ts';
import { StoreError } from './store-error.ts';

const NOTHING_SEALED: SealReport = {
  tables: 0,
  parts: 0,
  rows: 0,
  bytes: 0,
  merged: 0,
  dropped: 0,
  snapshot: null,
};
const SILENT: StoreLog = { info() {}, warn() {}, error() {} };
/** Between checkpoints of a store that is written to, ms: a checkpoint stalls commits for 100 to 700 ms. */
const CHECKPOINT_INTERVAL_MS = 5 * 60_000;

/**
 * Opens (or makes) the index. A damaged file is moved aside and reported in `recovery`; the index then starts from
 * position 0 and the caller pulls everything again.
 *
 * @throws {StoreError} `schema-too-new`. The database's own error when another process holds the file.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const clock = options.clock ?? Date.now;
  const log = options.log ?? SILENT;
  const state = new StoreState();
  const partsDir = options.partsDir === undefined ? undefined : resolve(options.partsDir);
  const policy: SealPolicy = { ...SEAL_POLICY, ...options.sealing };
  state.partitions.lateAfterMs = policy.lateAfterMs;
  if (partsDir !== undefined) {
    await makeFolder(partsDir);
    state.parts.folder = partsDir;
  }
  const opened = await openDatabase(
    options.path,
    {
      memoryLimitMb: options.memoryLimitMb ?? 256,
      threads: options.threads ?? 2,
      nowMs: clock(),
      partsDir,
    },
    async (connection, fresh) => {
      await createMacros(connection);
      let rebuilt: Rebuilt | undefined;
      if (fresh) {
        if (partsDir === undefined) await migrate(connection, clock());
        else rebuilt = await rebuildFromParts(connection, partsDir, clock(), log);
      }
      await state.restore(connection, clock());
      if (partsDir !== undefined && !fresh) await refuseStale(state, partsDir);
      await prepareRollups(connection, state, options.timezone ?? 'Asia/Shanghai');
      for (const part of rebuilt?.damaged ?? []) state.parts.markDamaged(part, part.reason);
      if (partsDir !== undefined) await reconcileParts(connection, state, partsDir, log);
    },
  );
  if (opened.recovery !== null) {
    log.error(
      opened.recovery,
      'The index could not be read: it was moved aside and is made again from the journal',
    );
  }
  const pool = await QueryPool.open(
    opened.instance,
    options.queryTimeoutMs ?? 10_000,
    options.queryQueueMax ?? 64,
  );
  pool.explainFailure = (sql, error) => explainPartFailure(state, sql, error);
  const releasable = partsDir === undefined ? 0 : await releasableBy(partsDir);
  const store = new DuckStore(opened, state, pool, clock, log, options, policy, releasable);
  setInternals(store, { state, pool, clock });
  await store.refreshView();
  store.start();
  log.info({ position: state.position, datastreams: state.dictionary.datastreamCount }, 'The index is open');
  return store;
}

/**
 * A power cut may take the last commits of the index (DuckDB syncs its log, not the log's name), or an old copy was put
 * back: then the journal may have let go what it lacks. It is made again of parts and state, which were synced with their names.
 *
 * @throws {Error} which tells `openDatabase` to move the file aside.
 */
async function refuseStale(state: StoreState, partsDir: string): Promise<void> {
  const [newest] = (await listSnapshots(partsDir)).found;
  const held = Math.max(state.position, state.snapshotPosition);
  if (newest === undefined || newest.snapshot.position <= held) return;
  throw new Error(
    `The index is at entry ${held}, behind the state that was written down of it at ${newest.snapshot.position}: its last commits are lost`,
  );
}

class DuckStore implements Store {
  readonly recovery: Recovery | null;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;
  readonly #pool: QueryPool;
  readonly #clock: () => EpochMs;
  readonly #log: StoreLog;
  readonly #options: StoreOptions;
  readonly #policy: SealPolicy;
  readonly #loader: Loader;
  readonly #writer = new Mutex();
  readonly #builder: RollupBuilder;
  readonly #sealer: Sealer | undefined;
  readonly #retirement: Retirement;
  #viewVersions = '';
  #timer: NodeJS.Timeout | undefined;
  #sealTimer: NodeJS.Timeout | undefined;
  #building: Promise<unknown> = Promise.resolve();
  #checkpointedAt: EpochMs;
  #closed = false;
  #sealing = false;
  #loadMsMax = 0;
  #loadMsTotal = 0;
  #rowsLoaded = 0;

  constructor(
    opened: { instance: DuckDBInstance; connection: DuckDBConnection; recovery: Recovery | null },
    state: StoreState,
    pool: QueryPool,
    clock: () => EpochMs,
    log: StoreLog,
    options: StoreOptions,
    policy: SealPolicy,
    releasable: Position,
  ) {
    this.recovery = opened.recovery;
    this.#instance = opened.instance;
    this.#connection = opened.connection;
    this.#state = state;
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.#options = options;
    this.#loader = new Loader(opened.connection, state, clock);
    this.#builder = new RollupBuilder(pool, state, this.#writer);
    this.#checkpointedAt = clock();
    this.#policy = policy;
    this.#retirement = new Retirement(
      () => pool.settled(),
      (error) =>
        log.warn({ err: error }, 'What was sealed could not be removed yet: it goes at the next start'),
    );
    if (options.partsDir !== undefined) {
      this.#sealer = new Sealer(
        {
          partsDir: state.parts.folder,
          state,
          pool,
          writerConnection: this.#connection,
          writer: this.#writer,
          loader: this.#loader,
          retirement: this.#retirement,
          policy,
          clock,
          log,
          closing: () => this.#closed,
        },
        { retentionDays: options.retentionDays ?? null, releasable },
      );
    }
  }

  get position() {
    return this.#state.position;
  }

  get latest() {
    return this.#state.latest;
  }

  get catalogue() {
    return this.#state.dictionary;
  }

  get releasable() {
    return this.#sealer?.releasable ?? 0;
  }

  get snapshotPosition() {
    return this.#state.snapshotPosition;
  }

  get parts(): PartsSummary {
    return { ...this.#state.parts.totals, damaged: this.#state.parts.damaged };
  }

  async seal(options?: SealOptions): Promise<SealReport> {
    if (this.#closed) throw new StoreError('closed', 'Cannot seal: the index is closed');
    if (this.#sealer === undefined) return NOTHING_SEALED;
    const report = await this.#sealer.run(options);
    await this.#writer.run(() => this.refreshView());
    return report;
  }

  /** Makes the view for people follow the tables and parts; in the loader's turn, or before there are others. */
  async refreshView(): Promise<void> {
    const versions = `${this.#state.partitions.version} ${this.#state.parts.version}`;
    if (versions === this.#viewVersions || this.#closed) return;
    try {
      await refreshObservationView(this.#connection, this.#state);
      this.#viewVersions = versions;
    } catch (error) {
      this.#log.error({ err: error }, 'The view "observation" could not be made: a part may be damaged');
    }
  }

  start(): void {
    if (this.#sealer !== undefined && this.#policy.intervalMs > 0) {
      this.#sealTimer = setInterval(() => this.#sealDue(), this.#policy.intervalMs);
      this.#sealTimer.unref();
    }
    const intervalMs = this.#options.rollupIntervalMs ?? 5_000;
    if (intervalMs <= 0) return;
    this.#timer = setInterval(() => this.#maintain(), intervalMs);
    this.#timer.unref();
  }

  load(batch: LoadBatch): Promise<CommitDelta> {
    return this.#writer.run(async () => {
      if (this.#closed) throw new StoreError('closed', 'Cannot load: the index is closed');
      const started = performance.now();
      const delta = await this.#loader.load(batch).catch((error: unknown) => this.#suspect(error));
      const tookMs = performance.now() - started;
      this.#loadMsMax = Math.max(this.#loadMsMax, tookMs);
      this.#loadMsTotal += tookMs;
      this.#rowsLoaded += delta.counts.observations;
      await this.refreshView();
      return delta;
    });
  }

  buildRollups(maxHours = 2000): Promise<number> {
    if (this.#closed) return Promise.resolve(0);
    const run = this.#building.then(() => this.#builder.build(this.#clock(), maxHours));
    this.#building = run.catch(() => undefined);
    return run;
  }

  checkpoint(): Promise<void> {
    return this.#writer.run(async () => {
      const days = this.#options.retentionDays ?? null;
      if (days !== null) {
        const dropped = await dropOldDays(this.#connection, this.#state, this.#loader, this.#clock(), days);
        if (dropped.length > 0)
          this.#log.info({ dropped }, 'Observation tables past their retention were dropped');
      }
      await this.refreshView();
      await this.#connection.run('CHECKPOINT');
      this.#checkpointedAt = this.#clock();
    });
  }

  async metrics(): Promise<StoreMetrics> {
    const pool = this.#pool.metrics;
    const memory = await this.#pool
      .run('SELECT coalesce(sum(memory_usage_bytes), 0)::DOUBLE FROM duckdb_memory()')
      .then((answer) => answer.columns[0]![0] as number)
      .catch(() => Number.NaN);
    const sizes = await Promise.all(
      [this.#options.path, `${this.#options.path}.wal`].map((path) =>
        stat(path).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return {
      position: this.#state.position,
      commits: this.#loader.sequence,
      loadMsMax: this.#loadMsMax,
      loadMsTotal: this.#loadMsTotal,
      rowsLoaded: this.#rowsLoaded,
      datastreams: this.#state.dictionary.datastreamCount,
      partitions: this.#state.partitions.all.length,
      dirtyHours: this.#state.dirty.size,
      queriesRunning: pool.running,
      queriesWaiting: pool.waiting,
      queriesTimedOut: pool.timedOut,
      queriesRefused: pool.refused,
      queriesCancelled: pool.cancelled,
      queriesMoved: pool.moved,
      fileBytes: sizes[0]! + sizes[1]!,
      duckdbMemoryBytes: memory,
      parts: this.#state.parts.totals.count,
      partRows: this.#state.parts.totals.rows,
      partBytes: this.#state.parts.totals.bytes,
      partsDamaged: this.#state.parts.damaged.length,
      seals: this.#sealer?.totals.seals ?? 0,
      rowsSealed: this.#sealer?.totals.rows ?? 0,
      merges: this.#sealer?.totals.merges ?? 0,
      sealFailures: this.#sealer?.totals.failures ?? 0,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    clearInterval(this.#sealTimer);
    // What is being built or sealed may wait for the loader's turn: it has to end before that turn is taken for good.
    this.#builder.stop();
    this.#pool.interruptUpkeep('seal');
    await Promise.all([this.#building, this.#sealer?.idle()]);
    await this.#retirement.finish();
    await this.#writer.run(async () => {
      await this.#pool.close();
      await saveLatest(this.#connection, this.#state);
      this.#loader.releaseTables();
      if (this.#options.path !== ':memory:') await this.#connection.run('CHECKPOINT');
      this.#connection.closeSync();
      this.#instance.closeSync();
    });
  }

  /** Notes damage that shows while the file is open, so that the next start makes the index again. */
  async #suspect(error: unknown): Promise<never> {
    const cause = error instanceof StoreError ? error.cause : error;
    if (isDamage(cause) && this.#options.path !== ':memory:') {
      this.#log.error(
        { err: cause },
        'The index is damaged: it is made again from the journal at the next start',
      );
      await writeFile(suspectMarker(this.#options.path), (cause as Error).message).catch(() => undefined);
    }
    throw error;
  }

  #sealDue(): void {
    if (this.#closed || this.#sealing) return;
    this.#sealing = true;
    this.seal()
      .catch((error: unknown) => {
        if (!this.#closed) this.#log.error({ err: error }, 'Observations could not be sealed');
      })
      .finally(() => {
        this.#sealing = false;
      });
  }

  #maintain(): void {
    this.buildRollups()
      .then(() => {
        if (this.#closed || this.#clock() - this.#checkpointedAt < CHECKPOINT_INTERVAL_MS) return undefined;
        return this.checkpoint();
      })
      .catch((error: unknown) => {
        // A table is being read that has changed since: the next turn does it.
        if (error instanceof Error && /there are other write transactions/.test(error.message)) return;
        if (!this.#closed) this.#log.error({ err: error }, 'The index could not be maintained');
      });
  }
}
