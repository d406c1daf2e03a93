/**
 * Payloads taken apart before they are compressed: the text of messages repeats, their digits do not. A payload is its
 * template (each run of ASCII digits replaced by one `0`) and its runs; templates are kept once a block, and the runs of one
 * place in one template stand together, column by column. Nothing is known of JSON: any bytes come back as they were.
 */
import { type ByteReader, ByteWriter } from './byte-codec.ts';

const ZERO = 0x30;
const NINE = 0x39;
/** Longer payloads are tables and recordings: kept as they are, for the compressor alone. Bytes. */
const MAX_TEMPLATED_BYTES = 4096;
/** A column tells the length of a run in a byte. */
const MAX_RUN_DIGITS = 255;
/** Templates of a block; payloads of further shapes are kept as they are. Most blocks have some dozens. */
const MAX_TEMPLATES = 1024;
/** As which template an entry is numbered that is kept as it is. */
const PLAIN = 0;

/** Takes payloads apart, one block of them. */
export class TemplateWriter {
  readonly #templates = new Map<string, number>();
  /** Entries of each template, by its number less one. */
  readonly #users: number[][] = [];
  readonly #templateOf: number[] = [];
  readonly #plainLengths: number[] = [];
  readonly #plain = new ByteWriter(4096);
  /** Payloads that were taken apart, back to back, and in them start and length of every run. */
  readonly #text = new ByteWriter(256 * 1024);
  #runs = new Uint32Array(64 * 1024);
  #runsEnd = 0;
  /** Index in `#runs` of the first run of each entry. */
  readonly #firstRun: number[] = [];
  readonly #scratch = Buffer.allocUnsafeSlow(MAX_TEMPLATED_BYTES);
  #totalBytes = 0;

  /** Adds the payload `buffer[start, end)`. */
  add(buffer: Buffer, start: number, end: number): void {
    this.#totalBytes += end - start;
    const entry = this.#templateOf.length;
    this.#firstRun.push(this.#runsEnd);
    const number = end - start <= MAX_TEMPLATED_BYTES ? this.#takeApart(buffer, start, end) : PLAIN;
    this.#templateOf.push(number);
    if (number === PLAIN) {
      this.#runsEnd = this.#firstRun[entry]!;
      this.#plainLengths.push(end - start);
      this.#plain.bytes(buffer, start, end);
    } else {
      this.#users[number - 1]!.push(entry);
      this.#text.bytes(buffer, start, end);
    }
  }

  /** Notes the runs of a payload; its template's number, or `PLAIN`. */
  #takeApart(buffer: Buffer, start: number, end: number): number {
    const text = this.#text.length - start;
    const scratch = this.#scratch;
    const runs = this.#roomForRuns(end - start);
    let next = this.#runsEnd;
    let length = 0;
    for (let at = start; at < end; ) {
      const byte = buffer[at]!;
      if (byte < ZERO || byte > NINE) {
        scratch[length++] = byte;
        at++;
        continue;
      }
      const run = at;
      do at++;
      while (at < end && buffer[at]! >= ZERO && buffer[at]! <= NINE);
      if (at - run > MAX_RUN_DIGITS) return PLAIN;
      scratch[length++] = ZERO;
      runs[next++] = text + run;
      runs[next++] = at - run;
    }
    this.#runsEnd = next;
    const template = scratch.toString('latin1', 0, length);
    const known = this.#templates.get(template);
    if (known !== undefined) return known;
    if (this.#templates.size >= MAX_TEMPLATES) return PLAIN;
    this.#users.push([]);
    this.#templates.set(template, this.#users.length);
    return this.#users.length;
  }

  /** Room for the runs of a payload: there is at most one in two bytes, and each takes two numbers. */
  #roomForRuns(bytes: number): Uint32Array {
    if (this.#runsEnd + bytes + 2 > this.#runs.length) {
      const grown = new Uint32Array((this.#runs.length + bytes) * 2);
      grown.set(this.#runs);
      this.#runs = grown;
    }
    return this.#runs;
  }

  /** Writes the columns to `out`. */
  finish(out: ByteWriter): void {
    out.varint(this.#totalBytes);
    out.varint(this.#users.length);
    const texts = [...this.#templates.keys()];
    for (const text of texts) out.varint(text.length);
    for (const text of texts) out.bytes(Buffer.from(text, 'latin1'), 0, text.length);
    for (const number of this.#templateOf) out.varint(number);
    for (const length of this.#plainLengths) out.varint(length);
    texts.forEach((text, i) => {
      let slots = 0;
      for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === ZERO) slots++;
      for (let slot = 0; slot < slots; slot++) this.#writeColumn(out, this.#users[i]!, 2 * slot);
    });
    out.bytes(this.#plain.buffer, 0, this.#plain.length);
  }

  /** A column: the length all its runs have, or 0 and the length of each; then their digits. */
  #writeColumn(out: ByteWriter, users: readonly number[], slot: number): void {
    const runs = this.#runs;
    const firstRun = this.#firstRun;
    const width = runs[firstRun[users[0]!]! + slot + 1]!;
    let same = true;
    let digits = 0;
    for (const entry of users) {
      const length = runs[firstRun[entry]! + slot + 1]!;
      digits += length;
      if (length !== width) same = false;
    }
    out.reserve(1 + users.length + digits);
    const { buffer } = out;
    let to = out.length;
    buffer[to++] = same ? width : 0;
    if (!same) for (const entry of users) buffer[to++] = runs[firstRun[entry]! + slot + 1]!;
    const text = this.#text.buffer;
    for (const entry of users) {
      const run = firstRun[entry]! + slot;
      const start = runs[run]!;
      const end = start + runs[run + 1]!;
      for (let at = start; at < end; at++) buffer[to++] = text[at]!;
    }
    out.length = to;
  }
}

/** Payloads put together again, back to back: that of entry `i` is `bytes[offsets[i], offsets[i + 1])`. */
export interface Payloads {
  readonly bytes: Buffer;
  readonly offsets: Uint32Array;
}

/** Where a column goes on: its next digits, and where it has them its next length. */
interface Cursors {
  readonly digits: Uint32Array;
  readonly lengths: Uint32Array;
  readonly widths: Uint8Array;
}

/** Reads what `TemplateWriter.finish` wrote of `count` entries. */
export function readPayloads(input: ByteReader, count: number): Payloads {
  const source = input.buffer;
  const out = Buffer.allocUnsafeSlow(input.varint());
  const offsets = new Uint32Array(count + 1);
  const lengths = Array.from({ length: input.varint() }, () => input.varint());
  const starts = lengths.map((length) => input.skip(length));
  const templateOf = new Uint16Array(count);
  const uses = new Uint32Array(lengths.length);
  const plainLengths: number[] = [];
  for (let i = 0; i < count; i++) {
    templateOf[i] = input.varint();
    if (templateOf[i] !== PLAIN) uses[templateOf[i]! - 1]!++;
  }
  for (let i = 0; i < count; i++) if (templateOf[i] === PLAIN) plainLengths.push(input.varint());
  const cursors = lengths.map((length, i) => readColumns(input, starts[i]!, length, uses[i]!));
  let plain = input.at;
  let plainNext = 0;
  let to = 0;
  for (let i = 0; i < count; i++) {
    const number = templateOf[i]!;
    if (number === PLAIN) {
      const length = plainLengths[plainNext++]!;
      source.copy(out, to, plain, plain + length);
      plain += length;
      to += length;
    } else {
      to = putTogether(source, starts[number - 1]!, lengths[number - 1]!, cursors[number - 1]!, out, to);
    }
    offsets[i + 1] = to;
  }
  input.at = plain;
  return { bytes: out, offsets };
}

function readColumns(input: ByteReader, start: number, length: number, uses: number): Cursors {
  let slots = 0;
  for (let at = start; at < start + length; at++) if (input.buffer[at] === ZERO) slots++;
  const cursors = {
    digits: new Uint32Array(slots),
    lengths: new Uint32Array(slots),
    widths: new Uint8Array(slots),
  };
  for (let slot = 0; slot < slots; slot++) {
    const width = input.byte();
    cursors.widths[slot] = width;
    let digits = width * uses;
    if (width === 0) {
      cursors.lengths[slot] = input.skip(uses);
      for (let i = 0; i < uses; i++) digits += input.buffer[cursors.lengths[slot]! + i]!;
    }
    cursors.digits[slot] = input.skip(digits);
  }
  return cursors;
}

/** Writes one payload to `out` at `to`; where it ends. */
function putTogether(
  source: Buffer,
  start: number,
  length: number,
  { digits, lengths, widths }: Cursors,
  out: Buffer,
  to: number,
): number {
  let end = to;
  let slot = 0;
  for (let at = start; at < start + length; at++) {
    const byte = source[at]!;
    if (byte !== ZERO) {
      out[end++] = byte;
      continue;
    }
    const run = widths[slot] === 0 ? source[lengths[slot]!++]! : widths[slot]!;
    let from = digits[slot]!;
    for (const stop = from + run; from < stop; from++) out[end++] = source[from]!;
    digits[slot] = from;
    slot++;
  }
  return end;
}
