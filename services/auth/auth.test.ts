import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../http/test-server.ts';
import { cookieOf, createLoginLimit, hashPassword, requestOrigin, verifyPassword } from './index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.services.users.create('li', 'operator', 'correct horse');
});
afterAll(() => server.close());

const JSON_TYPE = { 'content-type': 'application/json' };

function login(user: string, password: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify({ user, password });
  return fetch(`${server.url}/api/v1/login`, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body });
}

describe('POST /api/v1/login', () => {
  beforeEach(() => server.advance(20 * 60_000));

  it('opens a session whose cookie scripts cannot read and other sites cannot send', async () => {
    const answer = await login('li', 'correct horse');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { user: 'li', role: 'operator', kiosk: false },
    ]);
    const cookie = answer.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^jingwei_session=[\w-]{43}; .*HttpOnly; SameSite=Strict$/);
    const session = await fetch(`${server.url}/api/v1/session`, {
      headers: { cookie: cookie.split(';')[0]! },
    });
    expect(await session.json()).toEqual({ user: 'li', role: 'operator', kiosk: false });
  });

  it('keeps neither password nor token in the store, and writes neither to the log', async () => {
    const token = (await login('li', 'correct horse')).headers.get('set-cookie')!.slice(16, 59);
    const rows = [
      ...(await server.services.state.selectFrom('user').selectAll().execute()),
      ...(await server.services.state.selectFrom('session').selectAll().execute()),
      ...(await server.services.state.selectFrom('audit').selectAll().execute()),
    ];
    for (const text of [JSON.stringify(rows), server.lines.join('')]) {
      expect(text).not.toContain('correct horse');
      expect(text).not.toContain(token);
    }
  });

  it('answers the same for a wrong password and for nobody, and keeps both in the audit trail', async () => {
    const [wrong, nobody] = [await login('li', 'wrong horse'), await login('nobody', 'wrong horse')];
    const strip = ({ requestId: _id, ...rest }: Record<string, unknown>) => rest;
    expect(wrong.status).toBe(401);
    expect(strip((await wrong.json()) as Record<string, unknown>)).toEqual(
      strip((await nobody.json()) as Record<string, unknown>),
    );
    const lines = await server.services.audit.list(2);
    expect(lines.map((line) => [line.action, line.who])).toEqual([
      ['login-failed', 'nobody'],
      ['login-failed', 'li'],
    ]);
  });

  it('makes a guesser wait, and only the guesser', async () => {
    await server.services.users.create('wang', 'analyst', 'a good password');
    for (let i = 0; i < 5; i++) expect((await login('wang', `guess ${i}`)).status).toBe(401);
    const blocked = await login('wang', 'a good password');
    expect([blocked.status, Number(blocked.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await login('li', 'correct horse')).status).toBe(200);
    server.advance(16 * 60_000);
    expect((await login('wang', 'a good password')).status).toBe(200);
  });

  it('refuses a login started by a page of another site', async () => {
    expect((await login('li', 'correct horse', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await login('li', 'correct horse', { origin: 'https://elsewhere.example' })).status).toBe(403);
  });
});

describe('a session', () => {
  const cookieFor = async () =>
    (await login('li', 'correct horse')).headers.get('set-cookie')!.split(';')[0]!;
  const status = async (cookie: string) => {
    const answer = await fetch(`${server.url}/api/v1/session`, { headers: { cookie } });
    await answer.body?.cancel();
    return answer.status;
  };

  it('changes things only for pages of this server', async () => {
    const cookie = await cookieFor();
    const logout = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/v1/logout`, { method: 'POST', headers: { cookie, ...headers } });
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      expect((await logout(headers as Record<string, string>)).status).toBe(403);
    }
    expect((await logout({ origin: 'http://evil.example' })).status).toBe(403);
    expect(await status(cookie)).toBe(200);
    expect((await logout({ origin: server.url })).status).toBe(204);
    expect(await status(cookie)).toBe(401);
  });

  it('ends by time, by a new password and with the user', async () => {
    const old = await cookieFor();
    server.advance(13 * 3_600_000);
    expect(await status(old)).toBe(401);
    const second = await cookieFor();
    await server.services.users.setPassword('li', 'correct horse');
    expect(await status(second)).toBe(401);
    const third = await cookieFor();
    await server.services.users.setDisabled('li', true);
    expect(await status(third)).toBe(401);
    expect((await login('li', 'correct horse')).status).toBe(401);
    await server.services.users.setDisabled('li', false);
    expect((await login('li', 'correct horse')).status).toBe(200);
  });
});

describe('POST /api/v1/users', () => {
  it('makes a user once, and lets people change their own password only with the present one', async () => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${await server.tokenOf('admin')}` };
    const send = (path: string, body: unknown, more: Record<string, string> = {}) =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify(body),
      });
    const user = { name: 'zhou', role: 'analyst', password: 'first password' };
    expect((await send('/api/v1/users', user)).status).toBe(201);
    expect((await send('/api/v1/users', { ...user, role: 'admin' })).status).toBe(409);
    expect((await send('/api/v1/users', { ...user, name: 'x', password: 'short' })).status).toBe(400);
    expect((await send('/api/v1/users', { ...user, name: 'x', role: 'device' })).status).toBe(400);

    const own = async (password: string, path: string, body: unknown) => {
      const cookie = (await login('zhou', password)).headers.get('set-cookie')!.split(';')[0]!;
      const init = {
        method: 'POST',
        headers: { ...JSON_TYPE, cookie, origin: server.url },
        body: JSON.stringify(body),
      };
      return (await fetch(server.url + path, init)).status;
    };
    const path = '/api/v1/users/zhou/password';
    expect(await own('first password', path, { password: 'second password' })).toBe(403);
    expect(await own('first password', '/api/v1/users/li/password', { password: 'second password' })).toBe(
      403,
    );
    const change = { password: 'second password', present: 'first password' };
    expect(await own('first password', path, change)).toBe(204);
    expect((await login('zhou', 'first password')).status).toBe(401);
    expect((await login('zhou', 'second password')).status).toBe(200);
  });
});

describe('a wall seat', () => {
  it('signs in by its link, never times out, and is gone when revoked', async () => {
    const { id, token } = await server.services.sessions.createSeat('Wall', 'test');
    const opened = await fetch(`${server.url}/seat/${token}`, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    const headers = { cookie: opened.headers.get('set-cookie')!.split(';')[0]! };
    server.advance(1000 * 86_400_000);
    const session = await fetch(`${server.url}/api/v1/session`, { headers });
    expect(await session.json()).toEqual({ user: `seat:${id}`, role: 'operator', kiosk: true });
    await server.services.sessions.revokeSeat(id);
    expect((await fetch(`${server.url}/api/v1/session`, { headers })).status).toBe(401);
    expect((await fetch(`${server.url}/seat/${token}`, { redirect: 'manual' })).status).toBe(404);
  });
});

describe('a bearer token', () => {
  it('is good until it expires or is revoked', async () => {
    const { services, url } = server;
    const made = await services.tokens.create('t', 'analyst', 'test', services.now() + 1000);
    const headers = { authorization: `Bearer ${made.token}` };
    const ask = async () => (await fetch(`${url}/api/v1/session`, { headers })).status;
    expect(await ask()).toBe(200);
    server.advance(2000);
    expect(await ask()).toBe(401);
    const second = await services.tokens.create('t', 'analyst', 'test', null);
    headers.authorization = `Bearer ${second.token}`;
    expect(await ask()).toBe(200);
    await services.tokens.revoke(second.id);
    expect(await ask()).toBe(401);
  });
});

describe('POST /api/v1/users/:name/disabled', () => {
  it('takes the tokens and seats along that the user made, also by way of a token, and writes it down', async () => {
    const { services, url } = server;
    await services.users.create('sun', 'admin', 'a good password');
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const send = async (path: string, body: unknown, headers: Record<string, string>) => {
      const init = { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
      return fetch(url + path, init);
    };
    const cookie = (await login('sun', 'a good password')).headers.get('set-cookie')!.split(';')[0]!;
    const program = { name: 'report', role: 'admin', days: null };
    const make = async (path: string, body: unknown, headers: Record<string, string>) =>
      (await (await send(path, body, headers)).json()) as { id: string; token: string };
    const first = await make('/api/v1/tokens', program, { cookie, origin: url });
    const second = await make('/api/v1/tokens', program, bearer(first.token));
    // Revoking the first by hand does not hide what it made.
    await services.tokens.revoke(first.id);
    const wall = await make('/api/v1/seats', { label: 'hall' }, bearer(second.token));
    const screen = (await services.sessions.openSeat(wall.token))!.session;
    const foreign = await services.tokens.create('foreign', 'analyst', 'li', null);
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${url}/api/v1/session`, { headers })).status;
    const all = [bearer(second.token), { cookie: `jingwei_session=${screen}` }, { cookie }];
    for (const headers of all) expect(await status(headers)).toBe(200);

    const admin = bearer(await server.tokenOf('admin'));
    expect((await send('/api/v1/users/nobody/disabled', { disabled: true }, admin)).status).toBe(404);
    expect((await send('/api/v1/users/sun/disabled', { disabled: true }, admin)).status).toBe(204);
    for (const headers of all) expect(await status(headers)).toBe(401);
    expect(await services.sessions.openSeat(wall.token)).toBeUndefined();
    expect(await status(bearer(foreign.token))).toBe(200);
    expect(
      (await services.audit.list(3)).map(({ action, subject, detail }) => [action, subject, detail]),
    ).toEqual([
      ['seat-revoked', wall.id, { with: 'sun' }],
      ['token-revoked', second.id, { with: 'sun' }],
      ['user-changed', 'sun', { disabled: true }],
    ]);
    // Let in again, the user is; what was revoked stays so.
    expect((await send('/api/v1/users/sun/disabled', { disabled: false }, admin)).status).toBe(204);
    expect((await login('sun', 'a good password')).status).toBe(200);
    expect(await status(bearer(second.token))).toBe(401);
    const asServer = { name: 'server', role: 'analyst', password: 'a good password' };
    expect((await send('/api/v1/users', asServer, admin)).status).toBe(400);
  });
});

describe('POST /api/v1/devices', () => {
  it('shows tokens once, keeps hashes, tells the doors, and refuses to replace unasked', async () => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${await server.tokenOf('admin')}` };
    const post = (body: unknown) =>
      fetch(`${server.url}/api/v1/devices`, { method: 'POST', headers, body: JSON.stringify(body) });
    const made = await post([
      { id: 'air-1', kind: 'device' },
      { id: 'nvr', kind: 'gateway', publish: ['frigate/#'], subscribe: [] },
    ]);
    const tokens = (await made.json()) as { id: string; token: string }[];
    expect([made.status, tokens.map((entry) => entry.id)]).toEqual([201, ['air-1', 'nvr']]);
    const air = server.principals().find((principal) => principal.id === 'air-1')!;
    expect(air).toMatchObject({ publish: ['things/{id}/#'], subscribe: ['things/{id}/#'], disabled: false });
    expect(air.tokenHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(server.principals())).not.toContain(tokens[0]!.token);
    const again = await post([
      { id: 'air-1', kind: 'device' },
      { id: 'air-2', kind: 'device' },
    ]);
    expect([again.status, await again.json()]).toMatchObject([409, { existing: ['air-1'] }]);
    expect(server.principals().some((principal) => principal.id === 'air-2')).toBe(false);
    expect((await post([{ id: 'air-1', kind: 'device', rotate: true }])).status).toBe(201);
    expect(server.principals().find((principal) => principal.id === 'air-1')!.tokenHash).not.toBe(
      air.tokenHash,
    );
    expect(
      (
        await post([
          { id: 'x', kind: 'device' },
          { id: 'x', kind: 'device' },
        ])
      ).status,
    ).toBe(400);
  });
});

describe('verifyPassword', () => {
  it('takes the password and nothing else', async () => {
    const stored = await hashPassword('päss wörd');
    expect(stored).toMatch(/^scrypt\$32768\$8\$1\$/);
    // The same letters, decomposed: keyboards differ.
    expect(await verifyPassword('päss wörd'.normalize('NFD'), stored)).toBe(true);
    for (const wrong of ['', 'päss wörd ', 'pass word'])
      expect(await verifyPassword(wrong, stored)).toBe(false);
    expect(await verifyPassword('x', undefined)).toBe(false);
    expect(await verifyPassword('x', 'scrypt$1$1$1$$')).toBe(false);
  });
});

describe('createLoginLimit', () => {
  it('never lets more than the limit through, whatever the order of tries', () => {
    const tries = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')), { maxLength: 60 });
    fc.assert(
      fc.property(tries, (list) => {
        const limit = createLoginLimit(() => 0);
        const passed = new Map<string, number>();
        for (const [user, address] of list) {
          if (limit.waitSeconds(user, address) > 0) continue;
          limit.tried(user, address);
          passed.set(user + address, (passed.get(user + address) ?? 0) + 1);
        }
        return [...passed.values()].every((count) => count <= 5);
      }),
    );
  });
});

describe('requestOrigin', () => {
  it('trusts Sec-Fetch-Site first, then Origin against Host', () => {
    expect(requestOrigin({})).toBe('unknown');
    expect(requestOrigin({ 'sec-fetch-site': 'same-origin' })).toBe('same');
    expect(requestOrigin({ 'sec-fetch-site': 'none' })).toBe('cross');
    expect(requestOrigin({ origin: 'http://a:1', host: 'a:1' })).toBe('same');
    expect(requestOrigin({ origin: 'http://a:2', host: 'a:1' })).toBe('cross');
    expect(requestOrigin({ origin: 'null', host: 'a:1' })).toBe('cross');
  });
});

describe('cookieOf', () => {
  it('finds one cookie among others by its whole name', () => {
    expect(cookieOf('a=1; jingwei_session=x=y; b', 'jingwei_session')).toBe('x=y');
    expect(cookieOf('xjingwei_session=1', 'jingwei_session')).toBeUndefined();
    expect(cookieOf(undefined, 'a')).toBeUndefined();
  });
});
