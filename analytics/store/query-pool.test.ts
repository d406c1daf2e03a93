import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isQueryError } from '../query/query-error.ts';
import { QueryPool } from './query-pool.ts';

const ENDLESS = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range % 7 = b.range % 5';
let instance: DuckDBInstance;

beforeEach(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '64MB' });
});
afterEach(() => instance.closeSync());

describe('QueryPool', () => {
  it('run: a statement that takes too long is interrupted, and the connection serves the next', async () => {
    const pool = await QueryPool.open(instance, 60, 8);
    const slow = [pool.run(ENDLESS), pool.run(ENDLESS)].map((run) => run.catch((e: unknown) => e));
    const behind = pool.run('SELECT 42');
    expect(pool.metrics).toMatchObject({ running: 2, waiting: 1 });
    for (const error of await Promise.all(slow)) expect(isQueryError(error, 'timeout')).toBe(true);
    expect((await behind).columns).toEqual([[42]]);
    expect(pool.metrics).toMatchObject({ running: 0, waiting: 0, timedOut: 2 });
    await pool.close();
  });

  it('run: what comes when the queue is full is refused', async () => {
    const pool = await QueryPool.open(instance, 200, 1);
    const running = [ENDLESS, ENDLESS, 'SELECT 1'].map((sql) => pool.run(sql).catch((e: unknown) => e));
    const refused = await pool.run('SELECT 2').catch((e: unknown) => e);
    expect(isQueryError(refused, 'busy')).toBe(true);
    await Promise.all(running);
    await pool.close();
  });

  it('run: a statement that wants more memory than there is asks for too much', async () => {
    const pool = await QueryPool.open(instance, 20_000, 8);
    const error = await pool.run('SELECT list(range) FROM range(40000000)').catch((e: unknown) => e);
    expect(isQueryError(error, 'too-large')).toBe(true);
    await pool.close();
  });

  it('close: interrupts what runs and refuses what waits', async () => {
    const pool = await QueryPool.open(instance, 60_000, 8);
    const all = [ENDLESS, ENDLESS, 'SELECT 1'].map((sql) => pool.run(sql).catch((e: unknown) => e));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await pool.close();
    for (const error of await Promise.all(all)) expect(isQueryError(error, 'busy')).toBe(true);
    expect(isQueryError(await pool.run('SELECT 1').catch((e: unknown) => e), 'busy')).toBe(true);
  });
});
