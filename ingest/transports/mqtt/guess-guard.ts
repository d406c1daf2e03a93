/** Longest time a name is refused without a look at its token, ms. */
const MAX_BLOCK_MS = 30_000;
const FIRST_BLOCK_MS = 250;
/** Names remembered; the longest unused is forgotten first. */
const MAX_REMEMBERED = 10_000;
/** Refusals one address may have waiting for their answer; above it the socket is closed at once. */
const MAX_WAITING = 32;
/** Longest wait before a refusal is answered, ms. */
const MAX_DELAY_MS = 2_000;

interface Failures {
  count: number;
  /** No attempt is looked at before this instant, ms of the caller's monotonic clock. */
  until: number;
}

/**
 * Slows down guessing. A wrong token blocks that name from that address for a time that doubles from 0.25 s to 30 s, and
 * refusals are answered late; other names behind the same address (a site's router, a simulator) connect unhindered.
 * Instants come in as arguments, in ms of one monotonic clock.
 */
export class GuessGuard {
  readonly #byName = new Map<string, Failures>();
  readonly #waiting = new Map<string, number>();

  /** False while the name is blocked from that address: refuse without comparing tokens. */
  mayTry(address: string, name: string, now: number): boolean {
    const failures = this.#byName.get(key(address, name));
    return failures === undefined || now >= failures.until;
  }

  /** Notes a wrong token; returns how long to wait before the refusal is sent, ms. */
  failed(address: string, name: string, now: number): number {
    const id = key(address, name);
    const count = (this.#byName.get(id)?.count ?? 0) + 1;
    const block = Math.min(MAX_BLOCK_MS, FIRST_BLOCK_MS * 2 ** Math.min(count - 1, 20));
    this.#byName.delete(id); // so that the map stays in order of last use
    this.#byName.set(id, { count, until: now + block });
    if (this.#byName.size > MAX_REMEMBERED) {
      const oldest = this.#byName.keys().next().value;
      if (oldest !== undefined) this.#byName.delete(oldest);
    }
    return Math.min(block, MAX_DELAY_MS);
  }

  succeeded(address: string, name: string): void {
    this.#byName.delete(key(address, name));
  }

  /** Takes a place among the refusals that wait; false when the address has too many. Pair with `answered`. */
  wait(address: string): boolean {
    const waiting = this.#waiting.get(address) ?? 0;
    if (waiting >= MAX_WAITING) return false;
    this.#waiting.set(address, waiting + 1);
    return true;
  }

  answered(address: string): void {
    const waiting = (this.#waiting.get(address) ?? 1) - 1;
    if (waiting <= 0) this.#waiting.delete(address);
    else this.#waiting.set(address, waiting);
  }
}

function key(address: string, name: string): string {
  return `${address}\0${name.slice(0, 256)}`;
}
