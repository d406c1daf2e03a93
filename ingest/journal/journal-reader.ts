/** Reading a journal back, from any position, while it grows. Only synced entries are seen. */
import { join } from 'node:path';
import { IngestError } from '../ingest-error.ts';
import type { JournalEntry, Position } from '../model/index.ts';
import { BODY_HEADER_BYTES, decodeEntry, FLAG_KEYED, KIND_CONTROL } from './entry-codec.ts';
import type { JournalFile, JournalFs } from './journal-fs.ts';
import type { SealedSegment } from './recover.ts';
import { readSegmentHeader, SEGMENT_HEADER_BYTES, scanFrames, segmentName } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';

/** Bytes of entries one `read` gathers at most, after its first entry: bounds memory whatever the limit says. */
const MAX_READ_BYTES = 16 * 1024 * 1024;
/** Indexes of sealed segments kept; another is built again by one pass over its frames. */
const MAX_INDEXES = 64;

/** What the redelivery recogniser needs of an entry. */
export interface RedeliveryKey {
  /** As `clientKey` makes it. */
  client: string;
  packetId: number;
  lo: number;
  hi: number;
  position: Position;
}

/** Bytes read at a time when so many entries are expected: a little more than they are likely to take. */
function windowFor(expected: number): number {
  return Math.min(1024 * 1024, 32 * 1024 + expected * 512);
}

interface ReadableSegment extends SealedSegment {
  readonly salt: number;
  readonly index: SegmentIndex;
  /** Position after its last entry. */
  readonly end: Position;
}

type ControlEntry = Extract<JournalEntry, { kind: 'control' }>;

interface Growing {
  readonly head: Position;
  readonly active: (SealedSegment & { readonly salt: number; readonly index: SegmentIndex }) | undefined;
}

export class JournalReader {
  readonly #dir: string;
  readonly #fs: JournalFs;
  readonly #sealed: SealedSegment[];
  readonly #growing: () => Growing;
  readonly #indexes = new Map<Position, { salt: number; index: SegmentIndex }>();
  readonly #reading = new Set<Promise<unknown>>();

  constructor(dir: string, fs: JournalFs, sealed: readonly SealedSegment[], growing: () => Growing) {
    this.#dir = dir;
    this.#fs = fs;
    this.#sealed = [...sealed];
    this.#growing = growing;
  }

  /** Number of sealed segments. */
  get segments(): number {
    return this.#sealed.length;
  }

  get tail(): Position {
    return this.#sealed[0]?.first ?? this.#growing().active?.first ?? 0;
  }

  /** Takes over a segment that will not grow any more. */
  seal(segment: SealedSegment, salt: number, index: SegmentIndex): void {
    this.#sealed.push(segment);
    this.#keepIndex(segment.first, { salt, index });
  }

  /** Entries from `from` on, at most `limit`, fewer when they are large. */
  read(from: Position, limit: number): Promise<readonly JournalEntry[]> {
    return this.#track(this.#read(Math.max(from, this.tail), limit));
  }

  /** Control entries of the segment that holds `position`, before it. */
  controlsBefore(position: Position): Promise<readonly ControlEntry[]> {
    return this.#track(this.#controlsBefore(Math.max(position, this.tail)));
  }

  scanKeys(entries: number, visit: (key: RedeliveryKey) => void): Promise<void> {
    return this.#track(this.#scanKeys(entries, visit));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#reading);
  }

  async #read(from: Position, limit: number): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    let bytes = 0;
    let position = from;
    while (entries.length < limit && bytes < MAX_READ_BYTES && position < this.#growing().head) {
      const segment = await this.#segmentOf(position);
      await this.#scan(
        segment,
        position,
        true,
        (buffer, start, end, at) => {
          entries.push(decodeEntry(buffer, start, end, at));
          bytes += end - start;
          return entries.length < limit && bytes < MAX_READ_BYTES;
        },
        limit,
      );
      position = from + entries.length;
    }
    return entries;
  }

  async #controlsBefore(position: Position): Promise<readonly ControlEntry[]> {
    const controls: ControlEntry[] = [];
    if (this.#growing().head === 0) return controls;
    // At the head the last segment's state is asked for.
    const segment = await this.#segmentOf(Math.min(position, this.#growing().head - 1));
    for (const at of segment.index.controls) {
      if (at >= position) break;
      await this.#scan(
        segment,
        at,
        true,
        (buffer, start, end, found) => {
          if (found < at) return true;
          const entry = decodeEntry(buffer, start, end, found);
          if (entry.kind === 'control') controls.push(entry);
          return false;
        },
        1,
      );
    }
    return controls;
  }

  async #scanKeys(entries: number, visit: (key: RedeliveryKey) => void): Promise<void> {
    const { head } = this.#growing();
    let position = Math.max(this.tail, head - entries);
    const key: RedeliveryKey = { client: '', packetId: 0, lo: 0, hi: 0, position: 0 };
    while (position < head) {
      const segment = await this.#segmentOf(position);
      await this.#scan(segment, position, false, (buffer, start, _end, at) => {
        if ((buffer[start + 1]! & FLAG_KEYED) === 0) return true;
        const idStart = start + BODY_HEADER_BYTES;
        key.client = buffer.toString('utf8', idStart, idStart + buffer.readUInt16LE(start + 24));
        key.packetId = buffer.readUInt16LE(start + 2);
        key.lo = buffer.readUInt32LE(start + 16);
        key.hi = buffer.readUInt32LE(start + 20);
        key.position = at;
        visit(key);
        return true;
      });
      position = segment.end;
    }
  }

  /** Shows the entries of a segment from `from` on, about `expected` of them; damage among them throws. */
  async #scan(
    segment: ReadableSegment,
    from: Position,
    verify: boolean,
    visit: (buffer: Buffer, start: number, end: number, position: Position) => boolean,
    expected = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const file = await this.#open(segment.first);
    try {
      const start = segment.index.seek(from);
      let position = start.position;
      const scan = await scanFrames(
        file,
        start.offset,
        segment.bytes,
        segment.salt,
        verify,
        (frame) => {
          const at = position++;
          return at < from || visit(frame.buffer, frame.bodyStart, frame.bodyEnd, at);
        },
        windowFor(expected),
      );
      if (scan.reason === 'bad') {
        throw new IngestError(
          'journal-corrupt',
          `Cannot read segment "${segmentName(segment.first)}": the entry at offset ${scan.offset} is damaged`,
        );
      }
    } finally {
      await file.close();
    }
  }

  async #segmentOf(position: Position): Promise<ReadableSegment> {
    const { active, head } = this.#growing();
    if (active !== undefined && position >= active.first) {
      const { first, bytes, salt, index } = active;
      return { first, bytes, salt, index, end: head };
    }
    let low = 0;
    let high = this.#sealed.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#sealed[middle]!.first <= position) low = middle;
      else high = middle - 1;
    }
    const segment = this.#sealed[low]!;
    const end = this.#sealed[low + 1]?.first ?? active!.first;
    const known = this.#indexes.get(segment.first) ?? (await this.#buildIndex(segment, end));
    return { ...segment, ...known, end };
  }

  async #buildIndex(segment: SealedSegment, end: Position): Promise<{ salt: number; index: SegmentIndex }> {
    const file = await this.#open(segment.first);
    try {
      const header = await readSegmentHeader(file, segment.first);
      const index = new SegmentIndex(segment.first);
      const salt = header.ok ? header.salt : 0;
      const scan = header.ok
        ? await scanFrames(file, SEGMENT_HEADER_BYTES, segment.bytes, salt, false, (frame) => {
            index.add(frame.offset, frame.buffer[frame.bodyStart] === KIND_CONTROL);
            return true;
          })
        : undefined;
      if (scan?.reason !== 'end' || index.next !== end) {
        throw new IngestError(
          'journal-corrupt',
          `Cannot read segment "${segmentName(segment.first)}": entries up to ${index.next} are whole, the next segment begins at ${end}`,
        );
      }
      return this.#keepIndex(segment.first, { salt, index });
    } finally {
      await file.close();
    }
  }

  #keepIndex(first: Position, known: { salt: number; index: SegmentIndex }) {
    if (this.#indexes.size >= MAX_INDEXES) this.#indexes.delete(this.#indexes.keys().next().value!);
    this.#indexes.set(first, known);
    return known;
  }

  #open(first: Position): Promise<JournalFile> {
    return this.#fs.open(join(this.#dir, segmentName(first)), 'read');
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#reading.add(work);
    try {
      return await work;
    } finally {
      this.#reading.delete(work);
    }
  }
}
