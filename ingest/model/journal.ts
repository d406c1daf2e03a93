import type { Declaration } from './declaration.ts';
import type { Rejection } from './outcome.ts';
import type { RawRecord } from './raw-record.ts';
import type { EpochMs } from './time.ts';

/** Ordinal of an entry in the journal, from 0, never reused. A consumer's position is the next entry it wants. */
export type Position = number;

/** What is appended: a message as it came, a refusal made at the door, a recognised redelivery, or a control entry. */
export type JournalEntryBody =
  | { readonly kind: 'message'; readonly raw: RawRecord }
  /** Refused before decoding (too large, topic too deep, not allowed): only the first 64 KiB of the bytes are kept. */
  | {
      readonly kind: 'refusal';
      readonly raw: RawRecord;
      readonly rejection: Rejection;
      /** Length and SHA-256 (hex) of what came, when `raw.bytes` is only its beginning. */
      readonly fullLength: number;
      readonly sha256: string;
    }
  /** A redelivery of an entry already held: counted, not stored again. `of` is the first one's position. */
  | {
      readonly kind: 'redelivery';
      readonly sourceId: string;
      readonly origin: RawRecord['origin'];
      readonly receivedAt: EpochMs;
      readonly of: Position;
      /** Dataset of each record of the first one, for the accounts; absent: one record of an unknown dataset. */
      readonly datasets?: readonly string[];
      /** Length of the message in bytes. */
      readonly byteLength?: number;
    }
  /** What decoding depends on changed. `snapshot`: the whole state, written at the head of each segment. */
  | {
      readonly kind: 'control';
      readonly at: EpochMs;
      readonly snapshot: boolean;
      readonly declarations: readonly Declaration[];
    };

export type JournalEntry = JournalEntryBody & { readonly position: Position };

/** Entries that cannot be read any more: those of `[from, to)`. */
export interface JournalDamage {
  /** Name of the file. */
  readonly segment: string;
  readonly from: Position;
  readonly to: Position;
  readonly why: string;
}

/** A reader of the journal with a place of its own: what it has not read yet is not deleted. */
export interface JournalConsumer {
  readonly name: string;
  /** The next entry it wants. */
  readonly position: Position;
  readonly registeredAt: EpochMs;
  readonly advancedAt: EpochMs;
}

/** Append-only, on disk before it answers. One writer. */
export interface Journal {
  /** Resolves with the entry's position once `fdatasync` has covered it; rejects when the disk refuses. */
  append(body: JournalEntryBody): Promise<Position>;
  /** Entries from `from` on, in order, at most `limit`; only durable ones. */
  read(from: Position, limit: number): Promise<readonly JournalEntry[]>;
  /** The next position to be written durably: every entry below it is on disk. */
  readonly head: Position;
  /** The oldest position still held. */
  readonly tail: Position;
  close(): Promise<void>;
}
