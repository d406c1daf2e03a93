import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoreState } from '../store/state.ts';
import type { Bucket } from '../time/city-time.ts';
import { columnOf } from '../zones.ts';
import { within } from './build-hours.ts';
import {
  baseName,
  keepBases,
  READINGS_PER_ROW,
  ROLLUP_BASES,
  ROWS_PER_ROW,
  type RollupBase,
  rollupTable,
  zoneSql,
} from './definition.ts';
import { mergedPartsSql, PARTS_COLUMNS, partsOfRowsSql } from './parts-columns.ts';
import { binSql } from './sketch.ts';
import { joinSpans, readingsSql } from './sources.ts';
import { type BucketRecord, RECORD_BASES } from './standing.ts';

/** What a base of a day is made of: hours of a base at least as fine where they stand, else readings. */
interface DaySource {
  readonly hours: ReadonlyMap<RollupBase, readonly Bucket[]>;
  readonly readings: readonly Bucket[];
  /** Rows of parts to be read; readings count as `ROWS_PER_ROW / READINGS_PER_ROW`. */
  readonly rows: number;
}

/**
 * Writes the parts and the sketches of one city day whose hours all stand; inside the caller's transaction. What was there of it is
 * replaced.
 *
 * @returns What was built; undefined for a day without readings.
 */
export async function writeDay(
  connection: DuckDBConnection,
  state: StoreState,
  day: Bucket,
): Promise<BucketRecord | undefined> {
  const at = `bucket = ${day.from}::BIGINT`;
  // What is kept stays kept: a question that was planned before may be about to read it.
  const before = state.rollups.record('day', day.from)?.rows;
  for (const { kept, base } of RECORD_BASES) {
    if (kept === 'parts') await connection.run(`DELETE FROM ${rollupTable('day', base)} WHERE ${at}`);
    if (kept === 'sketch') await connection.run(`DELETE FROM ${sketchTable(base)} WHERE ${at}`);
  }
  const hours = state.rollups.calendar.starts('hour', day);
  const readings = hours.reduce((sum, hour) => sum + (state.rollups.record('hour', hour)?.readings ?? 0), 0);
  if (readings === 0) return undefined;
  const sources = ROLLUP_BASES.map((base) => sourceOf(state, base, day));
  const keys: number[] = [];
  for (const [index, base] of ROLLUP_BASES.entries()) {
    keys.push(await countKeys(connection, state, base, sources[index]!));
  }
  const keep = keepBases(
    keys,
    sources.map((source) => source.rows),
  );
  const rows: number[] = [];
  for (const [index, { kept, base }] of RECORD_BASES.entries()) {
    if (kept === 'minute') rows.push(0);
    else if (kept === 'parts') {
      const pays = keep[index]! || (before?.[index] ?? -1) >= 0;
      if (pays) await writeParts(connection, state, base, sources[index]!, day);
      rows.push(pays ? await countRows(connection, rollupTable('day', base), at) : -1);
    } else rows.push(await writeSketch(connection, state, base, day, readings, (before?.[index] ?? -1) >= 0));
  }
  return { readings, rows };
}

export function sketchTable(base: RollupBase): string {
  return `rollup_sketch_${baseName(base)}`;
}

/** SQL for the counts by bin of the readings of a source, by what names its keys give. */
export function binsOfRowsSql(keys: readonly string[], source: string): string {
  return `SELECT ${[...keys, `${binSql('result')} AS bin`].join(', ')}, count(*)::BIGINT AS n FROM (${source}) GROUP BY ALL`;
}

function sourceOf(state: StoreState, base: RollupBase, day: Bucket): DaySource {
  const { calendar } = state.rollups;
  const finer = ROLLUP_BASES.filter(
    ({ dggrs, level }) => dggrs === base.dggrs && level >= base.level,
  ).reverse();
  const hours = new Map<RollupBase, Bucket[]>();
  const readings: Bucket[] = [];
  let rows = 0;
  for (const start of calendar.starts('hour', day)) {
    const record = state.rollups.record('hour', start);
    if (record === undefined) continue;
    const hour = calendar.bucketAt('hour', start);
    const held = finer.find((candidate) => record.rows[ROLLUP_BASES.indexOf(candidate)]! >= 0);
    if (held === undefined) {
      readings.push(hour);
      rows += (record.readings * ROWS_PER_ROW) / READINGS_PER_ROW;
    } else {
      const spans = hours.get(held) ?? [];
      spans.push(hour);
      hours.set(held, spans);
      rows += record.rows[ROLLUP_BASES.indexOf(held)]!;
    }
  }
  return { hours, readings: joinSpans(readings), rows };
}

function partsFrom(source: DaySource): readonly string[] {
  return [...source.hours].map(
    ([held, spans]) =>
      `SELECT dataset, property, zone, ${PARTS_COLUMNS} FROM ${rollupTable('hour', held)} WHERE ${within('bucket', joinSpans(spans))}`,
  );
}

async function countKeys(
  connection: DuckDBConnection,
  state: StoreState,
  base: RollupBase,
  source: DaySource,
): Promise<number> {
  const pieces = partsFrom(source).map(
    (sql) => `SELECT dataset, property, ${zoneSql(base, 'zone')} AS zone FROM (${sql})`,
  );
  if (source.readings.length > 0) {
    pieces.push(
      `SELECT dataset, property, ${zoneSql(base)} AS zone FROM (${readingsSql(state, source.readings)})`,
    );
  }
  const reader = await connection.runAndReadAll(
    `SELECT approx_count_distinct(hash(dataset, property, zone)) FROM (${pieces.join(' UNION ALL ')})`,
  );
  return Number(reader.getRows()[0]![0]);
}

async function writeParts(
  connection: DuckDBConnection,
  state: StoreState,
  base: RollupBase,
  source: DaySource,
  day: Bucket,
): Promise<void> {
  const zone = `${zoneSql(base, 'zone')} AS zone`;
  const pieces = partsFrom(source).map(
    (sql) => `SELECT dataset, property, ${zone}, ${PARTS_COLUMNS} FROM (${sql})`,
  );
  if (source.readings.length > 0) {
    const keys = ['dataset', 'property', `${zoneSql(base)} AS zone`];
    pieces.push(
      `SELECT dataset, property, zone, ${PARTS_COLUMNS} FROM (${partsOfRowsSql(keys, readingsSql(state, source.readings))})`,
    );
  }
  const merged = mergedPartsSql(['dataset', 'property', 'zone'], pieces.join(' UNION ALL '));
  await connection.run(
    `INSERT INTO ${rollupTable('day', base)} SELECT ${day.from}::BIGINT AS bucket, dataset, property, zone, ${PARTS_COLUMNS}
     FROM (${merged}) ORDER BY dataset, property, zone`,
  );
}

/** Kept where it has at most 1 row for `READINGS_PER_ROW` readings. */
async function writeSketch(
  connection: DuckDBConnection,
  state: StoreState,
  base: RollupBase,
  day: Bucket,
  readings: number,
  anyway: boolean,
): Promise<number> {
  const source = readingsSql(state, [day]);
  const keys = `hash(dataset, property, ${zoneSql(base, columnOf(base.dggrs))}, ${binSql('result')})`;
  const counted = await connection.runAndReadAll(`SELECT approx_count_distinct(${keys}) FROM (${source})`);
  const pays = Number(counted.getRows()[0]![0]) * READINGS_PER_ROW <= readings;
  if (!pays && !anyway) return -1;
  const bins = binsOfRowsSql(['dataset', 'property', `${zoneSql(base)} AS zone`], source);
  await connection.run(
    `INSERT INTO ${sketchTable(base)} SELECT ${day.from}::BIGINT, * FROM (${bins}) ORDER BY dataset, property, zone, bin`,
  );
  return countRows(connection, sketchTable(base), `bucket = ${day.from}::BIGINT`);
}

async function countRows(connection: DuckDBConnection, table: string, where: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${table} WHERE ${where}`);
  return Number(reader.getRows()[0]![0]);
}
