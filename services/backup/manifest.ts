/** The manifest of a backup: what is in it, at which position, with the SHA-256 of every file. Written last. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BackupError } from './backup-error.ts';

export const MANIFEST_NAME = 'manifest.json';

/** Relative, with slashes, and no way out of the folder. */
const relativePath = z
  .string()
  .min(1)
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'));

const fileSchema = z.strictObject({
  path: relativePath,
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Permission bits. */
  mode: z.number().int(),
  /** Of the file it was taken from, ms: by it the next backup knows an unchanged one. */
  mtimeMs: z.number(),
  /** False: it may change in the data folder under the same name. */
  immutable: z.boolean(),
});

const bodySchema = z.strictObject({
  format: z.literal(1),
  /** Name of its folder. */
  id: z.string(),
  /** UTC, ISO 8601. */
  startedAt: z.string(),
  /** Version of the program that made it. */
  program: z.string(),
  /** Where the data folder was: backups of another one in the same target are left alone. */
  origin: z.strictObject({ host: z.string(), dataDir: z.string() }),
  /** The next journal position: every entry below it is in the backup, none at or above. */
  position: z.number().int().min(0),
  /** Oldest journal position in it; below it sealed parts and the state snapshot stand for the journal. */
  journalFrom: z.number().int().min(0),
  /** Position of the state snapshot in it; null: a restore reads the journal from its beginning. */
  snapshot: z.number().int().min(0).nullable(),
  /** From here on a restore reads the journal: 0 without a snapshot. */
  replayFrom: z.number().int().min(0),
  /** What was left out and why, for people. */
  leftOut: z.array(z.string()),
  files: z.array(fileSchema),
});

export type BackupFile = z.infer<typeof fileSchema>;
export type Manifest = z.infer<typeof bodySchema>;

/** Text of the file: the body, and the hash of the body, so that a bit of its own that flips shows. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify({ ...manifest, sha256: digest(manifest) }, null, 1)}\n`;
}

/**
 * @throws {BackupError} `backup-damaged` when it is not what `formatManifest` wrote.
 */
export function parseManifest(text: string, where: string): Manifest {
  const damaged = (why: string) => new BackupError('backup-damaged', `Cannot read "${where}": ${why}`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
  if (typeof read !== 'object' || read === null) throw damaged('it is no manifest');
  const { sha256, ...body } = read as Record<string, unknown>;
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as it should be'}`);
  }
  // Over what was read, not what was understood: the order of the members is part of it.
  if (digest(body) !== sha256) throw damaged('it does not match its own SHA-256');
  return parsed.data;
}

/** @throws {BackupError} `no-backup` when there is none; `backup-damaged`. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_NAME);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new BackupError(
      'no-backup',
      `"${folder}" is no backup: it has no ${MANIFEST_NAME}, which is written when a backup is whole`,
    );
  });
  return parseManifest(text, path);
}

/** Writes it and makes it durable. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = await open(join(folder, MANIFEST_NAME), 'wx', 0o600);
  try {
    await file.writeFile(formatManifest(manifest));
    await file.sync();
  } finally {
    await file.close();
  }
}

function digest(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body), 'utf8').digest('hex');
}
