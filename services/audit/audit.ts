/**
 * The audit trail: who did what, when and from where. Each line carries the hash of the line before it, so that a line taken
 * out or changed shows.
 */
import { createHash } from 'node:crypto';
import type { State } from '../state/index.ts';

/** What is worth a line. */
export const AUDIT_ACTIONS = [
  'login',
  'login-failed',
  'logout',
  'seat-opened',
  'user-created',
  'user-changed',
  'password-changed',
  'token-created',
  'token-revoked',
  'seat-created',
  'seat-revoked',
  'device-created',
  'device-changed',
  'stream-key-created',
  'stream-key-removed',
  'declared',
  'ingest-upload',
  'coding-file-brought',
  'coding-file-removed',
  'backup-started',
  'backup-made',
  'backup-failed',
  'server-started',
  'server-stopped',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditRecord {
  /** Subject of the identity, or the name tried. */
  readonly who: string;
  readonly action: AuditAction;
  /** What it was done to: a user, a token id, a delivery. */
  readonly subject: string;
  /** Further facts; never a secret. */
  readonly detail: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  readonly sourceAddress: string;
  /** UTC ms. */
  readonly at: number;
}

/** A kept line. */
export interface AuditLine extends AuditRecord {
  readonly seq: number;
  /** SHA-256 hex; 64 zeros before the first line. */
  readonly previousHash: string;
  readonly hash: string;
}

export interface Audit {
  /** Resolves when the line is on disk; rejects when it could not be kept, and then the action must not go ahead. */
  record(record: AuditRecord): Promise<void>;
  /** Newest first; `before` pages on. */
  list(limit: number, before?: number): Promise<readonly AuditLine[]>;
  /** The first line whose hash or predecessor does not fit; null when all do. */
  verify(): Promise<number | null>;
}

const FIRST_HASH = '0'.repeat(64);
/** Lines read at once while verifying. */
const VERIFY_PAGE = 1000;

export function createAudit(state: State): Audit {
  // One line after another: each needs the hash of the one before.
  let last: Promise<unknown> = Promise.resolve();
  const append = async (record: AuditRecord) => {
    const before = await state
      .selectFrom('audit')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const line = {
      seq: (before?.seq ?? 0) + 1,
      at: record.at,
      who: record.who,
      action: record.action,
      subject: record.subject,
      detail: JSON.stringify(record.detail),
      source_address: record.sourceAddress,
      previous_hash: before?.hash ?? FIRST_HASH,
    };
    await state
      .insertInto('audit')
      .values({ ...line, hash: hashOf(line) })
      .execute();
  };
  return {
    record(record) {
      const done = last.then(() => append(record));
      last = done.catch(() => undefined);
      return done;
    },
    async list(limit, before) {
      let query = state.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit);
      if (before !== undefined) query = query.where('seq', '<', before);
      return (await query.execute()).map((row) => ({
        seq: row.seq,
        at: row.at,
        who: row.who,
        action: row.action as AuditAction,
        subject: row.subject,
        detail: JSON.parse(row.detail) as AuditRecord['detail'],
        sourceAddress: row.source_address,
        previousHash: row.previous_hash,
        hash: row.hash,
      }));
    },
    async verify() {
      let expectedSeq = 1;
      let expectedHash = FIRST_HASH;
      for (;;) {
        const rows = await state
          .selectFrom('audit')
          .selectAll()
          .where('seq', '>=', expectedSeq)
          .orderBy('seq')
          .limit(VERIFY_PAGE)
          .execute();
        for (const row of rows) {
          const { hash, ...line } = row;
          if (row.seq !== expectedSeq || row.previous_hash !== expectedHash || hashOf(line) !== hash)
            return expectedSeq;
          expectedSeq += 1;
          expectedHash = hash;
        }
        if (rows.length < VERIFY_PAGE) return null;
      }
    },
  };
}

interface HashedLine {
  readonly seq: number;
  readonly at: number;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
  readonly source_address: string;
  readonly previous_hash: string;
}

/** SHA-256 over the line as a JSON array in fixed order: no two different lines have the same text. */
function hashOf(line: HashedLine): string {
  const { seq, at, who, action, subject, detail, source_address, previous_hash } = line;
  const text = JSON.stringify([seq, at, who, action, subject, detail, source_address, previous_hash]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
