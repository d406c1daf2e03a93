import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  dataset,
  makeBatch,
  makeEvent,
  makeFeature,
  makeRecord,
  makeRejection,
  T0,
  thing,
} from './fixtures.ts';
import { internalsOf } from './internals.ts';
import { openStore } from './open-store.ts';
import type { Store, StoreOptions } from './store.ts';
import { isStoreError } from './store-error.ts';

const folders: string[] = [];
const stores: Store[] = [];

async function open(options: Partial<StoreOptions> = {}): Promise<Store> {
  let path = options.path;
  if (path === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'jingwei-store-'));
    folders.push(folder);
    path = join(folder, 'index', 'jingwei.duckdb');
  }
  const store = await openStore({ clock: () => T0, rollupIntervalMs: 0, ...options, path });
  stores.push(store);
  return store;
}

async function rows(store: Store, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { n, columns } = await internalsOf(store).pool.run(sql);
  return Array.from({ length: n }, (_, row) => columns.map((column) => column[row]));
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('Store.load', () => {
  it('load: keeps a reading as a lean row, its place included, and moves the position', async () => {
    const store = await open();
    const delta = await store.load(
      makeBatch({
        from: 0,
        to: 3,
        head: 5,
        readings: [
          { thing: 'a', time: T0 - 1000, result: 41.25, heightM: 1900.5 },
          { thing: 'b', time: T0 - 500.4, result: -0.5, lonLat: null },
        ],
      }),
    );
    expect(store.position).toBe(3);
    expect(delta).toMatchObject({ position: 3, head: 5, sequence: 1, committedAt: T0 });
    expect(delta.counts.observations).toBe(2);
    expect([...delta.latest.result]).toEqual([41.25, -0.5]);
    const stored = await rows(
      store,
      'SELECT time, result, height, h3 = 18446744073709551615::UBIGINT, quality FROM observation ORDER BY time',
    );
    expect(stored).toEqual([
      [BigInt(T0 - 1000), 41.25, 1900.5, false, 0],
      [BigInt(T0 - 500), -0.5, null, true, 0],
    ]);
  });

  it('load: refuses a batch that does not start where the index stands, and says where to pull', async () => {
    const store = await open();
    const batch = makeBatch({ from: 0, to: 4, readings: [{ thing: 'a', time: T0, result: 1 }] });
    await store.load(batch);
    for (const from of [0, 3, 5]) {
      const error = await store.load({ ...batch, from, to: from + 4 }).catch((e: unknown) => e);
      expect(isStoreError(error, 'position-mismatch') && error.expected).toBe(4);
    }
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[1n]]);
  });

  it('load: a reading with its own time is kept once, in one batch and across batches and tables', async () => {
    const store = await open();
    const readings = [
      { thing: 'a', time: T0, result: 1 },
      { thing: 'a', time: T0, result: 1 },
      { thing: 'a', time: T0, result: 2 },
      { thing: 'a', time: T0 - 86_400_000, result: 1 },
      { thing: 'a', time: T0 + 1, result: 1 },
    ];
    const first = await store.load(makeBatch({ from: 0, readings }));
    expect(first.counts.readings).toEqual({ in: 5, stored: 4, refused: 0, held: 0, duplicates: 1 });
    const again = await store.load(
      makeBatch({ from: 1, readings: [...readings, { thing: 'a', time: T0 - 5, result: 1 }] }),
    );
    expect(again.counts.readings).toEqual({ in: 6, stored: 1, refused: 0, held: 0, duplicates: 5 });
    const whole = await store.load(makeBatch({ from: 2, readings }));
    expect(whole.counts.records).toEqual({ in: 1, stored: 0, refused: 0, held: 0, duplicates: 1 });
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[5n]]);
  });

  it('load: readings whose time the server gave are never duplicates', async () => {
    const store = await open();
    const readings = [
      { thing: 'a', time: T0, result: 1, serverTime: true },
      { thing: 'a', time: T0, result: 1, serverTime: true },
    ];
    await store.load(makeBatch({ from: 0, readings }));
    const again = await store.load(
      makeBatch({ from: 1, readings: [...readings, { thing: 'a', time: T0, result: 1 }] }),
    );
    expect(again.counts.readings.duplicates).toBe(0);
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[5n]]);
    // Nor does a reading with its own time equal one whose time was only given.
    await store.load(
      makeBatch({ from: 2, readings: [{ thing: 'a', time: T0 + 9, result: 1, serverTime: true }] }),
    );
    await store.load(makeBatch({ from: 3, readings: [{ thing: 'a', time: T0 + 10, result: 1 }] }));
    const own = await store.load(makeBatch({ from: 4, readings: [{ thing: 'a', time: T0 + 9, result: 1 }] }));
    expect(own.counts.readings).toMatchObject({ stored: 1, duplicates: 0 });
  });

  it('load: late data is kept and does not replace the latest state', async () => {
    const store = await open();
    await store.load(makeBatch({ from: 0, readings: [{ thing: 'a', time: T0, result: 7 }] }));
    const late = await store.load(
      makeBatch({ from: 1, readings: [{ thing: 'a', time: T0 - 60_000, result: 3 }] }),
    );
    expect(late.latest.n).toBe(0);
    const id = store.catalogue.datastreamId('air', 'a', 'pm25')!;
    expect(store.latest.result[id]).toBe(7);
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[2n]]);
  });

  it('load: events are corrected by newer versions, late ones go to the history, equal ones are duplicates', async () => {
    const store = await open();
    const open1 = makeEvent({ key: 'k', updated: T0 });
    const closed = makeEvent({ key: 'k', updated: T0 + 10, status: 'closed' });
    const late = makeEvent({ key: 'k', updated: T0 - 10, title: 'first words' });
    const first = await store.load(makeBatch({ from: 0, events: [open1] }));
    expect(first.events.map((event) => event.status)).toEqual(['open']);
    const second = await store.load(makeBatch({ from: 1, events: [closed, open1, late, closed] }));
    expect(second.events.map((event) => event.status)).toEqual(['closed']);
    expect(second.counts.readings).toMatchObject({ in: 4, stored: 2, duplicates: 2 });
    const third = await store.load(makeBatch({ from: 2, events: [open1, late, closed] }));
    expect(third.events).toEqual([]);
    expect(third.counts.readings).toMatchObject({ stored: 0, duplicates: 3 });
    // A newer report that says again what an older one said is a change, not a duplicate.
    await store.load(makeBatch({ from: 3, events: [{ ...open1, updated: T0 + 20 }] }));
    expect(await rows(store, 'SELECT status, updated FROM event')).toEqual([['open', BigInt(T0 + 20)]]);
    expect(await rows(store, 'SELECT updated FROM event_version ORDER BY updated')).toEqual([
      [BigInt(T0 - 10)],
      [BigInt(T0)],
      [BigInt(T0 + 10)],
    ]);
  });

  it('load: features are replaced with their zones', async () => {
    const store = await open();
    const { h3 } = await import('../../grid/index.ts');
    const cover = (level: number, count: number) => {
      const zone = h3.encode(104.6, 35.5, level);
      return [
        {
          grid: 'h3' as const,
          level,
          zones: BigUint64Array.from(h3.subZones(zone, level, level + 1).slice(0, count)),
        },
      ];
    };
    const grown = cover(8, 3).map((part) => ({ ...part, level: 9 }));
    await store.load(
      makeBatch({
        from: 0,
        features: [makeFeature({ key: 's', cover: cover(8, 2).map((p) => ({ ...p, level: 9 })) })],
      }),
    );
    await store.load(
      makeBatch({
        from: 1,
        features: [makeFeature({ key: 's', validFrom: T0 + 1, cover: grown, name: 'Grown' })],
      }),
    );
    expect(await rows(store, 'SELECT id, name FROM feature')).toEqual([[0, 'Grown']]);
    expect(await rows(store, 'SELECT count(*) FROM feature_version')).toEqual([[1n]]);
    const zones = await rows(store, 'SELECT zone, lo, hi FROM feature_zone ORDER BY zone');
    expect(zones.length).toBe(3);
    for (const [zone, lo, hi] of zones) expect({ lo, hi }).toEqual(h3.range(zone as bigint, 9));
  });

  it('load: accounts follow the rule record by record', async () => {
    const store = await open();
    const record = (more: object) => makeRecord({ delivery: 'd', ...more });
    const delta = await store.load(
      makeBatch({
        from: 0,
        records: [
          record({}),
          record({ refused: 2 }),
          record({ refused: 1, held: 1 }),
          record({ held: 3 }),
          record({ redelivery: true }),
          record({}),
          record({}),
          record({}),
        ],
        readings: [
          { thing: 'a', time: T0, result: 1, record: 0 },
          { thing: 'a', time: T0 + 1, result: 1, record: 1 },
          { thing: 'a', time: T0, result: 1, record: 5 },
        ],
        rejections: [
          makeRejection({ record: 7, readings: 0, code: 'malformed' }),
          makeRejection({ record: 3, disposition: 'held', code: 'rule-held' }),
        ],
      }),
    );
    expect(delta.counts.records).toEqual({ in: 8, stored: 3, refused: 2, held: 1, duplicates: 2 });
    expect(delta.counts.partialRecords).toBe(1);
    expect(delta.counts.readings).toEqual({ in: 10, stored: 2, refused: 3, held: 4, duplicates: 1 });
    expect(await rows(store, 'SELECT count(*) FROM rejection')).toEqual([[2n]]);
  });

  it('load: a batch that fails leaves nothing behind and can be loaded again', async () => {
    const store = await open();
    await store.load(makeBatch({ from: 0, readings: [{ thing: 'a', time: T0, result: 1 }] }));
    const good = makeBatch({
      from: 1,
      declarations: [dataset('air'), thing('z', 'air')],
      readings: [{ thing: 'z', time: T0 + 5, result: 2 }],
      events: [makeEvent({ key: 'e' })],
    });
    const broken = { ...good, events: [{ ...good.events[0]!, contentHash: 'not hex' }] };
    const error = await store.load(broken).catch((e: unknown) => e);
    expect(isStoreError(error, 'load-failed')).toBe(true);
    expect(store.position).toBe(1);
    expect(store.catalogue.thing('z')).toBeUndefined();
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[1n]]);
    const delta = await store.load(good);
    expect(delta.counts.readings).toMatchObject({ stored: 2, duplicates: 0 });
    expect(store.catalogue.thing('z')?.id).toBe('z');
  });
});

describe('openStore', () => {
  it('openStore: a store that was closed continues where it stood', async () => {
    const first = await open();
    const path = join(folders[0]!, 'index', 'jingwei.duckdb');
    await first.load(
      makeBatch({
        from: 0,
        declarations: [
          dataset('air'),
          thing('a', 'air', { datastreams: [{ property: 'pm25', periodMs: 1000 }] }),
        ],
        readings: [{ thing: 'a', time: T0, result: 5 }],
        events: [makeEvent({ key: 'e' })],
      }),
    );
    await first.close();
    const second = await open({ path });
    expect(second.position).toBe(1);
    expect(second.recovery).toBeNull();
    const id = second.catalogue.datastreamId('air', 'a', 'pm25')!;
    expect(second.catalogue.datastream(id)?.periodMs).toBe(1000);
    expect(second.latest.result[id]).toBe(5);
    const delta = await second.load(
      makeBatch({
        from: 1,
        readings: [{ thing: 'a', time: T0, result: 5 }],
        events: [makeEvent({ key: 'e' })],
      }),
    );
    expect(delta.counts.readings).toMatchObject({ stored: 0, duplicates: 2 });
    const counts = internalsOf(second).state.book;
    expect([...counts.all].map((account) => account.readings)).toEqual([
      { stored: 2, refused: 0, held: 0, duplicates: 2 },
    ]);
  });

  it('openStore: the latest state is the same read back from the tables as saved at a clean stop', async () => {
    const store = await open();
    const readings = Array.from({ length: 300 }, (_, i) => ({
      thing: `t${i % 7}`,
      time: T0 + ((i * 7919) % 1000) * 200_000 * (i % 3),
      result: i,
      serverTime: i % 5 === 0,
    }));
    await store.load(makeBatch({ from: 0, readings }));
    const { restoreLatest } = await import('./restore-latest.ts');
    const { state } = internalsOf(store);
    const before = Array.from(state.latest.time.subarray(0, state.latest.size));
    const results = Array.from(state.latest.result.subarray(0, state.latest.size));
    const own = Array.from({ length: 7 }, (_, id) => state.newestOwn.get(id));
    const reader = {
      runAndReadAll: async (sql: string, values?: unknown[]) => {
        const answer = await internalsOf(store).pool.run(sql, values as never);
        const list = Array.from({ length: answer.n }, (_, row) =>
          answer.columns.map((column) => column[row]),
        );
        return { currentRowCount: answer.n, getRows: () => list };
      },
    };
    await restoreLatest(reader as never, state);
    expect(Array.from(state.latest.time.subarray(0, state.latest.size))).toEqual(before);
    expect(Array.from(state.latest.result.subarray(0, state.latest.size))).toEqual(results);
    expect(Array.from({ length: 7 }, (_, id) => state.newestOwn.get(id))).toEqual(own);
  });

  it('openStore: a damaged file is moved aside and reported, and the index starts again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jingwei-store-'));
    folders.push(folder);
    const path = join(folder, 'jingwei.duckdb');
    await writeFile(path, Buffer.alloc(20_000, 7));
    const store = await open({ path });
    expect(store.position).toBe(0);
    expect(store.recovery?.movedTo).toMatch(/damaged/);
    expect((await readdir(folder)).filter((name) => name.includes('damaged')).length).toBe(1);
    await store.load(makeBatch({ from: 0, readings: [{ thing: 'a', time: T0, result: 5 }] }));
    expect(store.position).toBe(1);
  });

  it('openStore: damage in the middle of the file is found at open', async () => {
    const first = await open();
    const path = join(folders[0]!, 'index', 'jingwei.duckdb');
    const readings = Array.from({ length: 5000 }, (_, i) => ({
      thing: `t${i % 50}`,
      time: T0 + i,
      result: Math.sin(i),
    }));
    await first.load(makeBatch({ from: 0, readings }));
    await first.close();
    const bytes = await readFile(path);
    for (let at = 3 * 4096 + 100; at < bytes.length; at += 262_144) bytes.fill(0xa5, at, at + 64);
    await writeFile(path, bytes);
    const second = await open({ path });
    expect(second.recovery?.reason).toMatch(/corrupt|checksum/i);
    expect(second.position).toBe(0);
    expect(second.catalogue.datastreamCount).toBe(0);
    await second.load(makeBatch({ from: 0, readings }));
    expect(await rows(second, 'SELECT count(*) FROM observation')).toEqual([[5000n]]);
  });

  it('openStore: a file found damaged while it was open is not trusted at the next start', async () => {
    const first = await open();
    const path = join(folders[0]!, 'index', 'jingwei.duckdb');
    await first.load(makeBatch({ from: 0, readings: [{ thing: 'a', time: T0, result: 1 }] }));
    await first.close();
    await writeFile(`${path}.suspect`, 'Corrupt database file');
    const second = await open({ path });
    expect(second.recovery?.reason).toBe('Corrupt database file');
    expect(second.position).toBe(0);
    await second.close();
    expect((await open({ path })).recovery).toBeNull();
  });

  it('openStore: after a kill the position and the rows agree', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jingwei-store-'));
    folders.push(folder);
    const path = join(folder, 'jingwei.duckdb');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('./kill-child.ts', import.meta.url)), path],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let reported = 0;
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text: Buffer) => {
        reported = Math.max(reported, Number(text.toString().trim().split('\n').at(-1)));
        if (reported >= 25) child.kill('SIGKILL');
      });
      child.on('exit', () => resolve());
    });
    const store = await open({ path });
    expect(store.recovery).toBeNull();
    expect(store.position).toBeGreaterThanOrEqual(reported);
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[BigInt(store.position * 10)]]);
    const [account] = [...internalsOf(store).state.book.all];
    expect(account!.readings.stored).toBe(store.position * 10);
    const { state } = internalsOf(store);
    expect(state.latest.time[0]).toBe(T0 + store.position * 10 - 10);
  });

  it('checkpoint: days past their retention are dropped once the rollup holds them', async () => {
    const DAY = 86_400_000;
    const store = await open({ retentionDays: 2 });
    const readings = [0, 1, 2, 3, 4].map((days) => ({ thing: 'a', time: T0 - days * DAY, result: days }));
    await store.load(makeBatch({ from: 0, readings }));
    await store.checkpoint();
    expect(await rows(store, 'SELECT count(*) FROM observation')).toEqual([[5n]]);
    await store.buildRollups();
    await store.checkpoint();
    expect(await rows(store, 'SELECT result FROM observation ORDER BY result')).toEqual([[0], [1], [2]]);
    expect(await rows(store, 'SELECT total FROM rollup_hour_h3_7 ORDER BY total')).toEqual([
      [1],
      [2],
      [3],
      [4],
    ]);
    // The next load goes into tables that are there, and into a new one.
    await store.load(makeBatch({ from: 1, readings: [{ thing: 'a', time: T0 + DAY, result: 9 }] }));
    expect((await store.metrics()).partitions).toBe(5);
  });
});
