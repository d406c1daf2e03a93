/** The library `jingwei/grid` as built, for tests that use it like somebody who installed the package. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newestChange } from '../../viz/dev/newest-change.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Holds the id of the process that builds: test files run two at a time, and two builds at once would take one from under the other. */
const LOCK = join(ROOT, 'dist', '.grid-lock');
const LOOK_AGAIN_MS = 50;

/**
 * Builds `dist/grid` when it is missing or older than `grid/`; waits while another process does.
 * @throws {Error} when it cannot be built.
 */
export function ensureGridLibrary(): void {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  while (!isFresh()) {
    if (!lock()) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
      continue;
    }
    try {
      if (!isFresh()) build();
      return;
    } finally {
      rmSync(LOCK, { force: true });
    }
  }
}

function build(): void {
  const done = spawnSync('node', ['scripts/build-grid.mjs'], { cwd: ROOT, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`Cannot build jingwei/grid: ${done.stdout}${done.stderr}`);
}

function isFresh(): boolean {
  const built = statSync(join(ROOT, 'dist/grid/package.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const recipe = ['tsconfig.grid.json', 'scripts/build-grid.mjs'].map(
    (name) => statSync(join(ROOT, name)).mtimeMs,
  );
  return built > Math.max(newestChange(join(ROOT, 'grid')), ...recipe);
}

/** Takes the lock; a lock whose process is gone is taken away, and the next try finds it free. */
function lock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isRunning()) rmSync(LOCK, { force: true });
    return false;
  }
}

function isRunning(): boolean {
  try {
    const held = readFileSync(LOCK, 'utf8');
    // Empty between its making and its writing.
    return held === '' || process.kill(Number(held), 0);
  } catch {
    return false;
  }
}
