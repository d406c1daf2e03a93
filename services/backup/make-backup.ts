/**
 * One backup: journal, sealed parts with a state snapshot, delivered files, state store and secrets at one journal
 * position, while the server works. It is written beside under another name, read back, and named only when it is whole.
 */
import { mkdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join, resolve, sep } from 'node:path';
import type { Position } from '../../ingest/model/index.ts';
import { dataFolder } from '../data-folder.ts';
import { BackupError, isBackupError } from './backup-error.ts';
import {
  backupId,
  isSameOrigin,
  keepNewest,
  listBackups,
  sweepTarget,
  underWayName,
} from './backup-folder.ts';
import { BackupWriter, type WriterTotals } from './backup-writer.ts';
import { syncFolder } from './hashed-files.ts';
import { type Manifest, writeManifest } from './manifest.ts';
import { JournalTake } from './take-journal.ts';
import { partFiles, type SnapshotPlace, takeParts, takeSnapshot } from './take-parts.ts';
import { blobFiles, leftOut, takeMarks, takeSecrets, takeState } from './take-rest.ts';
import { verifyFiles } from './verify-backup.ts';

/** What a backup needs of a running server, or of a data folder at rest. */
export interface BackupSource {
  /** Every entry below it is on disk. */
  head(): Promise<Position>;
  /** Has what is due sealed and the state of the index written down, so that a restore has little of the journal to read. */
  seal(): Promise<void>;
}

export interface BackupPlan {
  readonly dataDir: string;
  /** Folder of backups; made when it is missing. */
  readonly target: string;
  /** Backups of this data folder that stay in the target; absent: all. */
  readonly keep?: number | undefined;
  /** Free space that must be left on the target's disk, bytes. */
  readonly floorBytes: number;
  readonly program: string;
  /** Copied for people, below `config/`: by name, where they lie. */
  readonly configFiles: Readonly<Record<string, string>>;
  /** Written for people, below `config/`: by name, their text. */
  readonly configTexts: Readonly<Record<string, string>>;
  /** UTC ms. */
  readonly startedAt: number;
}

export interface BackupProgress extends WriterTotals {
  readonly step: 'journal' | 'seal' | 'parts' | 'files' | 'verify';
  /** Read back so far, bytes. */
  readonly verifiedBytes: number;
}

export interface BackupReport extends WriterTotals {
  readonly id: string;
  readonly path: string;
  readonly position: Position;
  readonly journalFrom: Position;
  readonly snapshot: Position | null;
  /** From here on a restore reads the journal. */
  readonly replayFrom: Position;
  readonly leftOut: readonly string[];
  /** Ids of older backups that `keep` removed. */
  readonly removed: readonly string[];
  /** Left by interrupted ones and swept away. */
  readonly swept: readonly string[];
}

/** The data folder may change faster than it is read a few times in a row, hardly more often. */
const ATTEMPTS = 3;

/**
 * Makes a backup. What fails leaves nothing in the target that looks whole.
 *
 * @throws {BackupError}
 */
export async function makeBackup(
  plan: BackupPlan,
  source: BackupSource,
  onProgress: (progress: BackupProgress) => void = () => undefined,
): Promise<BackupReport> {
  const target = await prepareTarget(plan);
  const swept = await sweepTarget(target, plan.startedAt);
  for (let attempt = 1; ; attempt++) {
    try {
      return { ...(await attemptBackup(plan, target, source, onProgress)), swept };
    } catch (error) {
      // A file that went between its name and its bytes: the journal packs and deletes, the index merges.
      const changed =
        isBackupError(error, 'source-changed') || (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!changed || attempt === ATTEMPTS) throw error;
    }
  }
}

async function attemptBackup(
  plan: BackupPlan,
  target: string,
  source: BackupSource,
  onProgress: (progress: BackupProgress) => void,
): Promise<Omit<BackupReport, 'swept'>> {
  const folder = dataFolder(plan.dataDir);
  const origin = { host: hostname(), dataDir: folder.root };
  const before = (await listBackups(target)).filter(({ manifest }) => isSameOrigin(manifest.origin, origin));
  const previous = before.at(-1);
  const id = backupId(plan.startedAt);
  const underWay = join(target, underWayName('partial', id));
  await mkdir(underWay, { mode: 0o700 });
  let step: BackupProgress['step'] = 'journal';
  let verifiedBytes = 0;
  let totals: WriterTotals = { files: 0, bytes: 0, copiedBytes: 0, linkedBytes: 0, reusedBytes: 0 };
  const tell = () => onProgress({ step, verifiedBytes, ...totals });
  const writer = new BackupWriter({
    folder: underWay,
    previous: previous && { path: previous.path, files: previous.manifest.files },
    floorBytes: plan.floorBytes,
    onProgress(now) {
      totals = now;
      tell();
    },
  });
  try {
    const journal = new JournalTake(folder.journal, writer);
    await writer.needFor([
      ...(await journal.wanted()),
      ...(await partFiles(folder.parts)),
      ...(await blobFiles(folder)),
    ]);
    await journal.first();
    // Before the position is fixed: a delivery that is marked complete has all its rows below it.
    await takeMarks(folder, writer);
    step = 'seal';
    tell();
    await source.seal();
    step = 'parts';
    const snapshot = await takeSnapshot(folder.parts, writer);
    await takeParts(folder.parts, writer);
    step = 'journal';
    const position = await source.head();
    await journal.rest(position);
    refuseHole(journal.from, snapshot, position);
    step = 'files';
    // After the position is fixed: what an entry below it speaks of is on disk.
    for (const file of await blobFiles(folder)) await writer.take(file);
    await takeState(folder, writer);
    await takeSecrets(folder, writer);
    await takeConfig(plan, writer);
    await writer.sync();
    step = 'verify';
    // What was linked was read in its place already, and what was reused by the backup before.
    const copied = writer.files.filter(({ by }) => by === 'copied');
    await verifyFiles(underWay, copied, (bytes) => {
      verifiedBytes += bytes;
      tell();
    });
    const manifest: Manifest = {
      format: 1,
      id,
      startedAt: new Date(plan.startedAt).toISOString(),
      program: plan.program,
      origin,
      position,
      journalFrom: journal.from,
      snapshot: snapshot?.position ?? null,
      replayFrom: snapshot?.replayFrom ?? 0,
      leftOut: [...leftOut()],
      files: writer.files.map(({ by: _, ...file }) => file),
    };
    await writeManifest(underWay, manifest);
    await syncFolder(underWay);
    const path = join(target, id);
    await rename(underWay, path);
    await syncFolder(target);
    const removed = plan.keep === undefined ? [] : await keepNewest(target, origin, plan.keep);
    const { journalFrom, snapshot: state, replayFrom } = manifest;
    return {
      id,
      path,
      position,
      journalFrom,
      snapshot: state,
      replayFrom,
      ...writer.totals,
      leftOut: manifest.leftOut,
      removed,
    };
  } catch (error) {
    await rm(underWay, { recursive: true, force: true });
    throw error;
  }
}

async function prepareTarget({ target, dataDir }: BackupPlan): Promise<string> {
  const unfit = (why: string) =>
    new BackupError('target-unfit', `Cannot write a backup to "${target}": ${why}`);
  try {
    await mkdir(target, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unfit(error instanceof Error ? error.message : String(error));
  }
  const found = await stat(target);
  if (!found.isDirectory()) throw unfit('it is no folder');
  const [real, data] = await Promise.all([realpath(target), realpath(resolve(dataDir))]);
  if (real === data || real.startsWith(data + sep))
    throw unfit('it lies in the data folder, which it is to outlive');
  return real;
}

/** A journal that begins after the start needs a snapshot for what came before. */
function refuseHole(journalFrom: Position, snapshot: SnapshotPlace | null, position: Position): void {
  if (snapshot !== null && snapshot.position > position) {
    throw new BackupError(
      'source-damaged',
      `Cannot make a backup: the state snapshot stands at entry ${snapshot.position}, the journal ends at ${position}`,
    );
  }
  if (journalFrom <= (snapshot?.replayFrom ?? 0)) return;
  throw new BackupError(
    'source-damaged',
    `Cannot make a backup: the journal begins at entry ${journalFrom} and ${snapshot === null ? 'there is no state snapshot' : `is needed from entry ${snapshot.replayFrom} on`}, so what came before could not be restored. "jingwei doctor --deep" says more`,
  );
}

async function takeConfig(plan: BackupPlan, writer: BackupWriter): Promise<void> {
  for (const [name, path] of Object.entries(plan.configFiles)) {
    // It may hold the first password.
    await writer.write(`config/${basename(name)}`, await readFile(path, 'utf8'), 0o600);
  }
  for (const [name, text] of Object.entries(plan.configTexts))
    await writer.write(`config/${basename(name)}`, text, 0o600);
}
