import type { Lane } from './query-context.ts';

/** Askers whose last turn is remembered; whoever is forgotten comes first again. */
const MAX_ASKERS = 1000;

/** What the queue needs to know of a statement that waits. */
export interface Queued {
  readonly asker: string;
  lane: Lane;
}

/**
 * Statements that wait, by lane. In a lane the asker whose turn was longest ago comes first, and of each asker the oldest
 * statement: who asks for a hundred things at once waits for himself, not everybody for him.
 */
export class StatementQueue<T extends Queued> {
  readonly #waiting: T[] = [];
  /** The turn each recent asker had last, oldest first. */
  readonly #servedAt = new Map<string, number>();
  #turn = 0;

  get size(): number {
    return this.#waiting.length;
  }

  /** Statements of one asker that wait. */
  sizeOf(asker: string): number {
    let n = 0;
    for (const one of this.#waiting) if (one.asker === asker) n++;
    return n;
  }

  has(lane: Lane): boolean {
    return this.#waiting.some((one) => one.lane === lane);
  }

  push(one: T): void {
    this.#waiting.push(one);
  }

  /** Takes the next of a lane. */
  take(lane: Lane): T | undefined {
    let best: T | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const one of this.#waiting) {
      const served = this.#servedAt.get(one.asker) ?? 0;
      if (one.lane === lane && served < least) {
        best = one;
        least = served;
      }
    }
    if (best === undefined) return undefined;
    this.remove(best);
    // Taken out first: the map is in the order of the turns.
    this.#servedAt.delete(best.asker);
    this.#servedAt.set(best.asker, ++this.#turn);
    if (this.#servedAt.size > MAX_ASKERS) this.#servedAt.delete(this.#servedAt.keys().next().value!);
    return best;
  }

  /** True when it waited here. */
  remove(one: T): boolean {
    const at = this.#waiting.indexOf(one);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** Takes all. */
  clear(): T[] {
    this.#servedAt.clear();
    return this.#waiting.splice(0);
  }
}
