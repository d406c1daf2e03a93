/**
 * The index against itself: rows against accounts, tables against their spans, rollups against rows. Facts only; what they
 * mean is said where they are told. Reads at one moment, changes nothing.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { EpochMs, Position } from '../../ingest/model/index.ts';
import { internalsOf } from './internals.ts';
import type { Store } from './store.ts';

/** Rows of one dataset, and what its accounts say was stored. */
export interface DatasetRows {
  readonly dataset: string;
  /** Readings that the accounts count as stored. */
  readonly stored: number;
  /** Observations that answers are made of, hot and sealed. */
  readonly observations: number;
  /** Observations that a correction took the place of. */
  readonly superseded: number;
  /** Events and features, with their older versions. */
  readonly items: number;
}

/** One bucket of a rollup beside the rows it is made of. */
export interface RollupDifference {
  /** Begin of the hour, UTC ms. */
  readonly bucket: EpochMs;
  readonly dataset: string;
  readonly property: string;
  readonly rollup: readonly [count: number, least: number, greatest: number, total: number];
  readonly rows: readonly [count: number, least: number, greatest: number, total: number];
}

export interface IndexFacts {
  readonly position: Position;
  readonly snapshotPosition: Position;
  /** Retention has dropped rows: fewer than were stored is then no fault. */
  readonly dropped: boolean;
  readonly datasets: readonly DatasetRows[];
  /** Parts it knows, as `dataset/id`. */
  readonly parts: readonly string[];
  /** Hot tables that hold rows outside their span. */
  readonly strayTables: readonly { readonly table: string; readonly rows: number }[];
  readonly rollups: { readonly compared: number; readonly differences: readonly RollupDifference[] };
}

/** Hours whose rollup is compared with its rows. */
const SAMPLED_HOURS = 24;
/** Sums may differ by so much of the sum of magnitudes: they are added in another order. */
const SUM_TOLERANCE = 1e-9;

/** Checks an open index, beside loads and queries. */
export async function checkIndex(store: Store): Promise<IndexFacts> {
  const { pool } = internalsOf(store);
  try {
    return await pool.lend(facts);
  } catch {
    // A merge has taken files away under its feet: the view names the new ones by now.
    return pool.lend(facts);
  }
}

/**
 * Checks the index of a data folder that no server holds, without writing to it.
 *
 * @throws DuckDB's own error when the file cannot be read.
 */
export async function checkIndexFile(path: string, memoryLimitMb: number): Promise<IndexFacts> {
  const instance = await DuckDBInstance.create(path, {
    access_mode: 'READ_ONLY',
    memory_limit: `${memoryLimitMb}MB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    try {
      return await facts(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function facts(connection: DuckDBConnection): Promise<IndexFacts> {
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  await connection.run('BEGIN');
  try {
    const [loader] = await read('SELECT position, snapshot_position, dropped_before FROM loader');
    return {
      position: Number(loader![0]),
      snapshotPosition: Number(loader![1]),
      dropped: Number(loader![2]) > -9e18,
      datasets: (await read(DATASETS)).map(([dataset, stored, observations, superseded, items]) => ({
        dataset: dataset as string,
        stored: Number(stored),
        observations: Number(observations),
        superseded: Number(superseded),
        items: Number(items),
      })),
      parts: (await read("SELECT dataset || '/' || id FROM part ORDER BY 1")).map(([name]) => name as string),
      strayTables: await strayTables(read),
      rollups: await compareRollups(read),
    };
  } finally {
    await connection.run('ROLLBACK');
  }
}

type Read = (sql: string) => Promise<readonly (readonly unknown[])[]>;

const ITEMS = ['event', 'event_version', 'feature', 'feature_version'];

/** What restates a reading that stood already was counted as a duplicate. */
const DATASETS = `
  WITH stored AS (SELECT dataset AS name, sum(readings_stored) AS n FROM account GROUP BY 1),
  rows AS (SELECT dataset AS name, count(*) AS n FROM observation GROUP BY 1),
  superseded AS (SELECT s.name, count(*) AS n FROM observation_superseded x JOIN datastream d ON d.id = x.datastream
    JOIN dataset s ON s.id = d.dataset WHERE NOT x.restated GROUP BY 1),
  items AS (SELECT s.name, count(*) AS n FROM (${ITEMS.map((table) => `SELECT dataset FROM ${table}`).join(' UNION ALL ')}) i
    JOIN dataset s ON s.id = i.dataset GROUP BY 1)
  SELECT name, coalesce(stored.n, 0)::DOUBLE, coalesce(rows.n, 0)::DOUBLE, coalesce(superseded.n, 0)::DOUBLE, coalesce(items.n, 0)::DOUBLE
  FROM (SELECT name FROM stored UNION SELECT name FROM rows UNION SELECT name FROM items)
  LEFT JOIN stored USING (name) LEFT JOIN rows USING (name) LEFT JOIN superseded USING (name) LEFT JOIN items USING (name)
  WHERE name <> '' ORDER BY 1`;

async function strayTables(read: Read): Promise<IndexFacts['strayTables']> {
  const stray: { table: string; rows: number }[] = [];
  for (const [name, from, to] of await read('SELECT name, from_ms, to_ms FROM observation_part ORDER BY 1')) {
    const [row] = await read(
      `SELECT count(*) FROM "${name as string}" WHERE time < ${from} OR time >= ${to}`,
    );
    if (Number(row![0]) > 0) stray.push({ table: name as string, rows: Number(row![0]) });
  }
  return stray;
}

/** Hours that stand and are not touched since, by the coarsest H3 base, which is always kept. */
async function compareRollups(read: Read): Promise<IndexFacts['rollups']> {
  const hours = await read(
    `SELECT bucket FROM rollup_bucket WHERE tier = 'hour' AND bucket NOT IN (SELECT bucket FROM rollup_dirty)
     ORDER BY hash(bucket) LIMIT ${SAMPLED_HOURS}`,
  );
  const differences: RollupDifference[] = [];
  for (const [bucket] of hours) differences.push(...(await compareHour(read, Number(bucket))));
  return { compared: hours.length, differences };
}

async function compareHour(read: Read, bucket: EpochMs): Promise<readonly RollupDifference[]> {
  const rows = await read(`
    WITH kept AS (
      SELECT s.name AS dataset, p.name AS property, sum(r.n) AS n, min(least) AS least, max(greatest) AS greatest, sum(total) AS total
      FROM rollup_hour_h3_7 r JOIN dataset s ON s.id = r.dataset JOIN property p ON p.id = r.property
      WHERE bucket = ${bucket} GROUP BY 1, 2),
    raw AS (
      SELECT dataset, property, count(*) AS n, min(result) AS least, max(result) AS greatest, sum(result) AS total,
        sum(abs(result)) AS magnitude
      FROM observation WHERE time >= ${bucket} AND time < ${bucket + 3_600_000} GROUP BY 1, 2)
    SELECT dataset, property, coalesce(kept.n, 0)::DOUBLE, kept.least, kept.greatest, kept.total,
      coalesce(raw.n, 0)::DOUBLE, raw.least, raw.greatest, raw.total
    FROM kept FULL JOIN raw USING (dataset, property)
    WHERE kept.n IS DISTINCT FROM raw.n OR kept.least IS DISTINCT FROM raw.least OR kept.greatest IS DISTINCT FROM raw.greatest
      OR abs(kept.total - raw.total) > ${SUM_TOLERANCE} * raw.magnitude`);
  return rows.map(([dataset, property, ...figures]) => {
    const [n, least, greatest, total, rawN, rawLeast, rawGreatest, rawTotal] = figures.map(Number);
    return {
      bucket,
      dataset: dataset as string,
      property: property as string,
      rollup: [n!, least!, greatest!, total!],
      rows: [rawN!, rawLeast!, rawGreatest!, rawTotal!],
    };
  });
}
