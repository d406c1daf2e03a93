/** Reads a backup back and compares every file with its manifest. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError, isBackupError } from './backup-error.ts';
import { backupNames, type FoundBackup } from './backup-folder.ts';
import { hashFile, type OnBytes } from './hashed-files.ts';
import { type BackupFile, type Manifest, readManifest } from './manifest.ts';

/** A file that is not what it should be. */
export interface DamagedFile {
  readonly path: string;
  readonly reason: string;
}

/** How many damaged files a message names. */
const MAX_NAMED = 10;

/**
 * Reads these files of a backup.
 *
 * @throws {BackupError} `backup-damaged`, naming them.
 */
export async function verifyFiles(
  folder: string,
  files: readonly BackupFile[],
  onBytes: OnBytes = () => undefined,
): Promise<void> {
  const damaged = await findDamaged(folder, files, onBytes);
  if (damaged.length === 0) return;
  const named = damaged.slice(0, MAX_NAMED).map(({ path, reason }) => `"${path}" ${reason}`);
  const more = damaged.length > MAX_NAMED ? `; and ${damaged.length - MAX_NAMED} more` : '';
  throw new BackupError('backup-damaged', `The backup "${folder}" is damaged: ${named.join('; ')}${more}`);
}

/** Which of these files are missing or different. */
export async function findDamaged(
  folder: string,
  files: readonly BackupFile[],
  onBytes: OnBytes = () => undefined,
): Promise<readonly DamagedFile[]> {
  const damaged: DamagedFile[] = [];
  for (const { path, bytes, sha256 } of files) {
    const reason = await whyDamaged(join(folder, path), bytes, sha256, onBytes);
    if (reason !== null) damaged.push({ path, reason });
  }
  return damaged;
}

/**
 * The backup at a path: the path itself when it has a manifest, else the newest one in it.
 *
 * @throws {BackupError} `no-backup`; `backup-damaged` when its manifest is.
 */
export async function findBackup(path: string): Promise<FoundBackup> {
  try {
    return { path, manifest: await readManifest(path) };
  } catch (error) {
    if (!isBackupError(error, 'no-backup')) throw error;
    const newest = (await backupNames(path)).at(-1);
    if (newest === undefined) throw error;
    // A damaged one is said, not passed over for an older one.
    return { path: join(path, newest), manifest: await readManifest(join(path, newest)) };
  }
}

/** Verifies all of a backup. @throws {BackupError} `backup-damaged`. */
export async function verifyBackup(
  backup: { readonly path: string; readonly manifest: Manifest },
  onBytes: OnBytes = () => undefined,
): Promise<void> {
  await verifyFiles(backup.path, backup.manifest.files, onBytes);
}

async function whyDamaged(
  path: string,
  bytes: number,
  sha256: string,
  onBytes: OnBytes,
): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size !== bytes) return `has ${size} bytes, ${bytes} are wanted`;
    const found = await hashFile(path, onBytes);
    return found.sha256 === sha256 ? null : 'does not match its SHA-256';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return 'is missing';
    return `cannot be read (${code ?? String(error)})`;
  }
}
