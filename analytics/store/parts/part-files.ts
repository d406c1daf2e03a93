import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Part } from './part.ts';

/** Ends the name of a sidecar. */
export const SIDECAR = '.part.json';
/** Begins the name of what is not finished: swept away at the next open. */
export const UNFINISHED = '.unfinished-';

const coverSchema = z.object({
  from: z.number(),
  to: z.number(),
  since: z.number(),
  until: z.number(),
});

const partSchema = z.object({
  format: z.literal(1),
  id: z.string().min(1),
  dataset: z.string().min(1),
  from: z.number(),
  to: z.number(),
  rows: z.number(),
  bytes: z.number(),
  covers: z.array(coverSchema),
  files: z
    .array(
      z.object({
        name: z.string().regex(/^[^/\\]+$/),
        rows: z.number(),
        bytes: z.number(),
        sha256: z.string(),
        h3Min: z.string().regex(/^\d+$/),
        h3Max: z.string().regex(/^\d+$/),
      }),
    )
    .min(1),
  replaces: z.array(z.string()),
  properties: z.array(z.string()),
  sealedAt: z.number(),
});

/** Folder of a dataset's parts. Ids of datasets may hold what file names may not. */
export function datasetFolder(partsDir: string, dataset: string): string {
  return join(partsDir, 'observations', encodeURIComponent(dataset).replaceAll('.', '%2E'));
}

export function partFilePath(partsDir: string, part: Pick<Part, 'dataset'>, name: string): string {
  return join(datasetFolder(partsDir, part.dataset), name);
}

/** The sidecar makes the part count: written whole, synced, renamed, and its folder synced. */
export async function writeSidecar(partsDir: string, part: Part): Promise<void> {
  const folder = datasetFolder(partsDir, part.dataset);
  await writeDurably(join(folder, `${part.id}${SIDECAR}`), `${JSON.stringify(part)}\n`);
}

/** A file that is there whole or not at all, whatever happens meanwhile. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const unfinished = join(dirname(path), `${UNFINISHED}${process.pid}.json`);
  await writeFile(unfinished, text, { mode: 0o600 });
  await syncFile(unfinished);
  await rename(unfinished, path);
  await syncFolder(dirname(path));
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name in a folder lasts only once the folder is synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder and the ones above it last. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
    await syncFolder(dirname(folder));
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * What is wrong with the files of a part, with the name of the file; null when nothing is. `whole` compares the hashes too,
 * which reads every byte.
 */
export async function partDamage(partsDir: string, part: Part, whole: boolean): Promise<string | null> {
  for (const file of part.files) {
    const path = partFilePath(partsDir, part, file.name);
    const held = await stat(path).catch(() => null);
    const name = `${encodeURIComponent(part.dataset)}/${file.name}`;
    if (held === null)
      return `File ${name} is missing: restore it from a backup, or rebuild from the journal`;
    if (held.size !== file.bytes) {
      return `File ${name} has ${held.size} bytes, wanted ${file.bytes}: restore it from a backup, or rebuild from the journal`;
    }
    if (whole && (await sha256Of(path)) !== file.sha256) {
      return `File ${name} is not what was sealed (its SHA-256 differs): restore it from a backup, or rebuild from the journal`;
    }
  }
  return null;
}

export interface FoundParts {
  readonly parts: readonly Part[];
  /** Sidecars that could not be read, with the reason. */
  readonly unreadable: readonly { readonly dataset: string; readonly id: string; readonly reason: string }[];
  /** Paths of Parquet files that no sidecar names, and of what was not finished. */
  readonly strays: readonly string[];
}

/** Everything in the folder of parts, by its sidecars. */
export async function findParts(partsDir: string): Promise<FoundParts> {
  const parts: Part[] = [];
  const unreadable: { dataset: string; id: string; reason: string }[] = [];
  const strays: string[] = [];
  const root = join(partsDir, 'observations');
  for (const folder of await readdir(root).catch(() => [])) {
    const names = await readdir(join(root, folder)).catch(() => []);
    const known = new Set<string>();
    let sure = true;
    for (const name of names.filter((one) => one.endsWith(SIDECAR))) {
      const id = name.slice(0, -SIDECAR.length);
      try {
        const text = await readFile(join(root, folder, name), 'utf8');
        const part = partSchema.parse(JSON.parse(text));
        if (part.id !== id) throw new Error(`it says it is ${part.id}`);
        parts.push(part);
        for (const file of part.files) known.add(file.name);
      } catch (error) {
        sure = false;
        const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
        unreadable.push({
          dataset: decodeURIComponent(folder),
          id,
          reason: `Sidecar ${folder}/${name} cannot be read: ${why}`,
        });
      }
    }
    for (const name of names) {
      if (name.startsWith(UNFINISHED)) strays.push(join(root, folder, name));
      // Files of a part whose sidecar cannot be read may be all that is left of its rows.
      else if (sure && name.endsWith('.parquet') && !known.has(name)) strays.push(join(root, folder, name));
    }
  }
  return { parts, unreadable, strays };
}

/** The sidecar first: without it the files are strays, and a part half removed is no part. */
export async function removePart(partsDir: string, part: Part): Promise<void> {
  const folder = datasetFolder(partsDir, part.dataset);
  await rm(join(folder, `${part.id}${SIDECAR}`), { force: true });
  await syncFolder(folder);
  for (const file of part.files) await rm(join(folder, file.name), { force: true });
}
