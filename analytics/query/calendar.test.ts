/** Series and cubes by buckets of a city's calendar: the day on which clocks are put forth has 23 hours, the other 25. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataset, makeBatch, thing } from '../store/fixtures.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { createQueries } from './create-queries.ts';
import { isQueryError } from './query-error.ts';

const ALL: Access = {
  subject: 'admin',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const HOUR = 3_600_000;
const BERLIN = [13.4, 52.5] as const;
const localDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short' });

describe.each([
  ['spring', Date.UTC(2026, 2, 27, 23), 23],
  ['autumn', Date.UTC(2026, 9, 23, 22), 25],
])('the city of Berlin in %s', (_, start, hoursOfTheDay) => {
  const times = Array.from({ length: 3 * 72 }, (__, i) => start + i * 20 * 60_000);
  const span = { from: start, to: times.at(-1)! + 1 };
  let folder: string;
  let store: Store;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jingwei-calendar-'));
    store = await openStore({
      path: join(folder, 'j.duckdb'),
      timezone: 'Europe/Berlin',
      clock: () => start + 20 * 24 * HOUR,
      rollupIntervalMs: 0,
    });
    const position = { lonDeg: BERLIN[0], latDeg: BERLIN[1] };
    const readings = times.map((time, i) => ({ thing: 's1', time, result: i, lonLat: BERLIN }));
    const declarations = [dataset('air'), thing('s1', 'air', { position })];
    await store.load(makeBatch({ from: 0, declarations, readings }));
    await store.buildRollups(1000);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const byDay = () => {
    const counts = new Map<string, number>();
    for (const time of times) counts.set(localDay.format(time), (counts.get(localDay.format(time)) ?? 0) + 1);
    return [...counts.values()];
  };
  const bbox = [13.3, 52.4, 13.5, 52.6] as const;

  it('days of a series are local ones: of the city, a Thing and an area', async () => {
    const queries = createQueries(store);
    expect(byDay()[1]).toBe(3 * hoursOfTheDay);
    for (const where of [{}, { thing: 's1' }, { area: { bbox } }]) {
      const series = await queries.series(ALL, { property: 'pm25', span, bucket: 'day', ...where });
      expect(series.count).toEqual(byDay());
      expect(series.bucket).toBe('day');
      expect((series.t[2]! - series.t[1]!) / HOUR).toBe(hoursOfTheDay);
      const hours = await queries.series(ALL, { property: 'pm25', span, bucket: 'hour', ...where });
      expect(hours.count.every((count) => count === 3)).toBe(true);
      expect(hours.count.length).toBe(72);
    }
  });

  it('days of a cube are local ones', async () => {
    const cube = await createQueries(store).cube(ALL, {
      dggrs: 'beidou2d',
      level: 4,
      property: 'pm25',
      span,
      bucket: 'day',
      aggregation: 'count',
    });
    expect(cube.bucketKind).toBe('day');
    expect(cube.bucket.map((bucket, i) => [bucket, cube.value[i]]).sort()).toEqual(
      byDay().map((count, i) => [i, count]),
    );
  });

  it('one kind of bucket, not two and not none', async () => {
    const ask = (buckets: object) =>
      createQueries(store)
        .series(ALL, { property: 'pm25', span, ...buckets })
        .catch((e: unknown) => e);
    for (const buckets of [{}, { bucket: 'day', bucketMs: HOUR }]) {
      expect(isQueryError(await ask(buckets), 'span-invalid')).toBe(true);
    }
    const long = { ...span, from: span.from - 30 * 24 * HOUR };
    expect(isQueryError(await ask({ bucket: 'minute', span: long }), 'too-large')).toBe(true);
  });
});
