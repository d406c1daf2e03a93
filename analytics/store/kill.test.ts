import { describe, expect, it } from 'vitest';
import { damageTrials } from '../../scripts/testing/index-damage.ts';
import { indexKillRounds } from '../../scripts/testing/index-kill-rounds.ts';

// A sample; `npm run test:long -- index-kill` and `index-damage` run the whole.
describe('Store, killed and damaged', () => {
  it('Store: kill -9 in load, seal, merge, rebuild and migration loses nothing and counts nothing twice', async () => {
    const report = await indexKillRounds({ rounds: 5, seed: 20, freshEvery: 4, entries: 16, rollups: false });
    expect(report.faults).toEqual([]);
    // It did seal, and it was killed: else nothing was shown.
    expect(report.sealedRows).toBeGreaterThan(0);
    expect(report.killedWhile.nothing ?? 0).toBeLessThan(5);
  }, 120_000);

  it('Store: a torn or bit-flipped file is told by name, mended, or found by its hash', async () => {
    const report = await damageTrials(6, 1, 40);
    expect(report.faults).toEqual([]);
    expect(report.fates['told at open']).toBeGreaterThan(0);
  }, 120_000);
});
