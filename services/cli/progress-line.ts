/** Progress for whoever watches: one line that changes on a terminal, a line now and then elsewhere. */
import { say } from './command.ts';

/** Between two lines: on a terminal, and in a log. ms. */
const TERMINAL_MS = 200;
const LOG_MS = 5000;

export interface ProgressLine {
  show(text: string): void;
  /** Leaves the last line standing. */
  end(): void;
}

export function progressLine(): ProgressLine {
  const terminal = process.stderr.isTTY === true;
  let shownAt = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAt < (terminal ? TERMINAL_MS : LOG_MS)) return;
      shownAt = now;
      open = terminal;
      if (terminal) process.stderr.write(`\r\u001b[K${text}`);
      else say(text);
    },
    end() {
      if (open) process.stderr.write('\n');
      open = false;
    },
  };
}
