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

/** As much of the description of a state snapshot. */
const snapshotSchema = z.object({
  position: z.number().int(),
  replayFrom: z.number().int(),
  tables: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
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

/** A state snapshot: everything but observations below `position`, and those from `replayFrom` on that no part held. */
export interface SnapshotPlace {
  readonly position: Position;
  /** The journal is needed from here on. */
  readonly replayFrom: Position;
}

/**
 * Takes the newest state snapshot.
 *
 * @returns null when there is none.
 * @throws {BackupError} `source-changed` when a newer one took its place meanwhile; `source-damaged`.
 */
export async function takeSnapshot(partsDir: string, writer: BackupWriter): Promise<SnapshotPlace | null> {
  const newest = (await listSnapshots(partsDir))[0];
  if (newest === undefined) return null;
  const { folder, body } = newest;
  try {
    for (const { name, bytes, sha256 } of body.tables)
      await writer.take({ ...at(partsDir, join(folder, `${name}.parquet`)), bytes, sha256 });
    await writer.take(at(partsDir, join(folder, SNAPSHOT)));
    return { position: body.position, replayFrom: body.replayFrom };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BackupError('source-changed', `Cannot take the state snapshot "${folder}": it went meanwhile`, {
      cause: error,
    });
  }
}

interface FoundSnapshot {
  readonly folder: string;
  readonly body: z.infer<typeof snapshotSchema>;
}

/** State snapshots that can be read, newest first. What is not finished has a name that begins with a dot. */
async function listSnapshots(partsDir: string): Promise<readonly FoundSnapshot[]> {
  const root = join(partsDir, 'state');
  const found: FoundSnapshot[] = [];
  for (const name of (await readdir(root).catch(gone)) ?? []) {
    if (name.startsWith('.')) continue;
    const text = await readFile(join(root, name, SNAPSHOT), 'utf8').catch(gone);
    if (text !== undefined)
      found.push({ folder: join(root, name), body: snapshotSchema.parse(JSON.parse(text)) });
  }
  return found.sort((a, b) => b.body.position - a.body.position || b.body.replayFrom - a.body.replayFrom);
}

/** Folders of the datasets; what was set aside counts no more. */
async function foldersWith(partsDir: string): Promise<readonly string[]> {
  const root = join(partsDir, 'observations');
  const names = (await readdir(root).catch(gone)) ?? [];
  return names.sort().map((name) => join(root, name));
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
