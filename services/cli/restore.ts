/** `restore`: a data folder from a backup; the next start makes the index again. */
import { resolve } from 'node:path';
import { findBackup, restoreBackup } from '../backup/index.ts';
import { loadConfig } from '../config.ts';
import { type Command, print, say, text, UsageError } from './command.ts';
import { progressLine } from './progress-line.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'Make a data folder from a backup; the server must not run',
  help: `Usage: jingwei restore <backup or target> [--into <folder>] [--replace]

Reads the backup (of a target: the newest one in it) and compares every file with its manifest, then
copies it into the data folder. A damaged file is named, and nothing has changed then. The next start
makes the index again from the sealed parts, the state and the journal of the backup. Settings lie in
config/ of the backup and are left there. Prints a JSON report.
  --into <folder>   Data folder to make; default: the configured one
  --replace         Set aside what lies there, in .replaced-<time> within it; else it must be empty`,
  options: { into: { type: 'string' }, replace: { type: 'boolean' } },
  async run(invocation) {
    const [source, ...rest] = invocation.positionals;
    if (source === undefined || rest.length > 0) throw new UsageError('one backup is wanted');
    const { config } = loadConfig();
    const shown = progressLine();
    const began = performance.now();
    try {
      const report = await restoreBackup(
        {
          backup: await findBackup(resolve(source)),
          into: resolve(text(invocation, 'into') ?? config.dataDir),
          replace: invocation.options.replace === true,
          floorBytes: config.journal.minFreeBytes,
          startedAt: Date.now(),
        },
        ({ step, bytes, ofBytes }) => shown.show(`${step}: ${bytes} of ${ofBytes} bytes`),
      );
      shown.end();
      say(
        `Restored at entry ${report.position}. The next start makes the index again${report.snapshot === null ? ' from the whole journal' : ` from the state at entry ${report.snapshot}, the sealed parts and the journal`}`,
      );
      print(JSON.stringify({ ...report, seconds: Math.round((performance.now() - began) / 100) / 10 }));
      return 0;
    } finally {
      shown.end();
    }
  },
};
