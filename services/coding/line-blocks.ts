/** Cuts a stream of bytes into blocks of whole lines. A line too long is told as such and passed over, whatever its length. */
import { isUtf8 } from 'node:buffer';

/** Longest line taken: an object with many members, or with an outline. Bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;

const LF = 0x0a;

/** A line: its text, or why there is none. Empty lines are not told. */
export type Line =
  | { readonly text: string; readonly number: number }
  | { readonly fault: 'too-long' | 'not-utf8'; readonly number: number };

export class LineBlocks {
  readonly #maxBytes: number;
  #held: Buffer = Buffer.alloc(0);
  /** Inside a line that was told as too long already. */
  #skipping = false;
  #number = 0;

  constructor(maxBytes = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in these bytes. */
  push(bytes: Uint8Array): Line[] {
    let block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const lines: Line[] = [];
    if (this.#skipping) {
      const end = block.indexOf(LF);
      if (end < 0) return lines;
      block = block.subarray(end + 1);
      this.#skipping = false;
    }
    if (this.#held.length > 0) block = Buffer.concat([this.#held, block]);
    const end = block.lastIndexOf(LF);
    if (end >= 0) this.#cut(block.subarray(0, end), lines);
    this.#held = block.subarray(end + 1);
    if (this.#held.length > this.#maxBytes) {
      this.#number += 1;
      lines.push({ fault: 'too-long', number: this.#number });
      this.#held = Buffer.alloc(0);
      this.#skipping = true;
    }
    return lines;
  }

  /** The last line, which may lack its end. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.#held.length > 0) this.#cut(this.#held, lines);
    this.#held = Buffer.alloc(0);
    return lines;
  }

  #cut(block: Buffer, lines: Line[]): void {
    // Whole blocks first: a check a line would cost more than the cutting.
    if (!isUtf8(block)) {
      this.#cutBytes(block, lines);
      return;
    }
    for (const text of block.toString('utf8').split('\n')) {
      this.#number += 1;
      if (text.length * 3 > this.#maxBytes && Buffer.byteLength(text) > this.#maxBytes)
        lines.push({ fault: 'too-long', number: this.#number });
      else this.#add(text, lines);
    }
  }

  #cutBytes(block: Buffer, lines: Line[]): void {
    for (let start = 0; start <= block.length; ) {
      const found = block.indexOf(LF, start);
      const end = found < 0 ? block.length : found;
      const line = block.subarray(start, end);
      this.#number += 1;
      if (line.length > this.#maxBytes) lines.push({ fault: 'too-long', number: this.#number });
      else if (!isUtf8(line)) lines.push({ fault: 'not-utf8', number: this.#number });
      else this.#add(line.toString('utf8'), lines);
      start = end + 1;
    }
  }

  /** `trim` takes a byte order mark away too. */
  #add(raw: string, lines: Line[]): void {
    const text = raw.trim();
    if (text !== '') lines.push({ text, number: this.#number });
  }
}
