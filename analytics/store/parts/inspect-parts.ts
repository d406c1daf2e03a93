/** What outlives the index, looked at without opening it: sealed parts and state snapshots, and what is wrong with them. */
import type { EpochMs, Position } from '../../../ingest/model/index.ts';
import { listSnapshots, snapshotDamage } from '../snapshot/snapshot-files.ts';
import type { Part } from './part.ts';
import { findParts, partDamage } from './part-files.ts';

/** A part or sidecar that is not what was sealed. */
export interface PartFault {
  readonly dataset: string;
  readonly id: string;
  /** With the name of the file. */
  readonly reason: string;
  /** Oldest entry whose rows it held; null where its sidecar cannot be read. */
  readonly since: Position | null;
}

export interface SnapshotReport {
  readonly folder: string;
  readonly position: Position;
  readonly replayFrom: Position;
  readonly writtenAt: EpochMs;
  /** Null when every byte is as it was written. */
  readonly damage: string | null;
}

export interface PartsReport {
  /** Parts that count: those another one was made of are left out. */
  readonly parts: readonly Part[];
  readonly faults: readonly PartFault[];
  /** Newest first. */
  readonly snapshots: readonly SnapshotReport[];
  /** Folders that should be snapshots and cannot be read. */
  readonly brokenSnapshots: readonly { readonly folder: string; readonly reason: string }[];
}

/**
 * Reads every sidecar and looks at every file.
 *
 * @param whole - Compare the hashes of the parts too, which reads every byte. Those of snapshots always are.
 * @param onPart - Told after each part.
 */
export async function inspectParts(
  partsDir: string,
  whole: boolean,
  onPart: (done: number, of: number) => void = () => undefined,
): Promise<PartsReport> {
  const { parts, unreadable } = await findParts(partsDir);
  const replaced = new Set(parts.flatMap((part) => part.replaces.map((id) => `${part.dataset}\u0000${id}`)));
  const counting = parts.filter(({ dataset, id }) => !replaced.has(`${dataset}\u0000${id}`));
  const faults: PartFault[] = unreadable.map(({ dataset, id, reason }) => ({
    dataset,
    id,
    reason,
    since: null,
  }));
  for (const [index, part] of counting.entries()) {
    const reason = await partDamage(partsDir, part, whole);
    if (reason !== null) {
      const since = Math.min(...part.covers.map((cover) => cover.since));
      faults.push({ dataset: part.dataset, id: part.id, reason, since });
    }
    onPart(index + 1, counting.length);
  }
  const { found, broken } = await listSnapshots(partsDir);
  const snapshots: SnapshotReport[] = [];
  for (const one of found) {
    const { position, replayFrom, writtenAt } = one.snapshot;
    const damage = await snapshotDamage(one);
    snapshots.push({ folder: one.folder, position, replayFrom, writtenAt, damage });
  }
  return { parts: counting, faults, snapshots, brokenSnapshots: broken };
}
