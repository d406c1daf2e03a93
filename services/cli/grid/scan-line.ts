/**
 * Reads the position out of one line of JSON without making an object of it: the line's own bytes go on into the output.
 *
 * Only what is surely valid JSON and easy is read here. Anything else (an escape in a key, a member that the output adds, a mistake) is
 * left to `JSON.parse`, which then also decides what is refused.
 */

/** What a line is. `plain`: an object whose position is in the scan's fields. `hard`: ask `JSON.parse`. */
export type LineKind = 'plain' | 'hard';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
/** Nesting that is still easy. */
const MAX_DEPTH = 32;
/** Below it every whole number is a double; a longer one may round to it. */
const EXACT = 2 ** 53;
const TENS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
const WORDS = ['true', 'false', 'null'];

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** A scanner over one chunk of bytes; its fields tell of the line scanned last. */
export class LineScanner {
  /** NaN: the member is missing, or is no number. */
  lon = Number.NaN;
  lat = Number.NaN;
  height = Number.NaN;
  /** Place of the object's last brace. */
  closeAt = 0;
  /** Is the object without any member? */
  isEmpty = false;
  /** Has it an `id` of its own? */
  hasId = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #latin1 = '';
  #end = 0;
  #number = Number.NaN;
  #hasEscape = false;
  readonly #reserved: readonly Uint8Array[];

  /** @param reserved - Names the output adds; a line that has one of them already is hard. */
  constructor(reserved: readonly string[]) {
    this.#reserved = reserved.map((name) => new TextEncoder().encode(name));
  }

  /** @param latin1 - The same bytes as text, one character a byte. */
  open(bytes: Uint8Array, latin1: string): void {
    this.#bytes = bytes;
    this.#latin1 = latin1;
  }

  /** Scans the line in bytes `start` to `end`. */
  scan(start: number, end: number): LineKind {
    this.lon = Number.NaN;
    this.lat = Number.NaN;
    this.height = Number.NaN;
    this.hasId = false;
    this.#end = end;
    const bytes = this.#bytes;
    let at = this.#skipBlank(start);
    if (bytes[at] !== OPEN_OBJECT) return 'hard';
    at = this.#skipBlank(at + 1);
    this.isEmpty = at < end && bytes[at] === CLOSE_OBJECT;
    while (!this.isEmpty) {
      const keyStart = at + 1;
      at = this.#skipText(at);
      if (at < 0) return 'hard';
      // An escape may hide any name.
      const key = this.#hasEscape ? -1 : this.#keyOf(keyStart, at - 1);
      if (key < 0) return 'hard';
      at = this.#skipBlank(at);
      if (at >= end || bytes[at] !== COLON) return 'hard';
      at = this.#skipBlank(at + 1);
      this.#number = Number.NaN;
      at = this.#skipValue(at, 0);
      if (at < 0) return 'hard';
      if (key === 1) this.lon = this.#number;
      else if (key === 2) this.lat = this.#number;
      else if (key === 3) this.height = this.#number;
      else if (key === 4) this.hasId = true;
      at = this.#skipBlank(at);
      if (at >= end) return 'hard';
      if (bytes[at] === CLOSE_OBJECT) break;
      if (bytes[at] !== COMMA) return 'hard';
      at = this.#skipBlank(at + 1);
    }
    this.closeAt = at;
    return this.#skipBlank(at + 1) === end ? 'plain' : 'hard';
  }

  /** 1 lon, 2 lat, 3 height, 4 id, 0 another, -1 a reserved one. */
  #keyOf(start: number, end: number): number {
    const bytes = this.#bytes;
    const length = end - start;
    if (length === 3 && bytes[start] === 0x6c) {
      if (bytes[start + 1] === 0x6f && bytes[start + 2] === 0x6e) return 1;
      if (bytes[start + 1] === 0x61 && bytes[start + 2] === 0x74) return 2;
    }
    if (length === 6 && this.#latin1.startsWith('height', start)) return 3;
    if (length === 2 && bytes[start] === 0x69 && bytes[start + 1] === 0x64) return 4;
    for (const name of this.#reserved) {
      if (name.length === length && name.every((byte, n) => bytes[start + n] === byte)) return -1;
    }
    return 0;
  }

  #skipBlank(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < this.#end) {
      const byte = bytes[at]!;
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
      at += 1;
    }
    return at;
  }

  /** The place behind a text, -1 for anything else. `#hasEscape` says whether it has an escape. */
  #skipText(from: number): number {
    const bytes = this.#bytes;
    this.#hasEscape = false;
    if (from >= this.#end || bytes[from] !== QUOTE) return -1;
    for (let at = from + 1; at < this.#end; at += 1) {
      const byte = bytes[at]!;
      if (byte === QUOTE) return at + 1;
      if (byte < 0x20) return -1;
      if (byte !== BACKSLASH) continue;
      this.#hasEscape = true;
      const escaped = ESCAPE.exec(this.#latin1.slice(at, Math.min(at + 6, this.#end)));
      if (escaped === null) return -1;
      at += escaped[0].length - 1;
    }
    return -1;
  }

  /** The place behind a value, -1 for what is not easy. A number is left in `#number`. */
  #skipValue(from: number, depth: number): number {
    if (from >= this.#end) return -1;
    const byte = this.#bytes[from]!;
    if (byte === QUOTE) return this.#skipText(from);
    if (byte === MINUS || isDigit(byte)) return this.#readNumber(from);
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const after = depth < MAX_DEPTH ? this.#skipNested(from, byte === OPEN_OBJECT, depth) : -1;
      this.#number = Number.NaN;
      return after;
    }
    for (const word of WORDS) {
      if (this.#latin1.startsWith(word, from) && from + word.length <= this.#end) return from + word.length;
    }
    return -1;
  }

  #skipNested(from: number, isObject: boolean, depth: number): number {
    const bytes = this.#bytes;
    const close = isObject ? CLOSE_OBJECT : CLOSE_ARRAY;
    let at = this.#skipBlank(from + 1);
    if (at < this.#end && bytes[at] === close) return at + 1;
    for (;;) {
      if (isObject) {
        at = this.#skipText(at);
        if (at < 0) return -1;
        at = this.#skipBlank(at);
        if (at >= this.#end || bytes[at] !== COLON) return -1;
        at = this.#skipBlank(at + 1);
      }
      at = this.#skipValue(at, depth + 1);
      if (at < 0) return -1;
      at = this.#skipBlank(at);
      if (at >= this.#end) return -1;
      if (bytes[at] === close) return at + 1;
      if (bytes[at] !== COMMA) return -1;
      at = this.#skipBlank(at + 1);
    }
  }

  /** Reads a number as `JSON.parse` does; the place behind it, -1 for a form JSON does not have. */
  #readNumber(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const isNegative = bytes[from] === MINUS;
    let at = isNegative ? from + 1 : from;
    if (at >= end || !isDigit(bytes[at]!)) return -1;
    let mantissa = bytes[at]! - 48;
    at += 1;
    if (mantissa > 0) {
      for (; at < end && isDigit(bytes[at]!); at += 1) mantissa = mantissa * 10 + (bytes[at]! - 48);
    }
    let places = 0;
    if (at < end && bytes[at] === 0x2e) {
      const point = at;
      for (at += 1; at < end && isDigit(bytes[at]!); at += 1) mantissa = mantissa * 10 + (bytes[at]! - 48);
      places = at - point - 1;
      if (places === 0) return -1;
    }
    let isExact = mantissa < EXACT && places <= 22;
    if (at < end && (bytes[at]! | 0x20) === 0x65) {
      at += 1;
      if (at < end && (bytes[at] === 0x2b || bytes[at] === MINUS)) at += 1;
      if (at >= end || !isDigit(bytes[at]!)) return -1;
      while (at < end && isDigit(bytes[at]!)) at += 1;
      isExact = false;
    }
    if (isExact) {
      // Both are doubles exactly, so one division rounds as the text does.
      const value = mantissa / TENS[places]!;
      this.#number = isNegative ? -value : value;
    } else {
      this.#number = Number(this.#latin1.slice(from, at));
    }
    return at;
  }
}
