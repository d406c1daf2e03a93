import type { DuckDBConnection } from '@duckdb/node-api';
import { partFilePath } from './parts/part-files.ts';
import { sqlText } from './parts/write-part.ts';
import type { StoreState } from './state.ts';

const COLUMNS =
  'dataset, thing, property, time, result_delay_ms, result, h3, beidou, height, quality, datastream';

/**
 * The view `observation` over all hot tables and sealed parts, with names and the id of the datastream: for people and their
 * SQL. The shapes read `rowsSql`, which picks tables, files and columns. Parts that are damaged are not in it.
 *
 * In the loader's turn, outside its transaction: the view is made anew when tables or parts come and go, and must never keep a
 * batch from being loaded.
 */
export async function refreshObservationView(connection: DuckDBConnection, state: StoreState): Promise<void> {
  await connection.run(observationViewSql(state));
}

function observationViewSql(state: StoreState): string {
  const tables = ['observation_none', ...state.partitions.all.map(({ name }) => name)];
  const names = `datastream d JOIN dataset s ON s.id = d.dataset JOIN thing t ON t.id = d.thing
    JOIN property p ON p.id = d.property`;
  const hot = `SELECT s.name AS dataset, t.name AS thing, p.name AS property, o.time, o.result_delay_ms, o.result, o.h3, o.beidou,
      o.height, o.quality, o.datastream
    FROM (${tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL ')}) o
    JOIN (${names}) ON d.id = o.datastream`;
  const files = state.parts.all
    .filter((part) => state.parts.damageOf(part) === undefined)
    .flatMap((part) => part.files.map(({ name }) => partFilePath(state.parts.folder, part, name)));
  if (files.length === 0) return `CREATE OR REPLACE VIEW observation AS SELECT ${COLUMNS} FROM (${hot})`;
  const list = files.map((file) => `'${sqlText(file)}'`).join(',');
  const sealed = `SELECT o.dataset, o.thing, o.property, o.time, o.result_delay_ms, o.result, o.h3, o.beidou, o.height, o.quality,
      d.id AS datastream
    FROM read_parquet([${list}]) o JOIN (${names}) ON s.name = o.dataset AND t.name = o.thing AND p.name = o.property
    WHERE NOT EXISTS (SELECT 1 FROM observation_superseded x WHERE x.part IS NOT NULL AND x.datastream = d.id
      AND x.time = o.time AND x.result = o.result AND x.result_delay_ms = o.result_delay_ms)`;
  return `CREATE OR REPLACE VIEW observation AS SELECT ${COLUMNS} FROM (${hot} UNION ALL ${sealed})`;
}
