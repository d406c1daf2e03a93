/** Output as bytes: one buffer that grows to a chunk's size, written whole, the next one only after it is taken. */
import { stdout } from 'node:process';

const encoder = new TextEncoder();

/** Index of the high 32-bit word of an id. */
const HIGH_WORD = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;

export class ByteWriter {
  #bytes = Buffer.alloc(1 << 16);
  #at = 0;

  /** Makes room for so many more bytes. */
  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#at + count));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  /** Bytes `from` to `to` of another buffer. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const bytes = this.#bytes;
    let at = this.#at;
    // A line is short: a loop is cheaper than a view of it.
    for (let n = from; n < to; n += 1) {
      bytes[at] = source[n]!;
      at += 1;
    }
    this.#at = at;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#at += encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written;
  }

  /** An unsigned 64-bit id in decimal, from its two words. */
  decimal(words: Uint32Array, row: number): void {
    const high = words[2 * row + HIGH_WORD]!;
    const low = words[2 * row + 1 - HIGH_WORD]!;
    const [h1, h0] = [high >>> 16, high & 0xffff];
    // 2^32 = 4e9 + 294,967,296 and 2^48 = 281,474e9 + 976,710,656: the id in three groups of nine digits, all below 2^53.
    const units = h1 * 976_710_656 + h0 * 294_967_296 + low;
    const carry = Math.floor(units / 1e9);
    const thousands = h1 * 281_474 + h0 * 4 + carry;
    const top = Math.floor(thousands / 1e9);
    if (top > 0) {
      this.integer(top);
      this.#nine(thousands - top * 1e9);
      this.#nine(units - carry * 1e9);
    } else if (thousands > 0) {
      this.integer(thousands);
      this.#nine(units - carry * 1e9);
    } else this.integer(units);
  }

  /** An id in lower-case hexadecimal without leading zeros: the text of an H3 cell. */
  hexadecimal(words: Uint32Array, row: number): void {
    this.#reserve(16);
    let isLeading = true;
    for (let digit = 15; digit >= 0; digit -= 1) {
      const word = words[2 * row + (digit >= 8 ? HIGH_WORD : 1 - HIGH_WORD)]!;
      const value = (word >>> (4 * (digit & 7))) & 15;
      isLeading &&= value === 0 && digit > 0;
      if (isLeading) continue;
      this.#bytes[this.#at] = value < 10 ? 48 + value : 87 + value;
      this.#at += 1;
    }
  }

  /** A whole number. */
  integer(value: number): void {
    this.#reserve(20);
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.#at] = 0x2d;
      this.#at += 1;
      rest = -rest;
    }
    let length = 1;
    for (let bound = 10; bound <= rest; bound *= 10) length += 1;
    for (let n = length - 1; n >= 0; n -= 1) {
      const next = Math.floor(rest / 10);
      this.#bytes[this.#at + n] = 48 + rest - next * 10;
      rest = next;
    }
    this.#at += length;
  }

  #nine(value: number): void {
    this.#reserve(9);
    // Below 2^31, so integer division holds.
    let rest = value | 0;
    for (let n = 8; n >= 0; n -= 1) {
      const next = (rest / 10) | 0;
      this.#bytes[this.#at + n] = 48 + rest - next * 10;
      rest = next;
    }
    this.#at += 9;
  }

  /** What is not yet written; the next call of any other method overwrites it. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return bytes;
  }

  /** Writes everything to standard output and comes back when it is taken. */
  async flush(): Promise<void> {
    const bytes = this.take();
    if (bytes.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}
