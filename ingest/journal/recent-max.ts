/** Width of one of the two windows, ms: no shorter than the pace at which metrics are scraped. */
const WINDOW_MS = 60_000;

/**
 * The largest of the values of the last 60 to 120 s: those of the window under way and of the one before. Anybody may read it
 * at any time; only time makes it forget.
 */
export class RecentMax {
  readonly #now: () => number;
  #window = Number.NEGATIVE_INFINITY;
  #current = 0;
  #before = 0;

  /** @param now - Monotonic clock, ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param value - At least 0. */
  note(value: number): void {
    this.#turn();
    this.#current = Math.max(this.#current, value);
  }

  /** 0 where nothing was noted. */
  read(): number {
    this.#turn();
    return Math.max(this.#current, this.#before);
  }

  #turn(): void {
    const window = Math.floor(this.#now() / WINDOW_MS);
    if (window === this.#window) return;
    this.#before = window === this.#window + 1 ? this.#current : 0;
    this.#current = 0;
    this.#window = window;
  }
}
