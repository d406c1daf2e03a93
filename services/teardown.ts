/** What has been started, to be closed in the opposite order: after a stop, and after a start that failed half way. */
import type { Logger } from 'pino';

export interface Teardown {
  /** Remembers how to close a part that has just been started. */
  add(name: string, close: () => unknown): void;
  /** Closes everything, newest first. A step that fails is logged, and the next one is still taken. Later calls wait for the first. */
  run(): Promise<void>;
}

export function createTeardown(log: Pick<Logger, 'error'>): Teardown {
  const steps: { readonly name: string; readonly close: () => unknown }[] = [];
  let running: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    for (const { name, close } of steps.reverse()) {
      try {
        await close();
      } catch (error) {
        log.error({ err: error, part: name }, 'a part could not be closed');
      }
    }
  };
  return {
    add: (name, close) => steps.push({ name, close }),
    run() {
      running ??= closeAll();
      return running;
    },
  };
}
