/**
 * Tables of the state store: what people decide. Types of the rows as kysely sees them; only text, numbers and null, so that
 * the same statements run on PostgreSQL. Instants are UTC epoch milliseconds, switches 0 or 1, lists JSON text.
 */
import type { Generated } from 'kysely';

/** A person. `password` is the self-describing scrypt text of `auth/password.ts`. */
export interface UserTable {
  name: string;
  role: string;
  password: string;
  created_at: number;
  password_at: number;
  disabled: number;
}

/** A signed-in browser. `hash` is the SHA-256 (hex) of the cookie's token; `expires_at` null for a wall seat. */
export interface SessionTable {
  hash: string;
  user_name: string;
  role: string;
  kiosk: number;
  seat_id: string | null;
  created_at: number;
  expires_at: number | null;
}

/** A bearer token of a program; `hash` is the SHA-256 (hex) of the token. */
export interface TokenTable {
  id: string;
  hash: string;
  name: string;
  role: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
}

/** Who may speak on the device port; see `Principal` in `ingest/model`. */
export interface PrincipalTable {
  id: string;
  kind: string;
  token_hash: string;
  /** JSON arrays of topic filters. */
  publish: string;
  subscribe: string;
  created_at: number;
  disabled: number;
}

/** A read-only wall screen that signs in by its link. */
export interface SeatTable {
  id: string;
  hash: string;
  name: string;
  created_by: string;
  created_at: number;
  revoked_at: number | null;
}

/** One line of the audit trail; `hash` covers the line and `previous_hash`. */
export interface AuditTable {
  seq: Generated<number>;
  at: number;
  who: string;
  action: string;
  subject: string;
  /** JSON object text. */
  detail: string;
  source_address: string;
  previous_hash: string;
  hash: string;
}

export interface MigrationTable {
  id: string;
  at: number;
}

/** All tables of the state store. */
export interface StateTables {
  user: UserTable;
  session: SessionTable;
  token: TokenTable;
  principal: PrincipalTable;
  seat: SeatTable;
  audit: AuditTable;
  migration: MigrationTable;
}
