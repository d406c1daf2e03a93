/** Store.load over sealed parts: duplicates and corrections of what is sealed, and replays after the index was lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Declaration, LoadBatch } from '../../ingest/model/index.ts';
import type { Access } from '../query/access.ts';
import { createQueries } from '../query/create-queries.ts';
import { isQueryError } from '../query/query-error.ts';
import {
  dataset,
  makeBatch,
  makeEvent,
  makeRecord,
  makeRejection,
  type ReadingInput,
  T0,
} from './fixtures.ts';
import { internalsOf } from './internals.ts';
import { openStore } from './open-store.ts';
import { rowsSql } from './rows/rows-sql.ts';
import type { Store } from './store.ts';

const DAY = 86_400_000;
const ACCESS: Access = {
  subject: 'test',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const folders: string[] = [];
const stores = new Set<Store>();

async function open(root?: string): Promise<{ store: Store; root: string }> {
  if (root === undefined) {
    root = await mkdtemp(join(tmpdir(), 'jingwei-sealed-'));
    folders.push(root);
  }
  const store = await openStore({
    path: join(root, 'index', 'jingwei.duckdb'),
    partsDir: join(root, 'parts'),
    // Days are sealed as soon as they are over, of however few rows; today's stays hot unless all is asked for.
    sealing: { intervalMs: 0, snapshotEveryMs: 0, sealAfterMs: 0, quietMs: 0, smallPartRows: 1 },
    clock: () => T0 + 3_600_000,
    rollupIntervalMs: 0,
  });
  stores.add(store);
  return { store, root };
}

async function close(store: Store): Promise<void> {
  stores.delete(store);
  await store.close();
}

async function ask(store: Store, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { n, columns } = await internalsOf(store).pool.run(sql);
  return Array.from({ length: n }, (_, row) => columns.map((column) => column[row]));
}

/** What stands, as text: Thing, instant, value. */
async function standing(store: Store): Promise<readonly string[]> {
  const rows = rowsSql(internalsOf(store).state, {
    spans: [{ from: -8e12, to: 8e12 }],
    datasets: null,
    properties: null,
    columns: ['datastream', 'time', 'result'],
  });
  if (rows === null) return [];
  return listOf(store, `(${rows})`);
}

const audit = (store: Store) => listOf(store, 'observation_superseded');

async function listOf(store: Store, table: string): Promise<readonly string[]> {
  const rows = await ask(
    store,
    `SELECT t.name || ' ' || (time - ${T0}) || ' ' || result::INTEGER FROM ${table} o
     JOIN datastream d ON d.id = o.datastream JOIN thing t ON t.id = d.thing`,
  );
  return rows.map(([text]) => text as string).sort();
}

afterEach(async () => {
  for (const store of stores) await store.close();
  stores.clear();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Entries of a journal, one a position, and batches cut from them anywhere. */
interface Entry {
  readonly readings: readonly ReadingInput[];
  readonly declarations?: readonly Declaration[];
}

function cut(entries: readonly Entry[], from: number, to: number): LoadBatch {
  const some = entries.slice(from, to);
  return makeBatch({
    from,
    to,
    declarations: some.flatMap(({ declarations }) => declarations ?? []),
    readings: some.flatMap(({ readings }, record) => readings.map((reading) => ({ ...reading, record }))),
    records: some.map((_, index) => makeRecord({ position: from + index })),
    events: some.map((_, index) =>
      makeEvent({ key: `e${(from + index) % 3}`, updated: T0 + from + index, record: index }),
    ),
    rejections: some.map((_, index) => makeRejection({ position: from + index, record: index })),
  });
}

describe('Store.load over sealed parts', () => {
  it('load: what a part holds is a duplicate, what it does not is kept, in one batch with hot rows', async () => {
    const { store } = await open();
    const readings = Array.from({ length: 300 }, (_, i) => ({
      thing: `t${i % 7}`,
      time: T0 - 9 * DAY + i * 7_000_000,
      result: i,
      serverTime: i % 10 === 0,
    }));
    await store.load(makeBatch({ from: 0, readings: readings.slice(0, 200) }));
    await store.seal({ all: true });
    expect(store.parts.rows).toBe(200);
    await store.load(makeBatch({ from: 1, readings: readings.slice(200) }));
    const again = await store.load(
      makeBatch({ from: 2, readings: [...readings, { ...readings[13]!, result: -1 }] }),
    );
    // Those whose time the server gave come anew.
    expect(again.counts.readings).toMatchObject({ stored: 31, duplicates: 270 });
  });

  it('load: a correction of a sealed row marks it there, and merging leaves it out', async () => {
    const { store, root } = await open();
    const declarations = [dataset('air', { corrections: true })];
    const one = (result: number, delayMs: number) => ({ thing: 'a', time: T0 - 5 * DAY, result, delayMs });
    await store.load(
      makeBatch({
        from: 0,
        declarations,
        readings: [one(1, 10), { thing: 'b', time: T0 - 5 * DAY, result: 5 }],
      }),
    );
    await store.seal({ all: true });
    const { state } = internalsOf(store);
    const [part] = state.parts.all;
    const delta = await store.load(makeBatch({ from: 1, readings: [one(2, 20), one(1, 10), one(7, 5)] }));
    expect(delta.counts.readings).toMatchObject({ stored: 2, duplicates: 1 });
    expect(await standing(store)).toEqual([`a ${-5 * DAY} 2`, `b ${-5 * DAY} 5`]);
    const asked = { thing: 'a', property: 'pm25', span: { from: 0, to: T0 }, limit: 10 };
    expect((await createQueries(store).corrections(ACCESS, asked)).instants).toEqual([
      {
        dataset: 'air',
        time: T0 - 5 * DAY,
        standing: [{ result: 2, resultTime: T0 - 5 * DAY + 20 }],
        superseded: [
          { result: 7, resultTime: T0 - 5 * DAY + 5, position: 1, restated: false },
          { result: 1, resultTime: T0 - 5 * DAY + 10, position: 1, restated: false },
        ],
      },
    ]);
    const refused = (access: Access, change: object) =>
      createQueries(store)
        .corrections(access, { ...asked, ...change })
        .catch((error: unknown) => isQueryError(error) && error.code);
    expect(await refused({ ...ACCESS, datasets: [] }, {})).toBe('unknown-thing');
    expect(await refused({ ...ACCESS, area: [104, 35, 105, 36] }, {})).toBe('not-permitted');
    expect(await refused(ACCESS, { thing: 'z' })).toBe('unknown-thing');
    expect(await refused(ACCESS, { limit: 10_001 })).toBe('too-large');
    expect(await refused({ ...ACCESS, masks: ['air.pm25'] }, {})).toMatchObject({ instants: [], total: 0 });
    expect(await refused(ACCESS, { thing: 'b' })).toMatchObject({ instants: [], total: 0 });
    expect(
      await ask(store, 'SELECT result, superseded_at::INTEGER, part FROM observation_superseded ORDER BY 1'),
    ).toEqual([
      [1, 1, part!.id],
      [7, 1, null],
    ]);
    await close(store);
    const again = await open(root);
    expect(await standing(again.store)).toEqual([`a ${-5 * DAY} 2`, `b ${-5 * DAY} 5`]);
    await again.store.seal({ all: true });
    expect(await standing(again.store)).toEqual([`a ${-5 * DAY} 2`, `b ${-5 * DAY} 5`]);
  });

  it('load: any arrivals, sealed, lost and replayed in any batches: the same rows, audit, accounts and latest', async () => {
    const reading = fc.record({
      thing: fc.constantFrom('a', 'b'),
      instant: fc.integer({ min: 0, max: 2 }),
      result: fc.integer({ min: 0, max: 3 }),
      // Never a duplicate: a replay that adds one twice shows.
      serverTime: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
    });
    const step = (kind: 'load' | 'seal' | 'some' | 'lose', max: number) =>
      fc.record({ kind: fc.constant(kind), size: fc.integer({ min: 1, max }) });
    const steps = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: step('load', 3) },
        { weight: 1, arbitrary: step('seal', 1) },
        { weight: 2, arbitrary: step('some', 1) },
        { weight: 2, arbitrary: step('lose', 4) },
      ),
      { minLength: 6, maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.array(reading, { maxLength: 6 }), { minLength: 6, maxLength: 12 }),
        steps,
        async (corrections, messages, todo) => {
          const delayOf = (instant: number, result: number) => ((instant + 1) * 7 + result * 5) % 11;
          const timeOf = (instant: number) => T0 - instant * 2 * DAY;
          const entries: Entry[] = messages.map((some, index) => ({
            ...(index === 0 ? { declarations: [dataset('air', { corrections })] } : {}),
            readings: some.map(({ thing, instant, result, serverTime }) => ({
              thing,
              time: timeOf(instant) + (serverTime ? 1 : 0),
              serverTime,
              result,
              delayMs: delayOf(instant, result),
            })),
          }));
          // The judge: one store that takes the entries one by one and keeps them in its tables.
          const judge = (await open()).store;
          for (let at = 0; at < entries.length; at++) await judge.load(cut(entries, at, at + 1));
          let { store, root } = await open();
          const advance = async (to: number, size: number) => {
            while (store.position < to) {
              const next = Math.min(to, store.position + size);
              await store.load(cut(entries, store.position, next));
            }
          };
          for (const { kind, size } of todo) {
            if (kind === 'load') {
              const to = Math.min(entries.length, store.position + size);
              if (to > store.position) await store.load(cut(entries, store.position, to));
            } else if (kind === 'seal') await store.seal({ all: true });
            else if (kind === 'some') await store.seal({ snapshot: true });
            else {
              const reached = store.position;
              await close(store);
              await rm(join(root, 'index'), { recursive: true, force: true });
              ({ store, root } = await open(root));
              await advance(reached, size);
            }
          }
          await advance(entries.length, 2);
          const compare = async (what: (of: Store) => unknown) => {
            expect(await what(store)).toEqual(await what(judge));
          };
          await compare(standing);
          await compare(audit);
          await compare((of) =>
            [...internalsOf(of).state.book.all].map(({ id, newestAt, ...account }) => account),
          );
          for (const table of ['event', 'event_version', 'rejection']) {
            await compare((of) => ask(of, `SELECT count(*)::INTEGER FROM ${table}`));
          }
          await compare((of) => {
            const { latest, catalogue } = of;
            return ['a', 'b'].map((thing) => {
              const id = catalogue.datastreamId('air', thing, 'pm25');
              return id === undefined || !latest.has(id) ? null : [latest.time[id], latest.result[id]];
            });
          });
          await close(store);
          await close(judge);
        },
      ),
      { numRuns: 5, endOnFailure: true },
    );
  }, 120_000);
});
