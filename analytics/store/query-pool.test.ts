import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isQueryError } from '../query/query-error.ts';
import { underQueryContext } from './query-context.ts';
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

  it('run: an answer of too many rows is refused before it is built, and tells the limit', async () => {
    const pool = await QueryPool.open(instance, 20_000, 8);
    const all = 'SELECT range FROM range(100000000000)';
    const error = await pool.run(all, [], { maxRows: 5000 }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'too-large', estimate: 5001, limit: 5000 });
    const whole = await pool.run('SELECT range FROM range(5000) ORDER BY range DESC', [], { maxRows: 5000 });
    expect(whole.columns[0]!.slice(0, 2)).toEqual([4999n, 4998n]);
    expect(whole.n).toBe(5000);
    await pool.close();
  });

  it('run: when the asker leaves, what runs is interrupted and what waits leaves the queue', async () => {
    const pool = await QueryPool.open(instance, 60_000, 8);
    const asker = new AbortController();
    const left = underQueryContext({ signal: asker.signal }, () =>
      [ENDLESS, ENDLESS, 'SELECT 1'].map((sql) => pool.run(sql).catch((e: unknown) => e)),
    );
    const other = pool.run('SELECT 2');
    expect(pool.metrics).toMatchObject({ running: 2, waiting: 2 });
    asker.abort();
    for (const error of await Promise.all(left)) expect(isQueryError(error, 'cancelled')).toBe(true);
    expect((await other).columns).toEqual([[2]]);
    const late = underQueryContext({ signal: asker.signal }, () => pool.run('SELECT 3'));
    expect(isQueryError(await late.catch((e: unknown) => e), 'cancelled')).toBe(true);
    expect(pool.metrics).toMatchObject({ running: 0, waiting: 0, cancelled: 4 });
    await pool.close();
  });

  it('run: the statements of one question share its time', async () => {
    const pool = await QueryPool.open(instance, 60_000, 8);
    const [first, second] = await underQueryContext({ timeoutMs: 80 }, async () => {
      const spent = await pool.run(ENDLESS).catch((e: unknown) => e);
      const began = performance.now();
      const again = await pool.run(ENDLESS).catch((e: unknown) => e);
      expect(performance.now() - began).toBeLessThan(60_000);
      return [spent, again];
    });
    for (const error of [first, second]) expect(isQueryError(error, 'timeout')).toBe(true);
    expect(String(second)).toContain('80 ms');
    await pool.close();
  });

  it('run: heavy statements take turns, and leave a place to the quick ones', async () => {
    const pool = await QueryPool.open(instance, 60_000, 8);
    const asker = new AbortController();
    const heavy = underQueryContext({ signal: asker.signal }, () =>
      [1, 2].map(() => pool.run(ENDLESS, [], { lane: 'heavy' }).catch((e: unknown) => e)),
    );
    expect((await pool.run('SELECT 7')).columns).toEqual([[7]]);
    expect(pool.metrics).toMatchObject({ running: 1, waiting: 1 });
    asker.abort();
    await Promise.all(heavy);
    await pool.close();
  });

  it('run: what is not quick after all makes room for what is, and goes on later', async () => {
    const pool = await QueryPool.open(instance, 60_000, 8);
    const asker = new AbortController();
    const slow = underQueryContext({ signal: asker.signal }, () =>
      [1, 2].map(() => pool.run(ENDLESS).catch((e: unknown) => e)),
    );
    // Both places are taken by statements nobody knew to be heavy.
    expect((await pool.run('SELECT 7')).columns).toEqual([[7]]);
    expect(pool.metrics).toMatchObject({ running: 1, waiting: 1, moved: 2 });
    asker.abort();
    for (const error of await Promise.all(slow)) expect(isQueryError(error, 'cancelled')).toBe(true);
    await pool.close();
  });

  it('run: an asker with many statements fills half of the queue and waits behind the others', async () => {
    const pool = await QueryPool.open(instance, 60_000, 6);
    const end = new AbortController();
    const order: string[] = [];
    const ask = (asker: string, sql: string) =>
      underQueryContext({ asker, signal: end.signal }, () =>
        pool.run(sql, [], { lane: 'heavy' }).then(
          () => void order.push(asker),
          (error: unknown) => error,
        ),
      );
    const brief = 'SELECT count(*) FROM range(1000000)';
    const greedy = Array.from({ length: 5 }, () => ask('greedy', brief));
    await Promise.all([...greedy, ask('modest', brief)]);
    // One runs, three wait, and for the fifth there is no room.
    expect(isQueryError(await greedy[4], 'busy')).toBe(true);
    expect(order).toEqual(['greedy', 'modest', 'greedy', 'greedy', 'greedy']);
    end.abort();
    await pool.close();
  });

  it('lend: upkeep takes no place of a question, and each kind works one task at a time', async () => {
    const pool = await QueryPool.open(instance, 60_000, 8);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const began: string[] = [];
    const work = (name: string, upkeep: 'rollup' | 'seal') =>
      pool.lend(async (connection) => {
        began.push(name);
        await connection.run('SELECT 1');
        await held;
      }, upkeep);
    const all = [work('a', 'rollup'), work('b', 'rollup'), work('c', 'seal')];
    expect((await Promise.all([1, 2, 3].map((n) => pool.run(`SELECT ${n}`)))).map((a) => a.n)).toEqual([
      1, 1, 1,
    ]);
    expect(began).toEqual(['a', 'c']);
    release();
    await Promise.all(all);
    expect(began).toEqual(['a', 'c', 'b']);
    await pool.close();
    expect(isQueryError(await pool.lend(async () => 1).catch((e: unknown) => e), 'busy')).toBe(true);
  });
});
