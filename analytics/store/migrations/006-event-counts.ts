import type { Migration } from './migration.ts';

const COUNTS = `
  bucket BIGINT NOT NULL, dataset UINTEGER NOT NULL, category VARCHAR NOT NULL, zone UBIGINT NOT NULL, n BIGINT NOT NULL,
  newest BIGINT NOT NULL`;

/** Events counted by category, city hour and day, and zone; and the hours and days that wait to be counted (again). */
export const migration006: Migration = {
  version: 6,
  title: 'event-counts',
  statements: [
    ...['hour', 'day'].flatMap((tier) =>
      ['h3_10', 'beidou_6'].map((base) => `CREATE TABLE rollup_events_${tier}_${base} (${COUNTS})`),
    ),
    'CREATE TABLE rollup_events_dirty (bucket BIGINT NOT NULL)',
    'INSERT INTO rollup_events_dirty SELECT DISTINCT start_ms - ((start_ms % 3600000) + 3600000) % 3600000 FROM event',
  ],
};
