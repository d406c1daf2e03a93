import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs } from '../../../ingest/model/index.ts';
import type { Loader } from '../loader.ts';
import type { Mutex } from '../mutex.ts';
import type { QueryPool } from '../query-pool.ts';
import type { StoreState } from '../state.ts';
import type { StoreLog } from '../store.ts';
import type { Retirement } from './retirement.ts';
import type { SealPolicy } from './seal-policy.ts';

/** What the work on parts shares. */
export interface SealContext {
  readonly partsDir: string;
  readonly state: StoreState;
  readonly pool: QueryPool;
  /** The loader's connection: used in its turn only. */
  readonly writerConnection: DuckDBConnection;
  readonly writer: Mutex;
  readonly loader: Pick<Loader, 'releaseTables'>;
  readonly retirement: Retirement;
  readonly policy: SealPolicy;
  readonly clock: () => EpochMs;
  readonly log: StoreLog;
  /** True once the store is closing: what was begun is left undone. */
  readonly closing: () => boolean;
}

/** Work in the loader's turn, as one transaction. */
export async function inTransaction<T>(connection: DuckDBConnection, task: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN');
  try {
    const answer = await task();
    await connection.run('COMMIT');
    return answer;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
