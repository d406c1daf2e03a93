/** Long work beside doors that must answer: done in pieces, with the event loop's other work between them. */

/** Work in pieces: it yields where it may rest. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** How long pieces may follow each other before others get their turn, ms: an acknowledgement waits for about seven turns. */
export const TURN_MS = 4;

/** Does the work in turns of about `turnMs`; a single piece may take longer. Rejects with what a piece throws. */
export async function inTurns<T>(steps: Steps<T>, turnMs = TURN_MS): Promise<T> {
  for (;;) {
    const until = performance.now() + turnMs;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Does the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
