/** Sealed parts and the newest state snapshot into a backup. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { Position } from '../../ingest/model/index.ts';
import { BackupError } from './backup-error.ts';
import type { BackupWriter, WantedFile } from './backup-writer.ts';

/** A merge may replace parts while they are read; then the list is read again. */
const ATTEMPTS = 5;
const SIDECAR = '.part.json';
/** In the folder of a state snapshot, written last. */
const SNAPSHOT = 'snapshot.json';

/** As much of a sidecar as a backup needs. */
const sidecarSchema = z.object({
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});

/**
 * Takes every part whose sidecar stands, with its files.
 *
 * @param partsDir - `<data>/parts`.
 * @throws {BackupError} `source-damaged` when a file is not what its sidecar says. Whatever the file system says when parts
 * kept vanishing.
 */
export async function takeParts(partsDir: string, writer: BackupWriter): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const wanted = await partFiles(partsDir);
    try {
      for (const file of wanted) if (!writer.has(file.path)) await writer.take(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === ATTEMPTS) throw error;
      await dropReplaced(partsDir, wanted, writer);
    }
  }
}

/** All files of all parts: of each part its sidecar last. */
export async function partFiles(partsDir: string): Promise<readonly WantedFile[]> {
  const wanted: WantedFile[] = [];
  for (const folder of await foldersWith(partsDir)) {
    for (const name of (await readdir(folder)).filter((one) => one.endsWith(SIDECAR)).sort()) {
      const text = await readFile(join(folder, name), 'utf8').catch(gone);
      if (text === undefined) continue;
      const { files } = sidecarSchema.parse(JSON.parse(text));
      for (const { name: file, bytes, sha256 } of files)
        wanted.push({ ...at(partsDir, join(folder, file)), bytes, sha256 });
      wanted.push(at(partsDir, join(folder, name)));
    }
  }
  return wanted;
}

/**
 * Takes the newest state snapshot.
 *
 * @returns Its position; null when there is none.
 * @throws {BackupError} `source-changed` when a newer one took its place meanwhile.
 */
export async function takeSnapshot(partsDir: string, writer: BackupWriter): Promise<Position | null> {
  const position = (await snapshotPositions(partsDir)).at(-1);
  if (position === undefined) return null;
  const folder = join(partsDir, 'state', String(position));
  try {
    for (const name of (await readdir(folder)).sort()) await writer.take(at(partsDir, join(folder, name)));
    return position;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BackupError('source-changed', `Cannot take the state snapshot "${folder}": it went meanwhile`, {
      cause: error,
    });
  }
}

/** Positions of the state snapshots that are whole, ascending. */
export async function snapshotPositions(partsDir: string): Promise<readonly Position[]> {
  const entries = await readdir(join(partsDir, 'state'), { withFileTypes: true }).catch(gone);
  const found: Position[] = [];
  for (const entry of entries ?? []) {
    if (!entry.isDirectory() || !/^\d+$/.test(entry.name)) continue;
    const names = await readdir(join(partsDir, 'state', entry.name)).catch(gone);
    if (names?.includes(SNAPSHOT) === true) found.push(Number(entry.name));
  }
  return found.sort((a, b) => a - b);
}

/** Folders that may hold sidecars; the state snapshots lie in one of their own. */
async function foldersWith(partsDir: string): Promise<readonly string[]> {
  const entries = await readdir(partsDir, { withFileTypes: true, recursive: true }).catch(gone);
  if (entries === undefined) return [];
  const folders = entries.filter((entry) => entry.isFile() && entry.name.endsWith(SIDECAR));
  return [...new Set(folders.map((entry) => entry.parentPath))].sort();
}

/** Forgets what stands in no sidecar any more: it was merged into another part. */
async function dropReplaced(
  partsDir: string,
  wanted: readonly WantedFile[],
  writer: BackupWriter,
): Promise<void> {
  const now = new Set((await partFiles(partsDir)).map(({ path }) => path));
  for (const { path } of wanted) if (!now.has(path)) await writer.drop(path);
}

function at(partsDir: string, source: string): WantedFile {
  return { path: `parts/${relative(partsDir, source).split(sep).join('/')}`, source, immutable: true };
}

function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
