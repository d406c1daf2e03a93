/** `backup`: a verified copy of everything at one journal position, of a running server or of a data folder at rest. */
import { resolve } from 'node:path';
import type { BackupProgress, BackupReport } from '../backup/index.ts';
import { loadConfig } from '../config.ts';
import { CLIENT_HELP, CLIENT_OPTIONS, connect } from './client.ts';
import { type Command, CommandError, type Invocation, number, print, text, UsageError } from './command.ts';
import { progressLine } from './progress-line.ts';
import { takeDataFolder } from './server-here.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'Make a verified backup, while the server runs or not',
  help: `Usage: jingwei backup <target> [--keep <n>]
       jingwei backup <target or backup> --verify

Makes a new backup in the folder <target>, on the machine of the server: journal, sealed parts with
the state of the index, delivered files, state store, secrets and settings, all at one journal
position. What was acknowledged before it began is in it. Files that never change are linked where
target and data are on one file system, and files that the target has are not copied again; keep a
backup on another disk all the same. Everything written is read back; the backup takes its name only
when it is whole. Prints a JSON report. While a server holds the data folder it makes the backup
(role admin), else this command does.
  --keep <n>        Remove all but the newest n backups of this data folder afterwards
  --verify          Make none: read a backup (of a target: the newest) and compare every file
${CLIENT_HELP}`,
  options: { ...CLIENT_OPTIONS, keep: { type: 'string' }, verify: { type: 'boolean' } },
  async run(invocation) {
    const [target, ...rest] = invocation.positionals;
    if (target === undefined || rest.length > 0) throw new UsageError('one target is wanted');
    const keep = number(invocation, 'keep', 1, 10_000);
    if (keep !== undefined && !Number.isInteger(keep)) throw new UsageError('--keep must be a whole number');
    if (invocation.options.verify === true) return verify(resolve(target));
    print(JSON.stringify(await make(invocation, resolve(target), keep)));
    return 0;
  },
};

async function make(invocation: Invocation, target: string, keep: number | undefined): Promise<BackupReport> {
  const far = text(invocation, 'url') ?? process.env.JINGWEI_URL;
  const { config } = loadConfig();
  const lock = far === undefined ? await takeDataFolder(config.dataDir) : undefined;
  if (lock === undefined) return askServer(invocation, target, keep);
  try {
    return await makeHere(target, keep);
  } finally {
    await lock.release();
  }
}

/** A line of the server's answer. */
interface Line {
  readonly progress?: BackupProgress;
  readonly done?: BackupReport;
  readonly error?: { readonly code: string; readonly message: string };
}

async function askServer(
  invocation: Invocation,
  target: string,
  keep: number | undefined,
): Promise<BackupReport> {
  const shown = progressLine();
  let last: Line = {};
  await connect(invocation).follow<Line>(
    '/api/v1/backups',
    { target, ...(keep === undefined ? {} : { keep }) },
    (line) => {
      last = line;
      if (line.progress !== undefined) shown.show(describe(line.progress));
    },
  );
  shown.end();
  if (last.done !== undefined) return last.done;
  throw new CommandError(last.error?.message ?? 'The connection to the server was cut; no backup was made');
}

async function makeHere(target: string, keep: number | undefined): Promise<BackupReport> {
  const { config } = loadConfig();
  const { backupAtRest } = await import('../backup/backup-at-rest.ts');
  const shown = progressLine();
  try {
    return await backupAtRest(config, target, keep, (progress) => shown.show(describe(progress)));
  } finally {
    shown.end();
  }
}

async function verify(path: string): Promise<number> {
  const { findBackup, verifyBackup } = await import('../backup/index.ts');
  const found = await findBackup(path);
  const ofBytes = found.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const shown = progressLine();
  let bytes = 0;
  try {
    await verifyBackup(found, (more) => {
      bytes += more;
      shown.show(`reading back: ${mebibytes(bytes)} of ${mebibytes(ofBytes)}`);
    });
  } finally {
    shown.end();
  }
  const { id, position, journalFrom, snapshot, files } = found.manifest;
  print(
    JSON.stringify({
      verified: true,
      id,
      path: found.path,
      position,
      journalFrom,
      snapshot,
      files: files.length,
      bytes,
    }),
  );
  return 0;
}

function describe({ step, files, bytes, copiedBytes, verifiedBytes }: BackupProgress): string {
  if (step === 'seal') return 'sealing what is due';
  if (step === 'verify') return `reading back: ${mebibytes(verifiedBytes)} of ${mebibytes(copiedBytes)}`;
  return `${step}: ${files} files, ${mebibytes(bytes)}, of these ${mebibytes(copiedBytes)} copied`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
