/** Ten minutes of warm-up at ten times the demo's rate; the processes are left running for the next pieces. */
import { startSoak, watchSoak } from '../testing/soak.ts';

await startSoak();
await new Promise((wake) => setTimeout(wake, 30_000));
await watchSoak(10, false);
process.exit(0);
