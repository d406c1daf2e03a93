/** A CSV file with columns added: every row keeps its place and its bytes, the new cells stand behind them. */
import { type FileHandle, open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { CodingError, type Refusal } from './coding-error.ts';
import { detectDelimiter, detectEncoding } from './csv-form.ts';
import { type CsvRecord, CsvScanner, fieldText, MAX_RECORD_BYTES } from './csv-records.ts';
import type { FileEncoding, FileSummary, FileTask, OnProgress } from './file-task.ts';
import { type AddedCell, type CellValue, type RowCoder, rowCoder } from './row-coder.ts';

const BLOCK_BYTES = 256 * 1024;
/** Columns of a table: a record of a lost file of another kind has more. */
const MAX_COLUMNS = 10_000;

/** @throws {CodingError} `columns-unclear`, `file-invalid`. */
export async function codeCsv(
  input: string,
  output: string,
  task: FileTask,
  onProgress: OnProgress,
): Promise<FileSummary> {
  const form = await detectEncoding(input, task.encoding);
  const wide = form.encoding === 'utf-16le' || form.encoding === 'utf-16be';
  const from = await open(input, 'r');
  const to = await open(output, 'w', 0o600);
  try {
    // Inside, text of two bytes a character is UTF-8.
    const inner: FileEncoding = wide ? 'utf-8' : form.encoding;
    const coder = new CsvCoder(task, inner);
    const decoder = wide ? wideDecoder(form.encoding) : undefined;
    const pack = (bytes: Buffer) =>
      wide ? iconv.encode(bytes.toString('utf8'), form.encoding, { addBOM: false }) : bytes;
    let offset = form.markBytes;
    if (form.markBytes > 0) await copyStart(from, to, form.markBytes);
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await from.read(block, 0, BLOCK_BYTES, offset);
      offset += bytesRead;
      const bytes = block.subarray(0, bytesRead);
      const last = bytesRead === 0;
      const text = decoder === undefined ? bytes : Buffer.from(decoder(bytes, last));
      await to.appendFile(pack(coder.push(text, last)));
      await onProgress({ ...coder.counts, bytesRead: offset });
      if (last) break;
    }
    return { ...coder.summary(), bytesRead: offset, encoding: form.encoding };
  } finally {
    await from.close();
    await to.close();
  }
}

/** Text of two bytes a character as it comes; a pair of surrogates is never cut in two. */
function wideDecoder(encoding: FileEncoding): (bytes: Buffer, last: boolean) => string {
  const decoder = iconv.getDecoder(encoding);
  let held = '';
  return (bytes, last) => {
    const text = held + ((last ? decoder.end() : decoder.write(bytes)) ?? '');
    const cut = !last && /[\ud800-\udbff]$/.test(text);
    held = cut ? text.slice(-1) : '';
    return cut ? text.slice(0, -1) : text;
  };
}

async function copyStart(from: FileHandle, to: FileHandle, bytes: number): Promise<void> {
  const mark = Buffer.alloc(bytes);
  await from.read(mark, 0, bytes, 0);
  await to.appendFile(mark);
}

class CsvCoder {
  readonly #task: FileTask;
  readonly #encoding: FileEncoding;
  #held: Buffer = Buffer.alloc(0);
  #table: Table | undefined;
  /** Cells of a row too long to be taken, whose end is still to come; its bytes pass as they are. */
  #pending: string | undefined;

  constructor(task: FileTask, encoding: FileEncoding) {
    this.#task = task;
    this.#encoding = encoding;
  }

  get counts(): { rows: number; refused: number } {
    const account = this.#table?.coder.account;
    return { rows: account?.rows ?? 0, refused: account?.refused ?? 0 };
  }

  /** The next bytes in, the coded bytes out. */
  push(block: Buffer, last: boolean): Buffer {
    const buffer = this.#held.length === 0 ? block : Buffer.concat([this.#held, block]);
    let at = 0;
    let head = '';
    if (this.#table === undefined) {
      const opened = openTable(this.#task, this.#encoding, buffer, last);
      if (opened === undefined) {
        if (last)
          throw new CodingError('file-invalid', 'The file is empty: its first line must name the columns');
        this.#held = buffer;
        return Buffer.alloc(0);
      }
      this.#table = opened.table;
      at = opened.next;
      head = opened.text;
    }
    if (this.#pending !== undefined) {
      const end = lineEnd(buffer);
      at = end < 0 ? buffer.length : end;
      head = buffer.toString('latin1', 0, at);
      if (end >= 0 || last) {
        head += this.#pending;
        this.#pending = undefined;
      }
    }
    const { text, next, pending } = codeRecords(this.#table, buffer, at, last);
    this.#pending ??= pending;
    this.#held = Buffer.from(buffer.subarray(next));
    return Buffer.from(head + text, 'latin1');
  }

  summary(): Omit<FileSummary, 'bytesRead'> {
    const { coder, delimiter } = this.#table!;
    const { rows, refused, refusals, firstRefused } = coder.account;
    return { rows, refused, refusals, firstRefused, columns: coder.columns, added: coder.added, delimiter };
  }
}

interface Table {
  readonly coder: RowCoder;
  readonly scanner: CsvScanner;
  readonly delimiter: string;
  readonly width: number;
  /** A cell as bytes, one byte one character. */
  readonly cell: (value: AddedCell) => string;
  /** Reads a field's bytes. */
  readonly read: (latin1: string) => string;
}

/** Reads the header; undefined when it is not there in full yet. */
function openTable(
  task: FileTask,
  encoding: FileEncoding,
  buffer: Buffer,
  last: boolean,
): { readonly table: Table; readonly next: number; readonly text: string } | undefined {
  const doubleBytes = encoding === 'gb18030';
  const read = (latin1: string) =>
    isAscii(latin1) ? latin1 : iconv.decode(Buffer.from(latin1, 'latin1'), encoding);
  // A line before the header may say the delimiter: spreadsheets write it and read it.
  const lineEnd = endOfLine(buffer, 0, last);
  if (lineEnd === undefined || buffer.length === 0) return undefined;
  const said = /^sep=(.)\r?\n?$/.exec(buffer.toString('latin1', 0, lineEnd));
  const start = said === null ? 0 : lineEnd;
  const headerEnd = endOfLine(buffer, start, last);
  if (headerEnd === undefined) return undefined;
  // As text: the second byte of a character may be that of a vertical bar.
  const delimiter =
    task.delimiter ?? said?.[1] ?? detectDelimiter(read(buffer.toString('latin1', start, headerEnd)));
  const scanner = new CsvScanner({ delimiter: delimiter.charCodeAt(0), doubleBytes });
  const record = scanner.next(buffer, start, last);
  if (record === undefined) return undefined;
  if (record.fields === 0)
    throw new CodingError('file-invalid', 'The first line is empty: it must name the columns');
  if (record.fields > MAX_COLUMNS || record.lostQuote || record.endless)
    throw new CodingError('file-invalid', 'The first line names no columns that can be told apart');
  const header = Array.from({ length: record.fields }, (_, i) =>
    read(fieldText(buffer, scanner.fieldStarts[i]!, scanner.fieldStarts[i + 1]! - 1)),
  );
  const coder = rowCoder(task, header);
  const cell = cellWriter(delimiter, encoding);
  const added = coder.added.map((name) => `${delimiter}${cell(name)}`).join('');
  const text = `${buffer.toString('latin1', 0, record.end)}${added}${buffer.toString('latin1', record.end, record.next)}`;
  return { table: { coder, scanner, delimiter, width: record.fields, cell, read }, next: record.next, text };
}

/** Offset of the next line end, -1 where there is none. */
function lineEnd(buffer: Buffer): number {
  return buffer.findIndex((byte) => byte === 0x0a || byte === 0x0d);
}

/** Offset behind the line that begins at `from`. */
function endOfLine(buffer: Buffer, from: number, last: boolean): number | undefined {
  const lf = buffer.indexOf(0x0a, from);
  const cr = buffer.indexOf(0x0d, from);
  if (cr >= 0 && (lf < 0 || cr < lf - 1) && (cr + 1 < buffer.length || last)) return cr + 1;
  if (lf >= 0) return lf + 1;
  if (!last && buffer.length <= MAX_RECORD_BYTES) return undefined;
  return buffer.length;
}

interface Batch {
  readonly starts: number[];
  readonly ends: number[];
  readonly nexts: number[];
  /** Delimiters that a short row lacks. */
  readonly pads: number[];
  readonly known: (Refusal | undefined)[];
  readonly cells: CellValue[][];
}

/** All records of a buffer that are there in full. */
function codeRecords(
  table: Table,
  buffer: Buffer,
  from: number,
  last: boolean,
): { readonly text: string; readonly next: number; readonly pending: string | undefined } {
  const { coder, scanner, width, delimiter, cell } = table;
  const batch: Batch = {
    starts: [],
    ends: [],
    nexts: [],
    pads: [],
    known: [],
    cells: coder.inputs.map(() => []),
  };
  let next = from;
  let endless = false;
  while (next < buffer.length) {
    const record = scanner.next(buffer, next, last);
    if (record === undefined) break;
    next = record.next;
    addRecord(table, buffer, batch, record);
    if (record.fields > width || record.lostQuote || record.endless)
      batch.known[batch.starts.length - 1] = faultOf(record, width);
    endless = record.endless;
    if (endless) break;
  }
  const rows = batch.known.map((_, i) => i).filter((i) => batch.pads[i]! >= 0);
  const added = coder.code(
    batch.cells,
    rows.map((i) => batch.known[i]),
  );
  let text = '';
  let pending: string | undefined;
  let row = 0;
  for (let i = 0; i < batch.starts.length; i += 1) {
    const pad = batch.pads[i]!;
    text += buffer.toString('latin1', batch.starts[i], batch.ends[i]);
    if (pad >= 0) {
      const cells = added[row]!.map((value) => (value === null ? delimiter : delimiter + cell(value))).join(
        '',
      );
      row += 1;
      if (endless && i === batch.starts.length - 1) pending = cells;
      else text += delimiter.repeat(pad) + cells;
    }
    text += buffer.toString('latin1', batch.ends[i], batch.nexts[i]);
  }
  return { text, next, pending };
}

/** An empty line is no row: it has the pad -1. */
function addRecord(
  { coder, scanner, width, read }: Table,
  buffer: Buffer,
  batch: Batch,
  record: { start: number; end: number; next: number; fields: number },
): void {
  batch.starts.push(record.start);
  batch.ends.push(record.end);
  batch.nexts.push(record.next);
  batch.known.push(undefined);
  batch.pads.push(record.fields === 0 ? -1 : Math.max(0, width - record.fields));
  if (record.fields === 0) return;
  for (let k = 0; k < coder.inputs.length; k += 1) {
    const column = coder.inputs[k]!;
    const cells = batch.cells[k]!;
    if (column >= record.fields) cells.push(undefined);
    else {
      const { fieldStarts } = scanner;
      cells.push(read(fieldText(buffer, fieldStarts[column]!, fieldStarts[column + 1]! - 1)));
    }
  }
}

function faultOf({ endless, lostQuote, fields }: CsvRecord, width: number): Refusal {
  const message = endless
    ? `Row is longer than ${MAX_RECORD_BYTES} bytes`
    : lostQuote
      ? 'Row opens a quote that never closes'
      : `Row has ${fields} fields: the header has ${width}`;
  return { code: 'malformed', message };
}

/** Quotes what must be quoted, and puts it into the file's encoding. */
function cellWriter(delimiter: string, encoding: FileEncoding): (value: AddedCell) => string {
  return (value) => {
    if (value === null) return '';
    const text = String(value);
    const quoted =
      /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
    return isAscii(quoted) ? quoted : iconv.encode(quoted, encoding).toString('latin1');
  };
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
