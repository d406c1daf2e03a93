/** Signed-in browsers and wall seats. Only hashes of their tokens are kept. */
import type { State } from '../state/index.ts';
import type { Role } from './identity.ts';
import { hashSecret, newId, newSecret } from './secret.ts';

/** Name of the session cookie. */
export const SESSION_COOKIE = 'jingwei_session';

/** A wall seat as listed. */
export interface SeatSummary {
  readonly id: string;
  readonly label: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly revoked: boolean;
}

export interface Sessions {
  /** Opens a session and gives its token, shown to the browser alone. */
  open(user: string, role: Role, lifeMs: number): Promise<string>;
  /** Ends one session by the hash of its token. */
  close(hash: string): Promise<void>;
  /** Makes a seat and gives the secret of its link, shown once. */
  createSeat(label: string, createdBy: string): Promise<{ readonly id: string; readonly token: string }>;
  /** Opens a kiosk session for the seat of this link; undefined when there is none or it was revoked. */
  openSeat(token: string): Promise<{ readonly session: string; readonly seat: string } | undefined>;
  /** Revokes the seat and ends its sessions. @returns False when there is no such seat. */
  revokeSeat(id: string): Promise<boolean>;
  seats(): Promise<readonly SeatSummary[]>;
  /** Forgets what has expired. */
  sweep(): Promise<void>;
}

/** Screens of one wall that may share a link: the oldest session goes when a further one comes. */
const MAX_SESSIONS_PER_SEAT = 50;

/** @param now - Clock, UTC ms. */
export function createSessions(state: State, now: () => number = Date.now): Sessions {
  return {
    async open(user, role, lifeMs) {
      const token = newSecret();
      const at = now();
      const row = { hash: hashSecret(token), user_name: user, role, kiosk: 0, seat_id: null };
      await state
        .insertInto('session')
        .values({ ...row, created_at: at, expires_at: at + lifeMs })
        .execute();
      return token;
    },
    async close(hash) {
      await state.deleteFrom('session').where('hash', '=', hash).execute();
    },
    async createSeat(label, createdBy) {
      const id = newId();
      const token = newSecret();
      const row = {
        id,
        hash: hashSecret(token),
        name: label,
        created_by: createdBy,
        created_at: now(),
        revoked_at: null,
      };
      await state.insertInto('seat').values(row).execute();
      return { id, token };
    },
    async openSeat(token) {
      const seat = await state
        .selectFrom('seat')
        .select('id')
        .where('hash', '=', hashSecret(token))
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (!seat) return undefined;
      const session = newSecret();
      await state
        .insertInto('session')
        .values({
          hash: hashSecret(session),
          user_name: `seat:${seat.id}`,
          role: 'operator',
          kiosk: 1,
          seat_id: seat.id,
          created_at: now(),
          expires_at: null,
        })
        .execute();
      const surplus = await state
        .selectFrom('session')
        .select('hash')
        .where('seat_id', '=', seat.id)
        .orderBy('created_at', 'desc')
        .orderBy('hash')
        .limit(1000)
        .offset(MAX_SESSIONS_PER_SEAT)
        .execute();
      for (const { hash } of surplus) await state.deleteFrom('session').where('hash', '=', hash).execute();
      return { session, seat: seat.id };
    },
    async revokeSeat(id) {
      const change = { revoked_at: now() };
      const result = await state.updateTable('seat').set(change).where('id', '=', id).executeTakeFirst();
      await state.deleteFrom('session').where('seat_id', '=', id).execute();
      return result.numUpdatedRows > 0n;
    },
    async seats() {
      const rows = await state.selectFrom('seat').selectAll().orderBy('created_at').execute();
      return rows.map((row) => ({
        id: row.id,
        label: row.name,
        createdBy: row.created_by,
        createdAt: row.created_at,
        revoked: row.revoked_at !== null,
      }));
    },
    async sweep() {
      await state.deleteFrom('session').where('expires_at', '<=', now()).execute();
    },
  };
}
