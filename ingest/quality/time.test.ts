import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeRangeFault } from './time-range.ts';
import { isTimeFormat, readIsoInstant, readTime } from './time-text.ts';
import { zonedToUtc, zoneOffsetMs } from './zone-time.ts';

const read = (text: string, format: string, zone = 'Asia/Shanghai') => {
  const reading = readTime(text, [format], zone);
  return 'fault' in reading ? reading.fault : new Date(reading.utc).toISOString();
};

describe('readTime', () => {
  it('readTime reads each declared pattern in the zone of the dataset', () => {
    expect(read('2013-03-01 00:00:00', 'YYYY-MM-DD HH:mm:ss')).toBe('2013-02-28T16:00:00.000Z');
    expect(read('06/26/2018 12:50:01 PM', 'MM/DD/YYYY hh:mm:ss A', 'America/New_York')).toBe(
      '2018-06-26T16:50:01.000Z',
    );
    expect(read('06/26/2018 12:00:00 AM', 'MM/DD/YYYY hh:mm:ss A', 'UTC')).toBe('2018-06-26T00:00:00.000Z');
    expect(read('3/14/2025 1:20', 'M/D/YYYY H:mm', 'America/New_York')).toBe('2025-03-14T05:20:00.000Z');
    expect(read('2013 3 1 0', 'YYYY M D H')).toBe('2013-02-28T16:00:00.000Z');
    expect(read('2022-01-04T20:00:00', 'iso')).toBe('2022-01-04T12:00:00.000Z');
    expect(read('2022-01-04T20:00:00.125+09:00', 'iso')).toBe('2022-01-04T11:00:00.125Z');
    expect(read('1577836800.5', 'epoch-s')).toBe('2020-01-01T00:00:00.500Z');
    expect(read('1577836800123', 'epoch-ms')).toBe('2020-01-01T00:00:00.123Z');
  });

  it('readTime refuses what is not exactly the pattern, and days no calendar has', () => {
    for (const [text, format] of [
      ['2013-02-30 00:00:00', 'YYYY-MM-DD HH:mm:ss'],
      ['2013-3-1 00:00:00', 'YYYY-MM-DD HH:mm:ss'],
      ['2013-03-01 24:00:00', 'YYYY-MM-DD HH:mm:ss'],
      [' 2013-03-01 00:00:00', 'YYYY-MM-DD HH:mm:ss'],
      ['06/26/2018 13:50:01 PM', 'MM/DD/YYYY hh:mm:ss A'],
      ['06/26/2018 00:50:01 AM', 'MM/DD/YYYY hh:mm:ss A'],
      ['soon', 'iso'],
      ['2022-13-01', 'iso'],
      ['1e3', 'epoch-s'],
      ['999999999999999', 'epoch-s'],
    ] as const) {
      expect(read(text, format), text).toContain(`Time "${text}" must be one of`);
    }
  });

  it('isTimeFormat takes whole patterns only', () => {
    for (const good of [
      'iso',
      'epoch-s',
      'epoch-ms',
      'YYYY M D H',
      'DD.MM.YYYY',
      'YYYYMMDDHHmmss',
      'YYYY-MM-DDTHH:mm',
    ])
      expect(isTimeFormat(good), good).toBe(true);
    for (const bad of [
      '',
      'HH:mm',
      'YYYY-MM',
      'YYYY-MM-DD hh:mm',
      'YYYY-MM-DD HH:mm A',
      'YYYY-MM-DD ZZ',
      'YYYY-MM-MM-DD',
    ])
      expect(isTimeFormat(bad), bad).toBe(false);
  });

  it('readIsoInstant wants a zone, as devices must send it', () => {
    expect(readIsoInstant('2026-11-22T08:00:00Z')).toBe(Date.UTC(2026, 10, 22, 8));
    expect(readIsoInstant('2026-11-22T08:00:00+0800')).toBe(Date.UTC(2026, 10, 22));
    for (const bad of ['2026-11-22T08:00:00', '2026-11-22Z', '1763770000', 'now', ''])
      expect(readIsoInstant(bad), bad).toBeUndefined();
  });

  it('readIsoInstant reads the common form as it reads the others, faults included', () => {
    const date = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    const fault = fc.record({ at: fc.nat(22), with: fc.constantFrom('0', '9', ':', '-', 'x', ' ', 'T') });
    fc.assert(
      fc.property(date, fc.option(fault), (instant, change) => {
        const right = instant.toISOString();
        const text =
          change === null ? right : right.slice(0, change.at) + change.with + right.slice(change.at + 1);
        expect(readIsoInstant(text)).toBe(readIsoInstant(text.replace(/Z$/, '+00:00')));
      }),
    );
  });

  it('readIsoInstant agrees with Date on every text Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(readIsoInstant(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('zonedToUtc', () => {
  const newYork = (text: string) => {
    const { utc, doubtful } = zonedToUtc('America/New_York', Date.parse(`${text}Z`));
    return `${new Date(utc).toISOString()}${doubtful ? ' ?' : ''}`;
  };

  it('zonedToUtc reads a repeated hour as its first, moves a skipped one on, and says both are doubtful', () => {
    expect(newYork('2018-11-04T00:59:00')).toBe('2018-11-04T04:59:00.000Z');
    expect(newYork('2018-11-04T01:30:00')).toBe('2018-11-04T05:30:00.000Z ?');
    expect(newYork('2018-11-04T02:00:00')).toBe('2018-11-04T07:00:00.000Z');
    expect(newYork('2018-03-11T01:59:00')).toBe('2018-03-11T06:59:00.000Z');
    expect(newYork('2018-03-11T02:30:00')).toBe('2018-03-11T07:30:00.000Z ?');
    expect(newYork('2018-03-11T03:00:00')).toBe('2018-03-11T07:00:00.000Z');
  });

  it('zonedToUtc inverts the offset for every instant that is not doubtful', () => {
    const zone = fc.constantFrom('Asia/Shanghai', 'Europe/London', 'America/New_York', 'Australia/Lord_Howe');
    const instant = fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2035, 0) });
    fc.assert(
      fc.property(zone, instant, (name, utc) => {
        const back = zonedToUtc(name, utc + zoneOffsetMs(name, utc));
        if (!back.doubtful) expect(back.utc).toBe(utc);
      }),
      { numRuns: 300 },
    );
  });
});

describe('timeRangeFault', () => {
  const now = Date.UTC(2026, 10, 22, 8);
  const live = { mode: 'live', maxAgeMs: 1000, maxAheadMs: 10 } as const;
  const archive = {
    mode: 'archive',
    from: '2013-03-01T00:00:00+08:00',
    to: '2017-03-01T00:00:00+08:00',
  } as const;

  it('timeRangeFault judges live times against the arrival and archives absolutely', () => {
    expect(timeRangeFault(live, now - 1000, now)).toBeUndefined();
    expect(timeRangeFault(live, now + 10, now)).toBeUndefined();
    expect(timeRangeFault(live, now - 1001, now)).toContain('outside the declared range');
    expect(timeRangeFault(live, now + 11, now)).toContain('outside the declared range');
    expect(timeRangeFault(archive, Date.parse('2013-02-28T16:00:00Z'), now)).toBeUndefined();
    expect(timeRangeFault(archive, Date.parse('2013-02-28T15:59:59Z'), now)).toContain(
      '2013-02-28T15:59:59.000Z',
    );
    expect(timeRangeFault(archive, Date.parse('2017-02-28T16:00:00Z'), now)).toBeDefined();
    expect(timeRangeFault(live, 1e300, now)).toContain('1e+300');
  });
});
