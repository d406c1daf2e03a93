/** Lets a request through to its route, or not: who is it, may they, and did our own page send it. */
import { accessOf, type Identity, type Role, requestOrigin } from '../auth/index.ts';
import { HttpProblem } from '../problem.ts';
import type { Call, OpenCall, Route } from './route.ts';

/**
 * Admits a call or throws.
 *
 * @throws {HttpProblem} 401 without a good credential; 403 for a role, a wall seat or a page that may not.
 */
export function admit(call: OpenCall, route: Route): Call | OpenCall {
  const changes = route.method !== 'GET';
  if (route.roles === 'open') {
    // Signing somebody in from another site's page would put them into an account that is not theirs.
    if (changes && requestOrigin(call.req.headers) === 'cross') throw crossSite();
    return call;
  }
  const { identity } = call;
  if (!identity) throw notSignedIn();
  const roles: readonly Role[] = route.roles;
  if (!roles.includes(identity.role)) {
    throw new HttpProblem(
      403,
      'role-not-permitted',
      `The role "${identity.role}" may not ${route.method} this`,
    );
  }
  if (changes && identity.kiosk && route.kioskMayChange !== true) {
    throw new HttpProblem(403, 'seat-reads-only', 'A wall seat may look but not change anything');
  }
  if (changes) refuseForgery(call, identity);
  return { ...call, identity, access: accessOf(identity) };
}

/** 401 with the way to do better. */
export function notSignedIn(): HttpProblem {
  return new HttpProblem(
    401,
    'not-signed-in',
    'Sign in, or send a token as "Authorization: Bearer <token>"',
    {
      headers: { 'WWW-Authenticate': 'Bearer realm="jingwei"' },
    },
  );
}

/** A cookie is sent along by the browser whoever starts the request, so a change needs proof that our own page did. */
function refuseForgery(call: OpenCall, identity: Identity): void {
  if (identity.via === 'session' && requestOrigin(call.req.headers) !== 'same') throw crossSite();
}

function crossSite(): HttpProblem {
  return new HttpProblem(
    403,
    'cross-site-request',
    'The request does not come from a page of this server; programs use a bearer token',
  );
}
