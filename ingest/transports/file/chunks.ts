/** A table file as chunks that decode on their own: the same file and the same mapping give the same chunks, always. */
import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import type { TableMapping } from '../../model/index.ts';
import { type ChunkReading, readRows } from '../../sources/table-rows.ts';
import { CsvSplitter, type SplitStep } from './split-csv.ts';
import { ElementSplitter, LineSplitter } from './split-json.ts';

/** Rows of a CSV or NDJSON chunk, elements of a JSON chunk: one chunk is decoded in a few milliseconds. */
const MAX_CHUNK_ROWS = 500;
const MAX_CHUNK_ELEMENTS = 200;
const MAX_CHUNK_BYTES = 256 * 1024;
const READ_BYTES = 256 * 1024;
/** Of a rest that cannot be cut the beginning is kept with the refusal; the file itself is kept whole. Bytes. */
const MAX_BROKEN_BYTES = 64 * 1024;

export type FileChunk =
  | {
      readonly kind: 'rows';
      readonly bytes: Buffer;
      readonly rows: number;
      /** Ordinal of its first row in the file, from 1. */
      readonly firstRow: number;
      readonly reading: ChunkReading;
    }
  /** What could not be taken apart any more; the last chunk of its file. */
  | { readonly kind: 'broken'; readonly bytes: Buffer; readonly firstRow: number; readonly message: string };

interface Splitter {
  push(block: Buffer): SplitStep;
  end(): SplitStep;
}

/** The chunks of the file at `path`, in order. A file without a row is one broken chunk. */
export async function* chunksOf(path: string, mapping: TableMapping): AsyncGenerator<FileChunk> {
  const splitter = splitterOf(mapping);
  const builder = new ChunkBuilder(mapping);
  let broken: SplitStep['broken'];
  for await (const block of blocksOf(path)) {
    const step = splitter.push(block);
    for (const record of step.records) yield* builder.add(record);
    broken = step.broken;
    if (broken !== undefined) break;
  }
  if (broken === undefined) {
    const step = splitter.end();
    for (const record of step.records) yield* builder.add(record);
    broken = step.broken;
  }
  yield* builder.flush();
  if (broken === undefined && builder.rows === 0)
    broken = { message: 'File holds no row', rest: Buffer.alloc(0) };
  if (broken === undefined) return;
  const message = `File cannot be read on from row ${builder.rows + 1}: ${broken.message}`;
  const bytes = Buffer.from(broken.rest.subarray(0, MAX_BROKEN_BYTES));
  yield { kind: 'broken', bytes, firstRow: builder.rows + 1, message };
}

function splitterOf({ format, delimiter, encoding }: TableMapping): Splitter {
  if (format === 'csv') return new CsvSplitter(iconv.encode(delimiter, encoding));
  if (format === 'ndjson') return new LineSplitter();
  return format === 'geojson' ? new ElementSplitter('features') : new ElementSplitter();
}

/** Blocks of the file without the byte order mark of UTF-8. */
async function* blocksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (let offset = 0; ; ) {
      const block = Buffer.allocUnsafe(READ_BYTES);
      const { bytesRead } = await file.read(block, 0, READ_BYTES, offset);
      if (bytesRead === 0) return;
      const marked = offset === 0 && bytesRead >= 3 && block.readUIntBE(0, 3) === 0xefbbbf;
      offset += bytesRead;
      yield block.subarray(marked ? 3 : 0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const LINE_END = Buffer.from('\n');

class ChunkBuilder {
  readonly #mapping: TableMapping;
  readonly #maxRows: number;
  #header: Buffer | undefined;
  #lineEnd: Buffer = LINE_END;
  #records: Buffer[] = [];
  #bytes = 0;
  /** Rows handed out. */
  rows = 0;

  constructor(mapping: TableMapping) {
    this.#mapping = mapping;
    const elements = mapping.format === 'geojson' || mapping.format === 'json-array';
    this.#maxRows = elements ? MAX_CHUNK_ELEMENTS : MAX_CHUNK_ROWS;
  }

  *add(record: Buffer): Generator<FileChunk> {
    if (this.#mapping.format === 'csv' && this.#header === undefined) {
      this.#header = Buffer.from(record);
      this.#lineEnd = this.#header.subarray(record.length - lineEndLength(record));
      return;
    }
    const full = this.#records.length === this.#maxRows || this.#bytes + record.length > MAX_CHUNK_BYTES;
    if (full) yield* this.flush();
    this.#records.push(record);
    this.#bytes += record.length;
  }

  *flush(): Generator<FileChunk> {
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    if (records.length === 0) return;
    const bytes = this.#join(records);
    const reading = readRows(this.#mapping, bytes);
    const whole = !('fault' in reading) && reading.rows.length === records.length;
    if (whole || records.length === 1) {
      yield { kind: 'rows', bytes, rows: records.length, firstRow: this.rows + 1, reading };
      this.rows += records.length;
      return;
    }
    // One row that cannot be read would take the others of its chunk with it: each stands alone.
    for (const record of records) {
      const alone = this.#join([record]);
      const aloneReading = readRows(this.#mapping, alone);
      yield { kind: 'rows', bytes: alone, rows: 1, firstRow: this.rows + 1, reading: aloneReading };
      this.rows++;
    }
  }

  /** The bytes of a chunk: what the rows stood in, around the rows as they came. */
  #join(records: readonly Buffer[]): Buffer {
    const { format } = this.#mapping;
    if (format === 'csv') {
      const lineEnd = this.#lineEnd;
      return Buffer.concat([this.#header!, ...records.map((record) => withLineEnd(record, lineEnd))]);
    }
    if (format === 'ndjson') return Buffer.concat(records.flatMap((record) => [record, LINE_END]));
    // A broken element is read line by line: on one line it is one broken row.
    const texts = records.length > 1 ? records : records.map(oneLine);
    const list = texts.flatMap((text, i) => (i === 0 ? [text] : [Buffer.from(',\n'), text]));
    return format === 'geojson'
      ? Buffer.concat([Buffer.from('{"type":"FeatureCollection","features":['), ...list, Buffer.from(']}')])
      : Buffer.concat([Buffer.from('['), ...list, Buffer.from(']')]);
  }
}

const LF = 0x0a;
const CR = 0x0d;

/** Length of the line end that `record` closes with: 0 only for the last record of a file. */
function lineEndLength(record: Buffer): number {
  if (record.at(-1) === LF) return record.at(-2) === CR ? 2 : 1;
  return record.at(-1) === CR ? 1 : 0;
}

/**
 * The record with the line end of the header. Readers of CSV take the first line end for that of the whole text: of another
 * one a part would end up in the last cell.
 */
function withLineEnd(record: Buffer, lineEnd: Buffer): Buffer {
  const length = lineEndLength(record);
  const text = record.subarray(0, record.length - length);
  return length === 0 || record.subarray(text.length).equals(lineEnd)
    ? record
    : Buffer.concat([text, lineEnd]);
}

/** Line ends stand between tokens only, where a space does as well. */
function oneLine(record: Buffer): Buffer {
  const text = Buffer.from(record);
  for (let i = 0; i < text.length; i++) if (text[i] === LF || text[i] === CR) text[i] = 0x20;
  return text;
}
