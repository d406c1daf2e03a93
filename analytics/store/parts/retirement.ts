/** Longest from writing a statement to asking it, ms: the shapes do both in one turn, or nearly. */
const GRACE_MS = 1000;

/**
 * What is replaced goes when nobody can read it any more: statements that were written before may name a table or a file
 * for as long as they wait and run. What a crash leaves behind is swept away at the next open.
 */
export class Retirement {
  readonly #settled: () => Promise<void>;
  readonly #fail: (error: unknown) => void;
  readonly #waiting = new Set<() => Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #tail: Promise<void> = Promise.resolve();

  /**
   * @param settled - Resolves when every statement asked before has ended.
   * @param fail - Told what could not be removed.
   */
  constructor(settled: () => Promise<void>, fail: (error: unknown) => void) {
    this.#settled = settled;
    this.#fail = fail;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Removes something once nobody can read it. */
  add(remove: () => Promise<void>): void {
    this.#waiting.add(remove);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#settled().then(
        () => this.#remove(remove),
        () => undefined,
      );
    }, GRACE_MS);
    timer.unref();
    this.#timers.add(timer);
  }

  /** At the end, when nothing reads any more: all of it now. */
  async finish(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const remove of [...this.#waiting]) this.#remove(remove);
    await this.#tail;
  }

  #remove(remove: () => Promise<void>): void {
    if (!this.#waiting.delete(remove)) return;
    this.#tail = this.#tail.then(remove).catch(this.#fail);
  }
}
