/** A segment as it is read, whatever form it has on disk. Types only. */
import type { JournalEntry, Position } from '../model/index.ts';
import type { Hash64 } from './hash64.ts';

/** One entry while it is shown; the view is used again for the next. */
export interface EntryView {
  readonly position: Position;
  /** Instant, epoch ms. */
  readonly at: number;
  /** Bytes it holds, about. */
  readonly bytes: number;
  entry(): JournalEntry;
  /** What a redelivery of it is told by, its hash in `hash`; undefined where it has no such key. */
  key(hash: Hash64): { readonly client: string; readonly packetId: number } | undefined;
}

export interface ScanOptions {
  readonly from: Position;
  /** About how many entries will be looked at. */
  readonly expected: number;
  /** Check what the disk gave, entry by entry or block by block. */
  readonly verify: boolean;
}

export interface ReadableSegment {
  readonly first: Position;
  /** Position after its last entry. */
  readonly end: Position;
  /** Positions of the control entries that can be read, ascending. */
  controls(): Promise<readonly Position[]>;
  /**
   * Shows entries in order until `visit` returns false or the segment ends.
   *
   * @throws {DamageError} where the next entry cannot be read; those before it have been shown.
   */
  scan(options: ScanOptions, visit: (view: EntryView) => boolean): Promise<void>;
  /** Greatest instant of its entries, epoch ms. */
  maxAt(): Promise<number>;
  /** First entry of that instant or later. */
  firstSince(at: number): Promise<Position | undefined>;
}
