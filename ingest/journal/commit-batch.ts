import type { JournalEntryBody, Position } from '../model/index.ts';
import { ByteSink, encodeEntry, FRAME_BYTES, KIND_CONTROL } from './entry-codec.ts';
import type { Hash64 } from './hash64.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment.ts';

/** Capacity a batch starts with; buffers of this size are used again. */
export const BATCH_BYTES = 256 * 1024;

/** Entries that share one write and one `fdatasync`, encoded as they come. */
export class CommitBatch {
  readonly sink: ByteSink;
  readonly first: Position;
  readonly salt: number;
  /** True when the batch opens a segment: its bytes begin with the header. */
  readonly startsSegment: boolean;
  count = 0;
  readonly resolvers: { resolve: (position: Position) => void; reject: (error: unknown) => void }[] = [];
  /** Offset in the batch of each entry, and which are control entries: for the segment's index. */
  readonly offsets: number[] = [];
  readonly controls: boolean[] = [];
  /** Instant of each entry, epoch ms. */
  readonly instants: number[] = [];

  constructor(first: Position, salt: number, startsSegment: boolean, sink = new ByteSink(BATCH_BYTES)) {
    this.first = first;
    this.salt = salt;
    this.startsSegment = startsSegment;
    this.sink = sink;
    sink.length = 0;
    if (startsSegment) {
      sink.reserve(SEGMENT_HEADER_BYTES);
      encodeSegmentHeader(first, salt).copy(sink.buffer);
      sink.length = SEGMENT_HEADER_BYTES;
    }
  }

  /** Appends one entry; resolves or rejects when the batch does. @throws {IngestError} `entry-too-large`. */
  add(body: JournalEntryBody, hash?: Hash64): Promise<Position> {
    const offset = this.sink.length;
    encodeEntry(this.sink, body, this.salt, this.count === 0, hash, this.first + this.count);
    this.offsets.push(offset);
    this.controls.push(this.sink.buffer[offset + FRAME_BYTES] === KIND_CONTROL);
    this.instants.push(this.sink.buffer.readDoubleLE(offset + FRAME_BYTES + 8));
    this.count++;
    return new Promise((resolve, reject) => {
      this.resolvers.push({ resolve, reject });
    });
  }

  resolveAll(): void {
    for (let i = 0; i < this.resolvers.length; i++) this.resolvers[i]!.resolve(this.first + i);
  }

  rejectAll(error: unknown): void {
    for (const { reject } of this.resolvers) reject(error);
  }
}
