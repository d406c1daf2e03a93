/** `npm run test:long [-- word ...]`: soaks, overload and full kill matrices, each piece under 30 minutes, resumable. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runPieces } from './pieces.mjs';
import { checkNode, ensureNodeModules, ensureTestTools, ROOT } from './setup.mjs';

checkNode();
ensureNodeModules();
ensureTestTools();
const pieces = readdirSync(join(ROOT, 'scripts', 'long'))
  .filter((name) => name.endsWith('.long.ts'))
  .sort()
  .map((name) => ({ name: name.replace('.long.ts', ''), args: ['--import', 'tsx', `scripts/long/${name}`] }));
await runPieces('test-long', pieces, process.argv.slice(2));
