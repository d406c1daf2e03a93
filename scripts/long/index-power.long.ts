/** Power cuts of the index at two hundred points, by the recorded calls of a run; needs `strace`. */
import { powerCuts } from '../testing/index-power.ts';
import { straceThere } from '../testing/write-log.ts';

if (!straceThere()) {
  console.error('Cannot record writes: strace is not installed. On Debian: apt-get install strace');
  process.exit(1);
}
let bad = 0;
for (const seed of [1, 2, 3, 4]) {
  const report = await powerCuts(96, 50, seed, (line) => console.error(`  ${line}`));
  console.log(JSON.stringify({ seed, ...report }));
  bad += report.faults.length;
}
process.exit(bad > 0 ? 1 : 0);
