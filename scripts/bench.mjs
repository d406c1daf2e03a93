/** `npm run bench [-- word ...]`: every benchmark in `bench/`, one after another; words choose some. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runPieces } from './pieces.mjs';
import { checkNode, ensureNodeModules, ROOT } from './setup.mjs';

checkNode();
ensureNodeModules();
const pieces = readdirSync(join(ROOT, 'bench'))
  .filter((name) => name.endsWith('.bench.ts'))
  .sort()
  .map((name) => ({ name: name.replace('.bench.ts', ''), args: ['--import', 'tsx', `bench/${name}`] }));
await runPieces('bench', pieces, process.argv.slice(2));
