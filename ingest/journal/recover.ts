/**
 * Opening a journal after whatever happened: which segments are there and in which form, is the last one whole, and where
 * does the next entry go. What a crash left half written was never acknowledged; it is cut off and kept beside in a `.torn` file.
 */
import { join } from 'node:path';
import { IngestError } from '../ingest-error.ts';
import type { JournalDamage, JournalEntry, Position } from '../model/index.ts';
import { DamageError } from './damage.ts';
import { decodeEntry, KIND_CONTROL } from './entry-codec.ts';
import type { HeldSegment } from './held-segment.ts';
import { type JournalFile, type JournalFs, readFully } from './journal-fs.ts';
import { listSegments } from './list-segments.ts';
import { surveyPlain } from './plain-survey.ts';
import {
  holdsLaterBatch,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  scanFrames,
  segmentName,
} from './segment.ts';
import { SegmentIndex } from './segment-index.ts';
import type { ActiveSegment } from './segment-writer.ts';

/** Bytes of a torn tail that are searched for a later batch; a single write is never larger than this. */
const MAX_TORN_BYTES = 1024 * 1024 * 1024;

export interface TornTail {
  readonly segment: string;
  /** Of the first entry that was not whole. */
  readonly position: Position;
  readonly offset: number;
  readonly bytes: number;
  /** File the cut bytes were moved to. */
  readonly kept: string;
}

type ControlEntry = Extract<JournalEntry, { kind: 'control' }>;

export interface Recovered {
  /** Closed segments, oldest first. */
  readonly sealed: readonly HeldSegment[];
  /** The segment to go on with; undefined where a new one has to begin. */
  readonly last?: ActiveSegment;
  /** Control entries of `last`, in order: its snapshot first. */
  readonly controls: readonly ControlEntry[];
  /** Position of the next entry. */
  readonly next: Position;
  readonly torn: readonly TornTail[];
  /** Found while opening; more may be met while reading. */
  readonly damaged: readonly JournalDamage[];
}

/**
 * Reads the directory, verifies the last segment and cuts its torn tail.
 *
 * @param skipDamaged - Go on behind synced entries that are damaged, with a new segment, rather than refuse.
 * @throws {IngestError} `journal-corrupt` when synced bytes are damaged: cutting there would lose acknowledged messages.
 */
export async function recoverJournal(dir: string, fs: JournalFs, skipDamaged: boolean): Promise<Recovered> {
  const segments = [...(await listSegments(dir, fs))];
  const torn: TornTail[] = [];
  let abandoned: Position | undefined;
  while (segments.at(-1)?.form === 'plain') {
    const { first, bytes } = segments.at(-1)!;
    const file = await fs.open(join(dir, segmentName(first)), 'write');
    try {
      const last = await readLast(dir, file, first);
      if (last.damage !== undefined) {
        if (!skipDamaged) throw last.damage;
        const passed = await passDamaged(file, first, bytes, last.damage);
        await file.close();
        return { sealed: segments, controls: [], torn, ...passed };
      }
      const { index, end, size, salt } = last;
      const whole = index.next > first;
      if (end < size || !whole)
        torn.push(await keepTorn(dir, fs, file, first, index.next, whole ? end : 0, size));
      if (whole) {
        if (abandoned !== undefined && abandoned !== index.next) {
          throw new IngestError(
            'journal-corrupt',
            `Cannot open journal: segment "${segmentName(first)}" ends at ${index.next}, the next one began at ${abandoned}`,
          );
        }
        if (end < size) await file.truncate(end);
        // What a killed process wrote last may be in the machine's memory alone. From here on it counts, is loaded and is
        // what redeliveries are told by, so it has to outlive a power cut as well.
        await file.datasync();
        await fs.syncDir(dir);
        const active = { first, salt, file, bytes: end, index };
        return {
          sealed: segments.slice(0, -1),
          last: active,
          controls: last.controls,
          next: index.next,
          torn,
          damaged: [],
        };
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    // Not even its snapshot is whole: nothing in it was acknowledged.
    await file.close();
    await fs.remove(join(dir, segmentName(first)));
    await fs.syncDir(dir);
    abandoned = first;
    segments.pop();
  }
  const next = abandoned ?? segments.at(-1)?.header?.end;
  if (next === undefined && segments.length > 0) {
    throw new IngestError(
      'journal-corrupt',
      `Cannot open journal: nothing tells where its last segment, of position ${segments.at(-1)!.first}, ends`,
    );
  }
  return { sealed: segments, controls: [], next: next ?? 0, torn, damaged: [] };
}

interface LastSegment {
  readonly salt: number;
  readonly index: SegmentIndex;
  readonly controls: readonly ControlEntry[];
  /** Offset after the last whole entry. */
  readonly end: number;
  readonly size: number;
  readonly damage?: DamageError;
}

async function readLast(dir: string, file: JournalFile, first: Position): Promise<LastSegment> {
  const header = await readSegmentHeader(file, first);
  const size = await file.size();
  const index = new SegmentIndex(first);
  const controls: ControlEntry[] = [];
  const segment = segmentName(first);
  const damageAt = (position: Position, why: string) =>
    new DamageError({ segment: join(dir, segment), from: position, to: position + 1, why });
  if (!header.ok) {
    const none = { salt: 0, index, controls, end: 0, size };
    return header.why === 'corrupt' ? { ...none, damage: damageAt(first, header.message) } : none;
  }
  const { salt } = header;
  const scan = await scanFrames(file, SEGMENT_HEADER_BYTES, size, salt, true, (frame) => {
    const { buffer, bodyStart, bodyEnd } = frame;
    const position = index.next;
    const control = buffer[bodyStart] === KIND_CONTROL;
    index.add(frame.offset, control, buffer.readDoubleLE(bodyStart + 8));
    if (control) {
      const entry = decodeEntry(buffer, bodyStart, bodyEnd, position);
      if (entry.kind === 'control') controls.push(entry);
    }
    return true;
  });
  const end = scan.offset;
  const whole = { salt, index, controls, end, size };
  if (scan.reason !== 'bad' || !(await syncedFollow(file, end, size, salt))) return whole;
  const why = `the entry at offset ${end} is damaged and synced entries follow it`;
  return { ...whole, damage: damageAt(index.next, why) };
}

async function syncedFollow(file: JournalFile, end: number, size: number, salt: number): Promise<boolean> {
  const rest = Buffer.allocUnsafe(Math.min(size - end, MAX_TORN_BYTES));
  await readFully(file, rest, end);
  return holdsLaterBatch(rest, salt);
}

/** The last segment stays as it is, damage and all; the next one begins behind what of it can be read. */
async function passDamaged(
  file: JournalFile,
  first: Position,
  bytes: number,
  error: DamageError,
): Promise<Pick<Recovered, 'next' | 'damaged'>> {
  const { runs } = await surveyPlain(file, bytes, first, undefined);
  const damaged: JournalDamage[] = [];
  let position = first;
  const note = (to: Position) => {
    if (to > position)
      damaged.push({ segment: segmentName(first), from: position, to, why: error.damage.why });
  };
  for (const { index } of runs) {
    note(index.first);
    position = index.next;
  }
  const last = runs.at(-1);
  // An entry that cannot be read may follow the last run: its position is not given again.
  const next = last === undefined || last.endOffset < bytes ? position + 1 : position;
  note(next);
  return { next, damaged };
}

async function keepTorn(
  dir: string,
  fs: JournalFs,
  file: JournalFile,
  first: Position,
  position: Position,
  offset: number,
  size: number,
): Promise<TornTail> {
  const rest = Buffer.allocUnsafe(size - offset);
  await readFully(file, rest, offset);
  const kept = `${segmentName(first)}.${offset}.torn`;
  const copy = await fs.open(join(dir, kept), 'create');
  await copy.write(rest, rest.length, 0);
  await copy.datasync();
  await copy.close();
  await fs.syncDir(dir);
  return { segment: segmentName(first), position, offset, bytes: rest.length, kept };
}
