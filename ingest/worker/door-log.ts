/** From the events of the doors to lines of a log: their level, their words, and a bound on how many there may be. */
import type { DoorEvent, EventLog } from '../event-log.ts';

/** How much a line matters; the names are those of pino. */
export type DoorLogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Takes one line of the door thread. `fields.event` is the closed name of what happened, `fields.suppressed` how many lines
 * like it were left out since the one before. Never holds bytes of a message.
 */
export type DoorLog = (
  level: DoorLogLevel,
  fields: Readonly<Record<string, unknown>>,
  message: string,
) => void;

/** Lines of one event, and of one reason where it has some, in a window; anybody may cause some of them at will. */
export const MAX_LINES = 10;
/** Window of that bound, ms. */
export const WINDOW_MS = 60_000;
/** Longest text of a field; user names and client ids are a stranger's to choose. Characters. */
export const MAX_TEXT_CHARS = 300;

type Words = readonly [level: DoorLogLevel, message: string];

const WORDS: Readonly<Record<DoorEvent, Words>> = {
  'journal-torn-tail': ['warn', 'a half-written tail was cut off the journal and kept beside it'],
  'journal-lock-reclaimed': ['warn', 'the lock of the journal was left by a dead process and is taken over'],
  'journal-segment': ['debug', 'a segment of the journal begins'],
  'journal-fault': ['error', 'the disk refuses the journal: nothing is acknowledged'],
  'journal-recovered': ['info', 'the disk takes the journal again'],
  'journal-packed': ['debug', 'a closed segment of the journal is packed'],
  'journal-deleted': ['info', 'a segment of the journal that nobody needs any more is deleted'],
  'journal-damaged': ['error', 'entries of the journal cannot be read any more'],
  'journal-upkeep-fault': ['warn', 'the journal cannot be packed or shortened; appends go on'],
  'journal-upkeep-recovered': ['info', 'the journal is packed and shortened again'],
  'decoder-fault': ['error', 'a decoder failed, its message is refused'],
  'inbox-taken': ['info', 'a file of the inbox is being taken'],
  'inbox-done': ['info', 'a file of the inbox is on disk'],
  'inbox-failed': ['warn', 'a file of the inbox was set aside'],
  'inbox-waits': ['warn', 'a file of the inbox waits for the disk'],
  'inbox-undeclared': ['warn', 'a file of the inbox waits for a mapping that takes its name'],
  'inbox-fault': ['error', 'the inbox cannot be looked at'],
  'mqtt-listener': ['error', 'the device port has a fault'],
  'mqtt-connect-refused': ['warn', 'a device was not let in'],
  'mqtt-closed': ['warn', 'the connection of a device was closed'],
  'mqtt-disk-fault': ['warn', 'a device goes unacknowledged, the disk refused its message'],
  'mqtt-will-lost': ['error', 'the disk refused the will of a device'],
};

/** Connections that end so are nobody's fault. */
const EVERYDAY: ReadonlySet<unknown> = new Set(['keep-alive', 'taken-over', 'revoked']);

interface Window {
  lines: number;
  left: number;
}

/** The log of the doors, writing to `write`. Timers do not keep the thread alive. */
export function createDoorLog(write: DoorLog): EventLog {
  const windows = new Map<string, Window>();
  return (event, fields) => {
    const [usual, message] = WORDS[event];
    const level = event === 'mqtt-closed' && EVERYDAY.has(fields.reason) ? 'info' : usual;
    const about = { event, ...(fields.reason === undefined ? {} : { reason: fields.reason }) };
    // A reason is a label of a closed list, but where it is a sentence (a file that failed).
    const key = event.startsWith('mqtt-') ? `${event} ${String(fields.reason)}` : event;
    let window = windows.get(key);
    if (window === undefined) {
      window = { lines: 0, left: 0 };
      windows.set(key, window);
      const opened = window;
      setTimeout(() => {
        windows.delete(key);
        if (opened.left > 0) write(level, { ...about, suppressed: opened.left }, message);
      }, WINDOW_MS).unref();
    }
    if (++window.lines > MAX_LINES) window.left++;
    else write(level, { event, ...shortened(fields) }, message);
  };
}

/** What of an error may be written: its class and where, not its message, which may quote what was being decoded. */
export function placeOf(error: unknown): { readonly error: string; readonly at: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at \S/.test(line));
  return { error: error.name, at: frames.slice(0, 5).map((line) => line.trim()) };
}

function shortened(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === undefined || value === '') return [];
      const long = typeof value === 'string' && value.length > MAX_TEXT_CHARS;
      return [[name, long ? `${value.slice(0, MAX_TEXT_CHARS)}…` : value]];
    }),
  );
}
