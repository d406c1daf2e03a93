import type { Migration } from './migration.ts';

/**
 * When the newest record of an account came in, UTC ms; 0 for accounts that were written before this column. The feeds of
 * events are judged by it, and the list of deliveries is ordered by it.
 */
export const migration002: Migration = {
  version: 2,
  title: 'account-time',
  statements: ['ALTER TABLE account ADD COLUMN newest_at BIGINT DEFAULT 0'],
};
