import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { isStoreError } from './store-error.ts';

describe('migrate', () => {
  it('migrate: goes forward step by step, once, and refuses a schema from later', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const first = { version: 1, title: 'one', statements: ['CREATE TABLE a (x INTEGER)'] };
    const second = { version: 2, title: 'two', statements: ['ALTER TABLE a ADD COLUMN y INTEGER'] };
    const broken = {
      version: 3,
      title: 'three',
      statements: ['CREATE TABLE b (x INTEGER)', 'SELECT * FROM nowhere'],
    };
    expect(await migrate(connection, 5, [first])).toBe(1);
    expect(await migrate(connection, 6, [first, second])).toBe(2);
    expect(await migrate(connection, 7, [first, second])).toBe(2);
    await expect(migrate(connection, 8, [first, second, broken])).rejects.toThrow('nowhere');
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
    expect(await rows('SELECT version, title, applied_at FROM schema_version')).toEqual([
      [1, 'one', 5n],
      [2, 'two', 6n],
    ]);
    expect(await rows("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'b'")).toEqual([[0n]]);
    const error = await migrate(connection, 9, [first]).catch((e: unknown) => e);
    expect(isStoreError(error, 'schema-too-new')).toBe(true);
    instance.closeSync();
  });

  it('MIGRATIONS: versions count from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});
