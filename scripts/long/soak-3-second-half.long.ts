/** The second fifteen minutes, then the verdict: under 1 GB together, keeping up, no growth. */
import { stopSoak, summary, watchSoak } from '../testing/soak.ts';

const MAX_MB = 1000;
const MAX_BEHIND = 20_000;

const samples = await watchSoak(15, true);
const report = summary(samples);
const last = samples[samples.length - 1]!;
console.log(JSON.stringify({ ...report, last: last.byProcess, behind: last.behind }));
stopSoak();
process.exit(report.mbMax < MAX_MB && last.behind < MAX_BEHIND ? 0 : 1);
