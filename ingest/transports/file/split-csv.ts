/**
 * Cuts CSV (RFC 4180) into records at the level of bytes, so that every record keeps the bytes it came with. Works for every
 * encoding in which quote, delimiter and line ends are the bytes of ASCII and no byte of another character is one of them.
 */

/** Longest record: a row with a geometry as text may be long, a lost quote must not swallow the file. Bytes. */
export const MAX_CSV_RECORD_BYTES = 1024 * 1024;
/** Lost quotes that are got over in one file; each costs one look at up to a longest record. */
const MAX_LOST_QUOTES = 100;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** What comes out of a splitter: whole records, and at last what could not be cut any more. */
export interface SplitStep {
  readonly records: readonly Buffer[];
  /** Why the rest cannot be cut; nothing more comes. */
  readonly broken?: { readonly message: string; readonly rest: Buffer };
}

export class CsvSplitter {
  readonly #delimiter: Buffer;
  readonly #maxRecordBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #lineEnd: typeof LF | typeof CR | undefined;
  #lostQuotes = 0;

  /** @param delimiter - One character in the file's encoding. */
  constructor(delimiter: Buffer, maxRecordBytes = MAX_CSV_RECORD_BYTES) {
    this.#delimiter = delimiter;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Takes the next bytes; records include their line end. */
  push(block: Buffer): SplitStep {
    this.#held = this.#held.length === 0 ? block : Buffer.concat([this.#held, block]);
    return this.#cut(false);
  }

  /** The last record, which may lack its line end. */
  end(): SplitStep {
    return this.#cut(true);
  }

  #cut(last: boolean): SplitStep {
    const records: Buffer[] = [];
    let start = 0;
    while (start < this.#held.length) {
      let end = this.#recordEnd(start, last);
      if (end === undefined) {
        const length = this.#held.length - start;
        if (!last && length <= this.#maxRecordBytes) break;
        // A quote that never closes: its line stands alone, and the next one is a new record.
        const line = this.#held.indexOf(this.#lineEnd ?? LF, start);
        end = line < 0 ? (last ? this.#held.length : undefined) : line + 1;
        this.#lostQuotes++;
        if (end === undefined || this.#lostQuotes > MAX_LOST_QUOTES) {
          const message =
            end === undefined
              ? `A record is longer than ${this.#maxRecordBytes} bytes`
              : `More than ${MAX_LOST_QUOTES} records open a quote that never closes`;
          return { records, broken: { message, rest: this.#held.subarray(start) } };
        }
      }
      const record = this.#held.subarray(start, end);
      if (record.some((byte) => byte !== LF && byte !== CR)) records.push(record);
      start = end;
    }
    this.#held = this.#held.subarray(start);
    return { records };
  }

  /** Offset after the record that begins at `start`; undefined when its end is not held. */
  #recordEnd(start: number, last: boolean): number | undefined {
    const held = this.#held;
    let quoted = false;
    let closedAt = -2;
    for (let i = start; i < held.length; i++) {
      const byte = held[i]!;
      if (byte === QUOTE) {
        if (quoted) {
          quoted = false;
          closedAt = i;
          // A doubled quote is one quote of the text: out and in again at once.
        } else quoted = closedAt === i - 1 || this.#atFieldStart(start, i);
      } else if (!quoted && (byte === LF || byte === CR)) {
        if (this.#lineEnd === undefined) {
          if (byte === CR && i + 1 === held.length && !last) return undefined;
          this.#lineEnd = byte === CR && held[i + 1] !== LF ? CR : LF;
        }
        if (byte === this.#lineEnd) return i + 1;
      }
    }
    return last && !quoted ? held.length : undefined;
  }

  #atFieldStart(start: number, at: number): boolean {
    if (at === start) return true;
    const from = at - this.#delimiter.length;
    return from >= start && this.#held.subarray(from, at).equals(this.#delimiter);
  }
}
