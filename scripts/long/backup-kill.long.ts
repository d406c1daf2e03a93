/**
 * `kill -9` at random moments of backup and restore: every backup that has its name is whole to the last byte, and a data
 * folder is either not to be started from, or as whole as the backup.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { message, openTestJournal } from '../../ingest/journal/journal-fixtures.ts';
import { testFolder, writePart } from '../../services/backup/backup-fixtures.ts';
import { backupNames } from '../../services/backup/backup-folder.ts';
import { findBackup, findDamaged, verifyBackup } from '../../services/backup/index.ts';
import { prepareDataFolder } from '../../services/data-folder.ts';
import { seededRandom } from '../testing/seeded-random.ts';

const ROUNDS = Number(process.env.JINGWEI_TEST_ROUNDS ?? 20);
const CHILD = fileURLToPath(new URL('../testing/backup-kill-child.ts', import.meta.url));
const next = seededRandom(7);

const folder = await testFolder();
const into = join(folder.root, 'restored');
const journal = await openTestJournal(join(folder.data, 'journal'), { segmentBytes: 64 * 1024 });
await Promise.all(Array.from({ length: 5000 }, (_, i) => journal.append(message(`m ${i}`.padEnd(200)))));
for (let i = 0; i < 40; i++) writePart(folder.data, `d${i % 4}`, `part${i}`, `rows ${i}`.repeat(20_000));
const head = journal.head;
await journal.close();

const seen = { whole: 0, cut: 0, nothing: 0 };
for (let round = 0; round < ROUNDS; round++) {
  await killedRound();
  for (const name of existsSync(folder.target) ? await backupNames(folder.target) : [])
    await verifyBackup(await findBackup(join(folder.target, name)));
  seen[await stateOf()]++;
}
assert(seen.whole > 0 && seen.cut > 0, JSON.stringify(seen));
console.log(JSON.stringify({ rounds: ROUNDS, ...seen }));
folder.remove();

/** Lets the child work a random while after it has begun, and kills it. */
async function killedRound(): Promise<void> {
  const child = spawn(process.execPath, [
    '--import',
    'tsx',
    CHILD,
    folder.data,
    folder.target,
    into,
    String(head),
  ]);
  child.stderr.on('data', (bytes: Buffer) => process.stderr.write(bytes));
  const gone = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, next() * 1500));
  child.kill('SIGKILL');
  await gone;
}

/** What a server would find in the folder that was restored into. */
async function stateOf(): Promise<'whole' | 'cut' | 'nothing'> {
  if (!existsSync(into)) return 'nothing';
  if (existsSync(join(into, '.restoring'))) {
    assert.throws(() => prepareDataFolder(into), /was cut short/);
    return 'cut';
  }
  for (const name of readdirSync(into).filter((one) => one.startsWith('.replaced-')))
    rmSync(join(into, name), { recursive: true });
  if (!existsSync(join(into, 'journal'))) {
    // Before the first byte, or between setting aside and staging: nothing was promised yet.
    assert.deepEqual(readdirSync(into), []);
    return 'nothing';
  }
  const { manifest } = await findBackup(folder.target);
  const files = manifest.files.filter(({ path }) => !path.startsWith('config/'));
  assert.deepEqual(await findDamaged(into, files), []);
  return 'whole';
}
