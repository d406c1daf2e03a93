/** The structured log: one JSON line an event, on standard output. Secrets never reach it. */
import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * Makes the log.
 *
 * @param destination - Where the lines go; default standard output.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'jingwei' },
    timestamp: pino.stdTimeFunctions.isoTime,
    // A belt: nothing logs these today.
    redact: {
      paths: [
        'password',
        'token',
        'authorization',
        'cookie',
        '*.password',
        '*.token',
        '*.authorization',
        '*.cookie',
      ],
      censor: '(secret)',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
