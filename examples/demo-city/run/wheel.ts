/** One scheduler for the whole fleet: a wheel of slots that a single timer turns, instead of hundreds of timers. */
import { type Emitter, nextDue } from '../emitter.ts';

interface Entry {
  readonly emitter: Emitter;
  due: number;
}

export class Wheel {
  readonly #tickMs: number;
  readonly #slots: Entry[][];
  #tick: number;

  /**
   * @param now - Where the wheel starts, epoch ms: nothing due at or before it is fired.
   * @param tickMs - How finely time is cut; one emitter fires at most that late.
   */
  constructor(emitters: readonly Emitter[], now: number, tickMs = 50, slots = 1024) {
    this.#tickMs = tickMs;
    this.#slots = Array.from({ length: slots }, () => []);
    this.#tick = Math.floor(now / tickMs);
    for (const emitter of emitters) this.#place({ emitter, due: nextDue(emitter, now) });
  }

  /**
   * Fires everything due up to `now`, in order of ticks. After a gap longer than one turn of the wheel (a sleeping machine)
   * it starts afresh from now.
   *
   * @returns How many emitters fired.
   */
  advance(now: number, fire: (emitter: Emitter, due: number) => void): number {
    const target = Math.floor(now / this.#tickMs);
    if (target - this.#tick >= this.#slots.length) this.#restart(now);
    let fired = 0;
    while (this.#tick < target) {
      this.#tick += 1;
      const index = this.#tick % this.#slots.length;
      const entries = this.#slots[index]!;
      this.#slots[index] = [];
      for (const entry of entries) {
        // What is due in a later turn of the wheel stays in its slot.
        for (; this.#tickOf(entry.due) <= this.#tick; entry.due += entry.emitter.periodMs) {
          fire(entry.emitter, entry.due);
          fired += 1;
        }
        this.#place(entry);
      }
    }
    return fired;
  }

  /** The first tick that ends at or after an instant. */
  #tickOf(due: number): number {
    return Math.ceil(due / this.#tickMs);
  }

  #place(entry: Entry): void {
    this.#slots[this.#tickOf(entry.due) % this.#slots.length]!.push(entry);
  }

  #restart(now: number): void {
    const all = this.#slots.flat();
    for (const slot of this.#slots) slot.length = 0;
    this.#tick = Math.floor(now / this.#tickMs);
    for (const entry of all) this.#place({ emitter: entry.emitter, due: nextDue(entry.emitter, now) });
  }
}
