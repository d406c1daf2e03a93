import { readFileSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  beidou2d,
  beidou3d,
  type DggrsId,
  GRIDS,
  h3,
  heightLayer,
  isGridError,
  layerFloorM,
  toUint64Id,
} from '../../grid/index.ts';
import { NO_ZONE } from '../../ingest/model/index.ts';
import { createMacros, MACROS } from './macros.ts';

/** A small generator with a seed: the same points each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const N = 100_000;
const ALL_BITS = (1n << 64n) - 1n;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
let rows: (sql: string) => Promise<unknown[][]>;

/** What a refusal is worth here: the value given instead. */
function or<T>(other: T, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isGridError(error)) throw error;
    return other;
  }
}

type Column = readonly [name: string, type: 'UBIGINT' | 'INTEGER' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN'];
type Value = bigint | number | string | boolean | null;

async function fill(
  table: string,
  columns: readonly Column[],
  data: Iterable<readonly Value[]>,
): Promise<void> {
  await connection.run(
    `CREATE TABLE ${table} (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})`,
  );
  const appender = await connection.createAppender(table);
  for (const values of data) {
    values.forEach((value, n) => {
      const type = columns[n]![1];
      if (value === null) appender.appendNull();
      else if (type === 'UBIGINT') appender.appendUBigInt(value as bigint);
      else if (type === 'INTEGER') appender.appendInteger(value as number);
      else if (type === 'DOUBLE') appender.appendDouble(value as number);
      else if (type === 'BOOLEAN') appender.appendBoolean(value as boolean);
      else appender.appendVarchar(value as string);
    });
    appender.endRow();
  }
  appender.closeSync();
}

/** Rows of a table where SQL and TypeScript differ, some of them; and how many rows there were to differ in. */
async function differing(table: string, sql: string, wanted: string): Promise<unknown[][]> {
  return rows(
    `SELECT * REPLACE (i AS i), ${sql} AS found FROM ${table} WHERE (${sql}) IS DISTINCT FROM ${wanted} LIMIT 3`,
  );
}

/** All round the globe, one in ten in a polar cap, some on whole edges. */
function* places(seed: number): Generator<readonly [lon: number, lat: number, level: number]> {
  const next = random(seed);
  for (let i = 0; i < N; i += 1) {
    const lon = i % 7 === 0 ? Math.round(next() * 2880 - 1440) / 8 : next() * 360 - 180;
    const inCap = next() < 0.1;
    const lat = inCap
      ? (88 + next() * 2) * (next() < 0.5 ? -1 : 1)
      : i % 7 === 0
        ? Math.round(next() * 8448 - 4224) / 48
        : next() * 176 - 88;
    yield [lon, lat, 1 + Math.floor(next() * 10)];
  }
}

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await createMacros(connection);
  rows = async (sql) => (await connection.runAndReadAll(sql)).getRows();
  await fill(
    'beidou',
    [
      ['i', 'INTEGER'],
      ['lon', 'DOUBLE'],
      ['lat', 'DOUBLE'],
      ['level', 'INTEGER'],
      ['code', 'UBIGINT'],
      ['txt', 'VARCHAR'],
      ['up_level', 'INTEGER'],
      ['up', 'UBIGINT'],
      ['lo', 'UBIGINT'],
      ['hi', 'UBIGINT'],
      ['centre_lon', 'DOUBLE'],
      ['centre_lat', 'DOUBLE'],
      ['id64', 'UBIGINT'],
    ],
    beidouRows(),
  );
  await fill(
    'cells',
    [
      ['i', 'INTEGER'],
      ['level', 'INTEGER'],
      ['cell', 'UBIGINT'],
      ['txt', 'VARCHAR'],
      ['up_level', 'INTEGER'],
      ['up', 'UBIGINT'],
      ['lo', 'UBIGINT'],
      ['hi', 'UBIGINT'],
    ],
    h3Rows(),
  );
}, 60_000);

afterAll(() => instance.closeSync());

function* beidouRows(): Generator<readonly Value[]> {
  let i = 0;
  for (const [lon, lat, level] of places(20_260_301)) {
    const code = or(NO_ZONE, () => beidou2d.encode(lon, lat, level));
    const upLevel = 1 + (i % level);
    if (code === NO_ZONE)
      yield [i, lon, lat, level, code, null, upLevel, NO_ZONE, null, null, null, null, null];
    else {
      const up = beidou2d.parent(code, level, upLevel);
      const { lo, hi } = beidou2d.range(up, upLevel);
      const id64 = level === 10 ? null : toUint64Id('beidou2d', code, level);
      yield [
        i,
        lon,
        lat,
        level,
        code,
        beidou2d.format(code, level),
        upLevel,
        up,
        lo,
        hi,
        ...beidou2d.centre(code, level),
        id64,
      ];
    }
    i += 1;
  }
  yield [i, 1, Number.NaN, 5, NO_ZONE, null, 1, NO_ZONE, null, null, null, null, null];
  yield [i + 1, -180.0001, 0, 5, NO_ZONE, null, 1, NO_ZONE, null, null, null, null, null];
  yield [i + 2, null, 0, 5, null, null, 1, null, null, null, null, null, null];
}

function* h3Rows(): Generator<readonly Value[]> {
  let i = 0;
  for (const [lon, lat, seed] of places(7)) {
    const level = (i + seed) % 16;
    const cell = h3.encode(lon, lat, level);
    const upLevel = i % (level + 1);
    const up = h3.parent(cell, level, upLevel);
    const range = upLevel <= h3.pointLevel ? h3.range(up, upLevel) : { lo: null, hi: null };
    yield [i, level, cell, h3.format(cell, level), upLevel, up, range.lo, range.hi];
    i += 1;
  }
}

describe('MACROS of BeiDou codes on 10^5 random codes of all levels, quadrants and caps', () => {
  const cases: readonly (readonly [sql: string, wanted: string])[] = [
    ['beidou_encode(lon, lat, level)', 'code'],
    ['beidou_text(code, level)', 'txt'],
    ['beidou_text_level(txt)', 'CASE WHEN txt IS NOT NULL THEN level END'],
    ['beidou_zone(txt)', 'CASE WHEN txt IS NOT NULL THEN code END'],
    ['beidou_parent(code, up_level)', 'up'],
    ['CASE WHEN txt IS NOT NULL THEN beidou_lo(up, up_level) END', 'lo'],
    ['CASE WHEN txt IS NOT NULL THEN beidou_hi(up, up_level) END', 'hi'],
    ['beidou_centre_lon(code, level)', 'centre_lon'],
    ['beidou_centre_lat(code, level)', 'centre_lat'],
    ['beidou_uint64(code, level)', 'id64'],
    ['beidou_uint64_level(id64)', 'CASE WHEN id64 IS NOT NULL THEN level END'],
    ['beidou_uint64_zone(id64)', 'CASE WHEN id64 IS NOT NULL THEN code END'],
    ['beidou_valid(code, level)', 'CASE WHEN code IS NOT NULL THEN txt IS NOT NULL END'],
  ];
  it.each(cases)('%s equals the codec', async (sql, wanted) => {
    expect(await differing('beidou', sql, wanted)).toEqual([]);
  });

  it('the table holds what it should: every level, hemisphere and cap, and refusals', async () => {
    expect(
      await rows(
        "SELECT count(*), count(DISTINCT (level, lon < 0, lat < 0)), count(*) FILTER (txt[2:3] = '00'), count(*) FILTER (txt IS NULL) > 5000 FROM beidou",
      ),
    ).toEqual([[BigInt(N + 3), 40n + 1n, expect.any(BigInt), true]]);
    const [[caps]] = (await rows("SELECT count(DISTINCT txt) FROM beidou WHERE txt[2:3] = '00'")) as [
      [bigint],
    ];
    expect(caps).toBe(34n);
  });

  it('beidou_lon, beidou_lat: centres of point-level codes', async () => {
    const where =
      'FROM beidou WHERE level = 10 AND txt IS NOT NULL AND (beidou_lon(code) <> centre_lon OR beidou_lat(code) <> centre_lat)';
    expect(await rows(`SELECT count(*) ${where}`)).toEqual([[0n]]);
  });

  it('beidou_encode equals encode on values a last bit beside an edge', async () => {
    const edges: Value[][] = [];
    const next = random(5);
    for (let i = 0; i < 20_000; i += 1) {
      const exact = Math.round((next() * 360 - 180) * 3600 * 2048) / (3600 * 2048);
      const lon = Math.max(-180, Math.min(180, i % 2 === 0 ? exact : exact * (1 + (i % 3) * 2 ** -52)));
      const lat = Math.round((next() * 175.9 - 87.95) * 3600) / 3600;
      const level = 1 + (i % 10);
      edges.push([i, lon, lat, level, beidou2d.encode(lon, lat, level)]);
    }
    for (const [lon, lat] of [
      [180, 0],
      [-180, -0],
      [0, 0],
      [-0, 88],
      [120, 89],
      [-60, -89.5],
      [180, 90],
    ] as const)
      edges.push([-1, lon, lat, 2, beidou2d.encode(lon, lat, 2)]);
    await fill(
      'edges',
      [
        ['i', 'INTEGER'],
        ['lon', 'DOUBLE'],
        ['lat', 'DOUBLE'],
        ['level', 'INTEGER'],
        ['code', 'UBIGINT'],
      ],
      edges,
    );
    expect(await differing('edges', 'beidou_encode(lon, lat, level)', 'code')).toEqual([]);
  });
});

describe('MACROS of H3 indexes on 10^5 random cells of all levels', () => {
  const cases: readonly (readonly [sql: string, wanted: string])[] = [
    ['h3_text(cell)', 'txt'],
    ['h3_zone(txt)', 'cell'],
    ['h3_level(cell)', 'level'],
    ['h3_parent(cell, up_level)', 'up'],
    ['CASE WHEN lo IS NOT NULL THEN h3_lo(up, up_level) END', 'lo'],
    ['CASE WHEN lo IS NOT NULL THEN h3_hi(up, up_level) END', 'hi'],
    ['h3_valid(cell)', 'true'],
  ];
  it.each(cases)('%s equals the codec', async (sql, wanted) => {
    expect(await differing('cells', sql, wanted)).toEqual([]);
  });
});

describe('MACROS on what is no zone', () => {
  it('h3_valid, beidou_valid: as the codecs on random bits, zones with bits flipped and pentagons with a digit too many', async () => {
    const next = random(11);
    const bits = (): bigint =>
      (BigInt(Math.floor(next() * 2 ** 32)) << 32n) | BigInt(Math.floor(next() * 2 ** 32));
    const isZone = (dggrs: DggrsId, id: bigint, level: number): boolean =>
      or(false, () => {
        GRIDS[dggrs].format(id, level);
        return true;
      });
    const pentagons = [4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117];
    function* ids(): Generator<readonly Value[]> {
      for (let i = 0; i < 30_000; i += 1) {
        const level = 1 + Math.floor(next() * 10);
        const lon = next() * 360 - 180;
        const flip = 1n << BigInt(Math.floor(next() * 64));
        const code = i % 5 === 0 ? bits() : beidou2d.encode(lon, next() * 175 - 87.5, level) ^ flip;
        const cell =
          i % 3 === 0 ? bits() & (ALL_BITS >> 5n) : h3.encode(lon, next() * 180 - 90, level) ^ flip;
        const cellOfPentagon =
          (1n << 59n) | (BigInt(level) << 52n) | (BigInt(pentagons[i % 12]!) << 45n) | ((1n << 45n) - 1n);
        const digits = Array.from({ length: level }, () =>
          next() < 0.6 ? 0n : BigInt(Math.floor(next() * 7)),
        );
        const odd = digits.reduce(
          (id, digit, n) => (id & ~(7n << BigInt(42 - 3 * n))) | (digit << BigInt(42 - 3 * n)),
          cellOfPentagon,
        );
        const each = i % 2 === 0 ? cell | (i % 4 === 0 ? 1n << 59n : 0n) : odd;
        yield [
          i,
          level,
          code,
          isZone('beidou2d', code, level),
          each,
          isZone('h3', each, Number((each >> 52n) & 15n)),
        ];
      }
    }
    await fill(
      'odd',
      [
        ['i', 'INTEGER'],
        ['level', 'INTEGER'],
        ['code', 'UBIGINT'],
        ['code_valid', 'BOOLEAN'],
        ['cell', 'UBIGINT'],
        ['cell_valid', 'BOOLEAN'],
      ],
      ids(),
    );
    expect(await differing('odd', 'beidou_valid(code, level)', 'code_valid')).toEqual([]);
    expect(await differing('odd', 'h3_valid(cell)', 'cell_valid')).toEqual([]);
    const [[codes, cells]] = (await rows('SELECT avg(code_valid::INT), avg(cell_valid::INT) FROM odd')) as [
      [number, number],
    ];
    for (const share of [codes, cells]) {
      expect(share).toBeGreaterThan(0.05);
      expect(share).toBeLessThan(0.95);
    }
  });

  it('h3_zone, beidou_zone: NULL for every text the codecs refuse', async () => {
    const next = random(13);
    const signs = '0123456789ABCDEFNSabcdefV +';
    function* texts(): Generator<readonly Value[]> {
      for (let i = 0; i < 30_000; i += 1) {
        const id: DggrsId = i % 2 === 0 ? 'h3' : 'beidou2d';
        const level = 1 + (i % 10);
        const text = GRIDS[id].format(
          GRIDS[id].encode(next() * 360 - 180, next() * 175 - 87.5, level),
          level,
        );
        const at = Math.floor(next() * text.length);
        const sign = signs[Math.floor(next() * signs.length)]!;
        const odd =
          i % 11 === 0
            ? text.slice(0, at)
            : i % 13 === 0
              ? `${text} `
              : text.slice(0, at) + sign + text.slice(at + 1);
        yield [i, odd, or(null, () => h3.parse(odd).zone), or(null, () => beidou2d.parse(odd).zone)];
      }
    }
    await fill(
      'texts',
      [
        ['i', 'INTEGER'],
        ['txt', 'VARCHAR'],
        ['cell', 'UBIGINT'],
        ['code', 'UBIGINT'],
      ],
      texts(),
    );
    expect(await differing('texts', 'h3_zone(txt)', 'cell')).toEqual([]);
    expect(await differing('texts', 'beidou_zone(txt)', 'code')).toEqual([]);
    const [counts] = await rows(
      'SELECT count(cell) BETWEEN 1000 AND 29000, count(code) BETWEEN 1000 AND 29000 FROM texts',
    );
    expect(counts).toEqual([true, true]);
  });

  it('every macro gives NULL for NULL, and nothing it should not for NO_ZONE and levels there are none of', async () => {
    for (const { call } of MACROS) {
      const [name, parameters] = call.slice(0, -1).split('(') as [string, string];
      const nulls = parameters
        .split(', ')
        .map((parameter) =>
          /level|layer/.test(parameter)
            ? 'NULL::INTEGER'
            : /lon|lat|height/.test(parameter)
              ? 'NULL::DOUBLE'
              : parameter === 'txt'
                ? 'NULL::VARCHAR'
                : 'NULL::UBIGINT',
        );
      expect({ call, value: await rows(`SELECT ${name}(${nulls.join(', ')})`) }).toEqual({
        call,
        value: [[null]],
      });
      const last = parameters.split(', ').pop()!;
      if (last === 'level') {
        for (const level of [-3, 16]) {
          const values = parameters
            .split(', ')
            .map((parameter) =>
              parameter === 'level'
                ? level
                : parameter === 'layer'
                  ? 5
                  : /lon|lat/.test(parameter)
                    ? 12.5
                    : `${beidou2d.encode(104, 35, 10)}::UBIGINT`,
            );
          const [[value]] = (await rows(`SELECT ${name}(${values.join(', ')})`)) as [[unknown]];
          expect({ call, level, value }).toEqual({
            call,
            level,
            value: call.includes('valid') ? false : null,
          });
        }
      }
    }
    const none = `${NO_ZONE}::UBIGINT`;
    expect(
      await rows(
        `SELECT h3_parent(${none}, 5), beidou_parent(${none}, 3), beidou_lon(${none}), beidou_centre_lat(${none}, 3), h3_text(${none}), beidou_text(${none}, 3), h3_level(${none}), beidou_uint64(${none}, 3), h3_valid(${none}), beidou_valid(${none}, 10), beidou3d_text(${none}, 0, 3)`,
      ),
    ).toEqual([[NO_ZONE, NO_ZONE, null, null, null, null, null, null, false, false, null]]);
  });
});

describe('MACROS of layers', () => {
  it('3D texts, layers and floors equal beidou3d, above and below ground, in both codings', async () => {
    const next = random(17);
    function* solids(): Generator<readonly Value[]> {
      for (let i = 0; i < N / 2; i += 1) {
        const level = 1 + (i % 10);
        const height =
          i % 3 === 0
            ? (next() - 0.5) * 2 * 10 ** (next() * 6.7)
            : i % 3 === 1
              ? next() * 3000 - 300
              : layerFloorM(Math.round(next() * 4e5 - 2e5));
        const [lon, lat] = [next() * 360 - 180, next() * 175.9 - 87.95];
        const one = beidou3d.encode(lon, lat, height, level, 'annexC');
        const other = beidou3d.encode(lon, lat, height, level, 'clause6');
        yield [
          i,
          level,
          one.zone,
          height,
          heightLayer(height),
          one.floorLayer,
          beidou3d.format(one, 'annexC'),
          other.floorLayer,
          beidou3d.format(other, 'clause6'),
        ];
      }
    }
    await fill(
      'solids',
      [
        ['i', 'INTEGER'],
        ['level', 'INTEGER'],
        ['code', 'UBIGINT'],
        ['height', 'DOUBLE'],
        ['layer', 'INTEGER'],
        ['floor_a', 'INTEGER'],
        ['text_a', 'VARCHAR'],
        ['floor_c', 'INTEGER'],
        ['text_c', 'VARCHAR'],
      ],
      solids(),
    );
    for (const [sql, wanted] of [
      ['beidou_layer(height)', 'layer'],
      ['beidou_layer_parent(layer, level)', 'floor_a'],
      ['beidou_layer_parent_clause6(layer, level)', 'floor_c'],
      ['beidou3d_text(code, floor_a, level)', 'text_a'],
      ['beidou3d_text(code, layer, level)', 'text_a'],
      ['beidou3d_text_clause6(code, floor_c, level)', 'text_c'],
      ['beidou_layer(beidou_layer_floor(layer))', 'layer'],
    ] as const)
      expect({ sql, differing: await differing('solids', sql, wanted) }).toEqual({ sql, differing: [] });
    const found = (await rows('SELECT layer, beidou_layer_floor(layer) FROM solids LIMIT 2000')) as [
      number,
      number,
    ][];
    for (const [layer, floor] of found)
      expect(Math.abs(floor - layerFloorM(layer))).toBeLessThan(4e-9 + 1e-15 * Math.abs(floor));
    expect(
      await rows(
        "SELECT beidou_layer(1e9), beidou_layer(-6378137), beidou_layer('nan'::DOUBLE), beidou_layer(-6302106), beidou_layer(528680171)",
      ),
    ).toEqual([[null, null, null, heightLayer(-6302106), heightLayer(528680171)]]);
  });
});

describe('MACROS and zone maps', () => {
  it('a range by macros is pushed into the scan as a comparison of UBIGINT', async () => {
    for (const [table, column, lo, hi, zone] of [
      ['cells', 'cell', 'h3_lo', 'h3_hi', `${h3.encode(104, 35, 5)}::UBIGINT, 5`],
      ['beidou', 'code', 'beidou_lo', 'beidou_hi', `${beidou2d.encode(104, 35, 3)}::UBIGINT, 3`],
      [
        'beidou',
        'code',
        'beidou_lo',
        'beidou_hi',
        `beidou_zone('${beidou2d.format(beidou2d.encode(104, 35, 3), 3)}'), 3`,
      ],
    ] as const) {
      const plan = (
        await rows(
          `EXPLAIN SELECT count(*) FROM ${table} WHERE ${column} BETWEEN ${lo}(${zone}) AND ${hi}(${zone})`,
        )
      )
        .flat()
        .join('\n');
      // In the scan, with folded constants; a filter of its own, or a widened column, could skip no row group.
      expect(plan).toMatch(/SEQ_SCAN/);
      expect(plan).not.toMatch(/FILTER|HUGEINT|CAST/);
      expect(plan.replace(/[\s│]+/g, '')).toContain(`Filters:${column}>=`);
    }
  });
});

describe('docs/sql.md', () => {
  it('lists every macro as it is', () => {
    const page = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');
    const listed = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(listed).toEqual(MACROS.map(({ call, gives }) => `| \`${call}\` | ${gives} |`));
  });
});
