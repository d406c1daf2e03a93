/** `CityTime`: buckets of a city's calendar, against what `Intl` says of single instants. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_KINDS, CityTime, countBuckets, startsOf } from './city-time.ts';

const HOUR = 3_600_000;
const ZONES = [
  'Asia/Shanghai',
  'Asia/Urumqi',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'America/Havana',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'UTC',
] as const;
const calendars = new Map(ZONES.map((zone) => [zone, new CityTime(zone)]));
const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.UTC(1985, 0, 1), max: Date.UTC(2035, 0, 1) });

const formats = new Map(
  ZONES.map((zone) => [
    zone as string,
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'longOffset',
    }),
  ]),
);

/** Local date and time as text, and the offset: what a bucket has in common. */
function label(zone: string, kind: string, instant: number): string {
  const parts = Object.fromEntries(
    formats
      .get(zone)!
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const month = `${parts.year}-${parts.month}`;
  if (kind === 'month') return month;
  const day = `${month}-${parts.day}`;
  if (kind === 'day') return day;
  const hour = `${day}T${parts.hour} ${parts.timeZoneName}`;
  if (kind === 'hour') return hour;
  const minute = Number(parts.minute);
  return `${hour}:${kind === 'quarter' ? Math.floor(minute / 15) : minute}`;
}

describe('CityTime', () => {
  it.each(BUCKET_KINDS)('bucketAt: a %s is exactly what has one local label', (kind) => {
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const { from, to } = calendars.get(zone)!.bucketAt(kind, instant);
        expect(from <= instant && instant < to).toBe(true);
        const wanted = label(zone, kind, instant);
        expect([label(zone, kind, from), label(zone, kind, to - 1)]).toEqual([wanted, wanted]);
        expect(label(zone, kind, to)).not.toBe(wanted);
        expect(label(zone, kind, from - 1)).not.toBe(wanted);
      }),
      { numRuns: 300 },
    );
  });

  it('bucketAt: round every change of the clocks from 2010 to 2012', () => {
    for (const zone of ZONES) {
      const calendar = calendars.get(zone)!;
      let offset = calendar.offsetAt(Date.UTC(2010, 0, 1));
      for (let at = Date.UTC(2010, 0, 1); at < Date.UTC(2012, 0, 2); at += 6 * HOUR) {
        const next = calendar.offsetAt(at + 6 * HOUR);
        if (next === offset) continue;
        for (let near = at - 30 * HOUR; near < at + 36 * HOUR; near += HOUR / 2) {
          for (const kind of ['hour', 'day', 'month'] as const) {
            const { from, to } = calendar.bucketAt(kind, near);
            const wanted = label(zone, kind, near);
            expect([label(zone, kind, from), label(zone, kind, to - 1)], `${zone} ${near}`).toEqual([
              wanted,
              wanted,
            ]);
          }
        }
        offset = next;
      }
    }
  });

  it.each(BUCKET_KINDS)('runs: %s buckets of a span are those one by one', (kind) => {
    const longest = { minute: 5, quarter: 60, hour: 300, day: 3000, month: 20_000 }[kind] * HOUR;
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 1, max: longest }), (zone, from, length) => {
        const calendar = calendars.get(zone)!;
        const span = { from, to: from + length };
        const runs = calendar.runs(kind, span);
        const starts = startsOf(runs);
        const wanted: number[] = [];
        for (let at = span.from; at < span.to; at = calendar.bucketAt(kind, at).to) {
          wanted.push(calendar.bucketAt(kind, at).from);
        }
        expect(starts).toEqual(wanted);
        expect(countBuckets(runs)).toBe(wanted.length);
        expect(runs.at(-1)!.to).toBe(calendar.bucketAt(kind, span.to - 1).to);
      }),
      { numRuns: 150 },
    );
  });

  it('days in Berlin have 23 and 25 hours when clocks change, months are whole days, empty spans have none', () => {
    const berlin = calendars.get('Europe/Berlin')!;
    const hours = (month: number, day: number) => {
      const { from, to } = berlin.bucketAt('day', Date.UTC(2026, month - 1, day, 12));
      return [(to - from) / HOUR, berlin.starts('hour', { from, to }).length];
    };
    expect([hours(3, 28), hours(3, 29), hours(10, 25)]).toEqual([
      [24, 24],
      [23, 23],
      [25, 25],
    ]);
    expect(berlin.runs('day', { from: 5, to: 5 })).toEqual([]);
    expect(calendars.get('Asia/Kolkata')!.bucketAt('hour', 0).from).toBe(-HOUR / 2);
    expect(() => new CityTime('Mars/Olympus')).toThrow(RangeError);
  });
});
