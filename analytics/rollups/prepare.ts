import type { DuckDBConnection } from '@duckdb/node-api';
import { appendRows } from '../store/append-rows.ts';
import { HOUR_MS } from '../store/partitions.ts';
import type { StoreState } from '../store/state.ts';
import { bucketOfLengthSql } from '../time/bucket-sql.ts';
import { type Bucket, CityTime } from '../time/city-time.ts';
import { sketchTable } from './build-days.ts';
import { COARSE_BASES, ROLLUP_BASES, ROLLUP_VERSION, rollupTable, zoneSql } from './definition.ts';
import { forgetEventCounts, restoreEventMarks } from './event-counts.ts';
import { mergedPartsSql, PARTS_COLUMNS } from './parts-columns.ts';
import { dropMinutes } from './records.ts';
import { RECORD_BASES } from './standing.ts';

/**
 * Makes the rollups ready at open, behind `StoreState.restore`: takes over what an older program had, and, where they were made by
 * another calendar or program, marks everything to be built anew.
 */
export async function prepareRollups(
  connection: DuckDBConnection,
  state: StoreState,
  timezone: string,
): Promise<void> {
  state.rollups.calendar = new CityTime(timezone);
  const reader = await connection.runAndReadAll('SELECT version, zone FROM rollup_calendar');
  const [version, zone] = reader.getRows()[0] ?? [];
  await takeOverOldRollup(connection, state);
  await state.rollups.restore(connection);
  if (version !== ROLLUP_VERSION || zone !== timezone) {
    await forgetRollups(connection, state);
    await connection.run('DELETE FROM rollup_calendar');
    await connection.run('INSERT INTO rollup_calendar VALUES (?, ?)', [ROLLUP_VERSION, timezone]);
  }
  await restoreEventMarks(connection, state);
  const table = rollupTable('minute', COARSE_BASES[0]!);
  const hours = await connection.runAndReadAll(
    `SELECT DISTINCT ${bucketOfLengthSql('bucket', HOUR_MS)} FROM ${table}`,
  );
  const { calendar } = state.rollups;
  const starts = new Set(
    hours
      .getRows()
      .flatMap(([hour]) => [...calendar.starts('hour', { from: Number(hour), to: Number(hour) + HOUR_MS })]),
  );
  // What is still dirty has no record yet, and is built with its minutes; the rest was left by a build before.
  const settled = [...starts].filter((start) => state.rollups.record('hour', start) !== undefined);
  await dropMinutes(
    connection,
    state,
    settled.map((start) => calendar.bucketAt('hour', start)),
  );
}

/**
 * Forgets all parts of readings that are still there, and marks every hour that has any: after the index was lost and its readings were
 * found again in sealed parts, or when the parts are not to be trusted. Parts of readings that retention has dropped stay.
 */
export async function forgetRollups(connection: DuckDBConnection, state: StoreState): Promise<void> {
  const { droppedBefore } = state;
  const held = Number.isFinite(droppedBefore) && droppedBefore > Number.MIN_SAFE_INTEGER;
  const from = held ? droppedBefore : Number.MIN_SAFE_INTEGER;
  const where = `bucket >= ${from}::BIGINT`;
  await connection.run('BEGIN');
  try {
    for (const tier of ['minute', 'hour', 'day'] as const) {
      for (const base of tier === 'minute' ? COARSE_BASES : ROLLUP_BASES) {
        await connection.run(`DELETE FROM ${rollupTable(tier, base)} WHERE ${where}`);
      }
    }
    for (const base of COARSE_BASES) await connection.run(`DELETE FROM ${sketchTable(base)} WHERE ${where}`);
    await connection.run(`DELETE FROM rollup_bucket WHERE ${where}`);
    await connection.run(`DELETE FROM rollup_pending WHERE ${where}`);
    await connection.run('DELETE FROM rollup_dirty');
    for (const { name } of state.partitions.all) {
      await connection.run(
        `INSERT INTO rollup_dirty SELECT DISTINCT ${bucketOfLengthSql('time', HOUR_MS)} FROM ${name} WHERE time >= ${from}::BIGINT`,
      );
    }
    // Parts are not read here: one of them may be damaged, and the index has to open all the same.
    const hours = new Set(
      state.parts.datasets
        .flatMap((dataset) => state.parts.of(dataset))
        .flatMap((part) => hoursOf(part, from)),
    );
    await appendRows(
      connection,
      'rollup_dirty',
      [...hours].map((hour) => [hour]),
    );
    await forgetEventCounts(connection, state);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
  await state.rollups.restore(connection);
  const dirty = await connection.runAndReadAll('SELECT DISTINCT bucket FROM rollup_dirty');
  state.dirty.clear();
  state.dirty.touch(dirty.getRows().map(([hour]) => Number(hour)));
}

/** UTC hours that a part may have rows of. */
function hoursOf(part: Bucket, from: number): readonly number[] {
  const first = Math.floor(Math.max(part.from, from) / HOUR_MS) * HOUR_MS;
  return Array.from(
    { length: Math.max(0, Math.ceil((part.to - first) / HOUR_MS)) },
    (_, i) => first + i * HOUR_MS,
  );
}

/** The hourly rollup of before had H3 level 9 and BeiDou level 5. Only what its readings are gone of is wanted. */
async function takeOverOldRollup(connection: DuckDBConnection, state: StoreState): Promise<void> {
  const found = await connection.runAndReadAll(
    "SELECT 1 FROM duckdb_tables() WHERE table_name = 'rollup_before'",
  );
  if (found.currentRowCount === 0) return;
  await connection.run('BEGIN');
  try {
    const old = `SELECT *, NULL::BIGINT AS first_time, NULL::DOUBLE AS first_result, newest AS last_time, NULL::DOUBLE AS last_result
      FROM rollup_before WHERE bucket < ${Math.max(state.droppedBefore, Number.MIN_SAFE_INTEGER)}::BIGINT`;
    for (const base of ROLLUP_BASES) {
      if (base.level > (base.dggrs === 'h3' ? 9 : 5)) continue;
      const keys = ['bucket', 'dataset', 'property', `${zoneSql(base, 'zone')} AS zone`];
      const merged = mergedPartsSql(keys, `SELECT * FROM (${old}) WHERE grid = '${base.dggrs}'`);
      await connection.run(
        `INSERT INTO ${rollupTable('hour', base)} SELECT bucket, dataset, property, zone, ${PARTS_COLUMNS} FROM (${merged})
         ORDER BY bucket, dataset, property, zone`,
      );
    }
    const rows = RECORD_BASES.map(({ kept, base }) => {
      if (kept !== 'parts') return kept === 'minute' ? '-1' : '0';
      if (base.level > (base.dggrs === 'h3' ? 9 : 5)) return '-1';
      return `(SELECT count(*) FROM ${rollupTable('hour', base)} t WHERE t.bucket = old.bucket)`;
    });
    await connection.run(
      `INSERT INTO rollup_bucket SELECT 'hour', bucket, sum(n)::BIGINT, [${rows.join(',')}]::BIGINT[] FROM (${old}) old
       WHERE grid = 'h3' GROUP BY bucket`,
    );
    await connection.run('DROP TABLE rollup_before');
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
