import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataset, makeBatch, makeEvent, makeRecord, T0 } from '../store/fixtures.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { createQueries } from './create-queries.ts';
import type { Queries } from './queries.ts';
import type { AccountsQuery } from './shapes.ts';

const MINUTE = 60_000;
const ALL: Access = {
  subject: 'a',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const FILES = 12;
const PARTIAL = FILES / 3;

let folder: string;
let store: Store;
let queries: Queries;
let now: number;

const open = async () => {
  store = await openStore({ path: join(folder, 'a.duckdb'), clock: () => now, rollupIntervalMs: 0 });
  queries = createQueries(store);
};

/** One case of the hotline, in a delivery. */
async function deliver(delivery: string, key: string, refused = 0): Promise<void> {
  await store.load({
    ...makeBatch({
      from: store.position,
      events: [makeEvent({ dataset: 'hotline', eventType: 'case', key, start: now, record: 0 })],
      records: [makeRecord({ dataset: 'hotline', sourceId: 'cases', delivery, refused })],
    }),
    newestReceivedAt: now,
  });
}

beforeEach(async () => {
  now = T0;
  folder = await mkdtemp(join(tmpdir(), 'jingwei-accounts-'));
  await open();
  await store.load(
    makeBatch({
      from: 0,
      declarations: [dataset('hotline', { periodMs: 10 * MINUTE }), dataset('air')],
      records: [],
    }),
  );
  for (let i = 0; i < FILES; i++) {
    now += MINUTE;
    await deliver(`${i % 2 === 0 ? 'even' : 'odd'}-${i}.csv`, `c${i}`, i % 3 === 0 ? 1 : 0);
  }
  await store.load({
    ...makeBatch({ from: store.position, records: [makeRecord({ dataset: 'air', sourceId: 'json' })] }),
    newestReceivedAt: now,
  });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (query?: AccountsQuery) => queries.accounts(ALL, query);

describe('accounts', () => {
  it('queryAccounts: one row a dataset and source, however many deliveries, with the sum of them', async () => {
    for (const reopened of [false, true]) {
      if (reopened) {
        await store.close();
        await open();
      }
      const { accounts, total } = await ask();
      expect(total).toBe(2);
      expect(accounts).toMatchObject([
        { dataset: 'air', source: 'json', delivery: '', deliveries: 0, newestAt: now },
        { dataset: 'hotline', source: 'cases', delivery: '', deliveries: FILES, newestAt: now },
      ]);
      expect(accounts[1]).toMatchObject({
        records: { in: FILES, stored: FILES, refused: 0 },
        readings: { in: FILES + PARTIAL, stored: FILES, refused: PARTIAL },
        partialRecords: PARTIAL,
      });
    }
  });

  it('queryAccounts: by delivery, newest first, as many as asked for, of all that there are', async () => {
    const { accounts, total } = await ask({ by: 'delivery', datasets: ['hotline'], limit: 3 });
    expect(total).toBe(FILES);
    expect(accounts.map(({ delivery, newestAt }) => [delivery, newestAt])).toEqual([
      ['odd-11.csv', now],
      ['even-10.csv', now - MINUTE],
      ['odd-9.csv', now - 2 * MINUTE],
    ]);
  });

  it('queryAccounts: filters by source, delivery, beginning of a delivery and time', async () => {
    const rows = async (query: AccountsQuery) => (await ask({ by: 'delivery', ...query })).accounts;
    expect((await rows({ deliveries: ['even-*'] })).length).toBe(FILES / 2);
    expect((await rows({ deliveries: ['even-4.csv', 'odd-5.csv'] })).map((row) => row.delivery)).toEqual([
      'odd-5.csv',
      'even-4.csv',
    ]);
    expect((await rows({ deliveries: [''] })).map((row) => row.dataset)).toEqual(['air']);
    expect(await rows({ deliveries: ['even'] })).toEqual([]);
    expect(await rows({ sources: ['none'] })).toEqual([]);
    expect((await rows({ since: now - 4 * MINUTE, datasets: ['hotline'] })).length).toBe(5);
    expect((await queries.accounts({ ...ALL, datasets: ['air'] })).accounts.length).toBe(1);
  });
});

describe('feeds of events', () => {
  const feed = () => queries.feeds(ALL).find(({ dataset }) => dataset === 'hotline')!;

  it('feedStatuses: are live for three periods after what came last, also if it said nothing new', async () => {
    expect(feed()).toMatchObject({ state: 'live', newestArrival: now, newestPhenomenonTime: now });
    const last = now;
    now += 29 * MINUTE;
    expect(feed().state).toBe('live');
    await store.load({
      ...makeBatch({
        from: store.position,
        records: [makeRecord({ dataset: 'hotline', delivery: 'again', redelivery: true })],
      }),
      newestReceivedAt: now,
    });
    now += 30 * MINUTE;
    expect(feed()).toMatchObject({ state: 'live', newestPhenomenonTime: last });
    now += 1;
    expect(feed().state).toBe('stale');
    now += 90 * MINUTE - 1;
    expect(feed().state).toBe('stale');
    now += 1;
    expect(feed().state).toBe('expired');
  });

  it('feedStatuses: what is refused is no sign of life, and arrivals outlive a restart', async () => {
    now += 31 * MINUTE;
    await store.load({
      ...makeBatch({
        from: store.position,
        records: [makeRecord({ dataset: 'hotline', delivery: 'bad', refused: 1 })],
      }),
      newestReceivedAt: now,
    });
    expect(feed().state).toBe('stale');
    const { newestArrival } = feed();
    await store.close();
    await open();
    expect(feed()).toMatchObject({ state: 'stale', newestArrival });
  });
});
