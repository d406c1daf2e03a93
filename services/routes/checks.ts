/** What only the process that has the index open can say for a check of everything. */
import { checkIndex } from '../../analytics/index.ts';
import { ADMIN, type GuardedRoute } from '../http/route.ts';

/** `GET /api/v1/checks/index`: facts of the open index, and the head of the journal behind them. */
export const indexFacts: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/checks/index',
  summary:
    'Rows beside accounts, tables beside their spans, rollups beside their rows: for jingwei doctor --deep',
  roles: ADMIN,
  async handle({ services }) {
    const facts = await checkIndex(services.store);
    const { head } = await services.doors.metrics();
    return { head, facts };
  },
};
