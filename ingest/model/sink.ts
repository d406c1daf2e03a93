import type { Position } from './journal.ts';
import type { Rejection } from './outcome.ts';
import type { RawRecord } from './raw-record.ts';

/** What a door may tell its client once the message is on disk. */
export interface Receipt {
  readonly position: Position;
  readonly outcome: 'accepted' | 'partial' | 'refused' | 'held' | 'redelivery';
  readonly records: number;
  readonly readings: number;
  /** The first few rejections, for the format's own error reply. */
  readonly rejections: readonly Rejection[];
}

/**
 * The journal side of a door. `accept` decodes, journals and resolves only when the bytes and their outcome are on disk;
 * the door acknowledges after that and never before. It rejects (throws) only when the disk refused: then the door
 * withholds the acknowledgement.
 */
export interface Sink {
  accept(raw: RawRecord): Promise<Receipt>;
  /** A refusal the door itself makes. `full` gives length and SHA-256 of what came when `raw.bytes` was cut. */
  refuse(raw: RawRecord, rejection: Rejection, full?: { length: number; sha256: string }): Promise<Receipt>;
  /** Bytes accepted and not yet on disk; doors stop reading above their high-water mark. */
  readonly pendingBytes: number;
}
