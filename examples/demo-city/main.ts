/** Runs the simulated city until SIGTERM or SIGINT. */
import { setMaxListeners } from 'node:events';
import { runCity } from './run/city.ts';
import { type CityOptions, readOptions, USAGE } from './run/options.ts';
import { reason, say } from './run/say.ts';

/** A stop takes at most this long, whatever hangs: with a busy machine's delays it stays under two seconds. */
const STOP_MS = 1300;

const options = read();
const controller = new AbortController();
setMaxListeners(64, controller.signal);
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    controller.abort();
    setTimeout(() => process.exit(0), STOP_MS).unref();
  });
}
say(`simulated Dingxi, seed ${options.seed}, rate ${options.rate} (DEMO)`);
try {
  await runCity(options, controller.signal);
  process.exit(0);
} catch (error) {
  if (controller.signal.aborted) process.exit(0);
  say(reason(error));
  process.exit(1);
}

function read(): CityOptions {
  try {
    const given = readOptions(process.argv.slice(2));
    if (given !== 'help') return given;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${reason(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}
