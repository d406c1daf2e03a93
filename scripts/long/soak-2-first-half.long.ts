/** The first fifteen minutes that count. */
import { watchSoak } from '../testing/soak.ts';

await watchSoak(15, true);
process.exit(0);
