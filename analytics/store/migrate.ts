import type { DuckDBConnection } from '@duckdb/node-api';
import { MIGRATIONS, type Migration } from './migrations/index.ts';
import { StoreError } from './store-error.ts';

/**
 * Brings the schema forward, each step in a transaction of its own with its line in `schema_version`.
 *
 * @returns The version the schema is at.
 * @throws {StoreError} `schema-too-new` when a later program has written the file.
 */
export async function migrate(
  connection: DuckDBConnection,
  nowMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  await connection.run(
    'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, title VARCHAR NOT NULL, applied_at BIGINT NOT NULL)',
  );
  const reader = await connection.runAndReadAll(
    'SELECT coalesce(max(version), 0)::INTEGER FROM schema_version',
  );
  let version = reader.getRows()[0]![0] as number;
  const newest = migrations.at(-1)?.version ?? 0;
  if (version > newest) {
    throw new StoreError(
      'schema-too-new',
      `Cannot open the index: its schema is version ${version}, this program knows up to ${newest}`,
    );
  }
  for (const migration of migrations) {
    if (migration.version <= version) continue;
    await connection.run('BEGIN');
    try {
      for (const statement of migration.statements) await connection.run(statement);
      await connection.run('INSERT INTO schema_version VALUES (?, ?, ?)', [
        migration.version,
        migration.title,
        BigInt(Math.round(nowMs)),
      ]);
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK');
      throw error;
    }
    version = migration.version;
  }
  return version;
}
