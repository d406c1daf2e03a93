/**
 * The server's clock in the browser. Ages are judged against it: the browser's own clock may be minutes off, and on a wall
 * nobody would notice. It runs on the monotonic timer between frames, so a change of the browser's clock does not move it.
 */
import { createStore, type Store } from './store.ts';

/** A jump larger than this is a corrected server clock, not network delay. */
const JUMP_MS = 2000;
/** So many frames in a row must say so: one alone was only held up by a busy browser. */
const JUMP_FRAMES = 6;

export interface ServerClock {
  /** Server time now, UTC ms. */
  now(): number;
  /** A frame or an answer said it was `serverTime` when it left. */
  sync(serverTime: number): void;
  /** Whole seconds of `now()`, for what is shown: changes once a second. */
  readonly seconds: Store<number>;
  stop(): void;
}

/**
 * @param monotonic - Milliseconds of a timer that never jumps; `performance.now` by default.
 * @param initial - Server time to start from until the first frame; the browser's clock by default.
 */
export function startClock(
  monotonic: () => number = () => performance.now(),
  initial: number = Date.now(),
): ServerClock {
  let offset = initial - monotonic();
  let synced = false;
  let late = 0;
  let bestLate = Number.NEGATIVE_INFINITY;
  const now = (): number => offset + monotonic();
  const seconds = createStore(Math.floor(now() / 1000));
  const timer = setInterval(() => seconds.set(Math.floor(now() / 1000)), 250);
  return {
    now,
    sync(serverTime) {
      const heard = serverTime - monotonic();
      // Delay on the way only ever makes `heard` smaller, so the largest one is the best.
      if (!synced || heard >= offset) offset = heard;
      synced = true;
      if (offset - heard <= JUMP_MS) {
        late = 0;
        bestLate = Number.NEGATIVE_INFINITY;
        return;
      }
      bestLate = Math.max(bestLate, heard);
      late++;
      if (late < JUMP_FRAMES) return;
      offset = bestLate;
      late = 0;
      bestLate = Number.NEGATIVE_INFINITY;
    },
    seconds,
    stop: () => clearInterval(timer),
  };
}
