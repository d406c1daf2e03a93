/**
 * A process that the kill rounds end at random: makes backups of the data folder in argv[2] into argv[3] and restores the
 * newest into argv[4], again and again, telling each begin on stdout.
 */
import { writeSync } from 'node:fs';
import { findBackup, makeBackup, restoreBackup } from '../../services/backup/index.ts';

const [dataDir, target, into] = process.argv.slice(2) as [string, string, string];
for (;;) {
  writeSync(1, 'backup\n');
  const plan = {
    dataDir,
    target,
    keep: 2,
    floorBytes: 0,
    program: 'test',
    configFiles: {},
    configTexts: {},
    startedAt: Date.now(),
  };
  const head = Number(process.argv[5]);
  await makeBackup(plan, { head: async () => head, seal: async () => undefined });
  writeSync(1, 'restore\n');
  await restoreBackup({
    backup: await findBackup(target),
    into,
    replace: true,
    floorBytes: 0,
    startedAt: Date.now(),
  });
}
