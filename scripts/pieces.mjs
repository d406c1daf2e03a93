/**
 * Runs a list of long commands one by one, each within its time limit, and remembers which have passed on this commit, so
 * that a run that was cut off goes on where it stopped (`--again` forgets). Shared by `npm run bench` and `npm run test:long`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, say } from './setup.mjs';

/** No piece may take longer. */
const PIECE_LIMIT_MS = 30 * 60_000;

/** @param {string} kind @param {{ name: string, args: string[] }[]} pieces @param {string[]} argv */
export async function runPieces(kind, pieces, argv) {
  const wanted = argv.filter((arg) => !arg.startsWith('--'));
  const commit =
    spawnSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() || 'unknown';
  const file = join(ROOT, 'node_modules', '.cache', `jingwei-${kind}.json`);
  const remembered =
    existsSync(file) && !argv.includes('--again') ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const done = remembered.commit === commit ? remembered.done : [];
  let failed = 0;
  let passed = 0;
  say(
    `${kind}: ${cpus()[0]?.model ?? 'unknown processor'} x ${cpus().length}, Node ${process.versions.node}, ${new Date().toISOString()}, commit ${commit.slice(0, 12)}`,
  );
  for (const piece of pieces) {
    if (wanted.length > 0 && !wanted.some((word) => piece.name.includes(word))) continue;
    if (wanted.length === 0 && done.includes(piece.name)) {
      say(`== ${piece.name}: passed before on this commit`);
      passed += 1;
      continue;
    }
    const began = Date.now();
    say(`== ${piece.name}`);
    const ok = await runOne(piece.args);
    say(`== ${piece.name}: ${ok ? 'passed' : 'FAILED'} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
    if (ok) {
      passed += 1;
      done.push(piece.name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ commit, done }));
    } else failed += 1;
  }
  process.stdout.write(`${kind}: ${passed} passed, ${failed} failed\n`);
  process.exit(failed > 0 ? 1 : 0);
}

function runOne(args) {
  return new Promise((settle) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
    const limit = setTimeout(() => {
      say(`   over the limit of ${PIECE_LIMIT_MS / 60_000} minutes: stopped`);
      child.kill('SIGKILL');
    }, PIECE_LIMIT_MS);
    child.on('exit', (code) => {
      clearTimeout(limit);
      settle(code === 0);
    });
  });
}
