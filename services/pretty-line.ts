/** A log line for a person: time, level where it matters, the sentence, and what belongs to it. */

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: '',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};
/** Said of every line or of no use to a person. */
const LEFT_OUT = new Set(['level', 'time', 'service', 'msg', 'err', 'requestId', 'pid', 'hostname']);

/**
 * Rewrites one JSON line of the log. What is not one is given back as it is.
 *
 * @param line - As pino writes it, with its line end.
 * @returns e.g. `12:30:08 WARN  request  method=GET route=/api/v1/events status=401 ms=1.2`, with its line end; the stack
 * of an error stands indented below.
 */
export function prettyLine(line: string): string {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const time = new Date(String(event.time));
  const clock = Number.isNaN(time.getTime()) ? '--:--:--' : time.toTimeString().slice(0, 8);
  const fields = Object.entries(event)
    .filter(([name, value]) => !LEFT_OUT.has(name) && value !== null && value !== false)
    .map(([name, value]) => `${name}=${plain(value)}`);
  const words = [clock, LEVELS[Number(event.level)] ?? '', String(event.msg ?? '')].filter(
    (word) => word !== '',
  );
  const told = [words.join(' '), fields.join(' ')].filter((part) => part !== '').join('  ');
  return harmless(`${told}\n${stackOf(event.err)}`);
}

function plain(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /[\s"\p{Cc}]/u.test(value) ? JSON.stringify(value) : value;
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack, message } = error as { readonly stack?: unknown; readonly message?: unknown };
  const text = typeof stack === 'string' && stack !== '' ? stack : typeof message === 'string' ? message : '';
  return text === '' ? '' : `${text.replace(/^/gm, '    ')}\n`;
}

/** No text from outside may move the cursor of a terminal: control characters are written as their codes. */
function harmless(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
