/** What is neither journal nor part: delivered files, what people decided, secrets, marks of the inbox. */
import { readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import Database from 'libsql';
import { type DataFolder, NOT_BACKED_UP } from '../data-folder.ts';
import { BackupError } from './backup-error.ts';
import type { BackupWriter, WantedFile } from './backup-writer.ts';

/** Large deliveries: content-addressed, so their name is their hash. */
export async function blobFiles(folder: DataFolder): Promise<readonly WantedFile[]> {
  const files = await filesBelow(folder.root, folder.blobs);
  return files
    .filter(({ source }) => /^[0-9a-f]{64}$/.test(basename(source)))
    .map((file) => ({ ...file, immutable: true, sha256: basename(file.source) }));
}

/** Marks of deliveries that were begun. One that was finished meanwhile is gone, and is not needed. */
export async function takeMarks(folder: DataFolder, writer: BackupWriter): Promise<void> {
  for (const file of await filesBelow(folder.root, folder.deliveries)) {
    if (!file.path.endsWith('.part')) await takeIfThere(file, writer);
  }
}

/**
 * Secrets that cannot be made anew. The token of the local command line is: a copy of it in a backup would only be one more
 * place from which the server could be administered.
 */
export async function takeSecrets(folder: DataFolder, writer: BackupWriter): Promise<void> {
  const demo = await filesBelow(folder.root, folder.demoCity);
  for (const file of [...(await filesBelow(folder.root, folder.secrets)), ...demo]) {
    if (file.source !== folder.cliToken) await takeIfThere(file, writer);
  }
}

/**
 * The state store as one file without a log beside it, of one instant, while it is written to.
 *
 * @throws {BackupError} `source-damaged` when SQLite finds the copy wrong.
 */
export async function takeState(folder: DataFolder, writer: BackupWriter): Promise<void> {
  const path = relative(folder.root, folder.state).split(sep).join('/');
  const target = await writer.place(path);
  vacuumInto(folder.state, target);
  await writer.adopt(path, 0o600);
}

/** @source https://www.sqlite.org/lang_vacuum.html#vacuuminto: a read transaction of its own. */
function vacuumInto(source: string, target: string): void {
  const from = new Database(source, { readonly: true });
  try {
    from.prepare('VACUUM INTO ?').run(target);
  } finally {
    from.close();
  }
  const copy = new Database(target, { readonly: true });
  try {
    const [row] = copy.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    if (row?.integrity_check === 'ok') return;
    throw new BackupError(
      'source-damaged',
      `Cannot take "${source}": SQLite finds it wrong: ${row?.integrity_check}`,
    );
  } finally {
    copy.close();
  }
}

/** For people: which parts of the data folder a backup does not hold. */
export function leftOut(): readonly string[] {
  return NOT_BACKED_UP.map(({ path, why }) => `${path}: ${why}`);
}

/** Every file below a folder, with its path below the data folder; none when there is no such folder. */
async function filesBelow(root: string, folder: string): Promise<readonly WantedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((source) => ({ path: relative(root, source).split(sep).join('/'), source, immutable: false }));
}

async function takeIfThere(file: WantedFile, writer: BackupWriter): Promise<void> {
  await writer.take(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
