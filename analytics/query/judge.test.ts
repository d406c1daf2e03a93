/** The slow, plain version of the query shapes, compared with the fast one on random batches in a real DuckDB. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dataset,
  makeBatch,
  makeEvent,
  makeFeature,
  type ReadingInput,
  T0,
  thing,
} from '../store/fixtures.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { gridOf } from '../zones.ts';
import type { Access } from './access.ts';
import type { TotalsRow } from './answers.ts';
import { createQueries } from './create-queries.ts';
import type { Queries } from './queries.ts';
import { isQueryError } from './query-error.ts';
import type { GridId } from './shapes.ts';

const HOUR = 3_600_000;
const EVERYTHING: Access = {
  subject: 'admin',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

interface Kept extends ReadingInput {
  readonly dataset: string;
  readonly property: string;
}

const next = random(7);
const place = (): readonly [number, number] => [104.5 + next() * 0.3, 35.4 + next() * 0.3];
const fixed = Array.from({ length: 30 }, place);
/** Thirty stations of two datasets over 30 hours, some unlocated, one moving. */
const readings: Kept[] = Array.from({ length: 6000 }, (_, i) => {
  const station = Math.floor(next() * 30);
  return {
    dataset: station % 3 === 0 ? 'water' : 'air',
    thing: `s${station}`,
    property: station % 3 === 0 ? 'water-level' : next() < 0.5 ? 'pm25' : 'pm10',
    // Unique times: this judge does not judge duplicates.
    time: T0 - 29 * HOUR + Math.floor(next() * 29 * 3600) * 1000 + (i % 1000),
    result: Math.round(next() * 1e6) / 1e3,
    lonLat: station === 7 ? null : station === 8 ? place() : fixed[station]!,
  };
});
const events = Array.from({ length: 400 }, (_, i) =>
  makeEvent({
    key: `e${i}`,
    dataset: i % 4 === 0 ? 'cameras' : 'hotline',
    eventType: i % 4 === 0 ? 'detection' : 'case',
    category: ['noise', 'water', 'road'][i % 3]!,
    start: T0 - Math.floor(next() * 40) * HOUR - 1,
    status: i % 5 === 0 ? 'closed' : 'open',
    lonLat: i % 17 === 0 ? null : place(),
  }),
);

const places = [
  makeFeature({ key: 'p1', dataset: 'places', lonLat: [104.6, 35.5] }),
  makeFeature({ key: 'p2', dataset: 'places', lonLat: [104.6, 35.5] }),
  makeFeature({ key: 'p3', dataset: 'places', featureType: 'hospital', lonLat: [104.6, 35.5] }),
  makeFeature({ key: 'p4', dataset: 'places', lonLat: null }),
];

let folder: string;
let store: Store;
let queries: Queries;
let now = T0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jingwei-judge-'));
  store = await openStore({ path: join(folder, 'j.duckdb'), clock: () => now, rollupIntervalMs: 0 });
  queries = createQueries(store);
  const declarations = [
    dataset('air'),
    dataset('water', { demo: true }),
    dataset('hotline'),
    dataset('cameras', { inventedPose: true }),
    dataset('schools'),
    dataset('places'),
    ...Array.from({ length: 30 }, (_, i) =>
      thing(`s${i}`, i % 3 === 0 ? 'water' : 'air', {
        category: i % 3 === 0 ? 'water-station' : 'air-station',
        ...(i === 7 || i === 8 ? {} : { position: { lonDeg: fixed[i]![0], latDeg: fixed[i]![1] } }),
      }),
    ),
  ];
  await store.load(makeBatch({ from: 0, declarations, readings: readings.slice(0, 4000) }));
  await store.buildRollups();
  // Late data for hours that are built, and rows for some that are not.
  await store.load(
    makeBatch({
      from: 1,
      readings: readings.slice(4000),
      events,
      features: [makeFeature({ key: 'a' }), ...places],
    }),
  );
  await store.buildRollups(7);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

interface Sum {
  count: number;
  sum: number;
  magnitude: number;
  min: number;
  max: number;
  newest: number;
}

function gather(rows: readonly Kept[], key: (row: Kept) => string): Map<string, Sum> {
  const groups = new Map<string, Sum>();
  for (const row of rows) {
    const id = key(row);
    const held = groups.get(id) ?? {
      count: 0,
      sum: 0,
      magnitude: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      newest: Number.NEGATIVE_INFINITY,
    };
    held.count += 1;
    held.sum += row.result;
    held.magnitude += Math.abs(row.result);
    held.min = Math.min(held.min, row.result);
    held.max = Math.max(held.max, row.result);
    held.newest = Math.max(held.newest, row.time);
    groups.set(id, held);
  }
  return groups;
}

function zoneOf(lonLat: readonly [number, number] | null | undefined, dggrs: GridId, level: number): string {
  if (lonLat === null || lonLat === undefined) return '';
  const grid = gridOf(dggrs);
  // H3 parents hold by index: a point belongs to the ancestor of its point cell.
  const point = grid.encode(lonLat[0], lonLat[1], grid.pointLevel);
  return grid.format(grid.parent(point, grid.pointLevel, level), level);
}

const GRIDS: readonly [GridId, number][] = [
  ['h3', 5],
  ['h3', 9],
  ['h3', 11],
  ['beidou2d', 3],
  ['beidou2d', 5],
  ['beidou2d', 7],
];

describe('queries against the plain judge', () => {
  it.each(GRIDS)('zones: a span on %s level %i', async (dggrs, level) => {
    for (const span of [
      { from: T0 - 26.3 * HOUR, to: T0 - 2.7 * HOUR },
      { from: T0 - 24 * HOUR, to: T0 },
      { from: T0 - 0.4 * HOUR, to: T0 + 1 },
    ]) {
      const answer = await queries.zones(EVERYTHING, { dggrs, level, property: 'pm25', span });
      const wanted = gather(
        readings.filter(
          (row) =>
            row.property === 'pm25' && row.lonLat !== null && row.time >= span.from && row.time < span.to,
        ),
        (row) => zoneOf(row.lonLat, dggrs, level),
      );
      expect(answer.zones.map((zone) => zone.id).sort()).toEqual([...wanted.keys()].sort());
      for (const zone of answer.zones) {
        const sum = wanted.get(zone.id)!;
        expect(zone).toMatchObject({
          count: sum.count,
          min: sum.min,
          max: sum.max,
          newestPhenomenonTime: sum.newest,
        });
        expect(Math.abs(zone.mean * zone.count - sum.sum)).toBeLessThanOrEqual(2e-12 * sum.magnitude);
      }
    }
  });

  it.each(GRIDS)(
    'zones: those of a box on %s level %i are those of the city whose bounds meet it',
    async (dggrs, level) => {
      const span = { from: T0 - 26.3 * HOUR, to: T0 - 2.7 * HOUR };
      const ask = { dggrs, level, property: 'pm25', span };
      const bbox = [104.57, 35.47, 104.68, 35.6] as const;
      const city = await queries.zones(EVERYTHING, ask);
      const inBox = await queries.zones(EVERYTHING, { ...ask, bbox });
      const meets = ({ id }: { readonly id: string }) => {
        const [west, south, east, north] = gridOf(dggrs).bounds(gridOf(dggrs).parse(id).zone, level);
        return west <= bbox[2] && east >= bbox[0] && south <= bbox[3] && north >= bbox[1];
      };
      const settled = (zones: typeof city.zones) =>
        zones
          .map(({ mean, ...zone }) => ({ ...zone, mean: mean.toPrecision(12) }))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(settled(inBox.zones)).toEqual(settled(city.zones.filter(meets)));
      expect(inBox.zones.length).toBeGreaterThan(0);
      expect(inBox.provenance.plan!.length).toBeGreaterThan(0);
    },
  );

  it('zones: first, last, deviation and quantiles are those of the readings', async () => {
    const span = { from: T0 - 26.3 * HOUR, to: T0 - 2.7 * HOUR };
    const rowsOf = (id: string) =>
      readings
        .filter((row) => row.property === 'pm25' && row.time >= span.from && row.time < span.to)
        .filter((row) => zoneOf(row.lonLat, 'h3', 6) === id)
        .sort((a, b) => a.time - b.time || a.result - b.result);
    const ask = async (aggregation: 'first' | 'last' | 'stddev' | 'quantiles') =>
      (
        await queries.zones(EVERYTHING, {
          dggrs: 'h3',
          level: 6,
          property: 'pm25',
          span,
          aggregation,
          ...(aggregation === 'quantiles' ? { quantiles: [0, 0.5, 0.95] } : {}),
        })
      ).zones;
    for (const zone of await ask('first')) expect(zone.value).toBe(rowsOf(zone.id)[0]!.result);
    for (const zone of await ask('last')) expect(zone.value).toBe(rowsOf(zone.id).at(-1)!.result);
    for (const zone of await ask('stddev')) {
      const values = rowsOf(zone.id).map((row) => row.result);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      if (values.length === 1) expect(zone.value).toBeNull();
      else expect(Math.abs(zone.value! - spread)).toBeLessThan(1e-9 * spread + 1e-9);
    }
    for (const zone of await ask('quantiles')) {
      const values = rowsOf(zone.id)
        .map((row) => row.result)
        .sort((a, b) => a - b);
      for (const [index, q] of [0, 0.5, 0.95].entries()) {
        const wanted = values[Math.floor(q * (values.length - 1))]!;
        expect(Math.abs(zone.quantiles![index]! - wanted)).toBeLessThanOrEqual(0.0101 * Math.abs(wanted));
      }
    }
    await expect(
      queries.zones(EVERYTHING, { dggrs: 'h3', level: 6, property: 'pm25', aggregation: 'stddev' }),
    ).rejects.toSatisfy((error) => isQueryError(error, 'span-invalid'));
  });

  it.each(GRIDS)(
    'totals: observations on %s level %i, what has no place under the empty id',
    async (dggrs, level) => {
      const answer = await queries.totals(EVERYTHING, { dataset: 'air', dggrs, level, bucketMs: HOUR });
      const wanted = gather(
        readings.filter((row) => row.dataset === 'air'),
        (row) => `${zoneOf(row.lonLat, dggrs, level)}|${Math.floor(row.time / HOUR) * HOUR}|${row.property}`,
      );
      const key = (row: TotalsRow) => `${row.id}|${row.bucket}|${row.category}`;
      expect(answer.rows.map(key).sort()).toEqual([...wanted.keys()].sort());
      for (const row of answer.rows) {
        const sum = wanted.get(key(row))!;
        expect(row).toMatchObject({ count: sum.count, min: sum.min, max: sum.max });
        expect(Math.abs(row.sum! - sum.sum)).toBeLessThanOrEqual(1e-12 * sum.magnitude);
      }
      expect(answer.rows.some((row) => row.id === '')).toBe(true);
    },
  );

  it('totals: BeiDou nests exactly, so every level holds the same', async () => {
    const sums = new Set<string>();
    const magnitude = readings.reduce((sum, row) => sum + Math.abs(row.result), 0);
    for (const level of [1, 2, 3, 4, 5, 6, 8, 10]) {
      const { rows } = await queries.totals(EVERYTHING, {
        dataset: 'air',
        dggrs: 'beidou2d',
        level,
        bucketMs: HOUR,
      });
      const sum = rows.reduce((total, row) => total + row.sum!, 0);
      sums.add(
        JSON.stringify([
          rows.reduce((total, row) => total + row.count, 0),
          Math.min(...rows.map((row) => row.min!)),
          Math.max(...rows.map((row) => row.max!)),
          Math.round(sum / (magnitude * 1e-11)),
        ]),
      );
    }
    expect(sums.size).toBe(1);
  });

  it('totals: events by category at their start', async () => {
    const { rows } = await queries.totals(EVERYTHING, {
      dataset: 'hotline',
      dggrs: 'h3',
      level: 8,
      bucketMs: HOUR,
      span: { from: T0 - 20 * HOUR, to: T0 },
    });
    const wanted = new Map<string, number>();
    for (const event of events) {
      if (event.dataset !== 'hotline' || event.start < T0 - 20 * HOUR || event.start >= T0) continue;
      const id = zoneOf(event.lonDeg === undefined ? null : [event.lonDeg, event.latDeg!], 'h3', 8);
      const key = `${id}|${Math.floor(event.start / HOUR) * HOUR}|${event.category}`;
      wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
    expect(
      Object.fromEntries(rows.map((row) => [`${row.id}|${row.bucket}|${row.category}`, row.count])),
    ).toEqual(Object.fromEntries(wanted));
  });

  it('totals: features by type in the bucket 0, where a span holds it', async () => {
    const ask = (span?: { from: number; to: number }) =>
      queries.totals(EVERYTHING, {
        dataset: 'places',
        dggrs: 'h3',
        level: 7,
        bucketMs: HOUR,
        ...(span === undefined ? {} : { span }),
      });
    const { rows, next } = await ask();
    const nothing = { bucket: 0, sum: null, min: null, max: null };
    expect(rows).toEqual([
      { ...nothing, id: '', category: 'school', count: 1 },
      { ...nothing, id: zoneOf([104.6, 35.5], 'h3', 7), category: 'hospital', count: 1 },
      { ...nothing, id: zoneOf([104.6, 35.5], 'h3', 7), category: 'school', count: 2 },
    ]);
    expect(next).toBeNull();
    expect((await ask({ from: 0, to: T0 })).rows).toEqual(rows);
    expect((await ask({ from: 1, to: T0 })).rows).toEqual([]);
  });

  it.each([1, 40, 333, 5000])(
    'totals: pages of at most %i rows are the whole, bucket by bucket',
    async (limit) => {
      const whole = async (dataset: string) =>
        (await queries.totals(EVERYTHING, { dataset, dggrs: 'h3', level: 3, bucketMs: 3 * HOUR })).rows;
      for (const dataset of ['air', 'hotline', 'places']) {
        const wanted = await whole(dataset);
        const fullest = Math.max(
          ...wanted.map(({ bucket }) => wanted.filter((row) => row.bucket === bucket).length),
        );
        const rows: TotalsRow[] = [];
        let from: number | undefined;
        let pages = 0;
        const page = () =>
          queries.totals(EVERYTHING, {
            dataset,
            dggrs: 'h3',
            level: 3,
            bucketMs: 3 * HOUR,
            limit,
            ...(from === undefined ? {} : { span: { from, to: T0 + HOUR } }),
          });
        if (fullest > limit) {
          await expect(page()).rejects.toSatisfy((error) => isQueryError(error, 'too-large'));
          continue;
        }
        for (;;) {
          const { rows: more, next } = await page();
          expect(more.length).toBeLessThanOrEqual(limit);
          rows.push(...more);
          pages += 1;
          if (next === null) break;
          expect(next % (3 * HOUR)).toBe(0);
          expect(more.every((row) => row.bucket < next)).toBe(true);
          from = next;
        }
        // A sum depends on the order of adding, which a page may change in the last digit.
        const settled = (all: readonly TotalsRow[]) =>
          all.map((row) => ({ ...row, sum: row.sum === null ? null : Number(row.sum.toPrecision(12)) }));
        expect(settled(rows)).toEqual(settled(wanted));
        expect(pages).toBeGreaterThanOrEqual(Math.ceil(wanted.length / limit));
      }
    },
  );

  it('series: a Thing that is not there, or may not be seen, is unknown', async () => {
    const ask = (thing: string, access: Access) =>
      queries.series(access, { property: 'pm25', thing, span: { from: T0 - HOUR, to: T0 }, bucketMs: HOUR });
    const blind: Access = { ...EVERYTHING, datasets: ['hotline'] };
    for (const [thing, access] of [
      ['nobody', EVERYTHING],
      ['s4', blind],
    ] as const) {
      await expect(ask(thing, access)).rejects.toSatisfy((error) => isQueryError(error, 'unknown-thing'));
    }
    // Known, without this property: gaps.
    expect((await ask('s3', EVERYTHING)).count.every((n) => n === 0)).toBe(true);
  });

  it('series: gaps stay gaps, of a Thing, a zone and the city', async () => {
    const span = { from: T0 - 20 * HOUR - 1, to: T0 + 5 * HOUR };
    const zone = { dggrs: 'h3' as const, id: zoneOf(fixed[4], 'h3', 7) };
    for (const [only, keep] of [
      [{ thing: 's4' }, (row: Kept) => row.thing === 's4'],
      [{ zone }, (row: Kept) => zoneOf(row.lonLat, 'h3', 7) === zone.id],
      [{}, () => true],
    ] as const) {
      for (const bucketMs of [HOUR, 20 * 60_000]) {
        const answer = await queries.series(EVERYTHING, { property: 'pm25', span, bucketMs, ...only });
        const wanted = gather(
          readings.filter(
            (row) => row.property === 'pm25' && row.time >= span.from && row.time < span.to && keep(row),
          ),
          (row) => `${Math.floor(row.time / bucketMs) * bucketMs}`,
        );
        expect(answer.count).toEqual(answer.t.map((t) => wanted.get(`${t}`)?.count ?? 0));
        expect(answer.min).toEqual(answer.t.map((t) => wanted.get(`${t}`)?.min ?? null));
        expect(answer.mean.at(-1)).toBeNull();
      }
    }
  });

  it('events: newest first, by type, category, status, zone and span', async () => {
    const zone = {
      dggrs: 'beidou2d' as const,
      id: zoneOf([events[1]!.lonDeg!, events[1]!.latDeg!], 'beidou2d', 4),
    };
    const span = { from: T0 - 30 * HOUR, to: T0 - HOUR };
    const answer = await queries.events(EVERYTHING, {
      eventTypes: ['case'],
      status: 'open',
      span,
      limit: 1000,
    });
    const wanted = events.filter(
      (event) =>
        event.eventType === 'case' &&
        event.status === 'open' &&
        event.start >= span.from &&
        event.start < span.to,
    );
    expect(answer.events.length).toBe(wanted.length);
    expect(answer.events.map((event) => event.start)).toEqual(
      wanted.map((event) => event.start).sort((a, b) => b - a),
    );
    const inZone = await queries.events(EVERYTHING, { zone, limit: 1000 });
    expect(inZone.events.map((event) => event.id).sort()).toEqual(
      events
        .filter(
          (event) =>
            event.lonDeg !== undefined && zoneOf([event.lonDeg, event.latDeg!], 'beidou2d', 4) === zone.id,
        )
        .map((event) => `${event.dataset}/${event.key}`)
        .sort(),
    );
  });

  it('zoneDossier: counts of every kind are those of the plain judge', async () => {
    now = T0;
    for (const [dggrs, level] of [
      ['h3', 6],
      ['beidou2d', 3],
    ] as const) {
      const id = zoneOf(fixed[4], dggrs, level);
      const dossier = await queries.zoneDossier(EVERYTHING, { dggrs, id, hours: 12 });
      const inside = readings.filter((row) => zoneOf(row.lonLat, dggrs, level) === id);
      expect(dossier.counts.observations).toBe(inside.filter((row) => row.time >= T0 - 12 * HOUR).length);
      expect(dossier.counts.events).toBe(
        events.filter(
          (event) =>
            event.lonDeg !== undefined &&
            zoneOf([event.lonDeg, event.latDeg!], dggrs, level) === id &&
            event.start >= T0 - 12 * HOUR,
        ).length,
      );
      expect(dossier.things.every((found) => zoneOf(found.lonLat, dggrs, level) === id)).toBe(true);
      expect(dossier.counts.features).toBe(zoneOf([104.6263, 35.5806], dggrs, level) === id ? 1 : 0);
      expect(dossier.series.map((series) => series.property).sort()).toEqual(
        [...new Set(inside.filter((row) => row.time >= T0 - 12 * HOUR).map((row) => row.property))].sort(),
      );
    }
  });

  it('the rollup is used once hours are built, and gives what the rows give', async () => {
    const ask = () =>
      queries.totals(EVERYTHING, {
        dataset: 'air',
        dggrs: 'beidou2d',
        level: 4,
        bucketMs: HOUR,
        span: { from: T0 - 30 * HOUR, to: T0 - 2 * HOUR },
      });
    const before = await ask();
    await store.buildRollups(1000);
    const after = await ask();
    expect(before.provenance.answeredFrom).toBe('rollup+raw');
    expect(after.provenance.answeredFrom).toBe('rollup');
    expect(after.rows.map(({ sum: _, ...row }) => row)).toEqual(before.rows.map(({ sum: _, ...row }) => row));
  });

  it('zones: without a span only what is not older than three periods', async () => {
    await store.load(
      makeBatch({
        from: store.position,
        readings: [
          { thing: 's1', property: 'noise-level', time: T0 - 2000, result: 60, lonLat: fixed[1]! },
          { thing: 's2', property: 'noise-level', time: T0 - 180_001, result: 70, lonLat: fixed[2]! },
        ],
      }),
    );
    const answer = await queries.zones(EVERYTHING, { dggrs: 'h3', level: 9, property: 'noise-level' });
    expect(answer.zones.map((zone) => zone.mean)).toEqual([60]);
    expect(answer.provenance).toMatchObject({ answeredFrom: 'latest', datasets: ['air'], demo: false });
    const columns = queries.zoneColumns(EVERYTHING, { dggrs: 'h3', level: 9, property: 'noise-level' });
    expect([...columns.mean]).toEqual([60]);
    expect(gridOf('h3').format(columns.id[0]!, 9)).toBe(answer.zones[0]!.id);
  });

  it('questions that cannot be answered have a code', async () => {
    const zones = { dggrs: 'h3' as const, level: 9, property: 'pm25' };
    const cases: [string, Promise<unknown>][] = [
      ['unknown-property', queries.zones(EVERYTHING, { ...zones, property: 'happiness' })],
      ['unknown-dataset', queries.zones(EVERYTHING, { ...zones, dataset: 'nothing' })],
      ['level-out-of-range', queries.zones(EVERYTHING, { ...zones, level: 13 })],
      ['span-invalid', queries.zones(EVERYTHING, { ...zones, span: { from: 5, to: 5 } })],
      ['unknown-zone', queries.zoneDossier(EVERYTHING, { dggrs: 'h3', id: 'elsewhere' })],
      [
        'too-large',
        queries.series(EVERYTHING, { property: 'pm25', span: { from: 0, to: T0 }, bucketMs: 1000 }),
      ],
      ['too-large', queries.events(EVERYTHING, { limit: 1e9 })],
    ];
    for (const [code, promise] of cases) {
      const error = await promise.catch((e: unknown) => e);
      expect(isQueryError(error) && error.code).toBe(code);
    }
  });
});
