/**
 * A data folder from a backup. The files are read and compared first, then copied below `.restoring/` in the data folder,
 * compared again on the way, made durable, and only then moved to their places; while `.restoring/` is there no server
 * starts on the folder. In the folder and not beside it: it may be a mount point, or the only place the user may write to.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { lockJournal } from '../../ingest/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import { RESTORING } from '../data-folder.ts';
import { BackupError } from './backup-error.ts';
import { backupId, type FoundBackup } from './backup-folder.ts';
import { SpaceFloor } from './free-space.ts';
import { copyHashed, syncFolder } from './hashed-files.ts';
import type { BackupFile } from './manifest.ts';
import { verifyBackup } from './verify-backup.ts';

export interface RestorePlan {
  readonly backup: FoundBackup;
  /** Data folder; made when it is missing. */
  readonly into: string;
  /** Set aside what lies there; else a folder that holds anything is refused. */
  readonly replace: boolean;
  /** Free space that must be left, bytes. */
  readonly floorBytes: number;
  /** UTC ms. */
  readonly startedAt: number;
}

export interface RestoreProgress {
  readonly step: 'verify' | 'copy';
  readonly bytes: number;
  readonly ofBytes: number;
}

export interface RestoreReport {
  readonly id: string;
  readonly into: string;
  readonly position: Position;
  readonly journalFrom: Position;
  readonly snapshot: Position | null;
  /** From here on the next start reads the journal. */
  readonly replayFrom: Position;
  readonly files: number;
  readonly bytes: number;
  /** Where what lay there was put; null when nothing did. */
  readonly setAside: string | null;
  /** What stays in the backup and is for people to put in place: settings, declarations as text. */
  readonly notRestored: readonly string[];
}

/** Settings are no part of the data folder. */
const NOT_DATA = 'config/';
/** What every new file system has. */
const IGNORED = new Set(['lost+found']);

/**
 * Restores.
 *
 * @throws {BackupError} `backup-damaged` by name, `not-empty`, `in-use`, `no-space`. Nothing in the folder has changed then.
 */
export async function restoreBackup(
  plan: RestorePlan,
  onProgress: (progress: RestoreProgress) => void = () => undefined,
): Promise<RestoreReport> {
  const { manifest } = plan.backup;
  const into = resolve(plan.into);
  await mkdir(into, { recursive: true, mode: 0o700 });
  const release = await refuseRunning(into);
  try {
    const there = await contentsOf(into);
    if (there.length > 0 && !plan.replace) throw notEmpty(into, there);
    const files = manifest.files.filter(({ path }) => !path.startsWith(NOT_DATA));
    const ofBytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const progress = counter(ofBytes, onProgress);
    await verifyBackup(plan.backup, progress('verify'));
    const floor = new SpaceFloor(into, plan.floorBytes);
    await rm(join(into, RESTORING), { recursive: true, force: true });
    await floor.need(ofBytes);
    await stage(plan.backup.path, join(into, RESTORING), files, progress('copy'), floor);
    const setAside = await setThingsAside(into, plan.startedAt);
    await moveIn(into);
    return {
      id: manifest.id,
      into,
      position: manifest.position,
      journalFrom: manifest.journalFrom,
      snapshot: manifest.snapshot,
      replayFrom: manifest.replayFrom,
      files: files.length,
      bytes: ofBytes,
      setAside,
      notRestored: manifest.files.map(({ path }) => path).filter((path) => path.startsWith(NOT_DATA)),
    };
  } finally {
    await release();
  }
}

/** Copies all files below the staging folder, durable. */
async function stage(
  backup: string,
  staging: string,
  files: readonly BackupFile[],
  onBytes: (bytes: number) => void,
  floor: SpaceFloor,
): Promise<void> {
  try {
    const folders = new Set<string>();
    const ensure = async (folder: string): Promise<void> => {
      if (folders.has(folder)) return;
      if (folder !== staging) await ensure(dirname(folder));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      folders.add(folder);
    };
    await ensure(staging);
    for (const file of files) {
      const target = join(staging, file.path);
      await ensure(dirname(target));
      const copied = await copyHashed(join(backup, file.path), target, file.mode, async (bytes) => {
        await floor.block(bytes);
        onBytes(bytes);
      });
      if (copied.sha256 === file.sha256) continue;
      throw new BackupError(
        'backup-damaged',
        `The backup "${backup}" is damaged: "${file.path}" changed while it was read`,
      );
    }
    for (const folder of folders) await syncFolder(folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

/** From here on a cut leaves `.restoring/` behind, and the server refuses to start until the restore is run again. */
async function setThingsAside(into: string, startedAt: number): Promise<string | null> {
  const there = await contentsOf(into);
  if (there.length === 0) return null;
  const aside = join(into, `.replaced-${backupId(startedAt)}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of there) await rename(join(into, name), join(aside, name));
  await syncFolder(aside);
  await syncFolder(into);
  return aside;
}

async function moveIn(into: string): Promise<void> {
  const staging = join(into, RESTORING);
  for (const name of await readdir(staging)) await rename(join(staging, name), join(into, name));
  await syncFolder(into);
  await rm(staging, { recursive: true });
  await syncFolder(into);
}

/** What counts as contents: not what an earlier restore set aside or left, nor a journal folder made for its lock alone. */
async function contentsOf(into: string): Promise<readonly string[]> {
  const names = await readdir(into);
  const kept: string[] = [];
  for (const name of names) {
    if (IGNORED.has(name) || name === RESTORING || name.startsWith('.replaced-')) continue;
    kept.push(name);
  }
  return kept;
}

/** Holds the journal's lock while the folder is worked on, so that no server starts on it. */
async function refuseRunning(into: string): Promise<() => Promise<void>> {
  const journal = join(into, 'journal');
  const there = await readdir(journal).catch(() => undefined);
  if (there === undefined) return async () => undefined;
  try {
    const lock = await lockJournal(journal);
    return () => lock.release();
  } catch (error) {
    throw new BackupError(
      'in-use',
      `Cannot restore into "${into}": a server holds it. Stop it first (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}

function notEmpty(into: string, there: readonly string[]): BackupError {
  const named = there.slice(0, 5).join(', ') + (there.length > 5 ? ', ...' : '');
  return new BackupError(
    'not-empty',
    `Cannot restore into "${into}": it holds ${named}. Give an empty folder with --into, or --replace to set aside what is there`,
  );
}

function counter(ofBytes: number, onProgress: (progress: RestoreProgress) => void) {
  return (step: RestoreProgress['step']) => {
    let bytes = 0;
    return (more: number) => {
      bytes += more;
      onProgress({ step, bytes, ofBytes });
    };
  };
}
