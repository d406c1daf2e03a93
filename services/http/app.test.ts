import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../ingest/model/index.ts';
import { serveDashboards } from './dashboards.ts';
import { securityHeaders } from './headers.ts';
import { startTestServer, type TestServer } from './test-server.ts';

describe('serveDashboards', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-dist-'));
  let server: Server;
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  beforeAll(async () => {
    const app = express();
    app.use(securityHeaders, serveDashboards(folder));
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says how to build what is not built', async () => {
    const answer = await fetch(`${url()}/`);
    expect([answer.status, (await answer.text()).includes('npm run build:viz')]).toEqual([503, true]);
  });

  it('keeps hashed files for ever and the page never, and stays inside its folder', async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>x</title>');
    writeFileSync(join(folder, 'assets', 'main-Bx3kd9Qz.js'), '1');
    const caching = async (path: string) => (await fetch(url() + path)).headers.get('cache-control');
    expect(await caching('/')).toBe('no-cache');
    expect(await caching('/assets/main-Bx3kd9Qz.js')).toContain('immutable');
    expect((await fetch(`${url()}/..%2f..%2fetc/passwd`)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('POST /api/v1/ingest/:sourceId', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const receipt: Receipt = { position: 3, outcome: 'accepted', records: 1, readings: 1, rejections: [] };

  it('hands the bytes to the doors under the name of the device, and answers their receipt', async () => {
    const taken: unknown[] = [];
    server = await startTestServer({
      doors: {
        async accept(raw) {
          taken.push([raw.sourceId, raw.origin.principal, Buffer.from(raw.bytes).toString()]);
          return receipt;
        },
      },
    });
    const headers = {
      authorization: `Bearer ${await server.tokenOf('device')}`,
      'content-type': 'application/json',
    };
    const init = { method: 'POST', headers, body: '{"pm25": 4}' };
    const answer = await fetch(`${server.url}/api/v1/ingest/jingwei-json`, init);
    expect([answer.status, await answer.json()]).toEqual([200, receipt]);
    expect(taken).toEqual([['jingwei-json', 'station-1', '{"pm25": 4}']]);
  });

  it('answers a refusal as a problem that carries its position', async () => {
    const rejections = [
      { code: 'unknown-thing', message: 'm', disposition: 'refused', readings: 1 },
    ] as const;
    server = await startTestServer({
      doors: { accept: async () => ({ ...receipt, outcome: 'refused' as const, rejections }) },
    });
    const headers = { authorization: `Bearer ${await server.tokenOf('device')}` };
    const answer = await fetch(`${server.url}/api/v1/ingest/x`, { method: 'POST', headers, body: 'x' });
    expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'unknown-thing', position: 3 }]);
  });
});

describe('a device whose publish list is empty', () => {
  it('says nothing over HTTP either, and may still be spoken for by an admin', async () => {
    const receipt: Receipt = { position: 3, outcome: 'accepted', records: 1, readings: 1, rejections: [] };
    const taken: string[] = [];
    const server = await startTestServer({
      doors: {
        async accept(raw) {
          taken.push(raw.origin.principal);
          return receipt;
        },
      },
    });
    try {
      const result = await server.services.devices.create([{ id: 'ear', kind: 'device', publish: [] }]);
      if (!('made' in result)) throw new Error('the device was not made');
      const post = (token: string, query = '') =>
        fetch(`${server.url}/api/v1/ingest/jingwei-json${query}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: '{"pm25": 4}',
        });
      const refused = await post(result.made[0]!.token);
      expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'publish-not-permitted' }]);
      expect(taken).toEqual([]);
      expect((await post(await server.tokenOf('admin'), '?principal=ear')).status).toBe(200);
      expect(taken).toEqual(['ear']);
    } finally {
      await server.close();
    }
  });
});

describe('a method that a path does not have', () => {
  it('is 401 without a credential, and 405 naming the methods with one', async () => {
    const server = await startTestServer();
    try {
      const put = (path: string, headers: Record<string, string> = {}) =>
        fetch(server.url + path, { method: 'PUT', headers });
      const stranger = await put('/api/v1/city');
      expect([stranger.status, stranger.headers.get('allow')]).toEqual([401, null]);
      const known = await put('/api/v1/city', { authorization: `Bearer ${await server.tokenOf('officer')}` });
      expect([known.status, known.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      // Open to all, so nothing to hide.
      expect((await put('/api/v1/login')).status).toBe(405);
    } finally {
      await server.close();
    }
  });
});

describe('POST /api/v1/deliveries/:mappingId', () => {
  it('lets an officer deliver to a table mapping, and only an admin speak for devices', async () => {
    const taken: string[] = [];
    const server = await startTestServer({
      doors: {
        async deliver(_path, fileName, mappingId) {
          taken.push(mappingId);
          return { delivery: fileName, mappingId, rows: 1, outcome: 'accepted' } as never;
        },
      },
    });
    try {
      const deliver = async (role: 'admin' | 'officer', mappingId: string) => {
        const headers = { authorization: `Bearer ${await server.tokenOf(role)}` };
        const path = `/api/v1/deliveries/${mappingId}?name=a.json`;
        return (await fetch(server.url + path, { method: 'POST', headers, body: '{"pm25":1}' })).status;
      };
      expect(await deliver('officer', 'schools')).toBe(200);
      expect(await deliver('officer', 'source:jingwei-json:air-1')).toBe(403);
      expect(await deliver('officer', 'source:jingwei-json')).toBe(403);
      expect(await deliver('admin', 'source:jingwei-json:air-1')).toBe(200);
      expect(taken).toEqual(['schools', 'source:jingwei-json:air-1']);
    } finally {
      await server.close();
    }
  });
});

/** What of the doors' metrics is asked for, of a journal without a fault. */
const SOUND = { journalFault: null, journalUpkeepFault: null, journalDamaged: [], journalConsumers: [] };

describe('GET /readyz', () => {
  it('is 200 and says what to look at while messages are acknowledged all the same', async () => {
    const journalDamaged = [{ segment: '00000000000000000000.jwz', from: 7, to: 9, why: 'bit' }];
    const metrics = async () =>
      ({ ...SOUND, journalUpkeepFault: 'EIO: /secret/path', journalDamaged }) as never;
    const server = await startTestServer({ doors: { metrics } });
    try {
      const answer = await fetch(`${server.url}/readyz`);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        checks: expect.arrayContaining([
          {
            name: 'journal',
            ok: true,
            reason:
              'Closed segments cannot be packed or deleted; the log says why. Entries cannot be read: 7 to 8 of 00000000000000000000.jwz',
          },
        ]),
      });
    } finally {
      await server.close();
    }
  });

  it('is 503 with the reason when the journal is not healthy, and open', async () => {
    let fault: string | null = null;
    const metrics = async () => ({ ...SOUND, journalFault: fault }) as never;
    const server = await startTestServer({ doors: { metrics } });
    try {
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      fault = 'No space left';
      const ask = async () => {
        const answer = await fetch(`${server.url}/readyz`);
        return [answer.status, await answer.json()];
      };
      await expect.poll(ask).toMatchObject([
        503,
        {
          ready: false,
          checks: [
            { name: 'journal', ok: false, reason: 'No space left' },
            ...['disk', 'mqtt', 'index', 'lag', 'state'].map((name) => ({ name, ok: true })),
          ],
        },
      ]);
    } finally {
      await server.close();
    }
  });

  it.each([
    ['mqtt', { doors: { ports: { mqtt: 0 } } }, 'The device port is not open yet'],
    // Port 1 is nobody's on a machine that runs tests.
    ['mqtt', { doors: { ports: { mqtt: 1 } } }, 'Nobody listens on the device port 1'],
    ['disk', { config: { journal: { minFreeBytes: Number.MAX_SAFE_INTEGER } } }, 'MiB are wanted'],
    ['disk', { config: { dataDir: '/dev/null/data' } }, 'The data folder cannot be written to (ENOTDIR)'],
  ] as const)('is 503 and names %s: %o', async (name, parts, reason) => {
    const metrics = async () => SOUND as never;
    const doors = { metrics, ...('doors' in parts ? parts.doors : {}) };
    const server = await startTestServer({ ...parts, doors });
    try {
      const answer = await fetch(`${server.url}/readyz`);
      const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean; reason: string }[] };
      expect(answer.status).toBe(503);
      expect(checks.filter((check) => !check.ok)).toEqual([
        { name, ok: false, reason: expect.stringContaining(reason) },
      ]);
    } finally {
      await server.close();
    }
  });

  it('asks the parts once for all strangers who ask at a time', async () => {
    let asked = 0;
    const metrics = async () => {
      asked++;
      return SOUND as never;
    };
    const server = await startTestServer({ doors: { metrics } });
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/readyz`)));
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
      expect(asked).toBeLessThan(5);
    } finally {
      await server.close();
    }
  });
});

describe('POST /api/v1/login', () => {
  it('holds no large body of a stranger', async () => {
    const server = await startTestServer();
    try {
      const body = JSON.stringify({ user: 'li', password: 'x'.repeat(20_000) });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${server.url}/api/v1/login`, { method: 'POST', headers, body });
      expect([answer.status, await answer.json()]).toMatchObject([
        413,
        { code: 'body-too-large', limit: 8192 },
      ]);
    } finally {
      await server.close();
    }
  });
});

describe('the request log', () => {
  it('has the route and the request id but not the query', async () => {
    const server = await startTestServer({ logLevel: 'debug' });
    try {
      const headers = { authorization: `Bearer ${await server.tokenOf('operator')}` };
      const answer = await fetch(`${server.url}/api/v1/events?category=Zhang%20San`, { headers });
      await answer.text();
      await expect.poll(() => server.lines.join('')).toContain(answer.headers.get('x-request-id'));
      const log = server.lines.join('');
      expect(log).toContain('"route":"/api/v1/events"');
      expect(log).not.toMatch(/Zhang|category/);
    } finally {
      await server.close();
    }
  });

  it('keeps reading quiet, tells what changes something, and warns of what is refused', async () => {
    const server = await startTestServer({
      logLevel: 'debug',
      doors: { metrics: async () => ({ journalFault: 'full' }) as never },
    });
    try {
      const headers = { authorization: `Bearer ${await server.tokenOf('admin')}` };
      await fetch(`${server.url}/api/v1/events`, { headers });
      await fetch(`${server.url}/api/v1/events`);
      await fetch(`${server.url}/readyz`);
      await fetch(`${server.url}/api/v1/logout`, { method: 'POST', headers });
      const told = () =>
        server.lines
          .map((line) => JSON.parse(line) as { level: number; method: string; route: string; status: number })
          .map(({ level, method, route, status }) => `${level} ${method} ${route} ${status}`);
      await expect
        .poll(told)
        .toEqual([
          '20 GET /api/v1/events 200',
          '40 GET /api/v1/events 401',
          '20 GET /readyz 503',
          '30 POST /api/v1/logout 204',
        ]);
    } finally {
      await server.close();
    }
  });
});

describe('GET /metrics', () => {
  it('needs a token and speaks the Prometheus text format', async () => {
    const metrics = async () =>
      ({ ...SOUND, head: 12, rejected: { malformed: 2 }, journalFault: 'full' }) as never;
    const server = await startTestServer({ doors: { metrics } });
    try {
      expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
      const headers = { authorization: `Bearer ${await server.tokenOf('auditor')}` };
      const answer = await fetch(`${server.url}/metrics`, { headers });
      const text = await answer.text();
      expect(answer.headers.get('content-type')).toContain('text/plain');
      expect(text).toMatch(/^jingwei_process_resident_bytes \d+$/m);
      expect(text).toMatch(
        /jingwei_http_request_seconds_count\{method="GET",route="\/metrics",status="401"\} 1/,
      );
    } finally {
      await server.close();
    }
  });
});
