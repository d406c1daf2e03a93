/** Two hundred torn and bit-flipped files of an index at rest: each is told by name, mended, or found by its hash. */
import { damageTrials } from '../testing/index-damage.ts';

let bad = 0;
for (const seed of [1, 2, 3, 4]) {
  const report = await damageTrials(50, seed, 120, (line) => console.error(`  seed ${seed}: ${line}`));
  console.log(JSON.stringify({ seed, ...report }));
  bad += report.faults.length;
}
process.exit(bad > 0 ? 1 : 0);
