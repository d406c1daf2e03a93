/**
 * `kill -9` at two hundred random points of an index that loads, seals, merges, rolls up, is rebuilt or migrated: nothing
 * acknowledged is lost, nothing is counted twice.
 */
import { indexKillRounds } from '../testing/index-kill-rounds.ts';

let bad = 0;
for (const seed of [1, 2, 3, 4]) {
  const report = await indexKillRounds({
    rounds: 50,
    seed,
    log: (line) => console.error(`  seed ${seed}: ${line}`),
  });
  console.log(JSON.stringify({ seed, ...report }));
  bad += report.faults.length;
}
process.exit(bad > 0 ? 1 : 0);
