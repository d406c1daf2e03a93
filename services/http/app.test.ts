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

describe('GET /readyz', () => {
  it('is 503 with the reason when the journal is not healthy, and open', async () => {
    let fault: string | null = null;
    const metrics = async () => ({ journalFault: fault }) as never;
    const server = await startTestServer({ doors: { metrics } });
    try {
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      fault = 'No space left';
      const ask = async () => {
        const answer = await fetch(`${server.url}/readyz`);
        return [answer.status, await answer.json()];
      };
      await expect
        .poll(ask)
        .toMatchObject([
          503,
          { ready: false, checks: [{ name: 'journal', ok: false, reason: 'No space left' }, {}, {}, {}] },
        ]);
    } finally {
      await server.close();
    }
  });

  it('asks the parts once for all strangers who ask at a time', async () => {
    let asked = 0;
    const metrics = async () => {
      asked++;
      return { journalFault: null } as never;
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
    const server = await startTestServer();
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
});

describe('GET /metrics', () => {
  it('needs a token and speaks the Prometheus text format', async () => {
    const metrics = async () => ({ head: 12, rejected: { malformed: 2 }, journalFault: 'full' }) as never;
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
