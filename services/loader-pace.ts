/** How much the loader takes at once, and how fast it gets on. Pure: told what happened, with the clock as an argument. */

export interface PaceOptions {
  /** Readings of one commit while the index keeps up. */
  readonly maxReadings: number;
  /** The same while it is far behind: larger batches cost less a row and hold up the rest longer. */
  readonly catchUpReadings: number;
}

/** Far behind: more entries than so many batches hold. */
const FAR_BATCHES = 4;
/** While far behind a batch may grow as long as loading one takes less, and shrinks when it takes more, ms. */
const GROW_BELOW_MS = 300;
const SHRINK_ABOVE_MS = 800;
/** The rate is that of so long, ms; between two samples. */
const WINDOW_MS = 15_000;
const SAMPLE_EVERY_MS = 250;

interface Sample {
  readonly at: number;
  readonly position: number;
  readonly head: number;
}

export class LoaderPace {
  readonly #options: PaceOptions;
  readonly #samples: Sample[] = [];
  #readings: number;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#readings = options.maxReadings;
  }

  /** Readings the next batch may have. */
  get readings(): number {
    return this.#readings;
  }

  /** After a pull that ended at `to`, when the batch before it took `loadMs`. */
  pulled(to: number, head: number, loadMs: number): void {
    const { maxReadings, catchUpReadings } = this.#options;
    if (head - to <= FAR_BATCHES * maxReadings) this.#readings = maxReadings;
    else if (loadMs < GROW_BELOW_MS) {
      this.#readings = Math.min(2 * this.#readings, Math.max(maxReadings, catchUpReadings));
    } else if (loadMs > SHRINK_ABOVE_MS) {
      this.#readings = Math.max(maxReadings, Math.ceil(this.#readings / 2));
    }
  }

  /** The index has got to `position`. */
  reached(position: number, head: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < SAMPLE_EVERY_MS) return;
    this.#samples.push({ at, position, head });
    while (at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
  }

  /** Entries loaded a second of late; 0 before there are two samples. */
  entriesPerS(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return (1000 * (last.position - first.position)) / (last.at - first.at);
  }

  /** How long until the index holds everything, ms, as fast as of late and while as much arrives; null when that never is. */
  etaMs(position: number, head: number): number | null {
    if (position >= head) return 0;
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return null;
    const gained = last.position - first.position - (last.head - first.head);
    return gained <= 0 ? null : ((head - position) * (last.at - first.at)) / gained;
  }
}
