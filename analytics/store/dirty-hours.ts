/**
 * Hours whose rows are not, or no longer, in the rollup: the open hour, hours not yet built, hours that late data has
 * touched. Kept in `rollup_dirty` and here. `version` changes whenever rows arrive, so that a build that was overtaken
 * is not taken for complete.
 */
export class DirtyHours {
  readonly #versions = new Map<number, number>();
  readonly #touched = new Map<number, number>();
  #next = 1;

  get size(): number {
    return this.#versions.size;
  }

  has(hour: number): boolean {
    return this.#versions.has(hour);
  }

  version(hour: number): number | undefined {
    return this.#versions.get(hour);
  }

  /** Changes whenever rows of this hour arrive, built or not: by it others keep what they computed of an hour. */
  touched(hour: number): number {
    return this.#touched.get(hour) ?? 0;
  }

  /** Marks hours as touched now; returns those that were clean. */
  touch(hours: Iterable<number>): readonly number[] {
    const fresh: number[] = [];
    for (const hour of hours) {
      if (!this.#versions.has(hour)) fresh.push(hour);
      this.#touched.set(hour, this.#next);
      this.#versions.set(hour, this.#next++);
    }
    return fresh;
  }

  clean(hour: number): void {
    this.#versions.delete(hour);
  }

  clear(): void {
    this.#versions.clear();
  }

  /** Dirty hours that ended before `nowMs`, oldest first. */
  closed(nowMs: number, hourMs: number): readonly number[] {
    return [...this.#versions.keys()].filter((hour) => hour + hourMs <= nowMs).sort((a, b) => a - b);
  }

  get all(): Iterable<number> {
    return this.#versions.keys();
  }
}
