/**
 * The segments of a journal as files: which there are, and whether each is whole. For a backup and for checks; nothing is
 * changed, and a server may write meanwhile.
 */
import { join } from 'node:path';
import type { EpochMs, Position } from '../model/index.ts';
import { isGone, nameOf } from './held-segment.ts';
import { type JournalFile, type JournalFs, nodeFs } from './journal-fs.ts';
import { openMarks } from './marks.ts';
import { BlockStore } from './packed/block-store.ts';
import { parsePackedName } from './packed/packed-format.ts';
import { PackedSegment, readIndex, readPackedHeader } from './packed/packed-segment.ts';
import { parseSegmentName, readSegmentHeader, SEGMENT_HEADER_BYTES, scanFrames } from './segment.ts';

/** One segment file. */
export interface SegmentFile {
  readonly name: string;
  /** Position of its first entry. */
  readonly first: Position;
  /** `packed`: compressed, closed for good. */
  readonly form: 'plain' | 'packed';
}

/** What a look through a segment found. */
export interface SegmentReport {
  /** Position after the last entry that is whole, with all before it. */
  readonly next: Position;
  /** Bytes up to the end of that entry; of a packed segment those of the file. */
  readonly wholeBytes: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** When its first entry came in, UTC ms; null when not even that is whole. */
  readonly firstAt: EpochMs | null;
  /** Why not all of it is whole; null when it is. The end of the last segment may be torn by a crash. */
  readonly fault: string | null;
}

/**
 * Segment files of a folder by position, each once; empty when there is no such folder. Of one that is in both forms, as it
 * is for a moment, the plain one: it is whole for certain.
 */
export async function segmentFiles(dir: string, fs: JournalFs = nodeFs): Promise<readonly SegmentFile[]> {
  const names = await fs.list(dir).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  const found = new Map<Position, SegmentFile>();
  for (const name of names) {
    const plain = parseSegmentName(name);
    const first = plain ?? parsePackedName(name);
    if (first === undefined || (plain === undefined && found.get(first)?.form === 'plain')) continue;
    const form = plain === undefined ? 'packed' : 'plain';
    found.set(first, { name: nameOf({ first, form }), first, form });
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
}

/**
 * Reads a segment and checks every entry.
 *
 * @param until - Stop before this position: what follows may still be being written.
 */
export async function inspectSegment(
  dir: string,
  { name, first, form }: SegmentFile,
  until: Position = Number.POSITIVE_INFINITY,
  fs: JournalFs = nodeFs,
): Promise<SegmentReport> {
  const file = await fs.open(join(dir, name), 'read');
  try {
    const bytes = await file.size();
    return form === 'plain'
      ? await inspectPlain(file, bytes, first, until)
      : await inspectPacked(dir, fs, file, bytes, first, until);
  } finally {
    await file.close();
  }
}

async function inspectPlain(
  file: JournalFile,
  bytes: number,
  first: Position,
  until: Position,
): Promise<SegmentReport> {
  const header = await readSegmentHeader(file, first);
  if (!header.ok) return { next: first, wholeBytes: 0, bytes, firstAt: null, fault: header.message };
  let next = first;
  let firstAt: EpochMs | null = null;
  if (until <= first) return { next, wholeBytes: SEGMENT_HEADER_BYTES, bytes, firstAt, fault: null };
  const scan = await scanFrames(file, SEGMENT_HEADER_BYTES, bytes, header.salt, true, (frame) => {
    firstAt ??= frame.buffer.readDoubleLE(frame.bodyStart + 8);
    next++;
    return next < until;
  });
  const fault =
    scan.reason === 'bad' ? `the entry ${next} at offset ${scan.offset} does not match its checksum` : null;
  return { next, wholeBytes: scan.offset, bytes, firstAt, fault };
}

async function inspectPacked(
  dir: string,
  fs: JournalFs,
  file: JournalFile,
  bytes: number,
  first: Position,
  until: Position,
): Promise<SegmentReport> {
  const header = await readPackedHeader(dir, fs, first);
  if (header === undefined) {
    const fault = 'the header does not match its checksum';
    return { next: first, wholeBytes: 0, bytes, firstAt: null, fault };
  }
  const { end } = header;
  if ((await readIndex(file, header)) === undefined) {
    const fault = 'its index does not match its checksum';
    return { next: first, wholeBytes: 0, bytes, firstAt: header.minAt, fault };
  }
  const segment = new PackedSegment(dir, fs, new BlockStore(), { first, end, header });
  let next = first;
  let firstAt: EpochMs | null = null;
  let fault: string | null = null;
  try {
    await segment.scan({ from: first, expected: Math.min(until, end) - first, verify: true }, (view) => {
      firstAt ??= view.at;
      next = view.position + 1;
      return next < until;
    });
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  return { next, wholeBytes: bytes, bytes, firstAt, fault };
}

/**
 * Takes back what the index has released, in a journal at rest: all of it is needed again, and nothing of it may be deleted.
 *
 * @throws {IngestError} `journal-corrupt` when the marks cannot be read.
 */
export async function unreleaseJournal(dir: string): Promise<void> {
  const marks = await openMarks({ dir, clock: Date.now }, nodeFs);
  await marks.release(0);
}
