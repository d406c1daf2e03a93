/**
 * The door thread as the rest of the house sees it: doors, decoding and journal run in a worker thread of their own, so
 * that no JSON answer or export can delay an acknowledgement. Types only; `open-doors.ts` implements them.
 */
import type {
  Declaration,
  EpochMs,
  JournalConsumer,
  JournalDamage,
  LoadBatch,
  Position,
  Principal,
  RawRecord,
  Receipt,
} from '../model/index.ts';
import type { DoorLog } from './door-log.ts';
import type { JournalCalls } from './journal-calls.ts';

export interface DoorsOptions {
  readonly dataDir: string;
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    /** Largest MQTT packet taken; a larger one is refused, journalled by its beginning and acknowledged. Bytes. */
    readonly maxPacketBytes: number;
    readonly maxTopicLevels: number;
    /** QoS 1 messages of one connection that may wait for their acknowledgement; above it the gateway stops reading. */
    readonly maxInFlight: number;
    readonly maxConnections: number;
  };
  readonly inbox: {
    readonly dir: string;
    readonly pollMs: number;
    /** How long a file waits for a mapping that takes its name before it is set aside, ms; default 10 minutes. */
    readonly graceMs?: number;
  };
  readonly journal: {
    readonly segmentBytes: number;
    /** Longest wait for company before a group commit, ms. */
    readonly groupCommitMs: number;
    /** Free space below which appending is refused, bytes. */
    readonly minFreeBytes: number;
    /** As in `JournalOptions`. */
    readonly segmentMaxAgeMs?: number;
    readonly keepDays?: number;
    readonly keepBytes?: number;
    readonly skipDamaged?: boolean;
  };
  /** Told what happens in the door thread, from before it stands; nobody by default. */
  readonly onLog?: DoorLog;
}

/** What the thread itself is given: a function cannot follow it there. */
export type DoorThreadOptions = Omit<DoorsOptions, 'onLog'>;

export interface DoorsMetrics {
  readonly head: Position;
  readonly tail: Position;
  readonly connections: number;
  readonly messagesReceived: number;
  readonly messagesAcknowledged: number;
  readonly bytesReceived: number;
  /** By rejection code. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly redeliveries: number;
  readonly journalBytes: number;
  readonly journalSyncs: number;
  readonly journalSyncMsMax: number;
  readonly pendingBytes: number;
  readonly connectionsRefused: number;
  /** Null when healthy, else what the disk said. */
  readonly journalFault: string | null;
  /** Segments, the growing one among them; how many of them are packed, their bytes on disk and what they had before. */
  readonly journalSegments: number;
  readonly journalPackedSegments: number;
  readonly journalPackedBytes: number;
  readonly journalPackedFromBytes: number;
  /** Since the start. */
  readonly journalDeletedSegments: number;
  /** Instant of the oldest entry held; null while it is not known. */
  readonly journalOldestAt: EpochMs | null;
  /** Below it the index needs nothing any more. */
  readonly journalReleased: Position;
  readonly journalConsumers: readonly JournalConsumer[];
  /** Null when closed segments are packed and deleted as they should, else what the disk said; messages are acknowledged all the same. */
  readonly journalUpkeepFault: string | null;
  /** Entries found damaged since the start. */
  readonly journalDamaged: readonly JournalDamage[];
  readonly eventLoopDelayMsP99: number;
}

/** A file handed to the table door, with progress. */
export interface DeliveryReport {
  readonly delivery: string;
  readonly mappingId: string;
  readonly rows: number;
  readonly firstPosition: Position;
  /** Position after the last chunk: when the index has passed it, the accounts of the delivery are final. */
  readonly endPosition: Position;
  readonly outcome: 'accepted' | 'partial' | 'refused' | 'held';
}

export interface Doors extends JournalCalls {
  /** Registers declarations: journalled as a control entry, effective for every message after it. Unchanged ones are dropped. */
  declare(
    declarations: readonly Declaration[],
  ): Promise<{ readonly position: Position; readonly changed: number }>;
  /** The whole state, as folded from the journal. */
  declarations(): Promise<readonly Declaration[]>;
  /**
   * Replaces the set of principals that may connect; sessions of removed or disabled ones are closed. The first call opens
   * the device port: a device that came back sooner would be refused with good credentials.
   */
  setPrincipals(principals: readonly Principal[]): Promise<void>;
  /**
   * Decoded entries from `from` on, at most about `maxReadings` readings; waits up to `waitMs` for the first one. Entries
   * still in memory are served from there, older ones are read back and decoded with what was true then. Where entries are
   * damaged the batch ends before them, and one from there rejects with `journal-corrupt`, unless `journal.skipDamaged` is set.
   *
   * @param consumer - Who reads besides the index, each at a place of its own; absent: the index.
   */
  pull(from: Position, maxReadings: number, waitMs: number, consumer?: string): Promise<LoadBatch>;
  /** The HTTP door: resolves when on disk. */
  accept(raw: RawRecord): Promise<Receipt>;
  /**
   * The file door: the file is kept once as a content-addressed blob, its rows are journalled in chunks. A file that is no
   * table but one message of a source (a GTFS-realtime feed, a recording of detections) goes as
   * `source:<sourceId>:<gateway>`: whole, as if that gateway had sent it.
   */
  deliver(
    path: string,
    fileName: string,
    mappingId: string,
    principal: string,
    onProgress?: (rows: number) => void,
  ): Promise<DeliveryReport>;
  /** The bytes of one entry, for quarantine. */
  raw(position: Position): Promise<RawRecord | undefined>;
  /** Ports actually listened on; 0 before the first `setPrincipals`. */
  readonly ports: { readonly mqtt: number };
  metrics(): Promise<DoorsMetrics>;
  /** Emits 'fault' when the thread dies: the process should stop. */
  onFault(listener: (error: Error) => void): void;
  /** Stops reading, acknowledges what is on disk, syncs, closes. */
  close(): Promise<void>;
}
