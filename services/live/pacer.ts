/**
 * At most one run every `gapMs`, the first at once: what is asked for in between is done once, at the end of the gap. So
 * a change shows with no delay on a quiet system and at a steady pace on a busy one.
 */
export class Pacer {
  #gapMs: number;
  #run: () => void;
  #timer: NodeJS.Timeout | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #clock: () => number;

  constructor(gapMs: number, run: () => void, clock: () => number = performance.now.bind(performance)) {
    this.#gapMs = gapMs;
    this.#run = run;
    this.#clock = clock;
  }

  ask(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#last + this.#gapMs - this.#clock();
    if (wait <= 0) this.#go();
    else this.#timer = setTimeout(() => this.#go(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #go(): void {
    this.#timer = undefined;
    this.#last = this.#clock();
    this.#run();
  }
}
