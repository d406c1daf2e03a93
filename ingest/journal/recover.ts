/**
 * Opening a journal after whatever happened: which segments are there, is the last one whole, and where does the next
 * entry go. What a crash left half written was never acknowledged; it is cut off and kept beside in a `.torn` file.
 */
import { join } from 'node:path';
import { IngestError } from '../ingest-error.ts';
import type { JournalEntry, Position } from '../model/index.ts';
import { decodeEntry, KIND_CONTROL } from './entry-codec.ts';
import type { JournalFile, JournalFs } from './journal-fs.ts';
import {
  holdsLaterBatch,
  parseSegmentName,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  scanFrames,
  segmentName,
} from './segment.ts';
import { SegmentIndex } from './segment-index.ts';

/** Bytes of a torn tail that are searched for a later batch; a single write is never larger than this. */
const MAX_TORN_BYTES = 1024 * 1024 * 1024;

export interface SealedSegment {
  readonly first: Position;
  readonly bytes: number;
}

export interface TornTail {
  readonly segment: string;
  /** Of the first entry that was not whole. */
  readonly position: Position;
  readonly offset: number;
  readonly bytes: number;
  /** File the cut bytes were moved to. */
  readonly kept: string;
}

export interface Recovered {
  readonly sealed: readonly SealedSegment[];
  /** The segment to go on with; undefined in an empty journal. */
  readonly last?: {
    readonly first: Position;
    readonly salt: number;
    readonly file: JournalFile;
    readonly bytes: number;
    readonly index: SegmentIndex;
  };
  /** Position of the next entry. */
  readonly next: Position;
  readonly torn: readonly TornTail[];
}

/**
 * Reads the directory, verifies the last segment and cuts its torn tail.
 *
 * @param onControl - Called for each control entry of the last segment, in order: its snapshot first.
 * @throws {IngestError} `journal-corrupt` when synced bytes are damaged: cutting there would lose acknowledged messages.
 */
export async function recoverJournal(
  dir: string,
  fs: JournalFs,
  onControl: (entry: Extract<JournalEntry, { kind: 'control' }>) => void,
): Promise<Recovered> {
  const firsts = (await fs.list(dir))
    .map(parseSegmentName)
    .filter((first) => first !== undefined)
    .sort((a, b) => a - b);
  const torn: TornTail[] = [];
  let abandoned: Position | undefined;
  while (firsts.length > 0) {
    const first = firsts.at(-1)!;
    const path = join(dir, segmentName(first));
    const file = await fs.open(path, 'write');
    const header = await readSegmentHeader(file, first);
    if (!header.ok && header.why === 'corrupt') {
      await file.close();
      throw new IngestError('journal-corrupt', `Cannot open segment "${path}": ${header.message}`);
    }
    const size = await file.size();
    const index = new SegmentIndex(first);
    const controls: Extract<JournalEntry, { kind: 'control' }>[] = [];
    let end = 0;
    if (header.ok) {
      const scan = await scanFrames(file, SEGMENT_HEADER_BYTES, size, header.salt, true, (frame) => {
        const position = index.next;
        const control = frame.buffer[frame.bodyStart] === KIND_CONTROL;
        index.add(frame.offset, control);
        if (control) {
          const entry = decodeEntry(frame.buffer, frame.bodyStart, frame.bodyEnd, position);
          if (entry.kind === 'control') controls.push(entry);
        }
        return true;
      });
      end = scan.offset;
      if (scan.reason === 'bad') await refuseIfDamaged(file, path, end, size, header.salt);
    }
    const whole = index.next > first;
    if (end < size || !whole)
      torn.push(await keepTorn(dir, fs, file, first, index.next, whole ? end : 0, size));
    if (header.ok && whole) {
      if (abandoned !== undefined && abandoned !== index.next) {
        await file.close();
        throw new IngestError(
          'journal-corrupt',
          `Cannot open journal: segment "${path}" ends at ${index.next}, the next one began at ${abandoned}`,
        );
      }
      if (end < size) await file.truncate(end);
      // What a killed process wrote last may be in the machine's memory alone. From here on it counts, is loaded and is
      // what redeliveries are told by, so it has to outlive a power cut as well.
      await file.datasync();
      await fs.syncDir(dir);
      for (const entry of controls) onControl(entry);
      const sealed = await Promise.all(
        firsts
          .slice(0, -1)
          .map(async (one) => ({ first: one, bytes: await fs.size(join(dir, segmentName(one))) })),
      );
      return {
        sealed,
        last: { first, salt: header.salt, file, bytes: end, index },
        next: index.next,
        torn,
      };
    }
    // Not even its snapshot is whole: nothing in it was acknowledged.
    await file.close();
    await fs.remove(path);
    await fs.syncDir(dir);
    abandoned = first;
    firsts.pop();
  }
  return { sealed: [], next: abandoned ?? 0, torn };
}

async function refuseIfDamaged(
  file: JournalFile,
  path: string,
  end: number,
  size: number,
  salt: number,
): Promise<void> {
  const length = Math.min(size - end, MAX_TORN_BYTES);
  const rest = Buffer.allocUnsafe(length);
  await readFully(file, rest, end);
  if (!holdsLaterBatch(rest, salt)) return;
  await file.close();
  throw new IngestError(
    'journal-corrupt',
    `Cannot open segment "${path}": the entry at offset ${end} is damaged and synced entries follow it`,
  );
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

async function readFully(file: JournalFile, target: Buffer, offset: number): Promise<void> {
  for (let got = 0; got < target.length; ) {
    const read = await file.read(target, got, target.length - got, offset + got);
    if (read === 0) return;
    got += read;
  }
}
