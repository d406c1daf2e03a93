/** `EventCounter`: counts by category, hour and day are those of the events, also when a newer version of one begins elsewhere. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Access } from '../query/access.ts';
import { createQueries } from '../query/create-queries.ts';
import { makeBatch, makeEvent, T0 } from '../store/fixtures.ts';
import { internalsOf } from '../store/internals.ts';
import { openStore } from '../store/open-store.ts';
import { uncountedEvents } from './event-counts.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ACCESS: Access = {
  subject: 'admin',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const now = T0;
const store = await openStore({
  path: ':memory:',
  clock: () => now,
  rollupIntervalMs: 0,
  timezone: 'Asia/Kolkata',
});
afterAll(() => store.close());

const events = Array.from({ length: 60 }, (_, i) =>
  makeEvent({
    key: `e${i}`,
    category: i % 3 === 0 ? 'noise' : 'water',
    start: T0 - 3 * DAY + i * HOUR + 7,
    updated: T0 - DAY,
    lonLat: i % 7 === 0 ? null : [104.6 + i * 0.002, 35.5],
  }),
);

/** Every total by zone, bucket and category as one text, from counts as far as they stand. */
async function totals(bucketMs: number): Promise<readonly string[]> {
  const queries = createQueries(store);
  const all: string[] = [];
  for (const [dggrs, level] of [
    ['h3', 7],
    ['beidou2d', 6],
    ['h3', 12],
  ] as const) {
    const { rows } = await queries.totals(ACCESS, { dataset: 'hotline', dggrs, level, bucketMs });
    all.push(...rows.map((row) => [dggrs, row.id, row.bucket, row.category, row.count].join(' ')));
  }
  return all;
}

describe('EventCounter', () => {
  it('build: the same before and after, and after a version that begins in another hour', async () => {
    const { state, pool } = internalsOf(store);
    const span = { from: T0 - 4 * DAY, to: T0 };
    await store.load(makeBatch({ from: 0, events }));
    const before = [await totals(HOUR / 2), await totals(HOUR), await totals(DAY)];
    expect(uncountedEvents(state, 'day', span).length).toBeGreaterThan(0);
    await store.buildRollups();
    expect(uncountedEvents(state, 'day', span)).toEqual([]);
    expect([await totals(HOUR / 2), await totals(HOUR), await totals(DAY)]).toEqual(before);
    const counted = await pool.run('SELECT sum(n) FROM rollup_events_day_h3_10');
    expect(Number(counted.columns[0]![0])).toBe(60);

    const moved = makeEvent({ key: 'e5', category: 'water', start: T0 - 5 * HOUR, updated: T0 });
    await store.load(makeBatch({ from: 1, events: [moved] }));
    expect(uncountedEvents(state, 'hour', span).length).toBe(2);
    const after = [await totals(HOUR / 2), await totals(HOUR), await totals(DAY)];
    expect(after).not.toEqual(before);
    await store.buildRollups();
    expect([await totals(HOUR / 2), await totals(HOUR), await totals(DAY)]).toEqual(after);
    const recounted = await pool.run('SELECT sum(n) FROM rollup_events_hour_beidou_6');
    expect(Number(recounted.columns[0]![0])).toBe(60);
  });
});
