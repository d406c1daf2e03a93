/** People who sign in with a password. */
import type { State } from '../state/index.ts';
import { GRANTABLE_ROLES, type Role } from './identity.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { type Revoked, revokeMadeBy } from './revoke.ts';
import { newSecret } from './secret.ts';

/** What may be shown of a user. */
export interface UserSummary {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly disabled: boolean;
}

export interface Users {
  /** @returns False when the name is taken. */
  create(name: string, role: Role, password: string): Promise<boolean>;
  /** Sets the password and ends every session of the user. @returns False when there is no such user. */
  setPassword(name: string, password: string): Promise<boolean>;
  /**
   * Disables or enables. Disabling ends every session of the user and revokes, for good, the tokens and wall seats the user made.
   *
   * @returns What was revoked, nothing when enabling; undefined when there is no such user.
   */
  setDisabled(name: string, disabled: boolean): Promise<Revoked | undefined>;
  /** The user when name and password fit, in constant time either way. */
  check(name: string, password: string): Promise<UserSummary | undefined>;
  list(): Promise<readonly UserSummary[]>;
  /**
   * Makes the user "admin" when there is nobody yet.
   *
   * @returns The generated password, to be printed once; null when one was given or users exist already.
   */
  createFirstAdmin(given: string | undefined): Promise<string | null>;
}

/** @param now - Clock, UTC ms. */
export function createUsers(state: State, now: () => number = Date.now): Users {
  const endSessions = (name: string) => state.deleteFrom('session').where('user_name', '=', name).execute();
  const users: Users = {
    async create(name, role, password) {
      const hash = await hashPassword(password);
      const at = now();
      const row = { name, role, password: hash, created_at: at, password_at: at, disabled: 0 };
      const result = await state
        .insertInto('user')
        .values(row)
        .onConflict((c) => c.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async setPassword(name, password) {
      const hash = await hashPassword(password);
      const change = { password: hash, password_at: now() };
      const result = await state.updateTable('user').set(change).where('name', '=', name).executeTakeFirst();
      await endSessions(name);
      return result.numUpdatedRows > 0n;
    },
    async setDisabled(name, disabled) {
      const change = { disabled: disabled ? 1 : 0 };
      return await state.transaction().execute(async (tx) => {
        const result = await tx.updateTable('user').set(change).where('name', '=', name).executeTakeFirst();
        if (result.numUpdatedRows === 0n) return undefined;
        if (!disabled) return { tokens: [], seats: [] };
        await tx.deleteFrom('session').where('user_name', '=', name).execute();
        return await revokeMadeBy(tx, name, now());
      });
    },
    async check(name, password) {
      const row = await state.selectFrom('user').selectAll().where('name', '=', name).executeTakeFirst();
      const right = await verifyPassword(password, row?.password);
      return right && row && row.disabled === 0 ? summary(row) : undefined;
    },
    async list() {
      return (await state.selectFrom('user').selectAll().orderBy('name').execute()).map(summary);
    },
    async createFirstAdmin(given) {
      const any = await state.selectFrom('user').select('name').limit(1).executeTakeFirst();
      if (any) return null;
      // 20 of 43 characters are 120 random bits: enough, and still typed by hand without a mistake.
      const password = given ?? newSecret().slice(0, 20);
      await users.create('admin', 'admin', password);
      return given === undefined ? password : null;
    },
  };
  return users;
}

function summary(row: { name: string; role: string; created_at: number; disabled: number }): UserSummary {
  return { name: row.name, role: roleOf(row.role), createdAt: row.created_at, disabled: row.disabled !== 0 };
}

/** @throws {Error} A role this release does not know: the store was edited by hand. */
export function roleOf(text: string): Role {
  const role = GRANTABLE_ROLES.find((known) => known === text);
  if (!role) throw new Error(`Cannot read the state store: "${text}" is not a role`);
  return role;
}
