/** What a rebuild of the index would start from, and what it could not bring back. Nothing is changed. */
import { inspectParts, type PartFault } from '../../analytics/index.ts';
import { inspectSegment, type SegmentFile, segmentFiles } from '../../ingest/index.ts';
import type { EpochMs, Position } from '../../ingest/model/index.ts';
import type { DataFolder } from '../data-folder.ts';

export interface RebuildOutlook {
  /** `parts`: from state snapshot, sealed parts and the rest of the journal; `journal`: all of it decoded again. */
  readonly from: 'parts' | 'journal';
  readonly journal: {
    readonly from: Position;
    readonly to: Position;
    /** When its oldest entry came in, UTC ms; null for an empty journal. */
    readonly since: EpochMs | null;
    readonly segments: number;
  };
  readonly parts: { readonly count: number; readonly rows: number; readonly damaged: readonly PartFault[] };
  /** Position of the state snapshot it starts from; null: none, or not wanted. */
  readonly snapshot: Position | null;
  readonly replayFrom: Position;
  /** Entries that are read from the journal. */
  readonly entries: number;
  /** What the index may hold now and would not hold afterwards, a sentence each; empty: nothing. */
  readonly losses: readonly string[];
}

/** @param all - Whether the whole journal is to be decoded again, without parts and snapshot. */
export async function rebuildOutlook(folder: DataFolder, all: boolean): Promise<RebuildOutlook> {
  const segments = await segmentFiles(folder.journal);
  const journal = await extent(folder.journal, segments);
  const { parts, faults, snapshots } = await inspectParts(folder.parts, false);
  const whole = all ? undefined : snapshots.find(({ damage }) => damage === null);
  const replayFrom = whole?.replayFrom ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const losses = all
    ? lossesOfAll(journal)
    : [...lossesOfParts(journal.from, replayFrom, whole === undefined), ...lossesOfDamage(faults)];
  return {
    from: all ? 'journal' : 'parts',
    journal,
    parts: { count: parts.length, rows, damaged: faults },
    snapshot: whole?.position ?? null,
    replayFrom,
    entries: Math.max(0, journal.to - Math.max(replayFrom, journal.from)),
    losses,
  };
}

async function extent(dir: string, segments: readonly SegmentFile[]): Promise<RebuildOutlook['journal']> {
  const [oldest, newest] = [segments[0], segments.at(-1)];
  if (oldest === undefined || newest === undefined) return { from: 0, to: 0, since: null, segments: 0 };
  const { firstAt } = await inspectSegment(dir, oldest, oldest.first + 1);
  const { next } = await inspectSegment(dir, newest);
  return { from: oldest.first, to: next, since: firstAt, segments: segments.length };
}

function lossesOfAll({ from, since }: RebuildOutlook['journal']): readonly string[] {
  if (from === 0) return [];
  const when = since === null ? '' : ` (${new Date(since).toISOString()})`;
  return [
    `The journal begins at entry ${from}${when}: what came before lies only in sealed parts and in the state snapshot, and would be gone`,
  ];
}

function lossesOfParts(journalFrom: Position, replayFrom: Position, noSnapshot: boolean): readonly string[] {
  if (journalFrom <= replayFrom) return [];
  return [
    noSnapshot
      ? `There is no state snapshot that is whole, and the journal begins at entry ${journalFrom}: events, features, accounts and refusals of all entries before it would be gone, and observations that no part holds`
      : `The journal begins at entry ${journalFrom} and is needed from entry ${replayFrom} on: observations of the entries between that no part holds would be gone`,
  ];
}

function lossesOfDamage(faults: readonly PartFault[]): readonly string[] {
  return faults.map(
    ({ dataset, id, reason }) =>
      `Part ${id} of dataset "${dataset}" is damaged and its rows stay missing: ${reason}`,
  );
}
