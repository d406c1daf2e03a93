import { describe, expect, it } from 'vitest';
import { damageTrials } from '../../scripts/testing/index-damage.ts';
import { indexKillRounds } from '../../scripts/testing/index-kill-rounds.ts';

// A sample; `npm run test:long -- index-kill` and `index-damage` run the whole.
describe('Store, killed and damaged', () => {
  it('Store: kill -9 in load, seal, merge, rebuild and migration loses nothing and counts nothing twice', async () => {
    let sealedRows = 0;
    let killed = 0;
    // Where the kills fall is chance: rounds go on until there were some in an index that had sealed.
    for (let seed = 20; seed < 25 && (sealedRows === 0 || killed === 0); seed++) {
      const report = await indexKillRounds({ rounds: 5, seed, freshEvery: 4, entries: 32, rollups: false });
      expect(report.faults).toEqual([]);
      sealedRows += report.sealedRows;
      killed += report.rounds - (report.killedWhile.nothing ?? 0);
    }
    expect(sealedRows).toBeGreaterThan(0);
    expect(killed).toBeGreaterThan(0);
  }, 120_000);

  it('Store: a torn or bit-flipped file is told by name, mended, or found by its hash', async () => {
    const report = await damageTrials(6, 1, 40);
    expect(report.faults).toEqual([]);
    expect(report.fates['told at open']).toBeGreaterThan(0);
  }, 120_000);
});
