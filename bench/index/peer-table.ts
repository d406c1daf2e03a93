/** The same rows at the peer: a table as one would lay it out for these questions, and a binary file for its COPY. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { h3 } from '../../grid/index.ts';
import { H3_POINT_LEVEL } from '../../ingest/model/index.ts';
import { BLOCK_ROWS, type City, type CityRows, cityRows } from './city-rows.ts';

/** H3 level of a quarter of the city, 0.74 km2: the peer keeps it in a column of its own. */
export const QUARTER_LEVEL = 8;

/**
 * A position as PostGIS wants it and the quarter as a plain integer, since no extension of Debian's knows H3. Columns
 * by width, so that none is padded.
 */
export const CREATE_TABLE = `CREATE TABLE observation (
  time timestamptz NOT NULL, value double precision NOT NULL, quarter bigint NOT NULL, thing integer NOT NULL,
  geom geometry(Point, 4326) NOT NULL)`;

/**
 * One index for each question: a Thing's history, a quarter's history, a span of time, a shape. Time is BRIN, not B-tree:
 * the rows come in the order of time, so it is as quick, takes no room and costs the load nothing.
 */
export const CREATE_INDEXES: readonly string[] = [
  'CREATE INDEX observation_thing_time ON observation (thing, time)',
  'CREATE INDEX observation_quarter_time ON observation (quarter, time)',
  'CREATE INDEX observation_time ON observation USING brin (time) WITH (pages_per_range = 32)',
  'CREATE INDEX observation_geom ON observation USING gist (geom)',
];

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const ROW_BYTES = 2 + 5 * 4 + 8 + 8 + 8 + 4 + 25;
/** 2000-01-01, from which the peer counts its microseconds. UTC ms. */
const PEER_EPOCH_MS = Date.UTC(2000, 0, 1);

/** Writes rows `[from, to)` of the city in the binary format of COPY. */
export function writeCopyFile(path: string, city: City, from: number, to: number): void {
  const file = openSync(path, 'w', 0o644);
  try {
    writeSync(file, HEADER);
    for (let start = from; start < to; start += BLOCK_ROWS) {
      writeSync(file, copyRows(cityRows(city, start, Math.min(to, start + BLOCK_ROWS))));
    }
    writeSync(file, TRAILER);
  } finally {
    closeSync(file);
  }
}

function copyRows(rows: CityRows): Buffer {
  const n = rows.time.length;
  // By index from the point's cell, as ours are: the cell a position lies in may belong to another parent.
  const quarters = h3
    .encodeBatch(rows.lon, rows.lat, H3_POINT_LEVEL)
    .map((cell) => h3.parent(cell, H3_POINT_LEVEL, QUARTER_LEVEL));
  const bytes = Buffer.allocUnsafe(n * ROW_BYTES);
  let at = 0;
  for (let i = 0; i < n; i++) {
    at = bytes.writeInt16BE(5, at);
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeBigInt64BE(BigInt(rows.time[i]! - PEER_EPOCH_MS) * 1000n, at);
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeDoubleBE(rows.result[i]!, at);
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeBigInt64BE(quarters[i]!, at);
    at = bytes.writeInt32BE(4, at);
    at = bytes.writeInt32BE(rows.thing[i]!, at);
    // Extended well-known binary: little-endian, point with SRID.
    at = bytes.writeInt32BE(25, at);
    at = bytes.writeUInt8(1, at);
    at = bytes.writeUInt32LE(0x20000001, at);
    at = bytes.writeUInt32LE(4326, at);
    at = bytes.writeDoubleLE(rows.lon[i]!, at);
    at = bytes.writeDoubleLE(rows.lat[i]!, at);
  }
  return bytes;
}
