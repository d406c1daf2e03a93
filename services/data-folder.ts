/** The data folder: which part of the server keeps what where. */
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface DataFolder {
  readonly root: string;
  readonly inbox: string;
  /** What came in, in segments. */
  readonly journal: string;
  /** Sealed observations and state snapshots: survives a rebuild of the index. */
  readonly parts: string;
  /** Large deliveries, by the SHA-256 of their bytes. */
  readonly blobs: string;
  /** Marks of files that are being taken from the inbox. */
  readonly deliveries: string;
  /** Of the simulated city alone. */
  readonly demoCity: string;
  /** DuckDB file. */
  readonly index: string;
  /** SQLite file. */
  readonly state: string;
  /** Readable by the owner alone. */
  readonly secrets: string;
  /** Token of the local command line, role admin. */
  readonly cliToken: string;
  /** Keys of those who publish video. */
  readonly videoKeys: string;
  /** Files of departments that are coded, and their results; each is kept for a day. */
  readonly coding: string;
  /** Uploads under way; emptied at every start. */
  readonly uploads: string;
}

/** The paths, without touching the disk. */
export function dataFolder(dataDir: string): DataFolder {
  const root = resolve(dataDir);
  return {
    root,
    inbox: join(root, 'inbox'),
    journal: join(root, 'journal'),
    parts: join(root, 'parts'),
    blobs: join(root, 'blobs'),
    deliveries: join(root, 'deliveries'),
    demoCity: join(root, 'demo-city'),
    index: join(root, 'index', 'jingwei.duckdb'),
    state: join(root, 'state', 'jingwei.sqlite'),
    secrets: join(root, 'secrets'),
    cliToken: join(root, 'secrets', 'cli-token'),
    videoKeys: join(root, 'secrets', 'stream-keys.json'),
    coding: join(root, 'coding'),
    uploads: join(root, 'tmp'),
  };
}

/** What a backup leaves out, and why nothing is lost by it. */
export const NOT_BACKED_UP: readonly { readonly path: string; readonly why: string }[] = [
  { path: 'index/', why: 'made again from the state snapshot, the sealed parts and the journal' },
  { path: 'inbox/', why: 'files that were not taken yet, or lie in .done and .failed' },
  { path: 'coding/', why: 'kept for a day only' },
  { path: 'tmp/', why: 'uploads under way' },
  { path: 'secrets/cli-token', why: 'made anew at the start; a copy would be one more way in' },
];

/** Beside the data: a restore is under way, or was cut short. */
export const RESTORING = '.restoring';

/** Half a restore may not be started from: it would look like a city that lost its data. */
export class RestoreCutError extends Error {
  readonly code = 'restore-cut';
  constructor(root: string) {
    super(
      `Cannot use the data folder "${root}": a restore into it was cut short. Run it again with "jingwei restore <source> --into ${root} --replace"`,
    );
    this.name = 'RestoreCutError';
  }
}

/** @throws {RestoreCutError} */
export function refuseCutRestore(folder: Pick<DataFolder, 'root'>): void {
  if (existsSync(join(folder.root, RESTORING))) throw new RestoreCutError(folder.root);
}

/**
 * Makes what is missing.
 *
 * @throws {RestoreCutError}
 */
export function prepareDataFolder(dataDir: string): DataFolder {
  const folder = dataFolder(dataDir);
  refuseCutRestore(folder);
  mkdirSync(folder.inbox, { recursive: true });
  mkdirSync(folder.secrets, { recursive: true, mode: 0o700 });
  // DuckDB makes its file readable by everybody on the machine, and it holds all the city's records.
  mkdirSync(dirname(folder.index), { recursive: true, mode: 0o700 });
  chmodSync(dirname(folder.index), 0o700);
  return folder;
}

/** Forgets uploads that an earlier process left half done. Only for the one process that holds the folder. */
export function clearUploads(folder: DataFolder): void {
  rmSync(folder.uploads, { recursive: true, force: true });
  mkdirSync(folder.uploads, { recursive: true, mode: 0o700 });
}
