import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoreState } from '../store/state.ts';
import type { Bucket } from '../time/city-time.ts';
import { within } from './build-hours.ts';
import { rollupTable } from './definition.ts';
import { joinSpans } from './sources.ts';
import { type BucketRecord, RECORD_BASES } from './standing.ts';

/** Replaces the lines of some buckets; inside the caller's transaction. */
export async function saveRecords(
  connection: DuckDBConnection,
  tier: 'hour' | 'day',
  buckets: readonly number[],
  records: ReadonlyMap<number, BucketRecord>,
): Promise<void> {
  if (buckets.length === 0) return;
  await connection.run(
    `DELETE FROM rollup_bucket WHERE tier = '${tier}' AND bucket IN (${buckets.map((bucket) => `${bucket}::BIGINT`).join(',')})`,
  );
  const lines = [...records].map(
    ([bucket, { readings, rows }]) => `('${tier}', ${bucket}, ${readings}, [${rows.join(',')}])`,
  );
  if (lines.length > 0) await connection.run(`INSERT INTO rollup_bucket VALUES ${lines.join(',')}`);
}

/** Drops the minutes of hours whose record says that they are not kept. */
export async function dropMinutes(
  connection: DuckDBConnection,
  state: StoreState,
  hours: readonly Bucket[],
): Promise<void> {
  for (const [index, { kept, base }] of RECORD_BASES.entries()) {
    if (kept !== 'minute') continue;
    const gone = hours.filter(({ from }) => (state.rollups.record('hour', from)?.rows[index] ?? -1) < 0);
    if (gone.length === 0) continue;
    const spans = joinSpans([...gone].sort((a, b) => a.from - b.from));
    await connection.run(`DELETE FROM ${rollupTable('minute', base)} WHERE ${within('bucket', spans)}`);
  }
}
