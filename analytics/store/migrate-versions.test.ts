/** openStore over the files of every earlier version of the schema: what they held is there, and loading goes on. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataset, makeBatch, makeEvent, T0 } from './fixtures.ts';
import { internalsOf } from './internals.ts';
import { beginStep, writeFixture } from './migrate-fixtures.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openStore } from './open-store.ts';

const DAY = 86_400_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jingwei-migrate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function checkOpens(path: string, version: number): Promise<void> {
  const store = await openStore({ path, clock: () => T0, rollupIntervalMs: 0 });
  try {
    expect(store.recovery).toBeNull();
    expect(store.position).toBe(7);
    const { state, pool } = internalsOf(store);
    const rows = async (sql: string) => {
      const { n, columns } = await pool.run(sql);
      return Array.from({ length: n }, (_, row) => columns.map((column) => column[row]));
    };
    expect(await rows('SELECT time::DOUBLE, datastream, result, height FROM observation ORDER BY 1')).toEqual(
      [
        [Date.UTC(2026, 1, 3), 2, 3, null],
        [T0, 0, 41, null],
        [T0 + 1000, 1, 7, 1800.5],
        [T0 + DAY, 0, 42.5, null],
      ],
    );
    expect([...state.book.all]).toEqual([
      {
        id: 0,
        dataset: 'air',
        source: 's',
        delivery: '',
        records: { stored: 3, refused: 1, held: 0, duplicates: 2 },
        readings: { stored: 3, refused: 1, held: 0, duplicates: 2 },
        partial: 0,
        newestAt: version >= 2 ? T0 : 0,
      },
    ]);
    const { latest } = store;
    expect([...latest.result.slice(0, latest.size)]).toEqual([42.5, 7, 3]);
    expect([...latest.time.slice(0, latest.size)]).toEqual([T0 + DAY, T0 + 1000, Date.UTC(2026, 1, 3)]);
    expect(state.rejections).toBe(1);
    expect(store.catalogue.dataset('air')?.titleZh).toBe('空气');
    for (const table of ['event', 'event_version', 'feature']) {
      expect(await rows(`SELECT count(*)::INTEGER FROM ${table}`)).toEqual([[1]]);
    }
    // What is known is known, what is new goes where it belongs, old tables and new ones alike.
    const stream = { thing: 'b', dataset: 'history' };
    const delta = await store.load(
      makeBatch({
        from: 7,
        declarations: [dataset('air', { corrections: true })],
        readings: [
          { thing: 'a', time: T0, result: 41, delayMs: 10 },
          { thing: 'a', time: T0 + DAY, result: 42.5 },
          { ...stream, time: Date.UTC(2026, 1, 3), result: 3 },
          { ...stream, time: Date.UTC(2026, 1, 4), result: 4 },
          { thing: 'a', time: T0 + DAY, result: 40, delayMs: 5 },
          { thing: 'a', time: T0 + 2 * DAY, result: 39 },
        ],
        events: [makeEvent({ key: 'case-2' })],
      }),
    );
    expect(delta.counts.readings).toMatchObject({ stored: 4, duplicates: 3 });
    expect(await rows('SELECT count(*)::INTEGER FROM observation')).toEqual([[6]]);
    expect(await rows('SELECT result FROM observation_superseded')).toEqual([[42.5]]);
  } finally {
    await store.close();
  }
  const again = await openStore({ path, clock: () => T0, rollupIntervalMs: 0 });
  expect(again.position).toBe(8);
  expect([...again.latest.result.slice(0, 3)]).toEqual([39, 7, 4]);
  await again.close();
}

describe('migrate', () => {
  it.each(MIGRATIONS.slice(0, -1).map(({ version, title }) => [version, title]))(
    'migrate: a file of version %i (%s) opens with all it held, and loading goes on',
    async (version) => {
      const path = join(folder, `v${version}.duckdb`);
      await writeFixture(path, version as number);
      await checkOpens(path, version as number);
    },
  );

  it.each(
    MIGRATIONS.slice(1).flatMap(({ version, statements }) =>
      [...new Set([1, Math.ceil(statements.length / 2), statements.length])]
        .filter((n) => n > 0 && n <= statements.length)
        .map((n) => [version, n]),
    ),
  )('migrate: killed in step %i after %i of its statements, it goes on', async (step, statements) => {
    const path = join(folder, `k${step}-${statements}.duckdb`);
    await writeFixture(path, step! - 1);
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await beginStep(connection, step! - 1, statements!);
    const copy = `${path}.killed`;
    await copyFile(path, copy);
    await copyFile(`${path}.wal`, `${copy}.wal`).catch(() => undefined);
    connection.closeSync();
    instance.closeSync();
    await checkOpens(copy, step! - 1);
  });
});
