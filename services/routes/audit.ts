/** The audit trail, for those who check it. */
import { z } from 'zod';
import { readQuery, whole } from '../http/query.ts';
import type { GuardedRoute } from '../http/route.ts';

const query = z.strictObject({
  limit: whole(1, 1000).default(100),
  before: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  verify: z.enum(['true', 'false']).default('false'),
});

/** `GET /api/v1/audit?limit&before&verify`: newest first; `brokenAt` is the first line that does not fit the chain. */
export const audit: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'The audit trail, newest first; verify=true checks its hash chain',
  roles: ['admin', 'auditor'],
  async handle({ req, services }) {
    const { limit, before, verify } = readQuery(req, query);
    const lines = await services.audit.list(limit, before);
    return verify === 'true' ? { lines, brokenAt: await services.audit.verify() } : { lines };
  },
};
