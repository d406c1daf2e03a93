/** What the journal on files is given, tells and offers beyond `Journal`. Types only. */
import type { EventLog } from '../event-log.ts';
import type { IngestError } from '../ingest-error.ts';
import type {
  Declaration,
  EpochMs,
  Journal,
  JournalConsumer,
  JournalDamage,
  JournalEntry,
  JournalEntryBody,
  Position,
} from '../model/index.ts';
import type { Hash64 } from './hash64.ts';
import type { JournalFs } from './journal-fs.ts';
import type { RedeliveryKey } from './journal-reader.ts';
import type { JournalMarks } from './marks.ts';
import type { TornTail } from './recover.ts';
import type { UpkeepFault } from './upkeep.ts';

export interface JournalOptions {
  readonly dir: string;
  readonly segmentBytes: number;
  /** Longest wait for company before a group commit, ms; 0: only until the event loop has handled what is there. */
  readonly groupCommitMs: number;
  /** Age of its first message at which a segment is closed, ms; absent: whatever its age. */
  readonly segmentMaxAgeMs?: number;
  readonly minFreeBytes: number;
  /** Days that what nobody needs any more is kept, and bytes of it; see `RetentionRule`. Absent: for ever. */
  readonly keepDays?: number;
  readonly keepBytes?: number;
  /** Pack closed segments; true unless said otherwise. */
  readonly pack?: boolean;
  /** Go on behind entries that are damaged, and name them, rather than refuse to open or to read. */
  readonly skipDamaged?: boolean;
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
  /** On disk. */
  readonly bytes: number;
  readonly syncs: number;
  /** Longest write + sync of the last minute or two, ms: reading it changes nothing. */
  readonly syncMsMax: number;
  readonly fault: IngestError | null;
  /** Segments, the growing one among them, and how many of them are packed. */
  readonly segments: number;
  readonly packedSegments: number;
  /** Bytes of packed segments on disk, and bytes they had before. */
  readonly packedBytes: number;
  readonly packedFromBytes: number;
  /** Segments deleted since the start. */
  readonly deletedSegments: number;
  /** Instant of the oldest entry held, epoch ms; null while it is not known. */
  readonly oldestAt: EpochMs | null;
  /** Below it the index needs nothing any more. */
  readonly released: Position;
  readonly consumers: readonly JournalConsumer[];
  /** What of packing and deleting does not work; null when all does. Appends go on. */
  readonly upkeepFault: UpkeepFault | null;
  /** Damage met since the start, a range once. */
  readonly damaged: readonly JournalDamage[];
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
  /** First entry that came at instant `at` (epoch ms) or later; the head where there is none yet. */
  positionAt(at: EpochMs): Promise<Position>;
  /** What cannot be read at `position`, and up to where; undefined where it can be. */
  damageAt(position: Position): Promise<JournalDamage | undefined>;
  /** The index needs nothing below `position` any more (less than before: it is being built anew). Resolves when that is on disk. */
  release(position: Position): Promise<void>;
  /** Consumers that hold back deletion with positions of their own. */
  readonly marks: Pick<JournalMarks, 'consumers' | 'register' | 'advance' | 'remove'>;
  /** Looks after packing and deleting now. Resolves when what can be done is done. */
  tidy(): Promise<void>;
  stats(): JournalStats;
  readonly pendingBytes: number;
  /** What a crash left half written, cut off when the journal was opened. */
  readonly torn: readonly TornTail[];
}
