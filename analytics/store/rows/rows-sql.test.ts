import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beidou2d, h3 } from '../../../grid/index.ts';
import { makeBatch, type ReadingInput, T0 } from '../fixtures.ts';
import { internalsOf } from '../internals.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';
import { type RowsRequest, rowsSql } from './rows-sql.ts';

const DAY = 86_400_000;
const DATASETS = ['air', 'taxi', "it's"];
const PROPERTIES = ['pm25', 'pm10', 'speed'];
const THINGS = ['a', 'b', "c'd", 'e'];

const point = fc.tuple(
  fc.double({ min: 104, max: 105, noNaN: true }),
  fc.double({ min: 35, max: 36, noNaN: true }),
);
const reading = fc.record(
  {
    dataset: fc.constantFrom(...DATASETS),
    thing: fc.constantFrom(...THINGS),
    property: fc.constantFrom(...PROPERTIES),
    time: fc.integer({ min: T0 - 40 * DAY, max: T0 + DAY }),
    result: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    lonLat: fc.option(point),
    serverTime: fc.boolean(),
    heightM: fc.integer({ min: -100, max: 4000 }),
  },
  { requiredKeys: ['dataset', 'thing', 'property', 'time', 'result', 'lonLat'] },
);

/** What a question asks, in names: the ids differ from store to store. */
const question = fc.record({
  spans: fc.array(
    fc
      .tuple(fc.integer({ min: T0 - 45 * DAY, max: T0 + 2 * DAY }), fc.integer({ min: 1, max: 30 * DAY }))
      .map(([from, length]) => ({ from, to: from + length })),
    { minLength: 1, maxLength: 2 },
  ),
  datasets: fc.option(fc.subarray([...DATASETS, 'nowhere']), { freq: 2 }),
  properties: fc.option(fc.subarray([...PROPERTIES, 'nothing']), { freq: 2 }),
  streams: fc.option(
    fc.array(
      fc.tuple(fc.constantFrom(...DATASETS), fc.constantFrom(...THINGS), fc.constantFrom(...PROPERTIES)),
      {
        maxLength: 30,
      },
    ),
    { freq: 2 },
  ),
  zone: fc.option(
    fc.record({ at: point, level: fc.integer({ min: 1, max: 4 }), grid: fc.constantFrom('h3', 'beidou2d') }),
    { freq: 2 },
  ),
  where: fc.option(
    fc.constantFrom('result > 0', '(quality & 1::UTINYINT) = 0', 'h3 <> 18446744073709551615::UBIGINT'),
  ),
});

const root: string[] = [];
let stores: readonly Store[] = [];

async function rowsOf(store: Store, asked: typeof question extends fc.Arbitrary<infer Q> ? Q : never) {
  const { state, pool } = internalsOf(store);
  const { dictionary } = state;
  const { zone } = asked;
  const grid = zone?.grid === 'h3' ? h3 : beidou2d;
  const range =
    zone === null ? undefined : grid.range(grid.encode(zone.at[0], zone.at[1], zone.level), zone.level);
  const request: RowsRequest = {
    spans: asked.spans,
    datasets: asked.datasets?.flatMap((name) => dictionary.datasetId(name) ?? []) ?? null,
    properties: asked.properties?.flatMap((name) => dictionary.propertyId(name) ?? []) ?? null,
    datastreams: asked.streams?.flatMap(
      ([dataset, thing, property]) => dictionary.datastreamId(dataset, thing, property) ?? [],
    ),
    zones: range === undefined ? undefined : { dggrs: zone!.grid as 'h3' | 'beidou2d', ranges: [range] },
    where: asked.where === null ? [] : [asked.where],
    columns: [
      'datastream',
      'dataset',
      'property',
      'time',
      'result_delay_ms',
      'result',
      'h3',
      'beidou',
      'height',
      'quality',
    ],
  };
  const sql = rowsSql(state, request);
  if (sql === null) return [];
  const { n, columns } = await pool.run(sql);
  const rows = Array.from({ length: n }, (_, row) => {
    const [id, dataset, property, ...rest] = columns.map((column) => column[row]);
    const stream = dictionary.datastream(id as number)!;
    expect([dictionary.datasetName(dataset as number), dictionary.propertyName(property as number)]).toEqual([
      stream.dataset,
      stream.property,
    ]);
    return [stream.dataset, stream.thing, stream.property, ...rest].map(String).join('|');
  });
  // Some columns only, and in another order, give the same numbers.
  const few = rowsSql(state, { ...request, columns: ['result', 'time'] })!;
  const again = await pool.run(few);
  expect(again.n).toBe(n);
  return rows.sort();
}

beforeAll(async () => {
  const readings = fc.sample(reading, { numRuns: 1500, seed: 7 }) as readonly ReadingInput[];
  const folder = await mkdtemp(join(tmpdir(), 'jingwei-rows-'));
  root.push(folder);
  const open = (name: string) =>
    openStore({
      path: ':memory:',
      clock: () => T0,
      rollupIntervalMs: 0,
      ...(name === ''
        ? {}
        : { partsDir: join(folder, name), sealing: { intervalMs: 0, fileRows: 150, mergeFanIn: 3 } }),
    });
  const [hot, sealed, mixed] = await Promise.all([open(''), open('sealed'), open('mixed')]);
  stores = [hot, sealed, mixed];
  for (let from = 0; from < 3; from++) {
    const batch = makeBatch({ from, readings: readings.slice(from * 500, (from + 1) * 500) });
    for (const store of stores) await store.load(batch);
    if (from === 1) await mixed.seal({ all: true });
  }
  await sealed.seal({ all: true });
});

afterAll(async () => {
  for (const store of stores) await store.close();
  for (const folder of root) await rm(folder, { recursive: true, force: true });
});

describe('rowsSql', () => {
  it('rowsSql: gives the same rows whether they are hot, sealed, or some of each', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(question, async (asked) => {
        const [hot, sealed, mixed] = await Promise.all(stores.map((store) => rowsOf(store, asked)));
        found += hot!.length;
        expect(sealed).toEqual(hot);
        expect(mixed).toEqual(hot);
      }),
      { numRuns: 60, seed: 3 },
    );
    expect(found).toBeGreaterThan(500);
  });
});
