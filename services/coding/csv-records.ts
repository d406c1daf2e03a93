/**
 * Cuts CSV (RFC 4180) into records at the level of bytes, and tells where the wanted fields of each lie: everything else keeps the
 * bytes it came with. For UTF-8 and GB18030, in which quote, comma and line ends are the bytes of ASCII.
 */

/** Longest record taken: a row with an outline as text may be long, a lost quote must not swallow the file. Bytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
/** A quote that closes only inside another row. */
const LOST = 'lost';

export interface CsvRecord {
  /** The record without its line end, and the line end, which the last record may lack. */
  readonly start: number;
  readonly end: number;
  readonly next: number;
  /** Number of fields; 0 for an empty line. */
  readonly fields: number;
  /** A quote opened and never closed: only the first line of it is this record. */
  readonly lostQuote: boolean;
  /** The line is longer than is taken, and its end is not in the buffer: it goes on behind `next`. */
  readonly endless: boolean;
}

export interface CsvScanOptions {
  /** Byte of the delimiter. */
  readonly delimiter: number;
  /** Characters of two bytes whose second may look like ASCII (GB18030). */
  readonly doubleBytes: boolean;
}

/** Scans records; where the fields of the newest one begin is in `fieldStarts`. */
export class CsvScanner {
  readonly #delimiter: number;
  readonly #doubleBytes: boolean;
  /** Of the newest record: where each field begins; one more entry for the end of the last. Grows to the widest record. */
  readonly fieldStarts: number[] = [];

  constructor({ delimiter, doubleBytes }: CsvScanOptions) {
    this.#delimiter = delimiter;
    this.#doubleBytes = doubleBytes;
  }

  /**
   * The record that begins at `start`; undefined when its end is not in the buffer yet.
   *
   * @param last - Nothing comes behind this buffer.
   */
  next(buffer: Buffer, start: number, last: boolean): CsvRecord | undefined {
    const record = this.#scan(buffer, start, last, true);
    if (record !== undefined && record !== LOST) return record;
    if (record === undefined && !last && buffer.length - start <= MAX_RECORD_BYTES) return undefined;
    // A quote that never closes: its line stands alone, and the next line is a new record.
    const line = this.#scan(buffer, start, last, false);
    if (line !== undefined && line !== LOST) return { ...line, lostQuote: true };
    if (buffer.length - start <= MAX_RECORD_BYTES) return undefined;
    return { start, end: buffer.length, next: buffer.length, fields: 1, lostQuote: false, endless: true };
  }

  #scan(buffer: Buffer, start: number, last: boolean, quotes: boolean): CsvRecord | typeof LOST | undefined {
    const { fieldStarts } = this;
    const delimiter = this.#delimiter;
    const doubleBytes = this.#doubleBytes;
    const length = buffer.length;
    let fields = 0;
    fieldStarts[fields++] = start;
    let atFieldStart = true;
    for (let i = start; i < length; i += 1) {
      const byte = buffer[i]!;
      if (byte === delimiter) {
        fieldStarts[fields++] = i + 1;
        atFieldStart = true;
      } else if (byte === LF) {
        const end = i > start && buffer[i - 1] === CR ? i - 1 : i;
        return this.#record(start, end, i + 1, fields);
      } else if (byte === CR) {
        if (i + 1 === length && !last) return undefined;
        if (buffer[i + 1] !== LF) return this.#record(start, i, i + 1, fields);
      } else if (byte === QUOTE && atFieldStart && quotes) {
        const close = closingQuote(buffer, i + 1, last);
        if (close === undefined) return undefined;
        if (this.#swallowed(buffer, i, close)) return LOST;
        i = close;
        atFieldStart = false;
      } else {
        atFieldStart = false;
        if (doubleBytes && byte > 0x80) i += 1;
      }
    }
    return last ? this.#record(start, length, length, fields) : undefined;
  }

  #record(start: number, end: number, next: number, fields: number): CsvRecord {
    this.fieldStarts[fields] = end + 1;
    return { start, end, next, fields: end === start ? 0 : fields, lostQuote: false, endless: false };
  }

  /**
   * Did a lost quote run into that of a later line? Such a "closing" quote has text behind it: `"lost,1,2` and then `"good",3,4`. In one
   * line that is only sloppy: `"12" pipe`.
   */
  #swallowed(buffer: Buffer, open: number, close: number): boolean {
    let at = close + 1;
    while (buffer[at] === SPACE) at += 1;
    const behind = buffer[at];
    if (behind === undefined || behind === this.#delimiter || behind === LF || behind === CR) return false;
    const line = buffer.indexOf(LF, open);
    return line >= 0 && line < close;
  }
}

/** Where the quote that opened before `from` closes; undefined when it does not in this buffer. */
function closingQuote(buffer: Buffer, from: number, last: boolean): number | undefined {
  for (let at = buffer.indexOf(QUOTE, from); at >= 0; at = buffer.indexOf(QUOTE, at + 2)) {
    if (at + 1 === buffer.length) return last ? at : undefined;
    // A doubled quote is one quote of the text.
    if (buffer[at + 1] !== QUOTE) return at;
  }
  return undefined;
}

/** A field's bytes as text: quotes taken off, one byte one character. */
export function fieldText(buffer: Buffer, start: number, end: number): string {
  const raw = buffer.toString('latin1', start, end);
  if (raw.charCodeAt(0) !== QUOTE) return raw;
  const text = raw.trimEnd();
  return text.length >= 2 && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}
