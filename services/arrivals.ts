/** Watches the door thread: its newest figures at hand without asking, and the rate at which messages come in. */
import type { Doors, DoorsMetrics } from '../ingest/index.ts';

export interface Arrivals {
  /** Journal head and messages a second over the last interval. */
  now(): { readonly head: number; readonly messagesPerSecond: number };
  close(): void;
}

const EVERY_MS = 1000;

/** Starts watching. A thread that does not answer leaves the last figures standing, and the rate at 0. */
export function watchArrivals(doors: Pick<Doors, 'metrics'>): Arrivals {
  let before: { metrics: DoorsMetrics; at: number } | undefined;
  let messagesPerSecond = 0;
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) {
      messagesPerSecond = 0;
      return;
    }
    asking = true;
    try {
      const metrics = await doors.metrics();
      const at = performance.now();
      if (before) {
        const received = metrics.messagesReceived - before.metrics.messagesReceived;
        messagesPerSecond = Math.max(0, (received * 1000) / Math.max(1, at - before.at));
      }
      before = { metrics, at };
    } catch {
      messagesPerSecond = 0;
    } finally {
      asking = false;
    }
  };
  void ask();
  const timer = setInterval(ask, EVERY_MS);
  return {
    now: () => ({ head: before?.metrics.head ?? 0, messagesPerSecond }),
    close: () => clearInterval(timer),
  };
}
