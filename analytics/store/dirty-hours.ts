const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MINUTES = 60;
/** Hours of which it is known which minutes rows have reached: the open one, and some that late data reaches. */
const MAX_MASKED = 48;

/** What stands of a minute: built and untouched, to be built, or reached by rows since it was last begun to be built. */
const CLEAN = 0;
const DIRTY = 1;
const REACHED = 2;

/**
 * Hours whose rows are not, or no longer, in the rollup: the open hour, hours not yet built, hours that late data has
 * touched. Kept in `rollup_dirty` and here. `version` changes whenever rows arrive, so that a build that was overtaken
 * is not taken for complete. Of some hours it is known here, not in the database, which minutes are dirty; of others all are.
 */
export class DirtyHours {
  readonly #versions = new Map<number, number>();
  readonly #touched = new Map<number, number>();
  readonly #minutes = new Map<number, Uint8Array>();
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

  /**
   * Marks hours as touched now; returns those that were clean.
   *
   * @param minutes - The minutes of these hours that were touched, counted from the epoch; absent: all of them.
   */
  touch(hours: Iterable<number>, minutes?: Iterable<number>): readonly number[] {
    const fresh: number[] = [];
    for (const hour of hours) {
      if (!this.#versions.has(hour)) {
        fresh.push(hour);
        if (minutes !== undefined && this.#minutes.size < MAX_MASKED) {
          this.#minutes.set(hour, new Uint8Array(MINUTES));
        }
      }
      if (minutes === undefined) this.#minutes.delete(hour);
      this.#touched.set(hour, this.#next);
      this.#versions.set(hour, this.#next++);
    }
    for (const minute of minutes ?? []) {
      const hour = Math.floor(minute / MINUTES) * HOUR_MS;
      const mask = this.#minutes.get(hour);
      if (mask !== undefined) mask[minute - hour / MINUTE_MS] = REACHED;
    }
    return fresh;
  }

  clean(hour: number): void {
    this.#versions.delete(hour);
    this.#minutes.delete(hour);
  }

  clear(): void {
    this.#versions.clear();
    this.#minutes.clear();
  }

  /** Is this minute (its start, UTC ms) not, or no longer, in the rollup? */
  hasMinute(minuteMs: number): boolean {
    const hour = Math.floor(minuteMs / HOUR_MS) * HOUR_MS;
    if (!this.#versions.has(hour)) return false;
    return (this.#minutes.get(hour)?.[(minuteMs - hour) / MINUTE_MS] ?? DIRTY) !== CLEAN;
  }

  /** Dirty minutes of an hour that ended before `nowMs`; rows that reach them from now on are told from those before. */
  beginMinutes(hour: number, nowMs: number): readonly number[] {
    let mask = this.#minutes.get(hour);
    if (mask === undefined) {
      if (this.#minutes.size >= MAX_MASKED) return [];
      mask = new Uint8Array(MINUTES).fill(DIRTY);
      this.#minutes.set(hour, mask);
    }
    const begun: number[] = [];
    for (let minute = 0; minute < MINUTES; minute++) {
      const from = hour + minute * MINUTE_MS;
      if (mask[minute] === CLEAN || from + MINUTE_MS > nowMs) continue;
      mask[minute] = DIRTY;
      begun.push(from);
    }
    return begun;
  }

  /** The minutes begun have been built: those that no rows have reached since are clean. */
  cleanMinutes(minutes: readonly number[]): void {
    for (const from of minutes) {
      const hour = Math.floor(from / HOUR_MS) * HOUR_MS;
      const mask = this.#minutes.get(hour);
      const minute = (from - hour) / MINUTE_MS;
      if (mask !== undefined && mask[minute] === DIRTY) mask[minute] = CLEAN;
    }
  }

  /** Dirty hours that ended before `nowMs`, oldest first. */
  closed(nowMs: number, hourMs: number): readonly number[] {
    return [...this.#versions.keys()].filter((hour) => hour + hourMs <= nowMs).sort((a, b) => a - b);
  }

  get all(): Iterable<number> {
    return this.#versions.keys();
  }
}
