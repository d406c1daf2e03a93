/** Figures of the process itself, for Prometheus. */

import type { GuardedRoute } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

export const metrics: GuardedRoute = {
  method: 'GET',
  path: '/metrics',
  summary: 'Metrics in the Prometheus text format',
  roles: ['admin', 'operator', 'auditor'],
  async handle({ res, services }) {
    const { contentType, text } = await services.metrics.scrape(services);
    res.setHeader('Content-Type', contentType);
    res.send(text);
  },
};

/** A plain GET of the live stream's path says what to do instead. */
export const liveHint: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/live',
  summary: 'The live stream: a WebSocket',
  roles: ['admin', 'operator', 'analyst', 'officer'],
  handle() {
    throw new HttpProblem(426, 'websocket-expected', 'Open this path as a WebSocket', {
      headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
    });
  },
};
