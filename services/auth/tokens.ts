/** Bearer tokens of programs. Shown once; only hashes are kept. */
import type { State } from '../state/index.ts';
import type { Role } from './identity.ts';
import { hashSecret, newId, newSecret } from './secret.ts';
import { roleOf } from './users.ts';

/** What may be shown of a token. */
export interface TokenSummary {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revoked: boolean;
}

export interface Tokens {
  /** @param expiresAt - UTC ms; null never expires. */
  create(
    name: string,
    role: Role,
    createdBy: string,
    expiresAt: number | null,
  ): Promise<{ readonly id: string; readonly token: string }>;
  /** @returns False when there is no such token. */
  revoke(id: string): Promise<boolean>;
  /** Revokes every token of this name that is still good. */
  revokeNamed(name: string): Promise<void>;
  list(): Promise<readonly TokenSummary[]>;
}

/** @param now - Clock, UTC ms. */
export function createTokens(state: State, now: () => number = Date.now): Tokens {
  return {
    async create(name, role, createdBy, expiresAt) {
      const id = newId();
      const token = newSecret();
      const row = { id, hash: hashSecret(token), name, role, created_by: createdBy, created_at: now() };
      await state
        .insertInto('token')
        .values({ ...row, expires_at: expiresAt, revoked_at: null })
        .execute();
      return { id, token };
    },
    async revoke(id) {
      const change = { revoked_at: now() };
      const result = await state.updateTable('token').set(change).where('id', '=', id).executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async revokeNamed(name) {
      await state
        .updateTable('token')
        .set({ revoked_at: now() })
        .where('name', '=', name)
        .where('revoked_at', 'is', null)
        .execute();
    },
    async list() {
      const rows = await state.selectFrom('token').selectAll().orderBy('created_at').execute();
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        role: roleOf(row.role),
        createdBy: row.created_by,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        revoked: row.revoked_at !== null,
      }));
    },
  };
}
