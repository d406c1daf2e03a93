/** `serve`: the server in the foreground, until a signal or a fault. */
import { loadConfig } from '../config.ts';
import { openLog } from '../log.ts';
import { explainStartFailure } from '../start-failure.ts';
import { type Command, CommandError } from './command.ts';

/** After this a stop is forced, ms. */
const STOP_WITHIN_MS = 10_000;
/** Signals this close together are the same wish to stop, ms. */
const ONE_WISH_MS = 1000;

export const serve: Command = {
  name: 'serve',
  summary: 'Run the server',
  help: `Usage: jingwei serve

Runs the server in the foreground with the settings of jingwei.yaml and JINGWEI_*
(see "jingwei doctor"). SIGTERM or SIGINT stops it in order; a second one at once.`,
  options: {},
  async run() {
    const { config } = loadConfig();
    const log = openLog(config.log);
    // Loaded here, so that the other commands start without the database.
    const { startServer } = await import('../main.ts');
    const die = (error: unknown, what: string): void => {
      log.fatal({ err: error }, what);
      log.flush();
      process.exit(1);
    };
    process.on('uncaughtException', (error) => die(error, 'uncaught error, stopping'));
    process.on('unhandledRejection', (error) => die(error, 'unhandled rejection, stopping'));

    let firstAt: number | undefined;
    let onSignal: () => void = () => process.exit(1);
    const signalled = new Promise<'signal'>((resolve) => {
      onSignal = () => resolve('signal');
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        const now = performance.now();
        // Ctrl-C reaches the whole group, and whoever started this process passes it on: those two are one wish.
        if (firstAt !== undefined && now - firstAt < ONE_WISH_MS) return;
        if (firstAt !== undefined) {
          log.warn({ signal }, 'second signal, stopping at once');
          process.exit(1);
        }
        firstAt = now;
        log.info({ signal }, 'signal received');
        onSignal();
      });
    }
    const server = await startServer(config, { log }).catch((error: unknown) => {
      const reason = explainStartFailure(error);
      log.fatal({ err: error }, 'server could not start');
      throw reason === undefined ? error : new CommandError(reason);
    });
    const end = await Promise.race([signalled, server.fault]);
    if (end instanceof Error) log.fatal({ err: end }, 'the door thread died, stopping');
    setTimeout(() => {
      log.error({ withinMs: STOP_WITHIN_MS }, 'not stopped in time, ending at once');
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    await server.stop();
    return end instanceof Error ? 1 : 0;
  },
};
