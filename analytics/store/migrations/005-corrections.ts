import type { Migration } from './migration.ts';

/**
 * Readings that are no longer what stands for their instant, kept for audit: all columns of a row, and
 *
 * - `superseded_at`: position of the journal entry that brought the later reading (its own entry when it was late itself).
 * - `part`: where the row physically lies still, to be left out of answers: the id of a sealed part of its dataset; the name
 *   of a frozen table while that is being sealed (the row is gone from the table, the part made of it may hold it: the
 *   transaction that adds the part writes the part's id here); null when it lies nowhere else.
 * - `restated`: the row says what stood already, at a later resultTime. Only the latest of these is kept for an instant:
 *   by it a reading that comes late, from between the two, is known to be overtaken.
 */
export const migration005: Migration = {
  version: 5,
  title: 'corrections',
  statements: [
    `CREATE TABLE observation_superseded (
      time BIGINT NOT NULL, result_delay_ms UINTEGER NOT NULL, datastream UINTEGER NOT NULL, result DOUBLE NOT NULL,
      h3 UBIGINT NOT NULL, beidou UBIGINT NOT NULL, height FLOAT, quality UTINYINT NOT NULL,
      superseded_at BIGINT NOT NULL, part VARCHAR, restated BOOLEAN NOT NULL)`,
  ],
};
