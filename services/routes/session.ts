/** Signing in and out, and the link of a wall seat. */
import type { Response } from 'express';
import { z } from 'zod';
import type { SessionAnswer } from '../../viz/schema/index.ts';
import { SESSION_COOKIE } from '../auth/index.ts';
import { param, readBody } from '../http/query.ts';
import { type GuardedRoute, type OpenRoute, PEOPLE } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';
import type { Services } from '../services.ts';

const HOUR_MS = 3_600_000;
/** Browsers keep no cookie longer (RFC 6265bis section 5.5): a wall that runs on opens its link again. Days. */
const SEAT_COOKIE_DAYS = 400;

const loginBody = z.strictObject({ user: z.string().min(1).max(128), password: z.string().min(1).max(256) });

/** `POST /api/v1/login {user, password}` sets the session cookie. */
export const login: OpenRoute = {
  method: 'POST',
  path: '/api/v1/login',
  summary: 'Sign in with name and password',
  roles: 'open',
  body: 'json',
  async handle({ req, res, services, address }): Promise<SessionAnswer> {
    const { user, password } = readBody(req, loginBody);
    const { loginLimit, audit, config } = services;
    const wait = loginLimit.waitSeconds(user, address);
    if (wait > 0) {
      throw new HttpProblem(429, 'too-many-logins', `Too many failed logins; try again in ${wait} s`, {
        headers: { 'Retry-After': String(wait) },
      });
    }
    loginLimit.tried(user, address);
    const found = await services.users.check(user, password);
    const line = { who: user, subject: user, detail: {}, sourceAddress: address, at: services.now() };
    if (!found) {
      await audit.record({ ...line, action: 'login-failed' });
      throw new HttpProblem(401, 'wrong-credentials', 'Name or password is wrong');
    }
    loginLimit.succeeded(user, address);
    await audit.record({ ...line, action: 'login' });
    const lifeMs = config.auth.sessionHours * HOUR_MS;
    setCookie(res, services, await services.sessions.open(found.name, found.role, lifeMs), lifeMs);
    return { user: found.name, role: found.role, kiosk: false };
  },
};

/** `POST /api/v1/logout` ends the session of the cookie. */
export const logout: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/logout',
  summary: 'Sign out',
  roles: PEOPLE,
  kioskMayChange: true,
  async handle({ res, services, identity, address }) {
    if (identity.via === 'session') {
      await services.sessions.close(identity.credential);
      const line = { who: identity.subject, subject: identity.subject, detail: {}, sourceAddress: address };
      await services.audit.record({ ...line, action: 'logout', at: services.now() });
      setCookie(res, services, '', 0);
    }
    res.status(204).end();
  },
};

/** `GET /api/v1/session`: who am I? */
export const session: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/session',
  summary: 'Who is signed in',
  roles: PEOPLE,
  handle: ({ identity }): SessionAnswer => ({
    user: identity.subject,
    role: identity.role,
    kiosk: identity.kiosk,
  }),
};

/** `GET /seat/{token}`: the link of a wall seat signs it in and leads to the page. */
export const seat: OpenRoute = {
  method: 'GET',
  path: '/seat/:token',
  summary: 'Sign a wall seat in by its link',
  roles: 'open',
  async handle({ req, res, services, address }) {
    const opened = await services.sessions.openSeat(param(req, 'token'));
    if (!opened) throw new HttpProblem(404, 'unknown-seat', 'This link is not valid or was revoked');
    await services.audit.record({
      who: `seat:${opened.seat}`,
      action: 'seat-opened',
      subject: opened.seat,
      detail: {},
      sourceAddress: address,
      at: services.now(),
    });
    setCookie(res, services, opened.session, SEAT_COOKIE_DAYS * 24 * HOUR_MS);
    res.redirect(303, '/');
  },
};

function setCookie(res: Response, services: Services, token: string, lifeMs: number): void {
  res.cookie(SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'strict',
    // Behind a proxy that is trusted, the request itself says that it came over HTTPS.
    secure: services.config.http.secureCookies || res.req.secure,
    path: '/',
    maxAge: lifeMs,
  });
}
