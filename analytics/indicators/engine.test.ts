import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Access } from '../query/access.ts';
import type { Figure } from '../query/answers.ts';
import { createQueries } from '../query/create-queries.ts';
import type { Queries } from '../query/queries.ts';
import { dataset, makeBatch, makeEvent, type ReadingInput, T0, thing } from '../store/fixtures.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { INDICATORS } from './declared.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const ALL: Access = {
  subject: 'a',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};

let folder: string;
let store: Store;
let queries: Queries;
let now: number;

beforeEach(async () => {
  now = T0 + 30 * MINUTE;
  folder = await mkdtemp(join(tmpdir(), 'jingwei-figures-'));
  store = await openStore({ path: join(folder, 'j.duckdb'), clock: () => now, rollupIntervalMs: 0 });
  queries = createQueries(store);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function figure(id: string, access: Access = ALL): Promise<Figure> {
  return (await queries.figures(access, { ids: [id] })).figures[0]!;
}

const stream = (property: string, more: object = {}) => ({
  datastreams: [{ property, periodMs: MINUTE, ...more }],
});

async function load(
  declarations: Parameters<typeof makeBatch>[0]['declarations'],
  readings: readonly ReadingInput[] = [],
  events: Parameters<typeof makeBatch>[0]['events'] = [],
): Promise<void> {
  await store.load(
    makeBatch({ from: store.position, declarations: declarations ?? [], readings, events: events ?? [] }),
  );
}

describe('FigureEngine.figures', () => {
  it('no data, stale, expired and zero all differ', async () => {
    expect(await figure('pm25-mean')).toMatchObject({
      value: null,
      state: 'empty',
      newestPhenomenonTime: null,
      n: 0,
      of: 0,
    });
    await load(
      [dataset('x', { demo: true }), thing('a', 'x', stream('pm25')), thing('b', 'x', stream('pm25'))],
      [
        { dataset: 'x', thing: 'a', time: now - 1000, result: 10 },
        { dataset: 'x', thing: 'b', time: now - 500, result: 30 },
      ],
    );
    now += 1000;
    expect(await figure('pm25-mean')).toMatchObject({
      value: 20,
      state: 'live',
      n: 2,
      of: 2,
      demo: true,
      datasets: ['x'],
    });
    now += 3 * MINUTE;
    expect(await figure('pm25-mean')).toMatchObject({ value: 20, state: 'stale' });
    now += 4 * MINUTE;
    expect(await figure('pm25-mean')).toMatchObject({ value: null, state: 'expired' });
    await load([], [{ dataset: 'x', thing: 'a', time: now, result: 0 }]);
    now += 1000;
    expect(await figure('pm25-mean')).toMatchObject({ value: 0, state: 'partial', n: 1, of: 2 });
    await load([], [{ dataset: 'x', thing: 'b', time: now, result: 0 }]);
    now += 1000;
    expect(await figure('pm25-mean')).toMatchObject({ value: 0, state: 'zero' });
  });

  it('a figure is kept for a second, and changes after it', async () => {
    await load(
      [dataset('x'), thing('a', 'x', stream('pm25'))],
      [{ dataset: 'x', thing: 'a', time: now, result: 1 }],
    );
    expect((await figure('pm25-mean')).value).toBe(1);
    await load([], [{ dataset: 'x', thing: 'a', time: now + 1, result: 2 }]);
    now += 500;
    expect((await figure('pm25-mean')).value).toBe(1);
    now += 600;
    expect((await figure('pm25-mean')).value).toBe(2);
  });

  it('archives are not what is: their datasets feed no figure', async () => {
    const range = { mode: 'archive', from: '2010-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' };
    await load(
      [dataset('old', { timeRange: range }), thing('a', 'old', stream('pm25'))],
      [{ dataset: 'old', thing: 'a', time: now, result: 99 }],
    );
    expect(await figure('pm25-mean')).toMatchObject({ value: null, state: 'empty' });
    expect(createQueries(store).feeds(ALL)).toEqual([]);
  });

  it('river-over-warning counts stations above the level they declare, of those that declare one', async () => {
    await load(
      [
        dataset('w'),
        thing('r1', 'w', stream('water-level', { warnAbove: 10 })),
        thing('r2', 'w', stream('water-level', { warnAbove: 10 })),
        thing('r3', 'w', stream('water-level')),
      ],
      [
        { dataset: 'w', thing: 'r1', property: 'water-level', time: now, result: 10.5 },
        { dataset: 'w', thing: 'r2', property: 'water-level', time: now, result: 10 },
        { dataset: 'w', thing: 'r3', property: 'water-level', time: now, result: 99 },
      ],
    );
    expect(await figure('river-over-warning')).toMatchObject({
      value: 1,
      numerator: 1,
      denominator: 2,
      of: 2,
    });
  });

  it('lamps-lit keeps numerator and denominator apart', async () => {
    const lamps = ['l1', 'l2', 'l3', 'l4'];
    await load(
      [dataset('l'), ...lamps.map((id) => thing(id, 'l', stream('lamp-lit')))],
      lamps.map((id, i) => ({
        dataset: 'l',
        thing: id,
        property: 'lamp-lit',
        time: now,
        result: i < 3 ? 1 : 0,
      })),
    );
    expect(await figure('lamps-lit')).toMatchObject({
      value: 75,
      numerator: 3,
      denominator: 4,
      state: 'live',
    });
  });

  it('rain-max sums each gauge over the last hour and shows the wettest', async () => {
    const rain = (gauge: string, minutesAgo: number, result: number): ReadingInput => ({
      dataset: 'r',
      thing: gauge,
      property: 'rainfall',
      time: now - minutesAgo * MINUTE,
      result,
    });
    await load(
      [dataset('r'), thing('g1', 'r', stream('rainfall')), thing('g2', 'r', stream('rainfall'))],
      [rain('g1', 0, 2), rain('g1', 30, 3), rain('g1', 61, 50), rain('g2', 1, 4.5)],
    );
    const found = await figure('rain-max');
    expect(found).toMatchObject({ value: 5, n: 2, of: 2, previous: 50 });
  });

  it('traffic-flow turns counts of their period into vehicles an hour', async () => {
    await load(
      [
        dataset('t'),
        thing('c1', 't', stream('vehicle-count')),
        thing('c2', 't', { datastreams: [{ property: 'vehicle-count', periodMs: 30_000 }] }),
      ],
      [
        { dataset: 't', thing: 'c1', property: 'vehicle-count', time: now, result: 10 },
        { dataset: 't', thing: 'c2', property: 'vehicle-count', time: now, result: 10 },
      ],
    );
    expect((await figure('traffic-flow')).value).toBe(600 + 1200);
  });

  it('buses-in-service counts buses heard of in five minutes; one in the depot is not missing', async () => {
    const bus = (id: string, minutesAgo: number): ReadingInput => ({
      dataset: 'b',
      thing: id,
      property: 'speed',
      time: now - minutesAgo * MINUTE,
      result: 20,
    });
    const buses = ['b1', 'b2', 'b3', 'b4'];
    await load(
      [dataset('b'), ...buses.map((id) => thing(id, 'b', { category: 'bus', ...stream('speed') }))],
      [bus('b1', 1), bus('b2', 4.9), bus('b3', 5.1), bus('b2', 62), bus('b3', 63), bus('b4', 64)],
    );
    expect(await figure('buses-in-service')).toMatchObject({ value: 2, of: 4, state: 'live', previous: 3 });
  });

  it('cases: open by newest version, and in the last 24 hours; none ever is not zero', async () => {
    await load([dataset('h', { periodMs: HOUR })]);
    expect(await figure('cases-open')).toMatchObject({ value: null, state: 'empty' });
    const base = { dataset: 'h', eventType: 'case' };
    await load(
      [],
      [],
      [
        makeEvent({ ...base, key: '1', start: now - 10 * MINUTE, updated: now - 10 * MINUTE }),
        makeEvent({ ...base, key: '2', start: now - 90 * MINUTE, updated: now - 90 * MINUTE }),
        makeEvent({ ...base, key: '3', start: now - 30 * HOUR, updated: now - 30 * HOUR }),
        makeEvent({
          ...base,
          key: '2',
          start: now - 90 * MINUTE,
          updated: now - 5 * MINUTE,
          end: now - 5 * MINUTE,
          status: 'closed',
        }),
      ],
    );
    now += 2000;
    const open = await figure('cases-open');
    // An hour ago: case 2 was still open, case 1 had not begun.
    expect(open).toMatchObject({ value: 2, previous: null, state: 'live', datasets: ['h'] });
    expect((await createQueries(store).figures(ALL, { ids: ['cases-open'] })).figures[0]).toMatchObject({
      previous: 2,
    });
    expect(await figure('cases-24h')).toMatchObject({ value: 2, state: 'live' });
    expect(await figure('detections-10min')).toMatchObject({ value: null, state: 'empty' });
    await load(
      [],
      [],
      [makeEvent({ dataset: 'h', key: 'd', eventType: 'detection', start: now - 15 * MINUTE })],
    );
    now += 2000;
    expect(await figure('detections-10min')).toMatchObject({ value: 0, state: 'zero' });
  });

  it('feed-availability is a share of feeds, registers left out', async () => {
    await load(
      [
        dataset('x'),
        dataset('y'),
        dataset('register'),
        thing('a', 'x', stream('pm25')),
        thing('b', 'y', stream('pm25')),
      ],
      [{ dataset: 'x', thing: 'a', time: now, result: 1 }],
    );
    expect(await figure('feed-availability')).toMatchObject({ value: 50, numerator: 1, denominator: 2 });
  });

  it('aqi is of the city mean of each pollutant', async () => {
    const reading = (id: string, property: string, result: number) => ({
      dataset: 'x',
      thing: id,
      property,
      time: now,
      result,
    });
    await load(
      [dataset('x'), thing('a', 'x', stream('pm25')), thing('b', 'x', stream('pm25'))],
      [reading('a', 'pm25', 50), reading('b', 'pm25', 100), reading('a', 'o3', 180)],
    );
    expect(await figure('aqi')).toMatchObject({ value: 100, n: 2, of: 2 });
  });

  it('previous and spark are those of the plain judge, from rows and from hours that are built', async () => {
    const readings: ReadingInput[] = [];
    for (let minute = 0; minute < 26 * 60; minute++) {
      const time = now - minute * MINUTE;
      // A gap of two hours.
      if (minute > 300 && minute < 480) continue;
      readings.push({ dataset: 'x', thing: 'a', time, result: minute % 97 });
      readings.push({ dataset: 'x', thing: 'b', time: time - 1, result: (minute * 7) % 31 });
    }
    await load([dataset('x'), thing('a', 'x', stream('pm25')), thing('b', 'x', stream('pm25'))], readings);
    const spark: (number | null)[] = [];
    for (let hour = T0 - 23 * HOUR; hour <= T0; hour += HOUR) {
      const values = readings
        .filter((row) => row.time >= hour && row.time < hour + HOUR)
        .map((row) => row.result);
      spark.push(values.length === 0 ? null : values.reduce((a, b) => a + b) / values.length);
    }
    for (const build of [false, true]) {
      if (build) await store.buildRollups(100);
      const fresh = createQueries(store);
      const found = (await fresh.figures(ALL, { ids: ['pm25-mean'] })).figures[0]!;
      // The open hour is what is so now.
      expect(found.spark.at(-1)).toBe(found.value);
      found.spark.slice(0, -1).forEach((value, i) => {
        if (spark[i] === null) expect(value).toBeNull();
        else expect(value).toBeCloseTo(spark[i]!, 9);
      });
      expect(spark.includes(null)).toBe(true);
      expect(found.previous).toBeCloseTo((60 + ((60 * 7) % 31)) / 2, 9);
    }
  });

  it('previous does not come and go with the minute where the past is sparser than the period', async () => {
    // A past of every tenth minute behind a period of one minute, as a feed leaves it that was filled in.
    const kinds = { pm25: 20, 'water-level': 3, 'vehicle-count': 50, 'lamp-lit': 1, rainfall: 0.5 };
    const things = Object.keys(kinds).map((property) =>
      thing(property, 'x', stream(property, property === 'water-level' ? { warnAbove: 2 } : {})),
    );
    const bus = thing('bus-1', 'x', { ...stream('presence'), category: 'bus' });
    const readings: ReadingInput[] = [];
    const first = Math.floor((now - 6 * HOUR) / (10 * MINUTE)) * 10 * MINUTE;
    for (let time = first; time <= now; time += 10 * MINUTE) {
      for (const [property, result] of Object.entries(kinds))
        readings.push({ dataset: 'x', thing: property, property, time, result });
      readings.push({ dataset: 'x', thing: 'bus-1', property: 'presence', time: time + MINUTE, result: 1 });
    }
    const detection = { dataset: 'x', eventType: 'detection' };
    await load([dataset('x'), ...things, bus], readings, [
      makeEvent({ ...detection, key: '1', start: now - 3 * HOUR }),
    ]);
    const ids = {
      'pm25-mean': 20,
      aqi: 29,
      'river-over-warning': 1,
      'rain-max': 3,
      'lamps-lit': 100,
      // 50 vehicles in ten minutes: the distance of the readings tells, not the declared minute.
      'traffic-flow': 300,
      'buses-in-service': 1,
      'detections-10min': 0,
    };
    for (let minute = 0; minute < 20; minute++) {
      const { figures } = await createQueries(store).figures(ALL, { ids: Object.keys(ids) });
      expect([minute, Object.fromEntries(figures.map(({ id, previous }) => [id, previous]))]).toEqual([
        minute,
        ids,
      ]);
      now += MINUTE;
    }
    const { figures } = await createQueries(store).figures(ALL, { ids: ['traffic-flow'] });
    expect(figures[0]!.spark.slice(-4, -1)).toEqual([300, 300, 300]);
  });

  it('previous is unknown, not zero, before the first event of its type', async () => {
    await load(
      [dataset('h')],
      [],
      [makeEvent({ dataset: 'h', eventType: 'case', key: '1', start: now - 30 * MINUTE })],
    );
    expect(await figure('cases-open')).toMatchObject({ value: 1, previous: null });
    expect(await figure('cases-24h')).toMatchObject({ value: 1, previous: null });
  });

  it('an access that may not see a dataset gets no figure from it', async () => {
    await load(
      [dataset('x'), dataset('y'), thing('a', 'x', stream('pm25')), thing('b', 'y', stream('pm25'))],
      [
        { dataset: 'x', thing: 'a', time: now, result: 10 },
        { dataset: 'y', thing: 'b', time: now, result: 90, lonLat: [105.2, 35.2] },
      ],
    );
    expect((await figure('pm25-mean')).value).toBe(50);
    expect(await figure('pm25-mean', { ...ALL, datasets: ['x'] })).toMatchObject({
      value: 10,
      datasets: ['x'],
    });
    expect(await figure('pm25-mean', { ...ALL, area: [105, 35, 106, 36] })).toMatchObject({
      value: 90,
      n: 1,
    });
    expect(await figure('pm25-mean', { ...ALL, masks: ['x.pm25'] })).toMatchObject({ value: 90 });
    expect(await figure('pm25-mean', { ...ALL, datasets: [] })).toMatchObject({
      value: null,
      state: 'empty',
    });
  });

  it('every declared indicator answers, with its card', async () => {
    const { figures } = await queries.figures(ALL, {});
    expect(figures.map((found) => found.id)).toEqual(INDICATORS.map(({ id }) => id));
    expect(figures.every((found) => found.state === 'empty' && found.spark.length === 24)).toBe(true);
    expect(queries.indicators(ALL).map((card) => card.id)).toEqual(figures.map((found) => found.id));
    await expect(figure('nothing')).rejects.toMatchObject({ code: 'unknown-property' });
  });
});
