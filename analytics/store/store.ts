import type {
  DatasetDeclaration,
  EpochMs,
  LoadBatch,
  Position,
  ThingDeclaration,
} from '../../ingest/model/index.ts';
import type { CommitDelta } from './commit-delta.ts';
import type { LatestIndex } from './latest-index.ts';
import type { SealPolicy } from './parts/seal-policy.ts';

export type { SealPolicy } from './parts/seal-policy.ts';

/** Structured log as pino writes it: fields first, then the sentence. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface StoreOptions {
  /** DuckDB file, e.g. `<data>/index/jingwei.duckdb`; its folder is made. `:memory:` for tests. */
  readonly path: string;
  /** DuckDB's `memory_limit`, MB. Default 256. */
  readonly memoryLimitMb?: number;
  /** DuckDB's worker threads. Default 2. */
  readonly threads?: number;
  /** IANA zone of the city, for reports; storage is by UTC day. Default Asia/Shanghai. */
  readonly timezone?: string;
  /** UTC ms; default Date.now. */
  readonly clock?: () => EpochMs;
  readonly log?: StoreLog;
  /** Days of observations kept, by phenomenonTime of whole day tables; null (default) keeps all. */
  readonly retentionDays?: number | null;
  /** Longest a query may run, ms. Default 10,000. */
  readonly queryTimeoutMs?: number;
  /** Queries that may wait for one of the two connections before `busy`. Default 64. */
  readonly queryQueueMax?: number;
  /**
   * Folder of the sealed parts and the state snapshots, e.g. `<data>/parts`; it outlives the index. Absent: nothing is
   * sealed, every row stays in the index.
   */
  readonly partsDir?: string;
  /** When tables are sealed, parts merged and state is written down; what is absent has its default. */
  readonly sealing?: Partial<SealPolicy>;
  /** Builds closed rollup hours every so many ms; 0: only when `buildRollups` is called. Default 5,000. */
  readonly rollupIntervalMs?: number;
}

/** Set when the file could not be read at open: it was moved aside, and the index starts again from position 0. */
export interface Recovery {
  readonly movedTo: string;
  readonly reason: string;
}

export interface StoreMetrics {
  readonly position: Position;
  readonly commits: number;
  readonly loadMsMax: number;
  readonly loadMsTotal: number;
  /** Rows kept since the store was opened. */
  readonly rowsLoaded: number;
  readonly datastreams: number;
  readonly partitions: number;
  readonly dirtyHours: number;
  readonly queriesRunning: number;
  readonly queriesWaiting: number;
  readonly queriesTimedOut: number;
  readonly queriesRefused: number;
  /** Ended because the asker left; moved to the lane of the heavy ones because they were not quick. Since the open. */
  readonly queriesCancelled: number;
  readonly queriesMoved: number;
  readonly fileBytes: number;
  /** Sealed parts now, their rows and bytes, and those that were found damaged and are left out of answers. */
  readonly parts: number;
  readonly partRows: number;
  readonly partBytes: number;
  readonly partsDamaged: number;
  /** Since the store was opened: tables sealed, rows sealed, parts merged, and times that it failed. */
  readonly seals: number;
  readonly rowsSealed: number;
  readonly merges: number;
  readonly sealFailures: number;
  readonly duckdbMemoryBytes: number;
}

/** The dictionaries, in memory: what the integer ids of rows and deltas mean. Look-ups only. */
export interface Catalogue {
  datastream(id: number): DatastreamEntry | undefined;
  datastreamId(dataset: string, thing: string, property: string): number | undefined;
  datastreamsOfProperty(property: string): readonly DatastreamEntry[];
  datastreamsOfThing(thing: string): readonly DatastreamEntry[];
  dataset(id: string): DatasetDeclaration | undefined;
  thing(id: string): ThingDeclaration | undefined;
  readonly datasets: Iterable<DatasetDeclaration>;
  readonly things: Iterable<ThingDeclaration>;
  readonly datastreamCount: number;
}

export interface DatastreamEntry {
  readonly id: number;
  readonly dataset: string;
  readonly thing: string;
  readonly property: string;
  /** Expected reporting period, ms: the datastream's, else the dataset's. */
  readonly periodMs: number;
}

/** What `Store.seal` may be told. */
export interface SealOptions {
  /** Seals every table that holds rows, also the open ones, whatever their age: for tests, backups and clean ends. */
  readonly all?: boolean;
  /** Writes the state down even where none is due: a backup that holds it is quick to start from. */
  readonly snapshot?: boolean;
  /** Tells how far it is. */
  readonly onProgress?: (progress: SealProgress) => void;
}

export interface SealProgress {
  readonly step: 'seal' | 'merge' | 'snapshot' | 'retention';
  readonly done: number;
  readonly of: number;
  /** Rows sealed or merged so far. */
  readonly rows: number;
}

/** What one call of `Store.seal` did. */
export interface SealReport {
  readonly tables: number;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  /** Parts made of smaller ones. */
  readonly merged: number;
  /** Parts removed because their dataset keeps its rows no longer. */
  readonly dropped: number;
  /** Position of the state snapshot that was written; null when none was due. */
  readonly snapshot: Position | null;
}

/** The sealed parts as they stand. */
export interface PartsSummary {
  readonly count: number;
  readonly rows: number;
  readonly bytes: number;
  /** Least and greatest phenomenonTime, half-open, UTC ms; null without parts. */
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  /** Parts that are missing, short or unreadable: their rows are in no answer until they are mended. */
  readonly damaged: readonly DamagedPart[];
}

export interface DamagedPart {
  readonly dataset: string;
  readonly id: string;
  /** What is wrong, with the name of the file, and how to mend it. */
  readonly reason: string;
}

/** The index: one writer, fed from the journal in order, rebuildable from it. */
export interface Store {
  /** Next journal position wanted: `doors.pull(store.position, ...)`. Changes with every commit. */
  readonly position: Position;
  readonly recovery: Recovery | null;
  readonly latest: LatestIndex;
  readonly catalogue: Catalogue;
  /**
   * One transaction: rows, dictionaries, accounts, dirty marks and the position. Calls queue behind one another.
   *
   * @throws {StoreError} `position-mismatch` (with `expected`) unless `batch.from` is `position`; `load-failed` when
   * DuckDB refused: nothing of the batch is kept and it may be loaded again; `closed`.
   */
  load(batch: LoadBatch): Promise<CommitDelta>;
  /** Builds at most `maxHours` closed hours whose rollup is missing or dirty; returns how many were built. */
  buildRollups(maxHours?: number): Promise<number>;
  checkpoint(): Promise<void>;
  /**
   * The journal is not needed below this position: the rows of every entry below it are in verified parts, and all else
   * that came of them is in a state snapshot on disk. 0 while nothing is sealed.
   */
  readonly releasable: Position;
  /** Entries below this are replayed for their observations only, after a rebuild; 0 otherwise. */
  readonly snapshotPosition: Position;
  readonly parts: PartsSummary;
  /**
   * Seals the tables that are due into parts, merges small parts, drops what retention lets go, and writes the state down.
   * Loads and queries go on beside it. Calls queue behind one another. Does nothing without `partsDir`.
   *
   * @throws {StoreError} `seal-failed`, naming the table or part: nothing is lost, its rows stay where they were.
   */
  seal(options?: SealOptions): Promise<SealReport>;
  metrics(): Promise<StoreMetrics>;
  /** Waits for the running load, writes the latest state down, checkpoints, closes. */
  close(): Promise<void>;
}
