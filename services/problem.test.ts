import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryError, StoreError } from '../analytics/index.ts';
import { GridError } from '../grid/index.ts';
import type { Route } from './http/route.ts';
import { startTestServer, type TestServer } from './http/test-server.ts';
import { HttpProblem, mapError, rejectionProblem } from './problem.ts';
import { ROUTES } from './routes/index.ts';

const SECRET = 'SELECT secret FROM /srv/data/index';

describe('mapError', () => {
  const status = (error: unknown) => mapError(error).problem.status;

  it('turns codes of every room into a status', () => {
    expect(status(new QueryError('unknown-property', 'x'))).toBe(404);
    expect(status(new QueryError('not-permitted', 'x'))).toBe(403);
    expect(status(new QueryError('too-large', 'x', { estimate: 9, limit: 3 }))).toBe(422);
    expect(mapError(new QueryError('too-large', 'x', { estimate: 9, limit: 3 })).problem).toMatchObject({
      estimate: 9,
      limit: 3,
    });
    expect(mapError(new QueryError('busy', 'x')).headers['Retry-After']).toBe('1');
    expect(status(new GridError('zone-invalid', 'x'))).toBe(400);
    expect(status(new GridError('too-many-zones', 'x'))).toBe(422);
    expect(status(new StoreError('load-failed', SECRET))).toBe(503);
    expect(status(Object.assign(new Error('x'), { name: 'IngestError', code: 'unknown-mapping' }))).toBe(404);
    expect(status(Object.assign(new Error(SECRET), { name: 'IngestError', code: 'journal-io' }))).toBe(503);
    expect(status(new URIError('x'))).toBe(400);
    expect(status('a string thrown')).toBe(500);
  });

  it('tells nothing of the inside', () => {
    const inside = [
      new Error(SECRET),
      new StoreError('load-failed', SECRET),
      Object.assign(new Error(SECRET), { name: 'IngestError', code: 'journal-io' }),
      Object.assign(new Error(SECRET), { code: 'ENOENT', path: '/srv/data' }),
    ];
    for (const error of inside) {
      expect(JSON.stringify(mapError(error, 'id').problem)).not.toMatch(/SELECT|srv|at .*\.ts/);
    }
    expect(mapError(new Error('x')).expected).toBe(false);
    expect(mapError(new HttpProblem(404, 'x', 'y')).expected).toBe(true);
  });

  it('names each rejection of a refused message', () => {
    const rejection = {
      code: 'out-of-range',
      message: 'm',
      disposition: 'refused',
      where: '/results/pm25',
      readings: 1,
    } as const;
    const { problem } = mapError(rejectionProblem([rejection], { position: 7 }));
    expect(problem).toMatchObject({
      status: 422,
      code: 'out-of-range',
      position: 7,
      problems: [{ where: '/results/pm25', message: 'm' }],
    });
  });
});

describe('answers of the server', () => {
  let server: TestServer;
  let headers: Record<string, string>;
  const failing: Route = {
    method: 'GET',
    path: '/api/v1/failing',
    summary: 'Throws',
    roles: ['admin'],
    handle() {
      throw new Error(SECRET);
    },
  };
  beforeAll(async () => {
    server = await startTestServer({ routes: [...ROUTES, failing], maxDeliveryBytes: 2000 });
    headers = {
      authorization: `Bearer ${await server.tokenOf('admin')}`,
      'content-type': 'application/json',
    };
  });
  afterAll(() => server.close());

  const post = async (path: string, body: RequestInit['body'], more: Record<string, string> = {}) => {
    const init = { method: 'POST', headers: { ...headers, ...more }, body: body ?? null };
    const answer = await fetch(server.url + path, init);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('hide the reason of our own mistakes and log it under the request id', async () => {
    const answer = await fetch(`${server.url}/api/v1/failing`, { headers });
    const body = await answer.text();
    expect([answer.status, body.includes('secret')]).toEqual([500, false]);
    const line = server.lines.find((one) => one.includes(SECRET));
    expect(line).toContain((JSON.parse(body) as { requestId: string }).requestId);
  });

  it('say what is wrong with a body', async () => {
    expect(await post('/api/v1/devices', '{')).toMatchObject({
      status: 400,
      body: { code: 'malformed-json' },
    });
    expect(
      await post('/api/v1/devices', '[{"id":"a b","kind":"device"},{"id":"c","kind":"x","y":1}]'),
    ).toMatchObject({
      status: 400,
      body: { code: 'invalid-body', problems: [{ where: '/0/id' }, { where: '/1/kind' }, { where: '/1/y' }] },
    });
    expect(await post('/api/v1/devices', 'x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
    });
    const large = `[${'1,'.repeat(5_000_000)}1]`;
    expect(await post('/api/v1/devices', large)).toMatchObject({
      status: 413,
      body: { code: 'body-too-large' },
    });
    expect(await post('/api/v1/ingest/x', new Uint8Array(9_000_000))).toMatchObject({ status: 413 });
  });

  it('say what is wrong with a query', async () => {
    const ask = async (path: string) => {
      const answer = await fetch(server.url + path, { headers });
      return { status: answer.status, body: await answer.json() };
    };
    expect(await ask('/api/v1/zones?dggrs=s2&level=x&property=pm25&bbox=1,2,3&colour=red')).toMatchObject({
      status: 400,
      body: { problems: ['dggrs', 'level', 'bbox', 'colour'].map((where) => ({ where })) },
    });
    const zones = '/api/v1/zones?dggrs=h3&level=7&property=pm25';
    expect(await ask(`${zones}&to=0`)).toMatchObject({ status: 400 });
    expect(await ask(`${zones}&from=2026-01-01T00:00:00`)).toMatchObject({ status: 400 });
    expect(await ask(`${zones}&from=10&to=10`)).toMatchObject({
      status: 400,
      body: { code: 'span-invalid' },
    });
    expect(await ask(`${zones}&from=2026-01-01T00:00:00%2B08:00`)).toMatchObject({ status: 200 });
    expect(await ask('/api/v1/series?property=pm25&thing=a&zone=h3:8a')).toMatchObject({ status: 400 });
    expect(await ask('/api/v1/totals?dataset=a&dggrs=h3&level=7&bucket=P1M')).toMatchObject({ status: 400 });
    expect(await ask('/seat/%zz')).toMatchObject({ status: 400 });
  });

  it('stop a delivery at its limit and leave no file behind', async () => {
    const { readdirSync } = await import('node:fs');
    const uploads = `${server.services.config.dataDir}/tmp`;
    expect(await post('/api/v1/deliveries/m', new Uint8Array(2001))).toMatchObject({ status: 413 });
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(500));
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body: stream, duplex: 'half' };
    const outcome = await fetch(`${server.url}/api/v1/deliveries/m`, init).then(
      (answer) => answer.status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(outcome);
    expect(await post('/api/v1/deliveries/m', '')).toMatchObject({
      status: 400,
      body: { code: 'empty-body' },
    });
    expect(readdirSync(uploads)).toEqual([]);
  });
});
