/** What an access withholds is not found by asking for areas, distances, ranks or counts either. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { T0 } from '../store/fixtures.ts';
import { gridOf } from '../zones.ts';
import type { Access } from './access.ts';
import { distanceM } from './geometry/geodesic.ts';
import { isQueryError } from './query-error.ts';
import type { AreaRef } from './shapes.ts';
import { HOUR, type LonLat, openTestCity, type TestCity } from './test-city.ts';

const MIDDLE = [104.62, 35.58] as const;
const ALL: Access = {
  subject: 'a',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const SPAN = { from: T0 - 40 * HOUR, to: T0 + HOUR };
const EVERYWHERE: AreaRef = { bbox: [104.4, 35.4, 104.8, 35.8] };

let city: TestCity;
beforeAll(async () => {
  city = await openTestCity(5, MIDDLE);
});
afterAll(() => city.close());

/** Everything the shapes tell of an area, as one text. */
async function everything(access: Access, area: AreaRef): Promise<string> {
  const { queries } = city;
  const zones = { dggrs: 'h3', level: 6, area } as const;
  const span = SPAN;
  const answers = await Promise.all([
    queries.events(access, { area, limit: 1000 }),
    queries.features(access, { area, limit: 1000 }),
    queries.things(access, { area }),
    queries.inside(access, { area, span }),
    queries.latest(access, { by: 'datastream', area, limit: 1000 }),
    queries.latest(access, { by: 'zone', ...zones, property: 'pm25', limit: 1000 }),
    queries.series(access, { property: 'pm25', span, bucketMs: HOUR, area }),
    queries.cube(access, { ...zones, property: 'pm25', span, bucketMs: HOUR, aggregation: 'mean' }),
    queries.top(access, { of: 'things', kind: 'observations', property: 'pm25', span, k: 100, area }),
    queries.top(access, { of: 'zones', kind: 'events', k: 100, dggrs: 'h3', level: 6, area }),
    ...(['events', 'features', 'things'] as const).map((kind) =>
      queries.nearest(access, { kind, lonLat: MIDDLE, k: 1000 }),
    ),
    queries.count(access, { kinds: ['events', 'features', 'things', 'observations'], area, span }),
  ]);
  return JSON.stringify(answers);
}

describe('Access of the further shapes', () => {
  it('datasets: nothing of another dataset shows', async () => {
    expect(/hotline.*air|air.*hotline/.test(await everything(ALL, EVERYWHERE))).toBe(true);
    const seen = await everything({ ...ALL, datasets: ['hotline'] }, EVERYWHERE);
    expect(seen.includes('hotline')).toBe(true);
    // As a dataset, in a list of datasets, at the head of an id; "water" is a category too.
    expect(
      seen.match(/"dataset":"(?!hotline)|"datasets":\["(?!hotline)|"(air|schools|pipes|cameras)\b/),
    ).toBeNull();
    const nothing = await everything({ ...ALL, datasets: [] }, EVERYWHERE);
    expect(nothing.match(/hotline|"s\d+"|schools/)).toBeNull();
    expect(nothing.includes('"atMost":0')).toBe(true);
  });

  it('masked positions: neither in an area, nor near anything, nor counted there', async () => {
    const access: Access = { ...ALL, masks: ['hotline.position', 'air.position', 'pipes.position'] };
    const seen = await everything(access, EVERYWHERE);
    expect(seen.match(/hotline|"air"|pipes|pm25","value":\d/)).toBeNull();
    expect(/cameras/.test(seen) && /schools/.test(seen)).toBe(true);
    const { counts } = await city.queries.count(access, {
      kinds: ['events', 'features', 'things', 'observations'],
      datasets: ['hotline', 'air', 'pipes'],
      area: EVERYWHERE,
    });
    expect(counts.map(({ atMost }) => atMost)).toEqual([0, 0, 0, 0]);
  });

  it('masked names of Things: no events are ranked by them', async () => {
    const access: Access = { ...ALL, masks: ['hotline.thing', 'cameras.thing'] };
    const { rows, groups } = await city.queries.top(access, { of: 'things', kind: 'events', k: 10 });
    expect([rows, groups]).toEqual([[], 0]);
  });

  it('area: asking beyond it finds nothing more', async () => {
    const access: Access = { ...ALL, area: [104.6, 35.56, 104.66, 35.62] };
    const within = ([lon, lat]: LonLat) => lon >= 104.6 && lon <= 104.66 && lat >= 35.56 && lat <= 35.62;
    const { events } = await city.queries.events(access, { area: EVERYWHERE, limit: 1000 });
    expect(events.length).toBeGreaterThan(0);
    expect(events.every((event) => within(event.lonLat!))).toBe(true);
    const nearest = await city.queries.nearest(access, { kind: 'things', lonLat: [104.5, 35.5], k: 100 });
    expect(nearest.things.every((thing) => within(thing.lonLat!))).toBe(true);
    const outside: AreaRef = { bbox: [104.5, 35.5, 104.59, 35.55] };
    const { counts } = await city.queries.inside(access, { area: outside, span: SPAN });
    expect(counts).toEqual({ things: 0, observations: 0, events: 0, features: 0 });
  });

  it('finest level: places are those that are shown, so many distances tell no finer one', async () => {
    const access: Access = { ...ALL, finestLevel: { h3: 7, beidou2d: 4 } };
    const h3 = gridOf('h3');
    const shownAt = ([lon, lat]: LonLat) => h3.centre(h3.encode(lon, lat, 7), 7);
    const from: LonLat = [104.63, 35.57];
    const { events } = await city.queries.nearest(access, { kind: 'events', lonLat: from, k: 1000 });
    const all = await city.queries.nearest(ALL, { kind: 'events', lonLat: from, k: 1000 });
    expect(events.length).toBe(all.events.length);
    for (const event of events) {
      const exact = all.events.find(({ id }) => id === event.id)!.lonLat!;
      expect(event.lonLat).toEqual(shownAt(exact));
      expect(event.distanceM).toBeCloseTo(distanceM(from, shownAt(exact)), 3);
    }
    // Two areas that hold the same centres of cells hold the same items.
    const centre = shownAt(MIDDLE);
    const sizes = await Promise.all(
      [1, 400].map(async (radiusM) => {
        const area = { circle: { lonLat: centre, radiusM } };
        const answer = await city.queries.inside(access, { area, span: SPAN });
        return [answer.counts.events, answer.counts.features, answer.counts.things];
      }),
    );
    expect(sizes[0]).toEqual(sizes[1]);
    expect(sizes[0]![0]).toBeGreaterThan(0);
    // Readings: of whole zones of the level, however small the polygon.
    const tiny = (shift: number): AreaRef => ({
      polygon: {
        type: 'Polygon',
        coordinates: [
          [
            [104.62 + shift, 35.58],
            [104.62 + shift + 1e-4, 35.58],
            [104.62 + shift, 35.5801],
            [104.62 + shift, 35.58],
          ],
        ],
      },
    });
    const beidou = gridOf('beidou2d');
    expect(beidou.encode(104.62, 35.58, 4)).toBe(beidou.encode(104.622, 35.58, 4));
    const counted = await Promise.all(
      [0, 2e-3].map((shift) => city.queries.count(access, { kinds: ['observations'], area: tiny(shift) })),
    );
    expect(counted[0]!.counts).toEqual(counted[1]!.counts);
    const cube = await city.queries.cube(access, {
      dggrs: 'h3',
      level: 10,
      property: 'pm25',
      span: SPAN,
      bucketMs: HOUR,
      aggregation: 'mean',
    });
    expect(cube.level).toBe(7);
  });

  it('finer zones than allowed are refused as an area', async () => {
    const access: Access = { ...ALL, finestLevel: { h3: 7, beidou2d: 4 } };
    const h3 = gridOf('h3');
    const area: AreaRef = { zones: [{ dggrs: 'h3', id: h3.format(h3.encode(...MIDDLE, 9), 9) }] };
    for (const asked of [
      city.queries.events(access, { area, limit: 1 }),
      city.queries.inside(access, { area }),
      city.queries.count(access, { kinds: ['things'], area }),
    ]) {
      expect(isQueryError(await asked.catch((e: unknown) => e), 'not-permitted')).toBe(true);
    }
  });
});

describe('areas that are none', () => {
  const ask = (area: AreaRef) => city.queries.events(ALL, { area, limit: 1 }).catch((e: unknown) => e);
  const ring = (n: number) =>
    Array.from({ length: n }, (_, i) => [104 + Math.cos((i / n) * 6.283), 35 + Math.sin((i / n) * 6.283)]);

  it.each<[string, AreaRef]>([
    ['area-invalid', { bbox: [104, 36, 105, 35] }],
    ['area-invalid', { bbox: [104, Number.NaN, 105, 35] }],
    ['area-invalid', { polygon: { type: 'Polygon', coordinates: [] } }],
    ['area-invalid', { polygon: { type: 'Polygon', coordinates: [[[104, 95]]] } }],
    ['area-invalid', { polygon: { type: 'Point', coordinates: [1, 2] } as never }],
    ['area-invalid', { polygon: { type: 'Polygon', coordinates: 'x' } as never }],
    ['area-invalid', { circle: { lonLat: [104, 35], radiusM: -1 } }],
    ['area-invalid', { circle: { lonLat: [204, 35], radiusM: 1 } }],
    ['area-invalid', { zones: [] }],
    ['too-large', { circle: { lonLat: [104, 35], radiusM: 2e6 } }],
    ['too-large', { polygon: { type: 'Polygon', coordinates: [ring(10_001)] } }],
    ['unknown-division', { division: 'elsewhere' }],
    ['unknown-zone', { zones: [{ dggrs: 'h3', id: 'elsewhere' }] }],
  ])('%s', async (code, area) => {
    const error = await ask(area);
    expect(isQueryError(error) && error.code).toBe(code);
  });

  it('a level too fine for the area says so, with an estimate', async () => {
    const error = await city.queries
      .cube(ALL, {
        dggrs: 'h3',
        level: 12,
        property: 'pm25',
        span: SPAN,
        bucketMs: HOUR,
        aggregation: 'mean',
        area: { bbox: [60, 10, 140, 60] },
      })
      .catch((e: unknown) => e);
    expect(isQueryError(error, 'too-large') && error.estimate! > error.limit!).toBe(true);
  });

  it('one place, and a distance only from somewhere', async () => {
    const h3 = gridOf('h3');
    const zone = { dggrs: 'h3' as const, id: h3.format(h3.encode(...MIDDLE, 7), 7) };
    for (const query of [
      { area: EVERYWHERE, zone },
      { sort: 'distance' as const },
      { area: EVERYWHERE, sort: 'distance' as const },
    ]) {
      const error = await city.queries.events(ALL, { ...query, limit: 1 }).catch((e: unknown) => e);
      expect(isQueryError(error, 'area-invalid')).toBe(true);
    }
  });
});
