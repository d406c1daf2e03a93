import type { Migration } from './migration.ts';

/** Columns of an event, in order: the newest version and the superseded ones have the same shape. */
const EVENT_COLUMNS = `
  seq BIGINT NOT NULL, dataset UINTEGER NOT NULL, key_hash UBIGINT NOT NULL, key VARCHAR NOT NULL,
  event_type VARCHAR NOT NULL, category VARCHAR NOT NULL, thing VARCHAR, start_ms BIGINT NOT NULL, end_ms BIGINT,
  updated BIGINT NOT NULL, status VARCHAR, title VARCHAR, attributes VARCHAR NOT NULL,
  lon DOUBLE, lat DOUBLE, h3 UBIGINT NOT NULL, beidou UBIGINT NOT NULL, height FLOAT, precision_m FLOAT,
  position_method VARCHAR NOT NULL, quality UTINYINT NOT NULL, content_hash UBIGINT NOT NULL`;

const FEATURE_COLUMNS = `
  seq BIGINT NOT NULL, id UINTEGER NOT NULL, dataset UINTEGER NOT NULL, key_hash UBIGINT NOT NULL,
  key VARCHAR NOT NULL, feature_type VARCHAR NOT NULL, name VARCHAR, layer VARCHAR NOT NULL,
  attributes VARCHAR NOT NULL, geometry VARCHAR, lon DOUBLE, lat DOUBLE, h3 UBIGINT NOT NULL,
  beidou UBIGINT NOT NULL, position_method VARCHAR NOT NULL, quality UTINYINT NOT NULL,
  updated BIGINT NOT NULL, content_hash UBIGINT NOT NULL`;

/**
 * The first schema: dictionaries, the observation view over no tables yet, events, features, rejections, accounts, the
 * rollup and its dirty hours, and the loader's position. No primary keys: uniqueness is the loader's, measured to be
 * four times cheaper on the way in.
 */
export const migration001: Migration = {
  version: 1,
  title: 'index',
  statements: [
    `CREATE TABLE loader (position BIGINT NOT NULL, next_seq BIGINT NOT NULL, dropped_before BIGINT NOT NULL)`,
    `INSERT INTO loader VALUES (0, 1, -9223372036854775808)`,
    `CREATE TABLE dataset (id UINTEGER NOT NULL, name VARCHAR NOT NULL, body VARCHAR, grain VARCHAR NOT NULL)`,
    `CREATE TABLE thing (id UINTEGER NOT NULL, name VARCHAR NOT NULL, body VARCHAR)`,
    `CREATE TABLE property (id UINTEGER NOT NULL, name VARCHAR NOT NULL)`,
    `CREATE TABLE datastream (
      id UINTEGER NOT NULL, dataset UINTEGER NOT NULL, thing UINTEGER NOT NULL, property UINTEGER NOT NULL)`,
    `CREATE TABLE observation_part (name VARCHAR NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL)`,
    `CREATE TABLE observation_none (
      time BIGINT NOT NULL, result_delay_ms UINTEGER NOT NULL, datastream UINTEGER NOT NULL, result DOUBLE NOT NULL,
      h3 UBIGINT NOT NULL, beidou UBIGINT NOT NULL, height FLOAT, quality UTINYINT NOT NULL)`,
    `CREATE VIEW observation AS SELECT * FROM observation_none`,
    `CREATE TABLE event (${EVENT_COLUMNS})`,
    `CREATE TABLE event_version (${EVENT_COLUMNS})`,
    `CREATE TABLE feature (${FEATURE_COLUMNS})`,
    `CREATE TABLE feature_version (${FEATURE_COLUMNS})`,
    `CREATE TABLE feature_zone (
      feature UINTEGER NOT NULL, grid VARCHAR NOT NULL, level UTINYINT NOT NULL, zone UBIGINT NOT NULL,
      lo UBIGINT NOT NULL, hi UBIGINT NOT NULL)`,
    `CREATE TABLE rejection (
      id BIGINT NOT NULL, position BIGINT NOT NULL, record UINTEGER NOT NULL, received_at BIGINT NOT NULL,
      source VARCHAR NOT NULL, principal VARCHAR NOT NULL, origin VARCHAR NOT NULL, code VARCHAR NOT NULL,
      message VARCHAR NOT NULL, disposition VARCHAR NOT NULL, place VARCHAR, dataset VARCHAR NOT NULL, thing VARCHAR,
      readings UINTEGER NOT NULL, byte_length BIGINT NOT NULL)`,
    `CREATE TABLE account (
      id UINTEGER NOT NULL, dataset VARCHAR NOT NULL, source VARCHAR NOT NULL, delivery VARCHAR NOT NULL,
      records_stored BIGINT NOT NULL, records_refused BIGINT NOT NULL, records_held BIGINT NOT NULL,
      records_duplicate BIGINT NOT NULL, records_partial BIGINT NOT NULL, readings_stored BIGINT NOT NULL,
      readings_refused BIGINT NOT NULL, readings_held BIGINT NOT NULL, readings_duplicate BIGINT NOT NULL)`,
    `CREATE TABLE rollup (
      grid VARCHAR NOT NULL, bucket BIGINT NOT NULL, dataset UINTEGER NOT NULL, property UINTEGER NOT NULL,
      zone UBIGINT NOT NULL, n BIGINT NOT NULL, total DOUBLE NOT NULL, m2 DOUBLE NOT NULL, least DOUBLE NOT NULL,
      greatest DOUBLE NOT NULL, newest BIGINT NOT NULL)`,
    `CREATE TABLE rollup_dirty (bucket BIGINT NOT NULL)`,
    `CREATE TABLE latest (
      position BIGINT NOT NULL, datastream UINTEGER NOT NULL, own_newest BIGINT, time BIGINT NOT NULL,
      result DOUBLE NOT NULL, h3 UBIGINT NOT NULL, beidou UBIGINT NOT NULL, quality UTINYINT NOT NULL)`,
  ],
};
