import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
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

/** Every table the loader needs at open: reading one row of each finds a damaged block early. */
const PROBE = 'SELECT position, next_seq FROM loader';

/**
 * Opens the DuckDB file with its limits set. A file that cannot be read is moved aside, never deleted, and a new one is
 * begun: the journal is the truth, the index is made again from it.
 *
 * A file that another process holds is not damaged: that error is thrown as it came.
 */
export async function openDatabase(
  path: string,
  options: { readonly memoryLimitMb: number; readonly threads: number; readonly nowMs: number },
): Promise<OpenedDatabase> {
  if (path === ':memory:') return { ...(await tryOpen(path, options)), recovery: null };
  await mkdir(dirname(path), { recursive: true });
  try {
    return { ...(await tryOpen(path, options)), recovery: null };
  } catch (error) {
    if (isStoreError(error) || !existsSync(path) || isLockedElsewhere(error)) throw error;
    const movedTo = `${path}.damaged-${new Date(options.nowMs).toISOString().replace(/[:.]/g, '-')}`;
    await rename(path, movedTo);
    if (existsSync(`${path}.wal`)) await rename(`${path}.wal`, `${movedTo}.wal`);
    const reason = error instanceof Error ? error.message : String(error);
    return { ...(await tryOpen(path, options)), recovery: { movedTo, reason } };
  }
}

async function tryOpen(
  path: string,
  options: { readonly memoryLimitMb: number; readonly threads: number; readonly nowMs: number },
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await DuckDBInstance.create(path, {
    memory_limit: `${options.memoryLimitMb}MB`,
    threads: String(options.threads),
    // The index is written by one connection; checkpoints are ours to time, so that they fall between loads.
    checkpoint_threshold: '64MB',
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    await migrate(connection, options.nowMs);
    await connection.runAndReadAll(PROBE);
    return { instance, connection };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

function isLockedElsewhere(error: unknown): boolean {
  return (
    error instanceof Error &&
    /lock on file|Permission denied|being used by another process/i.test(error.message)
  );
}
