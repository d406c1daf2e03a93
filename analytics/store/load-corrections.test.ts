/** Store.load of datastreams that declare corrections: what stands, the audit, the accounts and the latest state. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { dataset, makeBatch, type ReadingInput, T0, thing } from './fixtures.ts';
import { internalsOf } from './internals.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

const folders: string[] = [];
const stores = new Set<Store>();

async function open(path?: string): Promise<{ store: Store; path: string }> {
  if (path === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'jingwei-corrections-'));
    folders.push(folder);
    path = join(folder, 'jingwei.duckdb');
  }
  const store = await openStore({ path, clock: () => T0, rollupIntervalMs: 0 });
  stores.add(store);
  return { store, path };
}

/** The store as a process that was killed now would find it: its files, without a clean stop. */
async function afterKill(store: Store, path: string): Promise<{ store: Store; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'jingwei-corrections-'));
  folders.push(folder);
  const copy = join(folder, 'jingwei.duckdb');
  await copyFile(path, copy);
  await copyFile(`${path}.wal`, `${copy}.wal`).catch(() => undefined);
  await store.close();
  stores.delete(store);
  return open(copy);
}

async function rows(store: Store, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { n, columns } = await internalsOf(store).pool.run(sql);
  return Array.from({ length: n }, (_, row) => columns.map((column) => column[row]));
}

afterEach(async () => {
  for (const store of stores) await store.close();
  stores.clear();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const declared = [dataset('air', { corrections: true })];
const STANDING =
  'SELECT (time - 1772352000000)::INTEGER, result, result_delay_ms FROM observation ORDER BY 1, 2, 3';
const AUDIT =
  'SELECT (time - 1772352000000)::INTEGER, result, result_delay_ms, superseded_at::INTEGER, restated FROM observation_superseded ORDER BY 1, 4, 3';

describe('Store.load with corrections', () => {
  it('load: the later resultTime supersedes, the old one stays for audit, latest follows', async () => {
    const { store } = await open();
    const one = (result: number, delayMs: number) => ({ thing: 'a', time: T0, result, delayMs, heightM: 5 });
    await store.load(makeBatch({ from: 0, declarations: declared, readings: [one(41, 1000)] }));
    const corrected = await store.load(makeBatch({ from: 1, readings: [one(14, 2000)] }));
    expect(corrected.counts.readings).toMatchObject({ stored: 1, duplicates: 0 });
    expect([...corrected.latest.result]).toEqual([14]);
    const late = await store.load(makeBatch({ from: 2, readings: [one(77, 1500)] }));
    expect(late.counts.readings).toMatchObject({ stored: 1, duplicates: 0 });
    expect(late.latest.n).toBe(0);
    const again = await store.load(
      makeBatch({ from: 3, readings: [one(14, 3000), one(41, 1000), one(77, 1500)] }),
    );
    expect(again.counts.readings).toMatchObject({ stored: 0, duplicates: 3 });
    expect(await rows(store, STANDING)).toEqual([[0, 14, 2000]]);
    expect(await rows(store, AUDIT)).toEqual([
      [0, 41, 1000, 1, false],
      [0, 77, 1500, 2, false],
      [0, 14, 3000, 3, true],
    ]);
    // It was said again at 3000: what is from 2500 comes too late.
    await store.load(makeBatch({ from: 4, readings: [one(9, 2500)] }));
    expect(await rows(store, STANDING)).toEqual([[0, 14, 2000]]);
    const id = store.catalogue.datastreamId('air', 'a', 'pm25')!;
    expect(store.latest.result[id]).toBe(14);
    expect(await rows(store, 'SELECT DISTINCT height, part FROM observation_superseded')).toEqual([
      [5, null],
    ]);
  });

  it('load: without the declaration both values are kept; the datastream goes before its dataset', async () => {
    const { store } = await open();
    const stream = (property: string, corrections: boolean) => ({ property, periodMs: 1000, corrections });
    await store.load(
      makeBatch({
        from: 0,
        declarations: [
          dataset('air'),
          thing('a', 'air', { datastreams: [stream('pm25', true), { property: 'pm10', periodMs: 1000 }] }),
          dataset('water', { corrections: true }),
          thing('b', 'water', { datastreams: [stream('ph', false)] }),
        ],
        readings: [1, 2].flatMap((result) => [
          { thing: 'a', time: T0, result, delayMs: result },
          { thing: 'a', property: 'pm10', time: T0, result, delayMs: result },
          { dataset: 'water', thing: 'b', property: 'ph', time: T0, result, delayMs: result },
        ]),
      }),
    );
    const counts = await rows(
      store,
      `SELECT p.name, list_sort(list(result)) FROM observation o JOIN datastream d ON d.id = o.datastream
       JOIN property p ON p.id = d.property GROUP BY 1 ORDER BY 1`,
    );
    expect(counts.map(([name, values]) => [name, `${values}`])).toEqual([
      ['ph', '[1, 2]'],
      ['pm10', '[1, 2]'],
      ['pm25', '[2]'],
    ]);
  });

  it('load: what came twice before corrections were declared is overtaken together', async () => {
    const { store } = await open();
    const one = (result: number) => ({ thing: 'a', time: T0, result, delayMs: result });
    await store.load(makeBatch({ from: 0, readings: [one(1), one(2)] }));
    await store.load(makeBatch({ from: 1, declarations: declared, readings: [one(3)] }));
    expect(await rows(store, STANDING)).toEqual([[0, 3, 3]]);
    expect((await rows(store, AUDIT)).map((row) => row.slice(1, 4))).toEqual([
      [1, 1, 1],
      [2, 2, 1],
    ]);
  });

  it('load: a load that fails takes its corrections back', async () => {
    const { store } = await open();
    const one = (result: number) => ({ thing: 'a', time: T0, result, delayMs: result });
    await store.load(makeBatch({ from: 0, declarations: declared, readings: [one(1)] }));
    const batch = makeBatch({ from: 1, readings: [one(2), { thing: 'b', time: T0, result: 1 }] });
    const broken = { ...batch, rejections: [{ position: Number.NaN }] } as unknown as typeof batch;
    await expect(store.load(broken)).rejects.toThrow('Cannot load');
    expect(await rows(store, STANDING)).toEqual([[0, 1, 1]]);
    expect(await rows(store, AUDIT)).toEqual([]);
    await store.load(batch);
    expect((await rows(store, AUDIT)).map(([, result]) => result)).toEqual([1]);
  });

  it('load: any order of arrival, any batches, killed in between: the same rows stand and the same audit is kept', async () => {
    const reading = fc.record({
      thing: fc.constantFrom('a', 'b'),
      instant: fc.integer({ min: 0, max: 3 }),
      result: fc.integer({ min: 0, max: 3 }),
    });
    // The resultTime follows from the value: each value of an instant is said at one time, in whatever order it comes.
    const delayOf = ({ instant, result }: { instant: number; result: number }) =>
      ((instant + 1) * 7 + result * 5) % 11;
    await fc.assert(
      fc.asyncProperty(
        fc.array(reading, { minLength: 1, maxLength: 25 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 10 }),
        async (said, sizes, killAt) => {
          let { store, path } = await open();
          await store.load(makeBatch({ from: 0, declarations: declared }));
          let stored = 0;
          for (let at = 0, batch = 0; at < said.length; batch++) {
            if (batch === killAt) ({ store, path } = await afterKill(store, path));
            const some = said.slice(at, at + sizes[batch % sizes.length]!);
            at += some.length;
            const readings: ReadingInput[] = some.map((one) => ({
              thing: one.thing,
              // Three days, one of them before the others: tables of their own.
              time: T0 - (one.instant % 3) * 86_400_000 + one.instant,
              result: one.result,
              delayMs: delayOf(one),
            }));
            const delta = await store.load(makeBatch({ from: store.position, readings }));
            expect(delta.counts.readings.in).toBe(some.length);
            stored += delta.counts.readings.stored;
          }
          const instants = new Map<string, Set<number>>();
          for (const { thing: name, instant, result } of said) {
            const key = `${name} ${instant}`;
            instants.set(key, (instants.get(key) ?? new Set()).add(result));
          }
          const standing: string[] = [];
          const audit: string[] = [];
          for (const [key, values] of instants) {
            const instant = Number(key.split(' ')[1]);
            const sorted = [...values].sort(
              (a, b) => delayOf({ instant, result: a }) - delayOf({ instant, result: b }),
            );
            standing.push(`${key} ${sorted.at(-1)}`);
            audit.push(...sorted.slice(0, -1).map((value) => `${key} ${value}`));
          }
          const named = (table: string) =>
            `SELECT t.name || ' ' || (time % 10) || ' ' || result::INTEGER FROM ${table} o
             JOIN datastream d ON d.id = o.datastream JOIN thing t ON t.id = d.thing`;
          const list = async (sql: string) => (await rows(store, sql)).map(([name]) => name as string).sort();
          expect(await list(named('observation'))).toEqual(standing.sort());
          expect(await list(named('observation_superseded'))).toEqual(audit.sort());
          expect(stored).toBe(standing.length + audit.length);
          for (const name of new Set(said.map((one) => one.thing))) {
            const id = store.catalogue.datastreamId('air', name, 'pm25')!;
            const [newest] = await rows(
              store,
              `SELECT result FROM observation WHERE datastream = ${id} ORDER BY time DESC LIMIT 1`,
            );
            expect(store.latest.result[id]).toBe(newest![0]);
          }
          await store.close();
          stores.delete(store);
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);
});
