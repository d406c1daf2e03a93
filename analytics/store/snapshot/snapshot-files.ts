import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Position } from '../../../ingest/model/index.ts';
import { sha256Of, UNFINISHED } from '../parts/part-files.ts';

/** Snapshots kept: the one before stands in for the newest, should that be damaged. */
export const SNAPSHOTS_KEPT = 2;

const snapshotSchema = z.object({
  format: z.literal(1),
  /** Everything that entries below this brought is in it, but for observations. */
  position: z.number(),
  /** Entries from here on may have brought observations that no part held when it was written. */
  replayFrom: z.number(),
  /** Version of the index schema its tables have. */
  schema: z.number(),
  writtenAt: z.number(),
  /** Parts there were, as `dataset/id`: their names are all in its dictionaries. */
  parts: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), bytes: z.number(), sha256: z.string() })),
});

/** All small tables of the index at one journal position: what a rebuild starts from. */
export type Snapshot = z.infer<typeof snapshotSchema>;

export interface FoundSnapshot {
  readonly folder: string;
  readonly snapshot: Snapshot;
}

export function snapshotsFolder(partsDir: string): string {
  return join(partsDir, 'state');
}

/** Snapshots whose description can be read, newest first; and what cannot, with the reason. */
export async function listSnapshots(partsDir: string): Promise<{
  readonly found: readonly FoundSnapshot[];
  readonly broken: readonly { readonly folder: string; readonly reason: string }[];
}> {
  const root = snapshotsFolder(partsDir);
  const found: FoundSnapshot[] = [];
  const broken: { folder: string; reason: string }[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    if (name.startsWith(UNFINISHED)) continue;
    const folder = join(root, name);
    try {
      const text = await readFile(join(folder, 'snapshot.json'), 'utf8');
      found.push({ folder, snapshot: snapshotSchema.parse(JSON.parse(text)) });
    } catch (error) {
      broken.push({ folder, reason: error instanceof Error ? error.message.slice(0, 200) : String(error) });
    }
  }
  found.sort(
    (a, b) =>
      b.snapshot.position - a.snapshot.position ||
      b.snapshot.replayFrom - a.snapshot.replayFrom ||
      b.snapshot.writtenAt - a.snapshot.writtenAt,
  );
  return { found, broken };
}

/** What is wrong with a snapshot, by file; null when every byte is as it was written. */
export async function snapshotDamage({ folder, snapshot }: FoundSnapshot): Promise<string | null> {
  for (const table of snapshot.tables) {
    const path = join(folder, `${table.name}.parquet`);
    const held = await stat(path).catch(() => null);
    if (held === null) return `table ${table.name} is missing`;
    if (held.size !== table.bytes || (await sha256Of(path)) !== table.sha256)
      return `table ${table.name} is not as it was written`;
  }
  return null;
}

/** Position below which the journal is not needed: by the oldest snapshot kept, so that each of them can be started from. */
export async function releasableBy(partsDir: string): Promise<Position> {
  const { found } = await listSnapshots(partsDir);
  return found.length === 0 ? 0 : Math.min(...found.map(({ snapshot }) => snapshot.replayFrom));
}

/** Removes all but the newest, and what was not finished. */
export async function pruneSnapshots(partsDir: string): Promise<void> {
  const root = snapshotsFolder(partsDir);
  const { found } = await listSnapshots(partsDir);
  for (const { folder } of found.slice(SNAPSHOTS_KEPT)) await rm(folder, { recursive: true, force: true });
  for (const name of await readdir(root).catch(() => [])) {
    if (name.startsWith(UNFINISHED)) await rm(join(root, name), { recursive: true, force: true });
  }
}
