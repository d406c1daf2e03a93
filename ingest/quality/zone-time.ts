/**
 * Naive wall-clock times in an IANA zone, through the zone data that Node carries (Intl). Offsets are cached by quarter of
 * an hour: since 1972 every zone changes on a quarter.
 */
import type { EpochMs } from '../model/index.ts';

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Quarters kept per zone: about 5.7 years of hourly data, 4 MB; then the cache starts again. */
const MAX_CACHED = 50_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}
const zones = new Map<string, Zone>();

/** Local time minus UTC at an instant, ms. @throws {RangeError} for a name Intl does not know. */
export function zoneOffsetMs(timezone: string, instant: EpochMs): number {
  const zone = zoneOf(timezone);
  const quarter = Math.floor(instant / QUARTER_MS);
  let offset = zone.offsets.get(quarter);
  if (offset === undefined) {
    if (zone.offsets.size >= MAX_CACHED) zone.offsets.clear();
    offset = readOffset(zone.format, quarter * QUARTER_MS);
    zone.offsets.set(quarter, offset);
  }
  return offset;
}

/**
 * The instant of a wall-clock time.
 *
 * A time that the clock shows twice (autumn) is read as the first; one that it skips (spring) is moved on by the length of
 * the gap, as RFC 5545 3.3.5 and Temporal's "compatible" do. Both are `doubtful`, and whoever stores them says so.
 *
 * @param local - The wall clock read as though it were UTC, ms.
 */
export function zonedToUtc(timezone: string, local: EpochMs): { utc: EpochMs; doubtful: boolean } {
  // A day away on either side no zone is in the middle of the change that could matter here.
  const before = zoneOffsetMs(timezone, local - DAY_MS);
  const after = zoneOffsetMs(timezone, local + DAY_MS);
  if (before === after) return { utc: local - before, doubtful: false };
  const early = local - before;
  const late = local - after;
  const earlyFits = zoneOffsetMs(timezone, early) === before;
  const lateFits = zoneOffsetMs(timezone, late) === after;
  if (earlyFits && lateFits) return { utc: Math.min(early, late), doubtful: true };
  if (earlyFits) return { utc: early, doubtful: false };
  if (lateFits) return { utc: late, doubtful: false };
  return { utc: early, doubtful: true };
}

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zone = { format, offsets: new Map() };
    zones.set(name, zone);
  }
  return zone;
}

function readOffset(format: Intl.DateTimeFormat, instant: EpochMs): number {
  const field = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  let beforeChrist = false;
  for (const part of format.formatToParts(instant)) {
    if (part.type in field) field[part.type as keyof typeof field] = Number(part.value);
    else if (part.type === 'era') beforeChrist = part.value.startsWith('B');
  }
  const year = beforeChrist ? 1 - field.year : field.year;
  const local = new Date(0);
  local.setUTCFullYear(year, field.month - 1, field.day);
  local.setUTCHours(field.hour, field.minute, field.second);
  return local.getTime() - instant;
}
