import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openStore } from '../../analytics/index.ts';
import { migrate } from '../../analytics/store/migrate.ts';
import { MIGRATIONS } from '../../analytics/store/migrations/index.ts';
import { arrivalOf, journalBatch } from './index-journal.ts';

/** The last schema before rows were sealed: tables by UTC day, or by month for archives, and no word of journal positions. */
const OLD_VERSION = 2;

/**
 * Makes an index as an earlier program left it, at `position`: what today's program loads, brought back into the tables of
 * the old schema.
 */
export async function makeOldIndex(path: string, position: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-old-'));
  const today = join(folder, 'today.duckdb');
  const store = await openStore({ path: today, clock: () => arrivalOf(position), rollupIntervalMs: 0 });
  await store.load(journalBatch(0, position));
  await store.close();
  mkdirSync(dirname(path), { recursive: true });
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await migrate(connection, 0, MIGRATIONS.slice(0, OLD_VERSION));
  await connection.run(`ATTACH '${today}' AS today (READ_ONLY)`);
  await copyTables(connection);
  await copyObservations(connection);
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true, force: true });
}

async function copyTables(connection: DuckDBConnection): Promise<void> {
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const tables = await read(
    `SELECT table_name, string_agg(column_name, ', ' ORDER BY column_index) FROM duckdb_columns()
     WHERE database_name = current_database() AND NOT internal AND table_name NOT LIKE 'observation%'
       AND table_name NOT LIKE 'rollup%' AND table_name <> 'schema_version' GROUP BY 1`,
  );
  for (const [table, columns] of tables) {
    await connection.run(`DELETE FROM ${table}`);
    await connection.run(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM today.${table}`);
  }
}

async function copyObservations(connection: DuckDBConnection): Promise<void> {
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const pieces = await read('SELECT name FROM today.observation_part');
  const columns = 'time, result_delay_ms, datastream, result, h3, beidou, height, quality';
  const all = pieces.map(([name]) => `SELECT ${columns} FROM today.${name}`).join(' UNION ALL ');
  await connection.run(
    `CREATE TEMP TABLE moved AS SELECT o.*, s.grain = 'month' AS monthly,
       date_trunc(if(s.grain = 'month', 'month', 'day'), epoch_ms(o.time)) AS start
     FROM (${all}) o JOIN datastream d ON d.id = o.datastream JOIN dataset s ON s.id = d.dataset`,
  );
  const spans = await read(
    `SELECT DISTINCT if(monthly, strftime(start, 'observation_m%Y%m'), strftime(start, 'observation_d%Y%m%d')), monthly,
       epoch_ms(start)::DOUBLE, epoch_ms(start + if(monthly, INTERVAL 1 MONTH, INTERVAL 1 DAY))::DOUBLE FROM moved`,
  );
  // No hour was rolled up yet.
  await connection.run('INSERT INTO rollup_dirty SELECT DISTINCT time // 3600000 * 3600000 FROM moved');
  for (const [name, monthly, from, to] of spans) {
    await connection.run(
      `CREATE TABLE ${name} AS SELECT ${columns} FROM moved WHERE monthly = ${monthly} AND epoch_ms(start) = ${from}::BIGINT`,
    );
    await connection.run(`INSERT INTO observation_part VALUES ('${name}', ${from}::BIGINT, ${to}::BIGINT)`);
  }
}
