import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueryPool } from '../../analytics/store/query-pool.ts';
import { type GuardedRoute, READERS } from './route.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const ENDLESS = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range % 7 = b.range % 5';
let instance: DuckDBInstance;
let pool: QueryPool;
let server: TestServer;

/** A question whose statement never ends by itself; `n` of them at once. */
const endless: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/endless',
  summary: 'Test',
  roles: READERS,
  async handle({ req }) {
    const statements = Array.from({ length: Number(req.query.n ?? 1) }, () => pool.run(ENDLESS));
    return { rows: (await Promise.all(statements)).length };
  },
};

beforeEach(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '64MB' });
  pool = await QueryPool.open(instance, 60_000, 8);
  server = await startTestServer({ routes: [endless], logLevel: 'debug' });
});
afterEach(async () => {
  await server.close();
  await pool.close();
  instance.closeSync();
});

const settled = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('createApp: a client that leaves', () => {
  it('interrupts the statements that run for it and takes those that wait out of the queue', async () => {
    const client = new AbortController();
    const headers = { authorization: `Bearer ${await server.tokenOf('analyst')}` };
    const answer = fetch(`${server.url}/api/v1/endless?n=3`, { headers, signal: client.signal });
    await settled(() => pool.metrics.running === 2 && pool.metrics.waiting === 1);
    client.abort();
    await expect(answer).rejects.toThrow();
    await settled(() => pool.metrics.running === 0);
    expect(pool.metrics).toMatchObject({ waiting: 0, cancelled: 3 });
    // The places are free again.
    expect((await pool.run('SELECT 1')).columns).toEqual([[1]]);
    await settled(() => server.lines.some((line) => line.includes('"cut":true')));
    expect(server.lines.some((line) => line.includes('request failed'))).toBe(false);
  });

  it('leaves the questions of those who stay alone', async () => {
    const client = new AbortController();
    const headers = { authorization: `Bearer ${await server.tokenOf('analyst')}` };
    const leaving = fetch(`${server.url}/api/v1/endless`, { headers, signal: client.signal });
    const staying = fetch(`${server.url}/api/v1/endless`, { headers });
    await settled(() => pool.metrics.running === 2);
    client.abort();
    await expect(leaving).rejects.toThrow();
    await settled(() => pool.metrics.running === 1);
    await pool.close();
    expect(await (await staying).json()).toMatchObject({ status: 503, code: 'busy' });
  });
});
