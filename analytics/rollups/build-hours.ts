import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoreState } from '../store/state.ts';
import { bucketOfLengthSql, bucketOfRunsSql } from '../time/bucket-sql.ts';
import { type Bucket, MINUTE_MS } from '../time/city-time.ts';
import {
  keepBases,
  READINGS_PER_ROW,
  ROLLUP_BASES,
  ROWS_PER_ROW,
  type RollupBase,
  rollupTable,
  zoneSql,
} from './definition.ts';
import { partsOfRowsSql } from './parts-columns.ts';
import { joinSpans, readingsSql } from './sources.ts';
import { type BucketRecord, RECORD_BASES } from './standing.ts';

/**
 * Writes the parts of some city hours, and of their minutes, from the readings; inside the caller's transaction. What was there of
 * them is replaced; minutes that do not pay are left for `dropMinutes`.
 *
 * @returns What was built, by start of the hour; hours without readings are not in it.
 */
export async function writeHours(
  connection: DuckDBConnection,
  state: StoreState,
  hours: readonly Bucket[],
): Promise<ReadonlyMap<number, BucketRecord>> {
  const { calendar } = state.rollups;
  const spans = joinSpans(hours);
  const bucket = bucketOfRunsSql(
    'time',
    calendar.runs('hour', { from: hours[0]!.from, to: hours.at(-1)!.to }),
  );
  const minute = bucketOfLengthSql('time', MINUTE_MS);
  for (const table of ROLLUP_BASES.map((base) => rollupTable('hour', base))) {
    await connection.run(`DELETE FROM ${table} WHERE ${within('bucket', spans)}`);
  }
  const counted = await countKeys(connection, state, spans, bucket, minute);
  const records = new Map<number, BucketRecord>();
  for (const [start, { readings, keys }] of counted) {
    const kept = keepBases(
      keys,
      ROLLUP_BASES.map(() => (readings * ROWS_PER_ROW) / READINGS_PER_ROW),
    );
    // What is kept stays kept: a question that was planned before may be about to read it.
    const before = state.rollups.record('hour', start)?.rows;
    const rows = RECORD_BASES.map((entry, index) => {
      if (entry.kept === 'sketch') return 0;
      const pays = entry.kept === 'minute' ? keys[index]! * READINGS_PER_ROW <= readings : kept[index]!;
      return pays || (before?.[index] ?? -1) >= 0 ? 0 : -1;
    });
    records.set(start, { readings, rows });
  }
  for (const [index, { kept, base }] of RECORD_BASES.entries()) {
    if (kept === 'sketch') continue;
    const at = hours.filter(({ from }) => (records.get(from)?.rows[index] ?? -1) >= 0);
    if (at.length === 0) continue;
    const table = rollupTable(kept === 'minute' ? 'minute' : 'hour', base);
    const key = kept === 'minute' ? minute : bucket;
    if (kept === 'minute') {
      await connection.run(`DELETE FROM ${table} WHERE ${within('bucket', joinSpans(at))}`);
    }
    await writeParts(connection, table, key, base, readingsSql(state, joinSpans(at)));
    const hourOf = bucket.replaceAll('time', 'bucket');
    const reader = await connection.runAndReadAll(
      `SELECT ${kept === 'minute' ? hourOf : 'bucket'} AS hour, count(*) FROM ${table}
       WHERE ${within('bucket', joinSpans(at))} GROUP BY hour`,
    );
    for (const [start, rows] of reader.getRows()) {
      const record = records.get(Number(start))!;
      records.set(Number(start), { ...record, rows: record.rows.with(index, Number(rows)) });
    }
  }
  return records;
}

/** Parts of the readings of a source, in the order in which they are asked for: a time, then a dataset and property, then a place. */
export async function writeParts(
  connection: DuckDBConnection,
  table: string,
  bucket: string,
  base: RollupBase,
  source: string,
): Promise<void> {
  const keys = [`${bucket} AS bucket`, 'dataset', 'property', `${zoneSql(base)} AS zone`];
  await connection.run(
    `INSERT INTO ${table} ${partsOfRowsSql(keys, source)} ORDER BY bucket, dataset, property, zone`,
  );
}

/** Readings of each hour, and about how many rows each base would have. */
async function countKeys(
  connection: DuckDBConnection,
  state: StoreState,
  spans: readonly Bucket[],
  bucket: string,
  minute: string,
): Promise<ReadonlyMap<number, { readonly readings: number; readonly keys: readonly number[] }>> {
  const counts = RECORD_BASES.map(({ kept, base }) => {
    if (kept === 'sketch') return '0';
    const keys = ['dataset', 'property', zoneSql(base), ...(kept === 'minute' ? [minute] : [])];
    return `approx_count_distinct(hash(${keys.join(', ')}))`;
  });
  const reader = await connection.runAndReadAll(
    `SELECT ${bucket} AS bucket, count(*), ${counts.join(', ')} FROM (${readingsSql(state, spans)}) GROUP BY 1`,
  );
  return new Map(
    reader
      .getRows()
      .map(([start, readings, ...keys]) => [
        Number(start),
        { readings: Number(readings), keys: keys.map(Number) },
      ]),
  );
}

/** SQL for "the start in this column lies in one of these spans". */
export function within(column: string, spans: readonly Bucket[]): string {
  const any = spans.map(({ from, to }) => `${column} >= ${from}::BIGINT AND ${column} < ${to}::BIGINT`);
  return any.length === 1 ? any[0]! : `(${any.join(' OR ')})`;
}
