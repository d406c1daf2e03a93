import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../auth/index.ts';
import type { GuardedRoute } from '../http/route.ts';
import { startTestServer, type TestServer } from '../http/test-server.ts';
import { ROUTES } from './index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const address = (path: string) => server.url + path.replace(/:[a-zA-Z]+/g, 'x');
const PROBLEM = 'application/problem+json; charset=utf-8';

/** What may be asked without a credential. A further one is a decision, not an accident. */
const OPEN = ['GET /healthz', 'GET /readyz', 'POST /api/v1/login', 'GET /seat/:token'];

describe('ROUTES', () => {
  it('leaves open only health, login and the link of a seat', () => {
    const open = ROUTES.filter((route) => route.roles === 'open');
    expect(open.map((route) => `${route.method} ${route.path}`).sort()).toEqual([...OPEN].sort());
  });

  it('names every route once, with a summary', () => {
    const names = ROUTES.map((route) => `${route.method} ${route.path}`);
    expect(new Set(names).size).toBe(names.length);
    expect(ROUTES.every((route) => route.summary !== '')).toBe(true);
  });

  const guarded = ROUTES.filter((route): route is GuardedRoute => route.roles !== 'open');
  it.each(guarded)('answers 401 without a credential: $method $path', async ({ method, path }) => {
    for (const headers of [
      {},
      { authorization: 'Bearer nonsense' },
      { cookie: 'jingwei_session=nonsense' },
    ]) {
      const answer = await fetch(address(path), { method, headers, redirect: 'manual' });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toBe(PROBLEM);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(await answer.json()).toMatchObject({ status: 401, code: 'not-signed-in' });
    }
  });

  it.each(guarded)('keeps the roles of $method $path', async (route) => {
    for (const role of ROLES) {
      const headers = { authorization: `Bearer ${await server.tokenOf(role)}` };
      const answer = await fetch(address(route.path), { method: route.method, headers, redirect: 'manual' });
      const body: unknown = await answer.json().catch(() => ({}));
      const refused = answer.status === 403 && (body as { code?: string }).code === 'role-not-permitted';
      expect({ role, refused }).toEqual({ role, refused: !route.roles.includes(role) });
      expect(answer.status).not.toBe(401);
    }
  });

  it('lets a wall seat read and change nothing but its own session', async () => {
    const { token } = await server.services.sessions.createSeat('Wall', 'test');
    const opened = await fetch(`${server.url}/seat/${token}`, { redirect: 'manual' });
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
    for (const route of guarded) {
      if (route.path === '/api/v1/logout' || !route.roles.includes('operator')) continue;
      const headers = { cookie, 'sec-fetch-site': 'same-origin' };
      const answer = await fetch(address(route.path), { method: route.method, headers });
      expect([route.path, answer.status === 403]).toEqual([route.path, route.method !== 'GET']);
      await answer.body?.cancel();
    }
  });

  it('answers 404 for no route, 405 for a wrong method and 401 to whoever is unknown', async () => {
    const headers = { authorization: `Bearer ${await server.tokenOf('operator')}` };
    const missing = await fetch(`${server.url}/api/v1/nothing`, { headers });
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'not-found' }]);
    expect((await fetch(`${server.url}/api/v1/nothing`)).status).toBe(401);
    const wrong = await fetch(`${server.url}/api/v1/zones`, { method: 'DELETE', headers });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('sends security headers and forbids caching on every answer of the API', async () => {
    for (const path of ['/healthz', '/api/v1/session', '/api/v1/nothing', '/nowhere']) {
      const answer = await fetch(server.url + path);
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-powered-by')).toBeNull();
      await answer.body?.cancel();
    }
  });
});
