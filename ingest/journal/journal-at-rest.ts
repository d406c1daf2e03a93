import { plainBytesOf } from './held-segment.ts';
import type { JournalStats } from './journal-contract.ts';
import type { JournalReader } from './journal-reader.ts';
import type { JournalMarks } from './marks.ts';
import type { Upkeep } from './upkeep.ts';

/** Figures of a journal that do not change with each append. */
export function restOf(
  reader: JournalReader,
  upkeep: Upkeep,
  marks: JournalMarks,
): Omit<JournalStats, 'syncs' | 'syncMsMax' | 'fault' | 'damaged'> {
  const { sealed } = reader;
  const packed = sealed.filter(({ form }) => form === 'packed');
  return {
    bytes: upkeep.bytes(),
    segments: sealed.length + 1,
    packedSegments: packed.length,
    packedBytes: packed.reduce((sum, one) => sum + one.bytes, 0),
    packedFromBytes: packed.reduce((sum, one) => sum + plainBytesOf(one), 0),
    deletedSegments: upkeep.counts.deleted,
    oldestAt: upkeep.oldestAt,
    released: marks.released,
    consumers: marks.consumers,
    upkeepFault: upkeep.fault ?? null,
  };
}
