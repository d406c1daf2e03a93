/** Index files as earlier versions of the schema left them, for the tests of `migrate`. Plain SQL of that version. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** 2026-03-01T08:00:00Z, as in the fixtures of batches. */
const T = 1_772_352_000_000;
const PLACE = "UBIGINT '18446744073709551615', UBIGINT '18446744073709551615'";
const AIR = JSON.stringify({
  id: 'air',
  titleEn: 'Air',
  titleZh: '空气',
  publisherEn: 'Bureau',
  publisherZh: '局',
  licence: 'test',
  periodMs: 60_000,
});

/** Makes a file at a version and fills it with rows of every kind; leaves it without a clean stop's `latest`. */
export async function writeFixture(path: string, version: number): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await migrate(connection, T, MIGRATIONS.slice(0, version));
  for (const statement of fixtureSql(version)) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

/** Runs the first `statements` statements of the next step and leaves it so, as a killed process does. */
export async function beginStep(connection: DuckDBConnection, version: number, statements: number) {
  await connection.run('BEGIN');
  for (const statement of MIGRATIONS[version]!.statements.slice(0, statements))
    await connection.run(statement);
}

function fixtureSql(version: number): readonly string[] {
  // Two datasets: days of one, months of the other. Before step 3 names of tables had no journal position.
  const suffix = version >= 3 ? '_0' : '';
  const [day, next, month] = ['d20260301', 'd20260302', 'm202602'].map(
    (name) => `observation_${name}${suffix}`,
  );
  const parts = [
    [day, T - 28_800_000, T + 57_600_000, 'day'],
    [next, T + 57_600_000, T + 144_000_000, 'day'],
    [month, Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1), 'month'],
  ] as const;
  const partColumns = version >= 3 ? '(name, from_ms, to_ms, grain)' : '(name, from_ms, to_ms)';
  return [
    'UPDATE loader SET position = 7, next_seq = 5',
    `INSERT INTO dataset VALUES (0, 'air', '${AIR}', 'day'), (1, 'history', NULL, 'month'), (2, 'hotline', NULL, 'day')`,
    `INSERT INTO thing VALUES (0, 'a', NULL), (1, 'b', NULL)`,
    `INSERT INTO property VALUES (0, 'pm25')`,
    `INSERT INTO datastream VALUES (0, 0, 0, 0), (1, 0, 1, 0), (2, 1, 1, 0)`,
    ...parts.map(([name]) => `CREATE TABLE ${name} AS SELECT * FROM observation_none`),
    ...parts.map(
      ([name, from, to, grain]) =>
        `INSERT INTO observation_part ${partColumns} VALUES ('${name}', ${from}, ${to}${version >= 3 ? `, '${grain}'` : ''})`,
    ),
    `INSERT INTO ${day} VALUES (${T}, 10, 0, 41, ${PLACE}, NULL, 0), (${T + 1000}, 0, 1, 7, ${PLACE}, 1800.5, 1)`,
    `INSERT INTO ${next} VALUES (${T + 86_400_000}, 0, 0, 42.5, ${PLACE}, NULL, 0)`,
    `INSERT INTO ${month} VALUES (${Date.UTC(2026, 1, 3)}, 0, 2, 3, ${PLACE}, NULL, 0)`,
    `CREATE OR REPLACE VIEW observation AS SELECT * FROM observation_none
       UNION ALL SELECT * FROM ${day} UNION ALL SELECT * FROM ${next} UNION ALL SELECT * FROM ${month}`,
    ...['event', 'event_version'].map(
      (table, index) =>
        `INSERT INTO ${table} VALUES (${2 - index}, 2, 99, 'case-1', 'case', 'noise', NULL, ${T}, NULL, ${T + 1 - index}, 'open',
          NULL, '{}', NULL, NULL, ${PLACE}, NULL, NULL, 'none', 0, ${5 - index})`,
    ),
    `INSERT INTO feature VALUES (3, 0, 2, 98, 'school-1', 'school', NULL, 'surface', '{}', NULL, NULL, NULL, ${PLACE}, 'none', 0, ${T}, 6)`,
    `INSERT INTO rejection VALUES (4, 3, 0, ${T}, 's', 'p', 'o', 'out-of-range', 'm', 'refused', NULL, 'air', NULL, 1, 40)`,
    `INSERT INTO account (id, dataset, source, delivery, records_stored, records_refused, records_held, records_duplicate,
       records_partial, readings_stored, readings_refused, readings_held, readings_duplicate)
     VALUES (0, 'air', 's', '', 3, 1, 0, 2, 0, 3, 1, 0, 2)`,
    ...(version >= 2 ? [`UPDATE account SET newest_at = ${T}`] : []),
  ];
}
