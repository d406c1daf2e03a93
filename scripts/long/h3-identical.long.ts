/** Ten million positions at all sixteen levels: the cells of the H3 batch encoder are those of `h3-js`, and centres lie in them. */
import { compareWithH3js } from '../../grid/h3/test-h3-compare.ts';

const ROUNDS = 25;
const PER_LEVEL = 25_000;

let all: ReturnType<typeof compareWithH3js> | undefined;
for (let round = 1; round <= ROUNDS; round += 1) all = compareWithH3js(PER_LEVEL, 1000 + round, all);
console.log(JSON.stringify(all));
process.exit(all === undefined || all.different > 0 || all.astray > 0 ? 1 : 0);
