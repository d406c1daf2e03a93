import type { Migration } from './migration.ts';

/**
 * Sealed parts, and what a hot table says of itself: its grain, and the journal positions between which it was open. A
 * table from before this step holds all rows of its span from position 0 on, and its grain is told by its name.
 */
export const migration003: Migration = {
  version: 3,
  title: 'parts',
  statements: [
    'ALTER TABLE observation_part ADD COLUMN grain VARCHAR',
    'ALTER TABLE observation_part ADD COLUMN since_position BIGINT DEFAULT 0',
    'ALTER TABLE observation_part ADD COLUMN until_position BIGINT',
    // `body` is the part's sidecar, as it lies beside its files.
    'CREATE TABLE part (dataset VARCHAR NOT NULL, id VARCHAR NOT NULL, body VARCHAR NOT NULL)',
    // After a rebuild: entries below this had been counted when the state was written down; only their rows are wanted.
    'ALTER TABLE loader ADD COLUMN snapshot_position BIGINT DEFAULT 0',
    // Newest reading of each datastream among the rows that have left the hot tables; `since` orders readings of one instant.
    `CREATE TABLE latest_sealed (
      datastream UINTEGER NOT NULL, own_newest BIGINT, since BIGINT NOT NULL, time BIGINT NOT NULL,
      result DOUBLE NOT NULL, h3 UBIGINT NOT NULL, beidou UBIGINT NOT NULL, quality UTINYINT NOT NULL)`,
  ],
};
