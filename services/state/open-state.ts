/** Opens the state store: SQLite in WAL mode behind kysely, migrated to its present shape. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { MIGRATIONS } from './migrations.ts';
import type { StateTables } from './tables.ts';

/** What the rest of the house uses: kysely's typed builder, which also speaks PostgreSQL. */
export type State = Kysely<StateTables>;

/** The store is from a newer release than this program. */
export class StateError extends Error {
  readonly code = 'state-too-new';
  constructor(message: string) {
    super(message);
    this.name = 'StateError';
  }
}

/**
 * Opens (and creates) the state store.
 *
 * @param path - SQLite file; its folder is made. `:memory:` for a test.
 * @param now - UTC ms noted with the migrations run.
 * @throws {StateError} `state-too-new` when the file knows steps that this program does not.
 */
export async function openState(path: string, now: number = Date.now()): Promise<State> {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new Database(path);
  // FULL: what people decide is on disk when the answer leaves, power cut included.
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'busy_timeout = 5000',
  ]) {
    database.pragma(pragma);
  }
  const state = new Kysely<StateTables>({ dialect: new SqliteDialect({ database }) });
  await migrate(state, now);
  return state;
}

async function migrate(state: State, now: number): Promise<void> {
  await state.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  const done = new Set((await state.selectFrom('migration').select('id').execute()).map((row) => row.id));
  const known = new Set(MIGRATIONS.map((migration) => migration.id));
  const unknown = [...done].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new StateError(
      `Cannot open the state store: it holds steps of a newer release: ${unknown.join(', ')}`,
    );
  }
  for (const migration of MIGRATIONS) {
    if (done.has(migration.id)) continue;
    await state.transaction().execute(async (transaction) => {
      await migration.up(transaction);
      await transaction.insertInto('migration').values({ id: migration.id, at: now }).execute();
    });
  }
}
