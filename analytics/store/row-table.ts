/**
 * Rows of a batch by (datastream, instant) or by (datastream, instant, value): open addressing over typed arrays, no
 * string or object a row. Equal means what SQL means: 0 equals -0, and NaN equals itself.
 */
export class RowTable {
  #slots = new Int32Array(1 << 12);
  #mask = (1 << 12) - 1;

  /** Empties it, with room for so many rows. */
  reset(rows: number): void {
    let size = this.#slots.length;
    while (size < rows * 2) size *= 2;
    if (size === this.#slots.length) this.#slots.fill(0);
    else this.#slots = new Int32Array(size);
    this.#mask = this.#slots.length - 1;
  }

  /**
   * The first row that was put in and is the same; else puts this one in and answers it.
   *
   * @param hash - Of what `same` compares; any 32-bit integer.
   */
  firstOf(row: number, hash: number, same: (other: number) => boolean): number {
    let slot = hash & this.#mask;
    for (;;) {
      const held = this.#slots[slot]!;
      if (held === 0) {
        this.#slots[slot] = row + 1;
        return row;
      }
      if (same(held - 1)) return held - 1;
      slot = (slot + 1) & this.#mask;
    }
  }
}

const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);

/** 32 bits of a number; 0 and -0 give the same. */
export function hashNumber(value: number, seed: number): number {
  float[0] = value === 0 ? 0 : value;
  let hash = Math.imul(seed ^ halves[0]!, 0x85eb_ca6b);
  hash = Math.imul((hash ^ (hash >>> 13)) + halves[1]!, 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/** As SQL compares doubles. */
export function sameNumber(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
