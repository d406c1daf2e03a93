/** Twenty kills at random moments under load, for several seeds. */
import { killRounds } from '../testing/kill-rounds.ts';

let bad = 0;
for (const [seed, rate] of [
  [1, 500],
  [2, 1500],
  [3, 3000],
] as const) {
  const report = await killRounds({
    rounds: 20,
    seed,
    rate,
    log: (line) => console.error(`  seed ${seed}: ${line}`),
  });
  console.log(JSON.stringify({ seed, rate, ...report }));
  if (report.missing > 0 || report.twice > 0) bad += 1;
}
process.exit(bad > 0 ? 1 : 0);
