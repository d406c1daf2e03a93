/** Reads the credential of a request, HTTP or WebSocket, and says whose it is. */
import type { IncomingHttpHeaders } from 'node:http';
import type { State } from '../state/index.ts';
import { topicFilters } from './devices.ts';
import type { Identity } from './identity.ts';
import { hashSecret } from './secret.ts';
import { SESSION_COOKIE } from './sessions.ts';
import { roleOf } from './users.ts';

/** A token is 43 characters; anything much longer is not looked at. */
const TOKEN_CHARS_MAX = 200;

/** Whose credential the headers carry; undefined when there is none that is good. A bearer token goes before a cookie. */
export type Identify = (headers: IncomingHttpHeaders) => Promise<Identity | undefined>;

/** @param now - Clock, UTC ms. */
export function createIdentify(state: State, now: () => number = Date.now): Identify {
  return async (headers) => {
    const authorization = headers.authorization;
    if (authorization !== undefined) {
      const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization)?.[1];
      if (token === undefined || token.length > TOKEN_CHARS_MAX) return undefined;
      return byToken(state, hashSecret(token), now());
    }
    const cookie = cookieOf(headers.cookie, SESSION_COOKIE);
    if (cookie === undefined || cookie.length > TOKEN_CHARS_MAX) return undefined;
    return bySession(state, hashSecret(cookie), now());
  };
}

// Look-ups go by the hash: how long one takes tells nothing of the token itself.
async function byToken(state: State, hash: string, at: number): Promise<Identity | undefined> {
  const token = await state.selectFrom('token').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (token) {
    const good = token.revoked_at === null && (token.expires_at === null || token.expires_at > at);
    if (!good) return undefined;
    return {
      subject: `token:${token.id}`,
      role: roleOf(token.role),
      kiosk: false,
      via: 'token',
      credential: hash,
    };
  }
  const principal = await state
    .selectFrom('principal')
    .select(['id', 'disabled', 'publish'])
    .where('token_hash', '=', hash)
    .executeTakeFirst();
  if (principal?.disabled !== 0) return undefined;
  const identity = {
    subject: principal.id,
    role: 'device',
    kiosk: false,
    via: 'device',
    credential: hash,
  } as const;
  return topicFilters(principal.publish).length === 0 ? { ...identity, mute: true } : identity;
}

async function bySession(state: State, hash: string, at: number): Promise<Identity | undefined> {
  const session = await state.selectFrom('session').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (!session || (session.expires_at !== null && session.expires_at <= at)) return undefined;
  const kiosk = session.kiosk !== 0;
  if (kiosk) {
    return {
      subject: session.user_name,
      role: roleOf(session.role),
      kiosk,
      via: 'session',
      credential: hash,
    };
  }
  // The role is read from the user, so that a change of it takes hold at once.
  const user = await state
    .selectFrom('user')
    .select(['name', 'role', 'disabled'])
    .where('name', '=', session.user_name)
    .executeTakeFirst();
  if (user?.disabled !== 0) return undefined;
  return { subject: user.name, role: roleOf(user.role), kiosk, via: 'session', credential: hash };
}

/** The value of one cookie. @source RFC 6265 section 5.4: `name=value` pairs separated by `; `. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
