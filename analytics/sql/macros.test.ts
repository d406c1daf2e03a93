import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beidou2d, h3 } from '../../grid/index.ts';
import { NO_ZONE } from '../../ingest/model/index.ts';
import { createMacros } from './macros.ts';

/** A small generator with a seed: the same points each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const N = 3000;
const next = random(20_260_301);
const points = Array.from({ length: N }, () => [next() * 360 - 180, next() * 175.8 - 87.9] as const);
const cells = points.map(([lon, lat]) => h3.encode(lon, lat, 12));
const codes = points.map(([lon, lat]) => beidou2d.encode(lon, lat, 10));

let instance: DuckDBInstance;
let rows: (sql: string) => Promise<unknown[][]>;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await createMacros(connection);
  await connection.run('CREATE TABLE point (i INTEGER, cell UBIGINT, code UBIGINT)');
  const appender = await connection.createAppender('point');
  cells.forEach((cell, i) => {
    appender.appendInteger(i);
    appender.appendUBigInt(cell);
    appender.appendUBigInt(codes[i]!);
    appender.endRow();
  });
  appender.closeSync();
  rows = async (sql) => (await connection.runAndReadAll(sql)).getRows();
});

afterAll(() => instance.closeSync());

describe('MACROS', () => {
  it.each(Array.from({ length: 12 }, (_, level) => level))(
    'h3_parent, h3_lo, h3_hi: equal the codec at level %i',
    async (level) => {
      const found = await rows(
        `SELECT h3_parent(cell, ${level}) AS p, h3_lo(p, ${level}), h3_hi(p, ${level}) FROM point ORDER BY i`,
      );
      found.forEach(([parent, lo, hi], i) => {
        const wanted = h3.parent(cells[i]!, 12, level);
        expect(parent).toBe(wanted);
        expect({ lo, hi }).toEqual(h3.range(wanted, level));
      });
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'beidou_parent, beidou_lo, beidou_hi: equal the codec at level %i',
    async (level) => {
      const found = await rows(
        `SELECT beidou_parent(code, ${level}) AS p, beidou_lo(p, ${level}), beidou_hi(p, ${level}) FROM point ORDER BY i`,
      );
      found.forEach(([parent, lo, hi], i) => {
        const wanted = beidou2d.parent(codes[i]!, 10, level);
        expect(parent).toBe(wanted);
        expect({ lo, hi }).toEqual(beidou2d.range(wanted, level));
      });
    },
  );

  it('beidou_lon, beidou_lat: equal the codec in all four quadrants', async () => {
    const found = await rows('SELECT beidou_lon(code), beidou_lat(code) FROM point ORDER BY i');
    found.forEach(([lon, lat], i) => {
      const [wantedLon, wantedLat] = beidou2d.centre(codes[i]!, 10);
      expect(lon).toBeCloseTo(wantedLon, 10);
      expect(lat).toBeCloseTo(wantedLat, 10);
    });
  });

  it('NO_ZONE stays NO_ZONE and has no position', async () => {
    const none = `${NO_ZONE}::UBIGINT`;
    expect(
      await rows(`SELECT h3_parent(${none}, 5), beidou_parent(${none}, 3), beidou_lon(${none})`),
    ).toEqual([[NO_ZONE, NO_ZONE, null]]);
  });
});
