/**
 * `grid encode` over standard input: each line's own bytes go out again with the code and the id added, in order. Positions are read from
 * the bytes and coded as one batch a chunk, so no object is made for a line.
 */
import { say } from '../command.ts';
import { ByteWriter } from './byte-writer.ts';
import { LINE_MAX_BYTES, type LineChunk, lineChunks } from './chunks.ts';
import type { Coder } from './coder.ts';
import { parsedLine, type Refused, refusedBy, refusedLine } from './refused.ts';
import { LineScanner } from './scan-line.ts';

/** Lines of one batch at most; a chunk of standard input has some thousand. */
const START_ROWS = 4_096;

/** How the lines of one chunk lie in it. */
class Rows {
  count = 0;
  starts = new Int32Array(START_ROWS);
  ends = new Int32Array(START_ROWS);
  /** Place of the last brace; -1 for a line that is left to `JSON.parse`. */
  closes = new Int32Array(START_ROWS);
  lines = new Int32Array(START_ROWS);
  /** 1: the line has an `id` of its own, which stays. */
  ownIds = new Int32Array(START_ROWS);
  lonDeg = new Float64Array(START_ROWS);
  latDeg = new Float64Array(START_ROWS);
  heightM = new Float64Array(START_ROWS);

  grow(): void {
    const ints = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    const doubles = (old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.starts = ints(this.starts);
    this.ends = ints(this.ends);
    this.closes = ints(this.closes);
    this.lines = ints(this.lines);
    this.ownIds = ints(this.ownIds);
    this.lonDeg = doubles(this.lonDeg);
    this.latDeg = doubles(this.latDeg);
    this.heightM = doubles(this.heightM);
  }
}

/** Lines answered and refused. */
export interface LineCounts {
  coded: number;
  refused: number;
}

/** Answers every line of standard input but blank ones; tells the counts on standard error at the end. */
export async function encodeLines(coder: Coder): Promise<LineCounts> {
  const out = new ByteWriter();
  const rows = new Rows();
  const scanner = new LineScanner([...coder.members, 'error']);
  const counts: LineCounts = { coded: 0, refused: 0 };
  for await (const chunk of lineChunks()) {
    if ('longLine' in chunk) {
      const message = `Cannot read line ${chunk.longLine}: longer than ${LINE_MAX_BYTES} bytes`;
      refuse(out, counts, { code: 'line-too-long', message }, undefined, chunk.longLine, chunk.start);
    } else {
      scanChunk(chunk, scanner, rows);
      answerChunk(chunk, coder, rows, out, counts);
    }
    await out.flush();
  }
  say(`${counts.coded} lines coded, ${counts.refused} refused`);
  return counts;
}

function scanChunk({ bytes, firstLine }: LineChunk, scanner: LineScanner, rows: Rows): void {
  scanner.open(bytes, bytes.toString('latin1'));
  rows.count = 0;
  let line = firstLine;
  for (let start = 0; start <= bytes.length; line += 1) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    if (!isBlank(bytes, start, end)) {
      if (rows.count === rows.starts.length) rows.grow();
      const row = rows.count;
      const isPlain = scanner.scan(start, end) === 'plain' && !scanner.isEmpty;
      rows.starts[row] = start;
      rows.ends[row] = end;
      rows.lines[row] = line;
      rows.ownIds[row] = scanner.hasId ? 1 : 0;
      rows.closes[row] = isPlain ? scanner.closeAt : -1;
      rows.lonDeg[row] = isPlain ? scanner.lon : Number.NaN;
      rows.latDeg[row] = isPlain ? scanner.lat : Number.NaN;
      rows.heightM[row] = isPlain ? scanner.height : Number.NaN;
      rows.count += 1;
    }
    start = end + 1;
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

const COMMA = Uint8Array.of(0x2c);
const CLOSE = Uint8Array.of(0x7d, 0x0a);

function answerChunk(
  { bytes }: LineChunk,
  coder: Coder,
  rows: Rows,
  out: ByteWriter,
  counts: LineCounts,
): void {
  const batch = coder.encodeBatch(
    rows.lonDeg.subarray(0, rows.count),
    rows.latDeg.subarray(0, rows.count),
    rows.heightM.subarray(0, rows.count),
  );
  for (let row = 0; row < rows.count; row += 1) {
    const close = rows.closes[row]!;
    if (close >= 0 && !batch.isRefused(row)) {
      out.copy(bytes, rows.starts[row]!, close);
      out.copy(COMMA, 0, 1);
      batch.writeMembers(row, out, rows.ownIds[row] === 1);
      out.copy(CLOSE, 0, 2);
      counts.coded += 1;
    } else {
      const text = bytes.toString('utf8', rows.starts[row]!, rows.ends[row]!);
      answerAlone(text, rows.lines[row]!, coder, out, counts);
    }
  }
}

/** A line that the scan left, or that the grid refused. */
function answerAlone(text: string, line: number, coder: Coder, out: ByteWriter, counts: LineCounts): void {
  const parsed = parsedLine(text);
  if (parsed === undefined) {
    refuse(
      out,
      counts,
      { code: 'json-invalid', message: `Cannot read line ${line}: not JSON` },
      undefined,
      line,
      text,
    );
    return;
  }
  const members = membersOf(parsed.value);
  if (members === undefined) {
    const message = `Cannot read line ${line}: {"lon":..,"lat":..} or [lon, lat] is wanted`;
    refuse(out, counts, { code: 'json-invalid', message }, parsed.value, line, text);
    return;
  }
  const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);
  try {
    const { id, ...added } = coder.encode(number(members.lon), number(members.lat), number(members.height));
    // An id beside a code is of an earlier coding and gives way; any other is the line's own.
    const named = members.id !== undefined && members.code === undefined ? { zoneId: id } : { id };
    out.text(`${JSON.stringify({ ...members, ...added, ...named })}\n`);
    counts.coded += 1;
  } catch (error) {
    refuse(out, counts, refusedBy(error), parsed.value, line, text);
  }
}

/** An object as it is, a list of two or three as a position. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  const [lon, lat, height] = value as unknown[];
  if (value.length === 2) return { lon, lat };
  return value.length === 3 ? { lon, lat, height } : undefined;
}

function refuse(
  out: ByteWriter,
  counts: LineCounts,
  refused: Refused,
  value: unknown,
  line: number,
  text: string,
): void {
  counts.refused += 1;
  out.text(`${refusedLine(refused, value, line, text.trim())}\n`);
}
