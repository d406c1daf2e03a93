import { expect, it } from 'vitest';
import { killRounds } from '../testing/kill-rounds.ts';

it('kill -9 under load, three times: no acknowledged message is missing and none is there twice', {
  timeout: 120_000,
}, async () => {
  const report = await killRounds({ rounds: 3, seed: 20261122 });
  expect(report).toMatchObject({ missing: 0, twice: 0, acknowledged: report.sent });
  expect(report.sent).toBeGreaterThan(1_000);
});
