import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState, StateError } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openState', () => {
  it('migrates once, keeps rows across a restart and runs in WAL mode', async () => {
    const path = join(folder, 'state', 'jingwei.sqlite');
    const first = await openState(path, 1000);
    await first
      .insertInto('seat')
      .values({ id: 's', hash: 'h', name: 'Wall', created_by: 'admin', created_at: 1, revoked_at: null })
      .execute();
    await first.destroy();
    const second = await openState(path, 2000);
    expect(await second.selectFrom('seat').select(['id', 'revoked_at']).execute()).toEqual([
      { id: 's', revoked_at: null },
    ]);
    expect(await second.selectFrom('migration').select('at').execute()).toEqual([{ at: 1000 }]);
    const mode = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(second);
    expect(mode.rows).toEqual([{ journal_mode: 'wal' }]);
    await second.destroy();
  });

  it('rolls a failed transaction back whole', async () => {
    const state = await openState(':memory:');
    const seat = { id: 's', hash: 'h', name: 'n', created_by: 'a', created_at: 1, revoked_at: null };
    await expect(
      state.transaction().execute(async (transaction) => {
        await transaction.insertInto('seat').values(seat).execute();
        await transaction.insertInto('seat').values(seat).execute();
      }),
    ).rejects.toThrow(/UNIQUE/);
    expect(await state.selectFrom('seat').selectAll().execute()).toEqual([]);
    await state.destroy();
  });

  it('refuses a store of a newer release', async () => {
    const path = join(folder, 'jingwei.sqlite');
    const state = await openState(path);
    await state.insertInto('migration').values({ id: '9999-later', at: 1 }).execute();
    await state.destroy();
    await expect(openState(path)).rejects.toThrow(StateError);
  });
});
