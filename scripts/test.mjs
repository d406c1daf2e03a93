/** `npm test`: sets up what is missing, then every gate in turn: format and lint, types, rules, build, tests. */

import { spawnSync } from 'node:child_process';
import { checkNode, ensureNodeModules, ensureTestTools, fail, ROOT, say } from './setup.mjs';

const GATES = [
  ['format and lint', 'npx', ['biome', 'check', '--error-on-warnings', '.']],
  ['types', 'npx', ['tsc', '-p', '.']],
  ['rules of the house', 'node', ['--import', 'tsx', 'scripts/check-rules.ts']],
  ['grid library', 'node', ['scripts/build-grid.mjs']],
  ['browser build', 'npx', ['vite', 'build', '--logLevel', 'warn']],
  ['tests', 'npx', ['vitest', 'run', ...process.argv.slice(2)]],
];

checkNode();
ensureNodeModules();
ensureTestTools();
const began = Date.now();
let passed = 0;
for (const [name, command, args] of GATES) {
  const start = Date.now();
  say(`\n== ${name}`);
  const done = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, FORCE_COLOR: '0', npm_config_update_notifier: 'false' },
  });
  if (done.status !== 0) {
    say(`\ngates: ${passed} passed, 1 failed (${name})`);
    fail(`The gate "${name}" failed`, 1);
  }
  passed += 1;
  say(`== ${name}: passed in ${((Date.now() - start) / 1000).toFixed(0)} s`);
}
say(`\nAll ${passed} gates passed in ${((Date.now() - began) / 1000).toFixed(0)} s`);
process.stdout.write(`gates: ${passed} passed, 0 failed\n`);
