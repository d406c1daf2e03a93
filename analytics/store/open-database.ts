import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { migrate } from './migrate.ts';
import type { Recovery } from './store.ts';
import { isStoreError } from './store-error.ts';

export interface OpenedDatabase {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly recovery: Recovery | null;
}

export interface DatabaseOptions {
  readonly memoryLimitMb: number;
  readonly threads: number;
  readonly nowMs: number;
  /** The only folder besides the file itself that DuckDB may read and write: an absolute path. Absent: none. */
  readonly partsDir?: string | undefined;
}

/** Reads what the loader needs of the database. `fresh`: nothing was ever in it. */
export type Restore = (connection: DuckDBConnection, fresh: boolean) => Promise<void>;

/** Beside the file: written when it was found damaged while it was open, so that the next start does not trust it. */
export function suspectMarker(path: string): string {
  return `${path}.suspect`;
}

/** Does DuckDB say that the file itself is wrong, rather than the statement or the memory? */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof Error &&
    /corrupt|checksum|database has been invalidated|not a valid DuckDB|Failure while replaying WAL/i.test(
      error.message,
    )
  );
}

/**
 * Opens the DuckDB file with its limits set and lets `restore` read what the loader needs of it. A file that cannot be
 * read is moved aside, never deleted, and a new one is begun: the journal is the truth, the index is made again from it.
 *
 * A file that another process holds is not damaged: that error is thrown as it came.
 */
export async function openDatabase(
  path: string,
  options: DatabaseOptions,
  restore: Restore,
): Promise<OpenedDatabase> {
  if (path === ':memory:') return { ...(await tryOpen(path, options, restore)), recovery: null };
  await mkdir(dirname(path), { recursive: true });
  const suspicion = await readFile(suspectMarker(path), 'utf8').catch(() => undefined);
  if (suspicion !== undefined) {
    const recovery = { movedTo: await moveAside(path, options.nowMs), reason: suspicion };
    await rm(suspectMarker(path), { force: true });
    return { ...(await tryOpen(path, options, restore)), recovery };
  }
  try {
    return { ...(await tryOpen(path, options, restore)), recovery: null };
  } catch (error) {
    if (isStoreError(error) || !existsSync(path) || isOfTheMachine(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const recovery = { movedTo: await moveAside(path, options.nowMs), reason };
    return { ...(await tryOpen(path, options, restore)), recovery };
  }
}

async function moveAside(path: string, nowMs: number): Promise<string> {
  const movedTo = `${path}.damaged-${new Date(nowMs).toISOString().replace(/[:.]/g, '-')}`;
  if (existsSync(path)) await rename(path, movedTo);
  if (existsSync(`${path}.wal`)) await rename(`${path}.wal`, `${movedTo}.wal`);
  return movedTo;
}

async function tryOpen(
  path: string,
  options: DatabaseOptions,
  restore: Restore,
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(path, {
    memory_limit: `${options.memoryLimitMb}MB`,
    threads: String(options.threads),
    // The index is written by one connection; checkpoints are ours to time, so that they fall between loads.
    checkpoint_threshold: '64MB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    await confine(connection, options.partsDir);
    const fresh = await isFresh(connection);
    if (!fresh) await migrate(connection, options.nowMs);
    await restore(connection, fresh);
    return { instance, connection };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** No file but those of the parts, from here on and for every connection: SQL of any question is confined so. */
async function confine(connection: DuckDBConnection, partsDir: string | undefined): Promise<void> {
  if (partsDir !== undefined) {
    const folder = `${partsDir.replace(/\/+$/, '')}/`.replaceAll("'", "''");
    await connection.run(`SET allowed_directories = ['${folder}']`);
    // A part never changes: what its footer says is kept.
    await connection.run('SET parquet_metadata_cache = true');
  }
  await connection.run('SET enable_external_access = false');
}

async function isFresh(connection: DuckDBConnection): Promise<boolean> {
  const reader = await connection.runAndReadAll(
    "SELECT count(*)::INTEGER FROM duckdb_tables() WHERE table_name = 'schema_version'",
  );
  return reader.getRows()[0]![0] === 0;
}

/** Held by another process, no memory, no space: nothing is wrong with the file. */
function isOfTheMachine(error: unknown): boolean {
  return (
    error instanceof Error &&
    /lock on file|Permission denied|being used by another process|^Out of Memory|No space left/i.test(
      error.message,
    )
  );
}
