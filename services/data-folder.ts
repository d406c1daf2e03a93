/** The data folder: which part of the server keeps what where. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface DataFolder {
  readonly root: string;
  readonly inbox: string;
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
    index: join(root, 'index', 'jingwei.duckdb'),
    state: join(root, 'state', 'jingwei.sqlite'),
    secrets: join(root, 'secrets'),
    cliToken: join(root, 'secrets', 'cli-token'),
    videoKeys: join(root, 'secrets', 'stream-keys.json'),
    coding: join(root, 'coding'),
    uploads: join(root, 'tmp'),
  };
}

/** Makes what is missing. */
export function prepareDataFolder(dataDir: string): DataFolder {
  const folder = dataFolder(dataDir);
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
