/** Is the process alive, and is it fit to be sent traffic? Both open: a load balancer has no token. */

import { Answer, type OpenRoute } from '../http/route.ts';
import { checkReadiness } from '../readiness.ts';

/** The process answers. */
export const healthz: OpenRoute = {
  method: 'GET',
  path: '/healthz',
  summary: 'The process is alive',
  roles: 'open',
  handle: () => ({ status: 'alive' }),
};

/** Journal healthy, index open and not far behind; 503 with the reasons otherwise. */
export const readyz: OpenRoute = {
  method: 'GET',
  path: '/readyz',
  summary: 'The server is fit for traffic, or why not',
  roles: 'open',
  async handle({ services }) {
    const readiness = await checkReadiness(services);
    return new Answer(readiness.ready ? 200 : 503, readiness);
  },
};
