import type { Migration } from './migration.ts';

/** The first is the least value of the earliest instant, the last the greatest of the latest; unknown in what the old rollup had. */
const PARTS = `
  bucket BIGINT NOT NULL, dataset UINTEGER NOT NULL, property UINTEGER NOT NULL, zone UBIGINT NOT NULL, n BIGINT NOT NULL,
  total DOUBLE NOT NULL, m2 DOUBLE NOT NULL, least DOUBLE NOT NULL, greatest DOUBLE NOT NULL,
  first_time BIGINT, first_result DOUBLE, last_time BIGINT NOT NULL, last_result DOUBLE`;

const SKETCH = `
  bucket BIGINT NOT NULL, dataset UINTEGER NOT NULL, property UINTEGER NOT NULL, zone UBIGINT NOT NULL, bin INTEGER NOT NULL,
  n BIGINT NOT NULL`;

const FINE = ['h3_10', 'h3_9', 'h3_8', 'h3_7', 'beidou_6', 'beidou_5', 'beidou_4'];
const COARSE = ['h3_7', 'beidou_4'];

/**
 * A table a tier and base; what stands in them (`rollup_bucket`: one line a bucket, with rows by base in the order of the program, -1
 * where a base was not kept); days that wait for their hours; and the calendar all were made by. The old rollup keeps what it has of
 * days whose readings are gone until the program has taken it over; the rest is built anew.
 */
export const migration004: Migration = {
  version: 4,
  title: 'rollups',
  statements: [
    ...COARSE.map((base) => `CREATE TABLE rollup_minute_${base} (${PARTS})`),
    ...['hour', 'day'].flatMap((tier) =>
      FINE.map((base) => `CREATE TABLE rollup_${tier}_${base} (${PARTS})`),
    ),
    ...COARSE.map((base) => `CREATE TABLE rollup_sketch_${base} (${SKETCH})`),
    'CREATE TABLE rollup_bucket (tier VARCHAR NOT NULL, bucket BIGINT NOT NULL, readings BIGINT NOT NULL, rows BIGINT[] NOT NULL)',
    'CREATE TABLE rollup_pending (tier VARCHAR NOT NULL, bucket BIGINT NOT NULL)',
    'CREATE TABLE rollup_calendar (version INTEGER NOT NULL, zone VARCHAR NOT NULL)',
    'ALTER TABLE rollup RENAME TO rollup_before',
  ],
};
