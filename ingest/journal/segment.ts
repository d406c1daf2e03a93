/**
 * A segment file: a header and frames. Its name is the position of its first entry, which is a snapshot of all
 * declarations, so that it is readable on its own.
 *
 *     header  8 bytes "JINGWEIJ" | u32 version | u32 salt | f64 first position | u32 0 | u32 CRC-32C of the 28 before
 */
import { IngestError } from '../ingest-error.ts';
import type { Position } from '../model/index.ts';
import { crc32c } from './crc32c.ts';
import {
  BODY_HEADER_BYTES,
  FLAG_BATCH_START,
  FLAG_KEYED,
  FLAG_NUMBERED,
  FRAME_BYTES,
  MAX_BODY_BYTES,
} from './entry-codec.ts';
import { KINDS } from './entry-heads.ts';
import type { JournalFile } from './journal-fs.ts';

export const SEGMENT_HEADER_BYTES = 32;
const MAGIC = Buffer.from('JINGWEIJ', 'latin1');
const VERSION = 1;
const KNOWN_FLAGS = FLAG_BATCH_START | FLAG_KEYED | FLAG_NUMBERED;
/** Bytes read at a time: large enough that the disk streams, small enough to keep several. */
const WINDOW_BYTES = 1024 * 1024;

export function segmentName(first: Position): string {
  return `${String(first).padStart(20, '0')}.jwj`;
}

/** First position of a segment file's name; undefined for other files. */
export function parseSegmentName(name: string): Position | undefined {
  const match = /^(\d{20})\.jwj$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function encodeSegmentHeader(first: Position, salt: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(salt, 12);
  header.writeDoubleLE(first, 16);
  header.writeUInt32LE(crc32c(header, 0, 28), 28);
  return header;
}

export type SegmentHeader =
  | { readonly ok: true; readonly salt: number }
  /** `torn`: never finished (short or zeros); `corrupt`: something else stands there. */
  | { readonly ok: false; readonly why: 'torn' | 'corrupt'; readonly message: string };

/** Reads and checks a header. */
export async function readSegmentHeader(file: JournalFile, first: Position): Promise<SegmentHeader> {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  const read = await file.read(header, 0, SEGMENT_HEADER_BYTES, 0);
  if (read < SEGMENT_HEADER_BYTES || header.every((byte) => byte === 0)) {
    return { ok: false, why: 'torn', message: 'The header was never written' };
  }
  if (header.readUInt32LE(28) !== crc32c(header, 0, 28) || !header.subarray(0, 8).equals(MAGIC)) {
    return { ok: false, why: 'corrupt', message: 'The header does not match its checksum' };
  }
  if (header.readUInt32LE(8) !== VERSION) {
    return {
      ok: false,
      why: 'corrupt',
      message: `Version ${header.readUInt32LE(8)} is not known, wanted ${VERSION}`,
    };
  }
  if (header.readDoubleLE(16) !== first) {
    return {
      ok: false,
      why: 'corrupt',
      message: `It begins at position ${header.readDoubleLE(16)}, its name says ${first}`,
    };
  }
  return { ok: true, salt: header.readUInt32LE(12) };
}

/** A frame as `scanFrames` shows it: its body is `buffer[bodyStart, bodyEnd)`, valid during the call only. */
export interface FrameView {
  buffer: Buffer;
  bodyStart: number;
  bodyEnd: number;
  /** Offset of the frame in the file. */
  offset: number;
}

export interface ScanEnd {
  /** Offset after the last good frame shown. */
  readonly offset: number;
  readonly frames: number;
  /** `end` of the range reached, `stopped` by the visitor, or a frame that is not one. */
  readonly reason: 'end' | 'stopped' | 'bad';
}

/**
 * Shows the frames of `file[start, end)` one by one, until `visit` returns false.
 *
 * @param verify - Check the CRC of each; without it only lengths are believed.
 * @param windowBytes - Bytes read at a time: few when few frames are wanted.
 */
export async function scanFrames(
  file: JournalFile,
  start: number,
  end: number,
  salt: number,
  verify: boolean,
  visit: (frame: FrameView) => boolean,
  windowBytes = WINDOW_BYTES,
): Promise<ScanEnd> {
  let buffer = Buffer.allocUnsafe(Math.max(FRAME_BYTES, Math.min(windowBytes, end - start)));
  /** The frame at file offset `offset` begins at `buffer[at]`; bytes are held up to `buffer[held]`. */
  let at = 0;
  let held = 0;
  let offset = start;
  let frames = 0;
  const frame: FrameView = { buffer, bodyStart: 0, bodyEnd: 0, offset };
  const done = (reason: ScanEnd['reason']): ScanEnd => ({ offset, frames, reason });
  while (offset < end) {
    const length = held - at >= FRAME_BYTES ? buffer.readUInt32LE(at) : undefined;
    if (length !== undefined && (length < BODY_HEADER_BYTES || length > MAX_BODY_BYTES)) return done('bad');
    const wanted = FRAME_BYTES + (length ?? 0);
    if (offset + wanted > end) return done('bad');
    if (held - at < wanted || length === undefined) {
      const roomy = wanted > buffer.length ? Buffer.allocUnsafe(wanted) : buffer;
      buffer.copy(roomy, 0, at, held);
      buffer = roomy;
      held -= at;
      at = 0;
      held += await fill(file, buffer, held, offset + held, end);
      continue;
    }
    if (verify && !checksumHolds(buffer, at, length, salt)) return done('bad');
    frame.buffer = buffer;
    frame.bodyStart = at + FRAME_BYTES;
    frame.bodyEnd = at + wanted;
    frame.offset = offset;
    const more = visit(frame);
    at += wanted;
    offset += wanted;
    frames++;
    if (!more) return done('stopped');
  }
  return done('end');
}

/** Reads as much as fits; what is missing at the end of the file stays missing. */
async function fill(
  file: JournalFile,
  buffer: Buffer,
  held: number,
  from: number,
  end: number,
): Promise<number> {
  let got = 0;
  const most = Math.min(buffer.length - held, end - from);
  while (got < most) {
    const read = await file.read(buffer, held + got, most - got, from + got);
    if (read === 0) break;
    got += read;
  }
  if (got === 0) {
    throw new IngestError('journal-corrupt', `Cannot read journal at offset ${from}: the file ends early`);
  }
  return got;
}

function checksumHolds(buffer: Buffer, at: number, length: number, salt: number): boolean {
  const start = at + FRAME_BYTES;
  return buffer.readUInt32LE(at + 4) === crc32c(buffer, start, start + length, (salt ^ length) >>> 0);
}

/**
 * The whole valid frame at `bytes[at, ...)`: its flags; undefined where none begins there.
 */
export function frameAt(bytes: Buffer, at: number, salt: number): { readonly flags: number } | undefined {
  if (at + FRAME_BYTES + BODY_HEADER_BYTES > bytes.length) return undefined;
  const kind = bytes[at + FRAME_BYTES]!;
  const flags = bytes[at + FRAME_BYTES + 1]!;
  if (kind < 1 || kind > KINDS.length || flags > KNOWN_FLAGS) return undefined;
  const length = bytes.readUInt32LE(at);
  if (length < BODY_HEADER_BYTES || at + FRAME_BYTES + length > bytes.length) return undefined;
  return checksumHolds(bytes, at, length, salt) ? { flags } : undefined;
}

/**
 * Is there, anywhere in `bytes`, a whole valid frame that begins a batch? A batch is written only after the one before it
 * was synced, so what stands before such a frame was once on disk whole: damage there is not a torn tail.
 */
export function holdsLaterBatch(bytes: Buffer, salt: number): boolean {
  for (let at = 0; at + FRAME_BYTES + BODY_HEADER_BYTES <= bytes.length; at++) {
    if ((bytes[at + FRAME_BYTES + 1]! & FLAG_BATCH_START) === 0) continue;
    if (frameAt(bytes, at, salt) !== undefined) return true;
  }
  return false;
}
