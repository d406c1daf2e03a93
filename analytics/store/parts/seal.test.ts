import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decompress } from 'fzstd';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, describe, expect, it } from 'vitest';
import { isQueryError } from '../../query/query-error.ts';
import { dataset, makeBatch, type ReadingInput, T0 } from '../fixtures.ts';
import { internalsOf } from '../internals.ts';
import { openStore } from '../open-store.ts';
import { restoreLatest } from '../restore-latest.ts';
import { rowsSql } from '../rows/rows-sql.ts';
import type { Store, StoreOptions } from '../store.ts';
import { datasetFolder, findParts } from './part-files.ts';

const DAY = 86_400_000;
const folders: string[] = [];
const stores: Store[] = [];

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'jingwei-seal-'));
  folders.push(made);
  return made;
}

async function open(root: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({
    path: join(root, 'index', 'jingwei.duckdb'),
    partsDir: join(root, 'parts'),
    sealing: { intervalMs: 0, snapshotEveryMs: 0, ...options.sealing },
    clock: () => T0 + DAY,
    rollupIntervalMs: 0,
    ...options,
  });
  stores.push(store);
  return store;
}

/** The index is lost; what outlives it stays. */
async function lose(root: string, store: Store): Promise<void> {
  await store.close();
  await rm(join(root, 'index'), { recursive: true, force: true });
}

async function ask(store: Store, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { n, columns } = await internalsOf(store).pool.run(sql);
  return Array.from({ length: n }, (_, row) => columns.map((column) => column[row]));
}

const ALL = { from: -8e12, to: 8e12 };

/** Everything an answer is made of, whatever it lies in: sums by datastream, hour and place. */
function digest(store: Store) {
  const rows = rowsSql(internalsOf(store).state, {
    spans: [ALL],
    datasets: null,
    properties: null,
    columns: [
      'datastream',
      'dataset',
      'property',
      'time',
      'result_delay_ms',
      'result',
      'h3',
      'beidou',
      'height',
      'quality',
    ],
  });
  if (rows === null) return Promise.resolve([]);
  return ask(
    store,
    `SELECT s.name, t.name, p.name, o.time // 3600000, h3_parent(o.h3, 6), count(*), fsum(o.result), min(o.result), max(o.result), sum(o.result_delay_ms)::BIGINT, bit_xor(o.beidou), sum(o.height), sum(o.quality)::BIGINT
     FROM (${rows}) o JOIN datastream d ON d.id = o.datastream AND d.dataset = o.dataset AND d.property = o.property
     JOIN dataset s ON s.id = d.dataset JOIN thing t ON t.id = d.thing JOIN property p ON p.id = d.property GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
  );
}

/** Readings of two datasets that move about, some without a place, some late, some with a server's time. */
function readings(from: number, count: number, startMs: number): ReadingInput[] {
  return Array.from({ length: count }, (_, index) => {
    const i = from + index;
    return {
      dataset: i % 3 === 0 ? 'taxi "A"' : 'air',
      thing: `t'${i % 5}`,
      property: i % 2 === 0 ? 'pm25' : 'pm10',
      time: startMs + i * 61_003,
      result: Math.sin(i) * 100,
      lonLat: i % 11 === 0 ? null : ([104.5 + (i % 97) / 300, 35.4 + (i % 89) / 300] as const),
      serverTime: i % 13 === 0,
      ...(i % 4 === 0 ? { heightM: i / 8 } : {}),
    };
  });
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const made of folders.splice(0)) await rm(made, { recursive: true, force: true });
});

describe('Store.seal', () => {
  it('seal: rows go into parts, answers stay the same, tables leave', async () => {
    const root = await folder();
    const store = await open(root);
    await store.load(makeBatch({ from: 0, readings: readings(0, 3000, T0 - 2 * DAY) }));
    const before = await digest(store);
    const report = await store.seal({ all: true });
    expect(report).toMatchObject({ tables: 3, rows: 3000, snapshot: 1 });
    expect(store.parts).toMatchObject({ rows: 3000, damaged: [] });
    expect((await store.metrics()).partitions).toBe(0);
    expect(await digest(store)).toEqual(before);
    expect(await ask(store, 'SELECT count(*) FROM observation')).toEqual([[3000n]]);
    // Some sealed, some hot, some late into a day that was sealed: one answer.
    await store.load(makeBatch({ from: 1, readings: readings(3000, 500, T0 - 2 * DAY) }));
    await store.load(
      makeBatch({ from: 2, readings: [{ thing: "t'1", time: T0 - 2 * DAY + 5, result: 1e6 }] }),
    );
    expect((await digest(store)).reduce((sum, row) => sum + Number(row[5]), 0)).toBe(3501);
    const mixed = await digest(store);
    await store.seal({ all: true });
    expect(await digest(store)).toEqual(mixed);
    expect(store.releasable).toBe(1);
    await store.seal({ all: true });
    await store.close();
    const again = await open(root);
    expect(await digest(again)).toEqual(mixed);
    expect(again.parts.rows).toBe(3501);
    // What was sealed is known to be there.
    const repeated = await again.load(
      makeBatch({ from: 3, readings: [{ thing: "t'1", time: T0 - 2 * DAY + 5, result: 1e6 }] }),
    );
    expect(repeated.counts.readings.duplicates).toBe(1);
  });

  it('seal: another reader finds in the Parquet files what was loaded, sorted by place and time', async () => {
    const root = await folder();
    const store = await open(root, { sealing: { fileRows: 300, intervalMs: 0 } });
    const input = readings(0, 1000, T0).filter((reading) => reading.dataset === 'air');
    await store.load(makeBatch({ from: 0, readings: input }));
    await store.seal({ all: true });
    const { parts } = await findParts(join(root, 'parts'));
    const counting = internalsOf(store).state.parts.all.map(({ id }) => id);
    const seen: Record<string, unknown>[] = [];
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts.filter(({ id }) => counting.includes(id))) {
      let h3 = -1n;
      for (const file of part.files) {
        const bytes = await readFile(join(datasetFolder(join(root, 'parts'), part.dataset), file.name));
        const buffer = bytes.buffer.slice(
          bytes.byteOffset,
          bytes.byteOffset + bytes.byteLength,
        ) as ArrayBuffer;
        const rows = await parquetReadObjects({
          file: buffer,
          compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
        });
        let before = [0n, 0n];
        for (const row of rows) {
          const now = [row.h3 as bigint, row.time as bigint];
          expect(now[0]! > before[0]! || (now[0] === before[0] && now[1]! >= before[1]!)).toBe(true);
          before = now;
          seen.push(row);
        }
        // Files of a part follow one another.
        expect(BigInt(file.h3Min) > h3).toBe(true);
        h3 = BigInt(file.h3Max);
        expect(rows.length).toBe(file.rows);
      }
    }
    const flat = (row: readonly unknown[]) => row.map(String).join('|');
    expect(
      seen
        .map((row) => flat([row.dataset, row.thing, row.property, row.time, row.result, row.height]))
        .sort(),
    ).toEqual(
      input
        .map((one) =>
          flat([one.dataset, one.thing, one.property, Math.round(one.time), one.result, one.heightM ?? null]),
        )
        .sort(),
    );
  });

  it('seal: a lost index is made again of state, parts and the tail of the journal', async () => {
    const root = await folder();
    const store = await open(root);
    const batches = [0, 1, 2, 3, 4].map((from) =>
      makeBatch({
        from,
        declarations: from === 0 ? [dataset('air')] : [],
        readings: [
          ...readings(from * 400, 400, T0 - 2 * DAY),
          // Redelivered, and late.
          ...readings(0, from, T0 - 2 * DAY),
          { thing: 'late', time: T0 - 20 * DAY + from, result: from },
        ],
      }),
    );
    for (const batch of batches.slice(0, 3)) await store.load(batch);
    await store.seal({ all: true });
    await store.load(batches[3]!);
    await store.seal({ all: true });
    await store.load(batches[4]!);
    const before = await digest(store);
    const accounts = [...internalsOf(store).state.book.all];
    const latest = latestOf(store);
    const { releasable } = store;
    expect(releasable).toBe(3);
    await lose(root, store);
    const rebuilt = await open(root);
    expect(rebuilt.position).toBe(4);
    expect(rebuilt.position).toBeGreaterThanOrEqual(releasable);
    expect(rebuilt.snapshotPosition).toBe(4);
    expect(rebuilt.catalogue.dataset('air')?.id).toBe('air');
    await rebuilt.load(batches[4]!);
    expect(await digest(rebuilt)).toEqual(before);
    expect([...internalsOf(rebuilt).state.book.all]).toEqual(accounts);
    expect(latestOf(rebuilt)).toEqual(latest);
    // The newest snapshot torn: the one before does it too, from an earlier entry.
    await lose(root, rebuilt);
    const state = join(root, 'parts', 'state');
    const [newest] = (await readdir(state)).sort().reverse();
    await writeFile(join(state, newest!, 'datastream.parquet'), 'torn');
    const second = await open(root);
    expect(second.position).toBe(3);
    await second.load(batches[3]!);
    await second.load(batches[4]!);
    expect(await digest(second)).toEqual(before);
    expect(latestOf(second)).toEqual(latest);
  });

  it('seal: a part that is missing, short or changed is told by name, and no answer is made without it', async () => {
    const root = await folder();
    const store = await open(root);
    await store.load(
      makeBatch({ from: 0, readings: readings(0, 2000, T0).filter((r) => r.dataset === 'air') }),
    );
    await store.load(
      makeBatch({ from: 1, readings: [{ dataset: 'other', thing: 'x', time: T0, result: 1 }] }),
    );
    await store.seal({ all: true });
    const part = internalsOf(store).state.parts.of('air')[0]!;
    const path = join(datasetFolder(join(root, 'parts'), 'air'), part.files[0]!.name);
    const bytes = await readFile(path);
    const flipped = Buffer.from(bytes);
    for (let at = 40; at < flipped.length - 2000; at += 50) flipped[at]! ^= 0x55;
    await store.close();
    await writeFile(path, flipped);
    const second = await open(root);
    const failed = await digest(second).catch((error: unknown) => error);
    expect(isQueryError(failed, 'part-damaged') && failed.message).toContain(part.id);
    expect(second.parts.damaged.map(({ id }) => id)).toEqual([part.id]);
    // What does not need it is answered.
    const other = rowsSql(internalsOf(second).state, {
      spans: [ALL],
      datasets: [internalsOf(second).state.dictionary.datasetId('other')!],
      properties: null,
      columns: ['result'],
    });
    expect(await ask(second, other!)).toEqual([[1]]);
    await second.close();
    await writeFile(path, bytes.subarray(0, 100));
    const third = await open(root);
    expect(third.parts.damaged[0]!.reason).toContain('has 100 bytes');
    expect(() => digest(third)).toThrow('part');
    expect(third.releasable).toBe(0);
    await third.close();
    await writeFile(path, bytes);
    const mended = await open(root);
    expect(mended.parts.damaged).toEqual([]);
    expect((await digest(mended)).length).toBeGreaterThan(0);
  });

  it('seal: thousands of small days end in a part a month, the same rows in them', async () => {
    const root = await folder();
    const store = await open(root);
    const days = Array.from({ length: 1200 }, (_, day) => ({
      thing: 'a',
      time: T0 - (day + 10) * DAY,
      result: day,
    }));
    await store.load(makeBatch({ from: 0, readings: days.slice(0, 600) }));
    await store.seal({ all: true });
    await store.load(makeBatch({ from: 1, readings: days.slice(600) }));
    const more = days.map((reading) => ({ ...reading, time: reading.time + 1 }));
    await store.load(makeBatch({ from: 2, readings: more }));
    const before = await digest(store);
    const report = await store.seal({ all: true });
    expect(report.merged).toBeGreaterThan(0);
    expect(store.parts.rows).toBe(2400);
    expect(store.parts.count).toBeLessThanOrEqual(41);
    expect(await digest(store)).toEqual(before);
    // The merged parts cover what their sources did: nothing comes twice in a rebuild.
    await lose(root, store);
    const rebuilt = await open(root, { path: ':memory:' });
    expect(await digest(rebuilt)).toEqual(before);
    const { parts } = internalsOf(rebuilt).state;
    for (const { time } of days.slice(0, 50)) {
      expect(parts.covers('air', time, 0)).toBe(true);
      expect(parts.covers('air', time, 2)).toBe(true);
      expect(parts.covers('air', time, 3)).toBe(false);
    }
  });

  it('seal: what was merged or sealed is removed once nobody can read it', async () => {
    const root = await folder();
    const store = await open(root);
    for (let from = 0; from < 3; from++) {
      await store.load(makeBatch({ from, readings: readings(from * 50, 50, T0) }));
      await store.seal({ all: true });
    }
    await store.close();
    const names = await readdir(datasetFolder(join(root, 'parts'), 'air'));
    expect(names.filter((name) => name.endsWith('.parquet')).length).toBe(1);
    const again = await open(root);
    const tables =
      "SELECT count(*) FROM duckdb_tables() WHERE regexp_matches(table_name, '^observation_[dml][0-9]')";
    expect(await ask(again, tables)).toEqual([[0n]]);
  });

  it('seal: goes on beside loads and questions, and no question sees a row twice or not at all', async () => {
    const root = await folder();
    const store = await open(root, {
      sealing: { intervalMs: 0, fileRows: 500, smallPartRows: 400, mergeFanIn: 2 },
    });
    let loaded = 0;
    let sealing = true;
    const load = async () => {
      try {
        for (let from = 0; from < 15; from++) {
          await store.load(makeBatch({ from, readings: readings(from * 120, 120, T0 - 3 * DAY) }));
          loaded += 120;
        }
      } finally {
        sealing = false;
      }
    };
    const seal = async () => {
      while (sealing) {
        await store.seal({ all: true });
        // With nothing to seal it would never let go of the thread.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const look = async () => {
      let looked = 0;
      while (sealing) {
        const before = loaded;
        const count = (await digest(store)).reduce((sum, row) => sum + Number(row[5]), 0);
        expect(count).toBeGreaterThanOrEqual(before);
        // What is committed is counted here a moment later.
        expect(count).toBeLessThanOrEqual(loaded + 120);
        looked += 1;
        // Nor would this, before the first row is there.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return looked;
    };
    const [, , looked] = await Promise.all([load(), seal(), look()]);
    expect(looked).toBeGreaterThan(2);
    await store.seal({ all: true });
    expect(store.parts.rows).toBe(1800);
    expect((await digest(store)).reduce((sum, row) => sum + Number(row[5]), 0)).toBe(1800);
  });

  it('seal: the newest readings are known after a crash, whether their rows are hot or sealed', async () => {
    const root = await folder();
    const store = await open(root);
    await store.load(makeBatch({ from: 0, readings: readings(0, 400, T0 - 2 * DAY) }));
    // Of one instant the later arrival: sealed with the first, and hot beside it.
    const instant = { thing: 'twice', time: T0, lonLat: null };
    await store.load(
      makeBatch({
        from: 1,
        readings: [
          { ...instant, result: 1 },
          { ...instant, result: 2 },
        ],
      }),
    );
    await store.seal({ all: true });
    await store.load(
      makeBatch({ from: 2, readings: [{ ...instant, result: 3 }, ...readings(400, 7, T0 - 2 * DAY)] }),
    );
    await store.seal({ all: true });
    await store.load(makeBatch({ from: 3, readings: [{ thing: 'new', time: T0, result: 9 }] }));
    const before = latestOf(store);
    const { state, pool } = internalsOf(store);
    const own = Array.from({ length: state.latest.size }, (_, id) => state.newestOwn.get(id));
    await pool.lend((connection) => restoreLatest(connection, state));
    expect(latestOf(store)).toEqual(before);
    expect(Array.from({ length: state.latest.size }, (_, id) => state.newestOwn.get(id))).toEqual(own);
    const twice = state.dictionary.datastreamId('air', 'twice', 'pm25')!;
    expect(store.latest.result[twice]).toBe(3);
  });

  it('seal: by the policy only what is due: days that are over and at rest', async () => {
    const root = await folder();
    let now = T0;
    const store = await open(root, { clock: () => now });
    await store.load(
      makeBatch({
        from: 0,
        readings: [
          { thing: 'a', time: T0, result: 1 },
          { thing: 'a', time: T0 - DAY, result: 2 },
        ],
      }),
    );
    expect(await store.seal()).toMatchObject({ tables: 0, snapshot: null });
    now += 6 * 60_000;
    // At rest, but of few rows and seen only now: it may have company soon.
    expect(await store.seal()).toMatchObject({ tables: 0 });
    now += 3 * 3_600_000;
    expect(await store.seal()).toMatchObject({ tables: 1, rows: 1, snapshot: 1 });
    now += 17 * 3_600_000;
    await store.load(makeBatch({ from: 1, readings: [{ thing: 'a', time: T0 + 1, result: 3 }] }));
    expect(await store.seal()).toMatchObject({ tables: 0 });
    now += 6 * 60_000;
    expect(await store.seal()).toMatchObject({ tables: 1, rows: 2 });
  });

  it('seal: datasets keep their rows as long as they declare', async () => {
    const root = await folder();
    const store = await open(root);
    await store.load(
      makeBatch({
        from: 0,
        declarations: [dataset('short', { retentionDays: 30 }), dataset('air')],
        readings: ['short', 'air'].flatMap((name) => [
          { dataset: name, thing: 'a', time: T0 - 100 * DAY, result: 1 },
          { dataset: name, thing: 'a', time: T0, result: 2 },
        ]),
      }),
    );
    expect(await store.seal({ all: true })).toMatchObject({ dropped: 0 });
    await store.buildRollups(10_000);
    expect(await store.seal({ all: true })).toMatchObject({ dropped: 1 });
    expect(await ask(store, 'SELECT dataset, count(*) FROM observation GROUP BY 1 ORDER BY 1')).toEqual([
      ['air', 2n],
      ['short', 1n],
    ]);
  });
});

function latestOf(store: Store) {
  const { latest } = store;
  return Array.from({ length: latest.size }, (_, id) => {
    const stream = store.catalogue.datastream(id)!;
    return [stream.dataset, stream.thing, stream.property, latest.time[id], latest.result[id], latest.h3[id]];
  });
}
