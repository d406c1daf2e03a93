import { expect, it } from 'vitest';
import * as server from '../analytics/query/catalogue.ts';
import * as screen from '../viz/engine/age.ts';

it('server and screen call a reading stale and expired after the same number of periods', () => {
  expect([screen.STALE_PERIODS, screen.EXPIRED_PERIODS]).toEqual([
    server.STALE_PERIODS,
    server.EXPIRED_PERIODS,
  ]);
});
