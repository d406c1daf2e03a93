/**
 * What can still be read of a damaged plain segment: the runs of whole entries in it and their positions. Behind damage an
 * entry's position follows from the end of it that the entry carries, or, of entries that carry none, from the end of the segment.
 */
import type { Position } from '../model/index.ts';
import { BODY_HEADER_BYTES, FLAG_NUMBERED, FRAME_BYTES, KIND_CONTROL } from './entry-codec.ts';
import { type JournalFile, readFully } from './journal-fs.ts';
import { frameAt, SEGMENT_HEADER_BYTES, scanFrames } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';

/** An unbroken run of entries: those of `index`, up to `endOffset` of the file. */
export interface PlainRun {
  readonly index: SegmentIndex;
  readonly endOffset: number;
}

/** Positions are told modulo this. */
const NUMBERS = 65_536;

/**
 * Reads the whole segment and checks every entry.
 *
 * @param bytes - Of the file that belong to the segment.
 * @param end - Position after the last entry, where a segment follows.
 * @returns Runs in order; none where nothing can be read.
 */
export async function surveyPlain(
  file: JournalFile,
  bytes: number,
  first: Position,
  end: Position | undefined,
): Promise<{ readonly salt: number; readonly runs: readonly PlainRun[] }> {
  const content = Buffer.allocUnsafe(Math.min(bytes, await file.size()));
  await readFully(file, content, 0);
  const salt = findSalt(content);
  const runs: PlainRun[] = [];
  if (salt === undefined) return { salt: 0, runs };
  let offset: number | undefined = SEGMENT_HEADER_BYTES;
  let position = first;
  while (offset !== undefined) {
    const run = await readRun(content, offset, position, salt);
    if (run.index.next > position) runs.push(run);
    const next = findNext(content, run.endOffset, salt);
    offset = next;
    if (next === undefined) break;
    const found = await positionAt(content, next, salt, run.index.next, run.endOffset, end);
    if (found === undefined || (end !== undefined && found >= end)) break;
    position = found;
  }
  return { salt, runs };
}

/** The salt as the header has it or, where that is what was damaged, one bit off. */
function findSalt(content: Buffer): number | undefined {
  if (content.length < SEGMENT_HEADER_BYTES + FRAME_BYTES) return undefined;
  const stored = content.readUInt32LE(12);
  const candidates = [stored, ...Array.from({ length: 32 }, (_, bit) => (stored ^ (1 << bit)) >>> 0)];
  const byFirst = candidates.find((salt) => frameAt(content, SEGMENT_HEADER_BYTES, salt) !== undefined);
  return byFirst ?? (findNext(content, SEGMENT_HEADER_BYTES, stored) === undefined ? undefined : stored);
}

/** The run that begins at `offset`; empty where the frame there is damaged. */
async function readRun(content: Buffer, offset: number, position: Position, salt: number): Promise<PlainRun> {
  const index = new SegmentIndex(position);
  const source = { read: readOf(content) } as JournalFile;
  const scan = await scanFrames(source, offset, content.length, salt, true, (frame) => {
    const { buffer, bodyStart } = frame;
    index.add(frame.offset, buffer[bodyStart] === KIND_CONTROL, buffer.readDoubleLE(bodyStart + 8));
    return true;
  });
  return { index, endOffset: scan.offset };
}

function readOf(content: Buffer): JournalFile['read'] {
  return async (target, targetStart, length, offset) =>
    content.copy(target, targetStart, offset, Math.min(content.length, offset + length));
}

/** Offset of the next whole frame after the damaged one at `offset`. */
function findNext(content: Buffer, offset: number, salt: number): number | undefined {
  if (offset + FRAME_BYTES > content.length) return undefined;
  const byLength = offset + FRAME_BYTES + content.readUInt32LE(offset);
  if (frameAt(content, byLength, salt) !== undefined) return byLength;
  for (let at = offset + 1; at + FRAME_BYTES + BODY_HEADER_BYTES <= content.length; at++) {
    if (frameAt(content, at, salt) !== undefined) return at;
  }
  return undefined;
}

/** Position of the whole frame at `offset`, where `damaged` is the position of the damaged one at `damagedOffset`. */
async function positionAt(
  content: Buffer,
  offset: number,
  salt: number,
  damaged: Position,
  damagedOffset: number,
  end: Position | undefined,
): Promise<Position | undefined> {
  const body = offset + FRAME_BYTES;
  if ((content[body + 1]! & FLAG_NUMBERED) !== 0) {
    const number = content.readUInt16LE(body + 26);
    return damaged + 1 + ((((number - damaged - 1) % NUMBERS) + NUMBERS) % NUMBERS);
  }
  if (offset === damagedOffset + FRAME_BYTES + content.readUInt32LE(damagedOffset)) return damaged + 1;
  const rest = await readRun(content, offset, 0, salt);
  return end !== undefined && rest.endOffset === content.length ? end - rest.index.next : undefined;
}
