/** Standard input in whole lines: each chunk ends with a line's end, so a line is never cut in two. */
import { createReadStream, fstatSync } from 'node:fs';
import { stdin } from 'node:process';

/** Longest line, bytes. A position with its members is some hundred; what is longer is no list of positions. */
export const LINE_MAX_BYTES = 1 << 20;

/** What is read of a file at once; a pipe gives 64 KB and no more. */
const FILE_READ_BYTES = 1 << 19;

/** Standard input; of a file larger pieces than Node takes by itself, which wait less. */
function input(): AsyncIterable<unknown> {
  return fstatSync(0).isFile()
    ? createReadStream('', { fd: 0, autoClose: false, highWaterMark: FILE_READ_BYTES })
    : stdin;
}

/** Some whole lines: bytes with `\n` between them. */
export interface LineChunk {
  readonly bytes: Buffer;
  /** Number of the first line, counted from 1. */
  readonly firstLine: number;
}

/** A line longer than `LINE_MAX_BYTES`; its end is skipped. */
export interface LongLine {
  readonly longLine: number;
  /** Its first bytes. */
  readonly start: string;
}

/** Reads standard input. A byte order mark before the first line is left out. */
export async function* lineChunks(): AsyncGenerator<LineChunk | LongLine> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let line = 1;
  let isSkipping = false;
  let isFirst = true;
  for await (const read of input()) {
    let chunk = typeof read === 'string' ? Buffer.from(read) : (read as Buffer);
    if (isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3);
    isFirst = false;
    if (isSkipping) {
      const end = chunk.indexOf(0x0a);
      if (end < 0) continue;
      isSkipping = false;
      line += 1;
      chunk = chunk.subarray(end + 1);
    }
    const last = chunk.lastIndexOf(0x0a);
    if (last < 0) {
      kept.push(chunk);
      keptBytes += chunk.length;
      if (keptBytes > LINE_MAX_BYTES) {
        yield { longLine: line, start: Buffer.concat(kept).subarray(0, 200).toString('utf8') };
        kept = [];
        keptBytes = 0;
        isSkipping = true;
      }
      continue;
    }
    const whole = chunk.subarray(0, last);
    const bytes = kept.length === 0 ? whole : Buffer.concat([...kept, whole]);
    yield { bytes, firstLine: line };
    line += countLines(bytes);
    kept = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    keptBytes = chunk.length - last - 1;
  }
  if (keptBytes > 0) yield { bytes: Buffer.concat(kept), firstLine: line };
}

function countLines(bytes: Buffer): number {
  let count = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
