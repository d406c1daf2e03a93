/** Users, tokens and wall seats: who may come in. */
import { z } from 'zod';
import type { AuditAction } from '../audit/index.ts';
import { GRANTABLE_ROLES, PASSWORD_MAX, PASSWORD_MIN } from '../auth/index.ts';
import { param, readBody } from '../http/query.ts';
import { ADMIN, Answer, type Call, type GuardedRoute, PEOPLE } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

const name = z
  .string()
  .min(1)
  .max(64)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@-]*$/u,
    'letters, digits and . _ @ - only, starting with a letter or digit',
  )
  // The audit trail and the token of the local command line name the server itself so.
  .refine((text) => text !== 'server', 'is the name of the server itself');
const password = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX);
const role = z.enum(GRANTABLE_ROLES);
const title = z.string().min(1).max(128);

const DAY_MS = 86_400_000;
/** Longest life of a token with an end, days. */
const TOKEN_DAYS_MAX = 3650;

export const listUsers: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/users',
  summary: 'Users, without their passwords',
  roles: ADMIN,
  handle: async ({ services }) => ({ users: await services.users.list() }),
};

export const createUser: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/users',
  summary: 'Make a user',
  roles: ADMIN,
  body: 'json',
  async handle(call) {
    const input = readBody(call.req, z.strictObject({ name, role, password }));
    if (!(await call.services.users.create(input.name, input.role, input.password))) {
      throw new HttpProblem(409, 'user-exists', `The user "${input.name}" exists already`);
    }
    await record(call, 'user-created', input.name, { role: input.role });
    return new Answer(201, { name: input.name, role: input.role });
  },
};

/** Somebody's own password needs the present one; an admin sets anybody's. */
export const changePassword: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/users/:name/password',
  summary: 'Set a password; ends all sessions of the user',
  roles: PEOPLE,
  body: 'json',
  async handle(call) {
    const { req, res, services, identity, address } = call;
    const user = param(req, 'name');
    const body = readBody(
      req,
      z.strictObject({ password, present: z.string().max(PASSWORD_MAX).optional() }),
    );
    if (identity.role !== 'admin') {
      if (identity.via !== 'session' || identity.subject !== user) {
        throw new HttpProblem(403, 'role-not-permitted', 'Only an admin sets the password of somebody else');
      }
      const wait = services.loginLimit.waitSeconds(user, address);
      if (wait > 0) throw new HttpProblem(429, 'too-many-logins', `Try again in ${wait} s`);
      services.loginLimit.tried(user, address);
      if (!(await services.users.check(user, body.present ?? ''))) {
        throw new HttpProblem(403, 'wrong-credentials', 'The present password is wrong');
      }
      services.loginLimit.succeeded(user, address);
    }
    if (!(await services.users.setPassword(user, body.password))) throw unknown('user', user);
    await record(call, 'password-changed', user, {});
    res.status(204).end();
  },
};

export const disableUser: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/users/:name/disabled',
  summary: 'Shut a user out, with the tokens and seats they made; or let them in again',
  roles: ADMIN,
  body: 'json',
  async handle(call) {
    const user = param(call.req, 'name');
    const { disabled } = readBody(call.req, z.strictObject({ disabled: z.boolean() }));
    if (disabled && user === call.identity.subject) {
      throw new HttpProblem(409, 'own-account', 'Cannot disable the account that asks for it');
    }
    const revoked = await call.services.users.setDisabled(user, disabled);
    if (!revoked) throw unknown('user', user);
    await record(call, 'user-changed', user, { disabled });
    for (const id of revoked.tokens) await record(call, 'token-revoked', id, { with: user });
    for (const id of revoked.seats) await record(call, 'seat-revoked', id, { with: user });
    call.res.status(204).end();
  },
};

export const listTokens: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/tokens',
  summary: 'Bearer tokens, without their secrets',
  roles: ADMIN,
  handle: async ({ services }) => ({ tokens: await services.tokens.list() }),
};

export const createToken: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/tokens',
  summary: 'Make a bearer token; shown once',
  roles: ADMIN,
  body: 'json',
  async handle(call) {
    const days = z.number().positive().max(TOKEN_DAYS_MAX).nullable().default(90);
    const input = readBody(call.req, z.strictObject({ name: title, role, days }));
    const { services, identity } = call;
    const expiresAt = input.days === null ? null : Math.round(services.now() + input.days * DAY_MS);
    const { id, token } = await services.tokens.create(input.name, input.role, identity.subject, expiresAt);
    await record(call, 'token-created', id, { name: input.name, role: input.role, expiresAt });
    return new Answer(201, { id, token, name: input.name, role: input.role, expiresAt });
  },
};

export const revokeToken: GuardedRoute = {
  method: 'DELETE',
  path: '/api/v1/tokens/:id',
  summary: 'Revoke a bearer token',
  roles: ADMIN,
  async handle(call) {
    const id = param(call.req, 'id');
    if (!(await call.services.tokens.revoke(id))) throw unknown('token', id);
    await record(call, 'token-revoked', id, {});
    call.res.status(204).end();
  },
};

export const listSeats: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/seats',
  summary: 'Wall seats, without their links',
  roles: ADMIN,
  handle: async ({ services }) => ({ seats: await services.sessions.seats() }),
};

export const createSeat: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/seats',
  summary: 'Make a wall seat; its link is shown once',
  roles: ADMIN,
  body: 'json',
  async handle(call) {
    const input = readBody(call.req, z.strictObject({ label: title }));
    const { id, token } = await call.services.sessions.createSeat(input.label, call.identity.subject);
    await record(call, 'seat-created', id, { label: input.label });
    return new Answer(201, { id, label: input.label, token, path: `/seat/${token}` });
  },
};

export const revokeSeat: GuardedRoute = {
  method: 'DELETE',
  path: '/api/v1/seats/:id',
  summary: 'Revoke a wall seat and end its sessions',
  roles: ADMIN,
  async handle(call) {
    const id = param(call.req, 'id');
    if (!(await call.services.sessions.revokeSeat(id))) throw unknown('seat', id);
    await record(call, 'seat-revoked', id, {});
    call.res.status(204).end();
  },
};

function unknown(kind: 'user' | 'token' | 'seat', id: string): HttpProblem {
  return new HttpProblem(404, `unknown-${kind}`, `There is no ${kind} "${id}"`);
}

function record(
  call: Call,
  action: AuditAction,
  subject: string,
  detail: Readonly<Record<string, string | number | boolean | null>>,
): Promise<void> {
  const { identity, address, services } = call;
  return services.audit.record({
    who: identity.subject,
    action,
    subject,
    detail,
    sourceAddress: address,
    at: services.now(),
  });
}
