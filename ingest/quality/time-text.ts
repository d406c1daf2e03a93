/** Strict readers of time texts: a declared pattern or ISO 8601, nothing guessed, no clock. */
import type { EpochMs } from '../model/index.ts';
import { zonedToUtc } from './zone-time.ts';

/** An instant, or why there is none. `doubtful`: the wall clock shows the time twice, or skips it. */
export type TimeReading = { readonly utc: EpochMs; readonly doubtful: boolean } | { readonly fault: string };

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Field names a pattern may hold, longest first so that `MM` is not read as `M` twice. */
const TOKENS: readonly (readonly [token: string, expression: string])[] = [
  ['YYYY', '(\\d{4})'],
  ['SSS', '(\\d{3})'],
  ['MM', '(\\d{2})'],
  ['DD', '(\\d{2})'],
  ['HH', '(\\d{2})'],
  ['hh', '(\\d{2})'],
  ['mm', '(\\d{2})'],
  ['ss', '(\\d{2})'],
  ['M', '(\\d{1,2})'],
  ['D', '(\\d{1,2})'],
  ['H', '(\\d{1,2})'],
  ['h', '(\\d{1,2})'],
  ['m', '(\\d{1,2})'],
  ['s', '(\\d{1,2})'],
  ['A', '(AM|PM|am|pm)'],
];

interface Pattern {
  readonly expression: RegExp;
  readonly tokens: readonly string[];
}
const patterns = new Map<string, Pattern | null>();
/** Patterns come from declarations, so they are few; the bound only keeps a mistake from growing. */
const MAX_PATTERNS = 1000;

/** Instants a column may hold: the years 1 to 9999. */
const MIN_MS = -62_135_596_800_000;
const MAX_MS = 253_402_300_800_000;

/** Can times be read by this format? `iso`, `epoch-s`, `epoch-ms` or a pattern with at least year, month and day. */
export function isTimeFormat(format: string): boolean {
  return format === 'iso' || format === 'epoch-s' || format === 'epoch-ms' || patternOf(format) !== null;
}

/**
 * Reads a text by the first of the formats that fits it.
 *
 * @param formats - `iso`, `epoch-s`, `epoch-ms`, or patterns such as `MM/DD/YYYY hh:mm:ss A`.
 * @param timezone - IANA zone of times that carry no offset of their own.
 */
export function readTime(text: string, formats: readonly string[], timezone: string): TimeReading {
  for (const format of formats) {
    const reading = readOne(text, format, timezone);
    if (reading !== undefined) return reading;
  }
  return { fault: `Time "${text.slice(0, 60)}" must be one of ${formats.map((f) => `"${f}"`).join(', ')}` };
}

/** ISO 8601 with a zone, as devices must send it: undefined for anything else. */
export function readIsoInstant(text: string): EpochMs | undefined {
  // The form that `toISOString` writes and nearly every device sends, without a regular expression.
  if (text.length === 24 && text.charCodeAt(23) === UPPER_Z) {
    const instant = readMillisecondZ(text);
    if (!Number.isNaN(instant)) return instant;
  }
  const match = ISO.exec(text);
  if (match === null || match[8] === undefined || match[4] === undefined) return undefined;
  const local = isoLocal(match);
  return local === undefined ? undefined : local - offsetMs(match[8]);
}

const ZERO = 48;
const UPPER_Z = 90;
/** What stands between the digits of `2026-11-22T08:00:00.000Z`, by place. */
const MARKS = [
  [4, 45],
  [7, 45],
  [10, 84],
  [13, 58],
  [16, 58],
  [19, 46],
] as const;

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`; NaN for anything else. */
function readMillisecondZ(text: string): number {
  for (let i = 0; i < MARKS.length; i++) {
    if (text.charCodeAt(MARKS[i]![0]) !== MARKS[i]![1]) return Number.NaN;
  }
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const ms = digits(text, 20, 23);
  if (Number.isNaN(year + month + day + hour + minute + second + ms)) return Number.NaN;
  return localMs(year, month, day, hour, minute, second, ms) ?? Number.NaN;
}

/** The number that the digits `text[from, to)` write; NaN where one of them is none. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function readOne(text: string, format: string, timezone: string): TimeReading | undefined {
  if (format === 'epoch-s' || format === 'epoch-ms') {
    if (!/^-?\d{1,15}(\.\d{1,9})?$/.test(text)) return undefined;
    const utc = Number(text) * (format === 'epoch-s' ? 1000 : 1);
    return utc >= MIN_MS && utc < MAX_MS ? { utc, doubtful: false } : undefined;
  }
  if (format === 'iso') {
    const match = ISO.exec(text);
    if (match === null) return undefined;
    const local = isoLocal(match);
    if (local === undefined) return undefined;
    return match[8] === undefined
      ? zonedToUtc(timezone, local)
      : { utc: local - offsetMs(match[8]), doubtful: false };
  }
  const local = readPattern(text, format);
  return local === undefined ? undefined : zonedToUtc(timezone, local);
}

function isoLocal(match: RegExpExecArray): EpochMs | undefined {
  const fraction = match[7] === undefined ? 0 : Number(`0.${match[7]}`) * 1000;
  return localMs(
    Number(match[1]),
    Number(match[2]),
    Number(match[3]),
    Number(match[4] ?? 0),
    Number(match[5] ?? 0),
    Number(match[6] ?? 0),
    fraction,
  );
}

function offsetMs(text: string): number {
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text[0] === '-' ? -minutes : minutes) * 60_000;
}

function readPattern(text: string, format: string): EpochMs | undefined {
  const pattern = patternOf(format);
  const match = pattern?.expression.exec(text);
  if (!pattern || !match) return undefined;
  const field: Record<string, number> = {};
  let half: string | undefined;
  pattern.tokens.forEach((token, i) => {
    const value = match[i + 1] ?? '';
    if (token === 'A') half = value.toUpperCase();
    else field[token === 'SSS' ? 'fraction' : token === 'YYYY' ? 'Y' : token[0]!] = Number(value);
  });
  let hour = field.H ?? 0;
  if (field.h !== undefined) {
    if (field.h < 1 || field.h > 12) return undefined;
    hour = (field.h % 12) + (half === 'PM' ? 12 : 0);
  }
  return localMs(field.Y!, field.M!, field.D!, hour, field.m ?? 0, field.s ?? 0, field.fraction ?? 0);
}

function patternOf(format: string): Pattern | null {
  const known = patterns.get(format);
  if (known !== undefined) return known;
  const pattern = compile(format);
  if (patterns.size < MAX_PATTERNS) patterns.set(format, pattern);
  return pattern;
}

function compile(format: string): Pattern | null {
  const tokens: string[] = [];
  let expression = '^';
  for (let at = 0; at < format.length; ) {
    const found = TOKENS.find(([token]) => format.startsWith(token, at));
    if (found !== undefined) {
      tokens.push(found[0]);
      expression += found[1];
      at += found[0].length;
    } else {
      const character = format[at]!;
      // A letter that is no field would silently match itself: refuse the pattern instead, but for the T of ISO 8601.
      if (/[A-Za-z]/.test(character) && character !== 'T') return null;
      expression += character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
      at++;
    }
  }
  const first = tokens.map((token) => token[0]);
  const once = new Set(first).size === first.length;
  const whole = ['Y', 'M', 'D'].every((letter) => first.includes(letter));
  // Twelve-hour clocks need their half of the day, and only they have one.
  const halves = first.includes('h') === first.includes('A') && !(first.includes('h') && first.includes('H'));
  return once && whole && halves ? { expression: new RegExp(`${expression}$`), tokens } : null;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const FOUR_CENTURIES_MS = 146_097 * 86_400_000;

/** Gregorian wall clock as though it were UTC; undefined where the calendar has no such day. No leap seconds, no 24:00. */
function localMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): EpochMs | undefined {
  if (year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (month === 2 && leap ? 29 : DAYS[month - 1]!)) return undefined;
  // Date.UTC takes the years 0 to 99 for the 1900s: four hundred years on the calendar is the same.
  const midnight = Date.UTC(year + 400, month - 1, day) - FOUR_CENTURIES_MS;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}
