import { join } from 'node:path';
import { IngestError } from '../ingest-error.ts';
import type { JournalEntry, Position } from '../model/index.ts';
import { DamageError } from './damage.ts';
import { BODY_HEADER_BYTES, decodeEntry, FLAG_KEYED, KIND_CONTROL } from './entry-codec.ts';
import type { Hash64 } from './hash64.ts';
import type { JournalFile, JournalFs } from './journal-fs.ts';
import { type PlainRun, surveyPlain } from './plain-survey.ts';
import type { EntryView, ReadableSegment, ScanOptions } from './readable-segment.ts';
import { readSegmentHeader, SEGMENT_HEADER_BYTES, scanFrames, segmentName } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';

/** Bytes read at a time when so many entries are expected: a little more than they are likely to take. */
function windowFor(expected: number): number {
  return Math.min(1024 * 1024, 32 * 1024 + expected * 512);
}

class FrameEntry implements EntryView {
  position: Position = 0;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  show(buffer: Buffer, start: number, end: number, position: Position): this {
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
    this.position = position;
    return this;
  }

  get at(): number {
    return this.#buffer.readDoubleLE(this.#start + 8);
  }
  get bytes(): number {
    return this.#end - this.#start;
  }
  entry(): JournalEntry {
    return decodeEntry(this.#buffer, this.#start, this.#end, this.position);
  }
  key(hash: Hash64) {
    const start = this.#start;
    if ((this.#buffer[start + 1]! & FLAG_KEYED) === 0) return undefined;
    const clientStart = start + BODY_HEADER_BYTES;
    hash.lo = this.#buffer.readUInt32LE(start + 16);
    hash.hi = this.#buffer.readUInt32LE(start + 20);
    return {
      client: this.#buffer.toString('utf8', clientStart, clientStart + this.#buffer.readUInt16LE(start + 24)),
      packetId: this.#buffer.readUInt16LE(start + 2),
    };
  }
}

/** A segment as it was written, growing or closed. */
export class PlainSegment implements ReadableSegment {
  readonly first: Position;
  readonly end: Position;
  readonly salt: number;
  readonly #dir: string;
  readonly #fs: JournalFs;
  readonly #bytes: number;
  #runs: readonly PlainRun[];

  /**
   * @param bytes - Of the file that belong to it.
   * @param runs - Whole entries in it; one run but for damage.
   */
  constructor(
    dir: string,
    fs: JournalFs,
    about: {
      readonly first: Position;
      readonly end: Position;
      readonly bytes: number;
      readonly salt: number;
    },
    runs: readonly PlainRun[],
  ) {
    this.#dir = dir;
    this.#fs = fs;
    this.first = about.first;
    this.end = about.end;
    this.salt = about.salt;
    this.#bytes = about.bytes;
    this.#runs = runs;
  }

  /** Instant of its first entry that can be read, epoch ms. */
  get firstAt(): number {
    return this.#runs[0]?.index.firstAt ?? Number.NaN;
  }

  async controls(): Promise<readonly Position[]> {
    return this.#runs.flatMap(({ index }) => index.controls.filter((position) => position < this.end));
  }

  async maxAt(): Promise<number> {
    return Math.max(Number.NEGATIVE_INFINITY, ...this.#runs.map(({ index }) => index.maxAt));
  }

  async firstSince(at: number): Promise<Position | undefined> {
    for (const { index } of this.#runs) {
      const from = index.seekInstant(at);
      if (from === undefined) continue;
      let found: Position | undefined;
      await this.scan({ from, expected: 64, verify: false }, (view) => {
        if (view.at >= at) found = view.position;
        return found === undefined;
      });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async scan({ from, expected, verify }: ScanOptions, visit: (view: EntryView) => boolean): Promise<void> {
    const file = await this.#fs.open(join(this.#dir, segmentName(this.first)), 'read');
    try {
      for (let position = from; position < this.end; ) {
        const run = this.#runs.find(({ index }) => position >= index.first && position < index.next);
        if (run === undefined) throw this.#damageAt(position);
        const next = await this.#scanRun(file, run, position, expected, verify, visit);
        if (next === 'stopped') return;
        position = next;
      }
    } finally {
      await file.close();
    }
  }

  async #scanRun(
    file: JournalFile,
    run: PlainRun,
    from: Position,
    expected: number,
    verify: boolean,
    visit: (view: EntryView) => boolean,
  ): Promise<Position | 'stopped'> {
    const view = new FrameEntry();
    const start = run.index.seek(from);
    let position = start.position;
    const scan = await scanFrames(
      file,
      start.offset,
      run.endOffset,
      this.salt,
      verify,
      (frame) => {
        const at = position++;
        return at < from || visit(view.show(frame.buffer, frame.bodyStart, frame.bodyEnd, at));
      },
      windowFor(expected),
    ).catch((error: unknown) => {
      // A file that ends early is damage like any other.
      if (error instanceof IngestError) return { reason: 'bad' as const };
      throw error;
    });
    if (scan.reason === 'stopped') return 'stopped';
    if (scan.reason === 'bad') {
      this.#runs = (await surveyPlain(file, this.#bytes, this.first, this.end)).runs;
      throw this.#damageAt(Math.max(position, from));
    }
    return run.index.next;
  }

  #damageAt(position: Position): DamageError {
    const before = this.#runs.findLast(({ index }) => index.next <= position)?.index.next ?? this.first;
    const after = this.#runs.find(({ index }) => index.first > position)?.index.first ?? this.end;
    return new DamageError({
      segment: segmentName(this.first),
      from: before,
      to: after,
      why: 'what is there does not match its checksum',
    });
  }
}

/** Opens a closed segment: one pass over its frames, and where they are damaged a closer look. */
export async function openPlain(
  dir: string,
  fs: JournalFs,
  about: { readonly first: Position; readonly end: Position; readonly bytes: number },
): Promise<PlainSegment> {
  const { first, end, bytes } = about;
  const file = await fs.open(join(dir, segmentName(first)), 'read');
  try {
    const header = await readSegmentHeader(file, first);
    const index = new SegmentIndex(first);
    const scan = header.ok
      ? await scanFrames(file, SEGMENT_HEADER_BYTES, bytes, header.salt, false, (frame) => {
          const { buffer, bodyStart } = frame;
          index.add(frame.offset, buffer[bodyStart] === KIND_CONTROL, buffer.readDoubleLE(bodyStart + 8));
          return true;
        }).catch(() => undefined)
      : undefined;
    if (header.ok && scan?.reason === 'end' && index.next === end) {
      return new PlainSegment(dir, fs, { ...about, salt: header.salt }, [{ index, endOffset: bytes }]);
    }
    const { salt, runs } = await surveyPlain(file, bytes, first, end);
    return new PlainSegment(dir, fs, { ...about, salt }, runs);
  } finally {
    await file.close();
  }
}
