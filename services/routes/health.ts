/** Is the process alive, and is it fit to be sent traffic? Both open: a load balancer has no token. */

import { Answer, type OpenRoute } from '../http/route.ts';
import { checkReadiness, type Readiness } from '../readiness.ts';
import type { Services } from '../services.ts';

/** The process answers. */
export const healthz: OpenRoute = {
  method: 'GET',
  path: '/healthz',
  summary: 'The process is alive',
  roles: 'open',
  handle: () => ({ status: 'alive' }),
};

/** An answer stands for all who ask until this long after it was found, ms. */
const FRESH_MS = 250;

const newest = new WeakMap<Services, { readonly answer: Promise<Readiness>; foundAt: number }>();

/** The route is open and asks the index in its turn: a flood of strangers may not crowd out the questions of screens. */
function readinessOf(services: Services): Promise<Readiness> {
  const held = newest.get(services);
  if (held !== undefined && performance.now() - held.foundAt < FRESH_MS) return held.answer;
  // Until it is found it is fresh for everybody; `checkReadiness` answers within its time and never throws.
  const asked = { answer: checkReadiness(services), foundAt: Number.POSITIVE_INFINITY };
  newest.set(services, asked);
  asked.answer.then(() => {
    asked.foundAt = performance.now();
  });
  return asked.answer;
}

/** Journal healthy, disk writable, device port open, index open and not far behind; 503 with the reasons otherwise. */
export const readyz: OpenRoute = {
  method: 'GET',
  path: '/readyz',
  summary: 'The server is fit for traffic, or why not',
  roles: 'open',
  async handle({ services }) {
    const readiness = await readinessOf(services);
    return new Answer(readiness.ready ? 200 : 503, readiness);
  },
};
