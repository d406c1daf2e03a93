/**
 * Builds the grid room as a library of its own, `jingwei/grid`: plain JavaScript with types, in `dist/grid`, for Node and for
 * browsers. `--if-possible` (after an install) says why it could not instead of failing: the house itself runs from source.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ROOT, say } from './setup.mjs';

const began = new Date();
const lenient = process.argv.includes('--if-possible');
const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
const target = join(ROOT, 'dist', 'grid');
// Built beside its place and moved there whole, so that a program that runs meanwhile never meets half of it.
const fresh = join(ROOT, 'dist', `.grid-${process.pid}`);

if (!existsSync(compiler)) give('TypeScript is not installed: "npm ci" without --omit=dev brings it');
mkdirSync(join(ROOT, 'dist'), { recursive: true });
const done = spawnSync(compiler, ['-p', 'tsconfig.grid.json', '--outDir', fresh], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (done.status !== 0) {
  rmSync(fresh, { recursive: true, force: true });
  give(`tsc ended with code ${done.status ?? done.signal}`);
}
// Bundlers read the nearest package.json: no module of the library does anything when it is only loaded.
writeFileSync(join(fresh, 'package.json'), '{ "type": "module", "sideEffects": false }\n');
// As old as what it was built from: a source changed meanwhile is newer.
utimesSync(join(fresh, 'package.json'), began, began);
rmSync(target, { recursive: true, force: true });
renameSync(fresh, target);

function give(reason) {
  if (!lenient) fail(`The library jingwei/grid was not built: ${reason}`);
  say(`jingwei: the library jingwei/grid was not built (${reason})`);
  process.exit(0);
}
