/**
 * The segments of a journal as files: which there are, and whether each is whole. For a backup and for checks; nothing is
 * changed, and a server may write meanwhile.
 */
import { join } from 'node:path';
import type { EpochMs, Position } from '../model/index.ts';
import { decodeEntry } from './entry-codec.ts';
import { type JournalFile, type JournalFs, nodeFs } from './journal-fs.ts';
import { parseSegmentName, readSegmentHeader, SEGMENT_HEADER_BYTES, scanFrames } from './segment.ts';

/** One segment file. */
export interface SegmentFile {
  readonly name: string;
  /** Position of its first entry. */
  readonly first: Position;
}

/** What a look through a segment found. */
export interface SegmentReport {
  /** Position after the last whole entry. */
  readonly next: Position;
  /** Bytes up to the end of that entry. */
  readonly wholeBytes: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** When its first entry came in, UTC ms; null when not even that is whole. */
  readonly firstAt: EpochMs | null;
  /** Why not all of it is whole; null when it is. The end of the last segment may be torn by a crash. */
  readonly fault: string | null;
}

/** Segment files of a folder by position; empty when there is no such folder. */
export async function listSegments(dir: string, fs: JournalFs = nodeFs): Promise<readonly SegmentFile[]> {
  const names = await fs.list(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => {
      const first = parseSegmentName(name);
      return first === undefined ? [] : [{ name, first }];
    })
    .sort((a, b) => a.first - b.first);
}

/**
 * Reads a segment and checks every entry.
 *
 * @param until - Stop before this position: what follows may still be being written.
 */
export async function inspectSegment(
  dir: string,
  { name, first }: SegmentFile,
  until: Position = Number.POSITIVE_INFINITY,
  fs: JournalFs = nodeFs,
): Promise<SegmentReport> {
  const file = await fs.open(join(dir, name), 'read');
  try {
    return await inspect(file, first, until);
  } finally {
    await file.close();
  }
}

async function inspect(file: JournalFile, first: Position, until: Position): Promise<SegmentReport> {
  const bytes = await file.size();
  const header = await readSegmentHeader(file, first);
  if (!header.ok) return { next: first, wholeBytes: 0, bytes, firstAt: null, fault: header.message };
  let next = first;
  let firstAt: EpochMs | null = null;
  if (until <= first) return { next, wholeBytes: SEGMENT_HEADER_BYTES, bytes, firstAt, fault: null };
  const scan = await scanFrames(file, SEGMENT_HEADER_BYTES, bytes, header.salt, true, (frame) => {
    if (firstAt === null) {
      const entry = decodeEntry(frame.buffer, frame.bodyStart, frame.bodyEnd, first);
      firstAt = entry.kind === 'control' ? entry.at : null;
    }
    next++;
    return next < until;
  });
  const fault =
    scan.reason === 'bad' ? `the entry ${next} at offset ${scan.offset} does not match its checksum` : null;
  return { next, wholeBytes: scan.offset, bytes, firstAt, fault };
}
