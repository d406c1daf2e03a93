/**
 * The structured log: one line an event on standard output, JSON for programs or plain words for a person. Secrets never
 * reach it.
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { DoorLog } from '../ingest/index.ts';
import type { Config } from './config-schema.ts';
import { prettyLine } from './pretty-line.ts';

/** Where the lines of the door thread go: into the same log, marked as theirs. */
export function doorLog(log: Logger): DoorLog {
  const doors = log.child({ part: 'doors' });
  return (level, fields, message) => doors[level](fields, message);
}

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

/** The log as the settings want it, on standard output. */
export function openLog({ level, format }: Config['log']): Logger {
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY === true);
  if (!pretty) return createLog(level);
  return createLog(level, { write: (line) => void process.stdout.write(prettyLine(line)) });
}
