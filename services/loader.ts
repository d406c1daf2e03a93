/**
 * Feeds the index from the journal: pull, load, tell the live stream; again. One commit about every `commitMs` under load,
 * at once when it was quiet. What fails is tried again, later and later; nothing is skipped.
 */
import type { CommitDelta, Store } from '../analytics/index.ts';
import { isStoreError } from '../analytics/index.ts';
import type { Doors } from '../ingest/index.ts';
import type { LoadBatch } from '../ingest/model/index.ts';
import { LoaderPace } from './loader-pace.ts';

export interface LoaderOptions {
  readonly doors: Pick<Doors, 'pull'>;
  readonly store: Pick<Store, 'position' | 'load'>;
  readonly publish: (delta: CommitDelta) => void;
  /** Readings of one commit at most, while the index keeps up. */
  readonly maxReadings: number;
  /** The same while it is far behind, as after a rebuild. Default `maxReadings`. */
  readonly catchUpReadings?: number;
  /** Target distance of commits under load, ms. */
  readonly commitMs: number;
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
  /** UTC ms. */
  readonly now?: () => number;
}

/** How the loader does. */
export interface LoaderStatus {
  readonly position: number;
  /** Journal head when last heard of. */
  readonly head: number;
  /** How far the index is behind what has arrived, ms; 0 when it holds everything. */
  readonly lagMs: number;
  readonly commits: number;
  readonly readings: number;
  readonly failures: number;
  /** Entries loaded a second over the last 15 s. */
  readonly entriesPerS: number;
  /** How long until the index holds everything at that rate, ms; 0 when it does, null when it cannot be told. */
  readonly etaMs: number | null;
  /** What keeps it from loading now; null when nothing does. */
  readonly fault: string | null;
  /** Time of the last commit from pull to live stream, ms. */
  readonly lastCommitMs: number;
  readonly maxCommitMs: number;
}

export interface Loader {
  status(): LoaderStatus;
  /** Resolves when the index has reached `position`, or after `timeoutMs` with false. */
  reached(position: number, timeoutMs: number): Promise<boolean>;
  /** Finishes the commit under way and stops. */
  stop(): Promise<void>;
}

/** Longest wait for a first entry in one pull, ms: bounds how late a stop is noticed. */
const PULL_WAIT_MS = 500;
/** First and longest wait after a failure, ms. */
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 10_000;

/** Starts the loop. */
export function startLoader(options: LoaderOptions): Loader {
  const { doors, store, publish, log } = options;
  const now = options.now ?? Date.now;
  let stopping = false;
  let wake: () => void = () => undefined;
  let head = store.position;
  let commits = 0;
  let readings = 0;
  let failures = 0;
  let failuresInARow = 0;
  let fault: string | null = null;
  let lastCommitMs = 0;
  let maxCommitMs = 0;
  /** The instant up to which the index is known to hold everything that had arrived. */
  let currentAt: number | undefined;
  const startedAt = now();
  const { maxReadings, catchUpReadings = maxReadings } = options;
  const pace = new LoaderPace({ maxReadings, catchUpReadings });
  const waiters = new Set<{ position: number; resolve: () => void }>();

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (stopping) return resolve();
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function load(batch: LoadBatch): Promise<void> {
    const began = performance.now();
    const delta = await store.load(batch);
    commits += 1;
    readings += batch.observations.n;
    try {
      publish(delta);
    } catch (error) {
      log.error({ err: error }, 'the live stream refused a commit');
    }
    lastCommitMs = performance.now() - began;
    maxCommitMs = Math.max(maxCommitMs, lastCommitMs);
  }

  function note(batch: LoadBatch): void {
    head = Math.max(batch.head, store.position);
    pace.reached(store.position, head, now());
    if (store.position >= batch.head) currentAt = now();
    else if (batch.newestReceivedAt !== undefined)
      currentAt = Math.max(currentAt ?? 0, batch.newestReceivedAt);
    for (const waiter of waiters) if (store.position >= waiter.position) waiter.resolve();
  }

  async function fail(error: unknown): Promise<void> {
    failures += 1;
    failuresInARow += 1;
    fault = isStoreError(error) ? `The index refused a batch: ${error.code}` : 'The journal cannot be read';
    const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (failuresInARow - 1));
    log.error({ err: error, position: store.position, waitMs }, 'index load failed, trying again');
    await pause(waitMs);
  }

  const pull = (from: number): Promise<LoadBatch> => doors.pull(from, pace.readings, PULL_WAIT_MS);

  async function run(): Promise<void> {
    let began = Number.NEGATIVE_INFINITY;
    let ahead: Promise<LoadBatch> | undefined;
    while (!stopping) {
      try {
        const batch = await (ahead ?? pull(store.position));
        ahead = undefined;
        const behind = batch.to > batch.from && batch.to < batch.head;
        pace.pulled(batch.to, batch.head, lastCommitMs);
        if (behind) {
          // The door thread reads and decodes the next batch while this one is loaded.
          ahead = pull(batch.to);
          ahead.catch(() => undefined);
        }
        if (batch.to > batch.from) {
          began = performance.now();
          await load(batch);
        }
        note(batch);
        fault = null;
        failuresInARow = 0;
        // Not behind: let company gather, so that a commit is worth its cost.
        const restMs = options.commitMs - (performance.now() - began);
        if (!behind && restMs > 0) await pause(restMs);
      } catch (error) {
        // What was pulled ahead does not follow on what the index holds.
        ahead = undefined;
        if (isStoreError(error, 'position-mismatch') && failuresInARow === 0) {
          // The store knows better where it stands: the next pull asks it again.
          failuresInARow += 1;
          log.warn({ err: error }, 'index position moved, pulling again');
          continue;
        }
        if (!stopping) await fail(error);
      }
    }
    await ahead?.catch(() => undefined);
  }

  const running = run();
  return {
    status: () => ({
      position: store.position,
      head,
      lagMs: store.position >= head ? 0 : Math.max(0, now() - (currentAt ?? startedAt)),
      commits,
      readings,
      failures,
      fault,
      entriesPerS: pace.entriesPerS(),
      etaMs: pace.etaMs(store.position, head),
      lastCommitMs,
      maxCommitMs,
    }),
    async reached(position, timeoutMs) {
      if (store.position >= position) return true;
      return new Promise<boolean>((resolve) => {
        const end = (answer: boolean) => {
          clearTimeout(timer);
          waiters.delete(waiter);
          resolve(answer);
        };
        const timer = setTimeout(() => end(false), timeoutMs);
        const waiter = { position, resolve: () => end(true) };
        waiters.add(waiter);
      });
    },
    async stop() {
      stopping = true;
      wake();
      await running;
    },
  };
}
