/** What the journal on files is given, tells and offers beyond `Journal`. Types only. */
import type { EventLog } from '../event-log.ts';
import type { IngestError } from '../ingest-error.ts';
import type {
  Declaration,
  EpochMs,
  Journal,
  JournalEntry,
  JournalEntryBody,
  Position,
} from '../model/index.ts';
import type { Hash64 } from './hash64.ts';
import type { JournalFs } from './journal-fs.ts';
import type { RedeliveryKey } from './journal-reader.ts';
import type { TornTail } from './recover.ts';

export interface JournalOptions {
  readonly dir: string;
  readonly segmentBytes: number;
  /** Longest wait for company before a group commit, ms; 0: only until the event loop has handled what is there. */
  readonly groupCommitMs: number;
  readonly minFreeBytes: number;
  readonly maxPendingBytes?: number;
  readonly fs?: JournalFs;
  readonly clock: () => EpochMs;
  readonly log?: EventLog | undefined;
  /** The declarations as of now, for the head of a new segment. */
  snapshot(): readonly Declaration[];
  /** Control entries of the last segment while opening, in order. */
  onControl(entry: Extract<JournalEntry, { kind: 'control' }>): void;
}

/** Told in the order of the journal, before the promises of the entries settle. */
export interface JournalListener {
  /** A new segment began: its snapshot took this position. */
  onSegment(position: Position): void;
  /** Every entry below `head` is on disk. */
  onDurable(head: Position): void;
  /** The disk refused: positions from `head` on were never written and will be given again. */
  onRefused(head: Position, error: IngestError): void;
}

export interface JournalStats {
  readonly bytes: number;
  readonly syncs: number;
  /** Longest write + sync of the last minute or two, ms: reading it changes nothing. */
  readonly syncMsMax: number;
  readonly fault: IngestError | null;
  readonly segments: number;
}

/** A `Journal` with what the pipeline needs besides. */
export interface FileJournal extends Journal {
  /**
   * Takes an entry at once: its position is known, `durable` tells whether it got there.
   *
   * @throws {IngestError} `journal-overloaded`, `entry-too-large`, `closed`, or the fault the disk is in.
   */
  enqueue(body: JournalEntryBody, hash?: Hash64): { position: Position; durable: Promise<Position> };
  listen(listener: JournalListener): void;
  /** Control entries of the segment that holds `position`, from its snapshot up to but not including `position`. */
  controlsBefore(position: Position): Promise<readonly Extract<JournalEntry, { kind: 'control' }>[]>;
  /** Shows the redelivery keys of the newest `entries` entries, oldest first. */
  scanKeys(entries: number, visit: (key: RedeliveryKey) => void): Promise<void>;
  stats(): JournalStats;
  readonly pendingBytes: number;
  /** What a crash left half written, cut off when the journal was opened. */
  readonly torn: readonly TornTail[];
}
