import type { Position } from '../model/index.ts';

/** Every so many entries an offset is kept: a read walks at most this many frames to its first one. */
const STRIDE = 32;

/** Where the entries of a run are, and when they came: a sparse list of offsets and instants, and all its control entries. */
export class SegmentIndex {
  readonly first: Position;
  /** Position after the last entry added. */
  next: Position;
  /** Positions of control entries, ascending; of a whole segment the first is the snapshot. */
  readonly controls: Position[] = [];
  /** Least and greatest instant, epoch ms; infinite while there is none. */
  minAt = Number.POSITIVE_INFINITY;
  maxAt = Number.NEGATIVE_INFINITY;
  /** Instant of the first entry. */
  firstAt = Number.NaN;
  readonly #offsets: number[] = [];
  /** Greatest instant up to the end of each stride. */
  readonly #reached: number[] = [];

  constructor(first: Position) {
    this.first = first;
    this.next = first;
  }

  /**
   * Adds the next entry.
   *
   * @param offset - Of its frame in the file.
   * @param at - Its instant, epoch ms.
   */
  add(offset: number, control: boolean, at: number): void {
    const stride = Math.floor((this.next - this.first) / STRIDE);
    if (stride === this.#offsets.length) this.#offsets.push(offset);
    if (this.next === this.first) this.firstAt = at;
    if (at < this.minAt) this.minAt = at;
    if (at > this.maxAt) this.maxAt = at;
    this.#reached[stride] = this.maxAt;
    if (control) this.controls.push(this.next);
    this.next++;
  }

  /** The nearest known frame at or before `position`. */
  seek(position: Position): { readonly position: Position; readonly offset: number } {
    const step = Math.floor((position - this.first) / STRIDE);
    return { position: this.first + step * STRIDE, offset: this.#offsets[step]! };
  }

  /** A position not far before the first entry of instant `at` or later; undefined where there is none. */
  seekInstant(at: number): Position | undefined {
    if (!(this.maxAt >= at)) return undefined;
    let low = 0;
    let high = this.#reached.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#reached[middle]! >= at) high = middle;
      else low = middle + 1;
    }
    return this.first + low * STRIDE;
  }
}
