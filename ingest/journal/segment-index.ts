import type { Position } from '../model/index.ts';

/** Every so many entries an offset is kept: a read walks at most this many frames to its first one. */
const STRIDE = 32;

/** Where the entries of one segment are: a sparse list of offsets, and all its control entries. */
export class SegmentIndex {
  readonly first: Position;
  /** Position after the last entry added. */
  next: Position;
  /** Positions of control entries, ascending; the first is the snapshot. */
  readonly controls: Position[] = [];
  readonly #offsets: number[] = [];

  constructor(first: Position) {
    this.first = first;
    this.next = first;
  }

  /** Adds the next entry, whose frame begins at `offset` of the file. */
  add(offset: number, control: boolean): void {
    if ((this.next - this.first) % STRIDE === 0) this.#offsets.push(offset);
    if (control) this.controls.push(this.next);
    this.next++;
  }

  /** The nearest known frame at or before `position`. */
  seek(position: Position): { readonly position: Position; readonly offset: number } {
    const step = Math.floor((position - this.first) / STRIDE);
    return { position: this.first + step * STRIDE, offset: this.#offsets[step]! };
  }
}
