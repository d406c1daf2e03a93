/**
 * Cuts JSON into the texts of its rows at the level of bytes (UTF-8), without holding the document: the elements of a top-level
 * array, the features of a GeoJSON FeatureCollection, or the lines of NDJSON.
 */
import type { SplitStep } from './split-csv.ts';

/** Longest element: a feature with a very detailed outline. Bytes. */
export const MAX_JSON_ELEMENT_BYTES = 16 * 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;

/** Lines of NDJSON. */
export class LineSplitter {
  #held: Buffer = Buffer.alloc(0);

  push(block: Buffer): SplitStep {
    this.#held = this.#held.length === 0 ? block : Buffer.concat([this.#held, block]);
    const records: Buffer[] = [];
    let start = 0;
    for (let end = this.#held.indexOf(0x0a); end >= 0; end = this.#held.indexOf(0x0a, start)) {
      addText(records, this.#held.subarray(start, end));
      start = end + 1;
    }
    this.#held = this.#held.subarray(start);
    if (this.#held.length <= MAX_JSON_ELEMENT_BYTES) return { records };
    const message = `A line is longer than ${MAX_JSON_ELEMENT_BYTES} bytes`;
    return { records, broken: { message, rest: this.#held } };
  }

  end(): SplitStep {
    const records: Buffer[] = [];
    addText(records, this.#held);
    return { records };
  }
}

/** Elements of an array: the document itself, or the member `features` of the document. */
export class ElementSplitter {
  readonly #member: string | undefined;
  #held: Buffer = Buffer.alloc(0);
  /** Next byte of `#held` to look at. */
  #at = 0;
  /** Offset in `#held` of the element under way, or of the name under way. */
  #start = -1;
  #depth = 0;
  #quoted = false;
  #escaped = false;
  /** Before the array, inside it, after it. */
  #place: 'before' | 'inside' | 'after' = 'before';
  #lastName = '';

  /** @param member - Name of the member that holds the array; absent: the document is the array. */
  constructor(member?: string) {
    this.#member = member;
  }

  push(block: Buffer): SplitStep {
    const keep = this.#start >= 0 ? this.#start : this.#at;
    this.#held = Buffer.concat([this.#held.subarray(keep), block]);
    this.#at -= keep;
    if (this.#start >= 0) this.#start = 0;
    const records: Buffer[] = [];
    for (; this.#at < this.#held.length; this.#at++) {
      const fault =
        this.#place === 'before'
          ? this.#seek(this.#held[this.#at]!)
          : this.#place === 'inside'
            ? this.#walk(this.#held[this.#at]!, records)
            : undefined;
      if (fault !== undefined)
        return { records, broken: { message: fault, rest: this.#held.subarray(this.#at) } };
    }
    if (this.#held.length - Math.max(0, this.#start) > MAX_JSON_ELEMENT_BYTES && this.#start >= 0) {
      const message = `An element is longer than ${MAX_JSON_ELEMENT_BYTES} bytes`;
      return { records, broken: { message, rest: this.#held.subarray(this.#start) } };
    }
    return { records };
  }

  end(): SplitStep {
    if (this.#place === 'after') return { records: [] };
    const wanted = this.#member === undefined ? 'an array' : `an array "${this.#member}"`;
    const message =
      this.#place === 'before'
        ? `The document holds no ${wanted.slice(3)}`
        : `The document ends inside ${wanted}`;
    return { records: [], broken: { message, rest: this.#held.subarray(Math.max(0, this.#start)) } };
  }

  /** Before the array: follow names at the first level until the wanted one is followed by `[`. */
  #seek(byte: number): string | undefined {
    if (this.#inText(byte)) {
      if (!this.#quoted && this.#depth === 1 && this.#start >= 0) {
        this.#lastName = this.#held.toString('utf8', this.#start + 1, this.#at);
        this.#start = -1;
      }
      return undefined;
    }
    if (byte === QUOTE) {
      this.#quoted = true;
      if (this.#depth === 1) this.#start = this.#at;
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      const isArray = byte === OPEN_ARRAY;
      const here =
        this.#member === undefined ? this.#depth === 0 : this.#depth === 1 && this.#lastName === this.#member;
      if (isArray && here) {
        this.#place = 'inside';
        this.#depth = 0;
      } else if (this.#depth === 0 && (isArray || this.#member === undefined)) {
        return this.#member === undefined
          ? 'The document is not an array'
          : 'The document is not an object: a FeatureCollection is one';
      } else this.#depth++;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.#depth--;
    else if (byte === COMMA && this.#depth === 1) this.#lastName = '';
    else if (this.#depth === 0 && byte > 0x20) return 'The document is not JSON';
    else if (byte !== COLON && byte > 0x20 && this.#depth === 1) {
      // A literal value: the name before it is used up.
      this.#lastName = '';
    }
    return undefined;
  }

  #walk(byte: number, records: Buffer[]): string | undefined {
    if (this.#inText(byte)) return undefined;
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) {
      if (this.#start >= 0) addText(records, this.#held.subarray(this.#start, this.#at));
      this.#start = -1;
      if (byte === CLOSE_ARRAY) this.#place = 'after';
      return undefined;
    }
    if (this.#start < 0 && byte > 0x20) this.#start = this.#at;
    if (byte === QUOTE) this.#quoted = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) this.#depth++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      this.#depth--;
      if (this.#depth < 0) return 'A bracket closes that never opened';
    }
    return undefined;
  }

  /** Inside a text nothing counts but its end. True while inside, and at the closing quote. */
  #inText(byte: number): boolean {
    if (!this.#quoted) return false;
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#quoted = false;
    return true;
  }
}

/** Adds a text without the white space around it, unless nothing is left. */
function addText(records: Buffer[], bytes: Buffer): void {
  let start = 0;
  let end = bytes.length;
  while (start < end && bytes[start]! <= 0x20) start++;
  while (end > start && bytes[end - 1]! <= 0x20) end--;
  if (end > start) records.push(bytes.subarray(start, end));
}
