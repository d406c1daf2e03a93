/** What the rest of the house may ask of the journal itself: places in time, what is needed no more, consumers. */
import { IngestError } from '../ingest-error.ts';
import type { FileJournal } from '../journal/journal-contract.ts';
import type { EpochMs, JournalConsumer, JournalDamage, Position } from '../model/index.ts';

export interface JournalCalls {
  /** First entry that came at instant `at` or later; the head where there is none yet. */
  positionAt(at: EpochMs): Promise<Position>;
  /** Entries at and behind `position` that cannot be read; undefined where that one can be. */
  damageAt(position: Position): Promise<JournalDamage | undefined>;
  /**
   * The index needs nothing below `position` any more: it may be deleted once its retention is over and no consumer needs it.
   * A lower one than before takes that back. Resolves when it is on disk.
   */
  release(position: Position): Promise<void>;
  consumers(): Promise<readonly JournalConsumer[]>;
  /**
   * Registers a consumer that reads from `position` on; the head by default. One that is registered already keeps its place.
   *
   * @throws {IngestError} `consumer-invalid`.
   */
  registerConsumer(name: string, position?: Position): Promise<JournalConsumer>;
  /** Moves a consumer, forth or back. @throws {IngestError} `consumer-unknown`, `consumer-invalid`. */
  advanceConsumer(name: string, position: Position): Promise<void>;
  /** Resolves with whether there was one. */
  removeConsumer(name: string): Promise<boolean>;
}

/** The calls on `journal`. */
export function createJournalCalls(journal: FileJournal): JournalCalls {
  const check = (position: Position) => {
    if (Number.isSafeInteger(position) && position >= 0 && position <= journal.head) return position;
    throw new IngestError(
      'consumer-invalid',
      `Cannot take position ${position}: it must be 0 to ${journal.head}, the head of the journal`,
    );
  };
  return {
    positionAt: (at) => journal.positionAt(at),
    damageAt: (position) => journal.damageAt(position),
    release: async (position) => journal.release(check(position)),
    consumers: async () => journal.marks.consumers,
    registerConsumer: async (name, position = journal.head) => journal.marks.register(name, check(position)),
    advanceConsumer: async (name, position) => journal.marks.advance(name, check(position)),
    removeConsumer: (name) => journal.marks.remove(name),
  };
}
