/** The query shapes over random small cities, in all hemispheres, against plain walks over all rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GridGeometry, pointInGeometry } from '../../grid/index.ts';
import { T0 } from '../store/fixtures.ts';
import { gridOf } from '../zones.ts';
import type { Access } from './access.ts';
import { distanceToGeometryM } from './geometry/distance.ts';
import { distanceM } from './geometry/geodesic.ts';
import { prepareArea } from './geometry/meets.ts';
import type { AreaGeometry, AreaRef, GridId } from './shapes.ts';
import { HOUR, type LonLat, openTestCity, seeded, type TestCity, type TestReading } from './test-city.ts';

const ALL: Access = {
  subject: 'admin',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const SPAN = { from: T0 - 26.3 * HOUR, to: T0 - 1.7 * HOUR };

/** Where longitudes and latitudes change their signs, and where longitudes end: what holds there holds in between. */
const CITIES: readonly [string, number, LonLat][] = [
  ['by the prime meridian and the equator', 12, [0.01, 0.02]],
  ['across the antimeridian', 13, [179.99, -16.5]],
];

describe.each(CITIES)('query shapes %s', (_, seed, middle) => {
  let city: TestCity;
  const next = seeded(seed * 7919);

  beforeAll(async () => {
    city = await openTestCity(seed, middle);
  });
  afterAll(() => city.close());

  const somewhere = (): LonLat => city.at((next() - 0.5) * 0.2, (next() - 0.5) * 0.2);
  const polygonOf = (ref: AreaRef): AreaGeometry => {
    if ('polygon' in ref) return ref.polygon;
    if ('division' in ref) return city.division;
    if (!('bbox' in ref)) throw new Error('no polygon');
    const [west, south, east, north] = ref.bbox;
    const to = east < west ? east + 360 : east;
    const ring = [
      [west, south],
      [to, south],
      [to, north],
      [west, north],
      [west, south],
    ];
    return { type: 'Polygon', coordinates: [ring] };
  };
  const areas = (): readonly AreaRef[] => {
    const [west, south] = city.at(-0.05 * next(), -0.05 * next());
    const [east, north] = city.at(0.05 * next(), 0.05 * next());
    const corner = [somewhere(), somewhere(), somewhere()];
    return [
      { bbox: [west, south, east, north] },
      { polygon: { type: 'Polygon', coordinates: [[...corner, corner[0]!]] } },
      // Smaller than any zone that is counted whole.
      { polygon: { type: 'Polygon', coordinates: [[...tiny(somewhere())]] } },
      { division: 'middle' },
    ];
  };
  const tiny = ([lon, lat]: LonLat): LonLat[] => [
    [lon, lat],
    [lon + 1e-4, lat],
    [lon, lat + 1e-4],
    [lon, lat],
  ];
  const circles = () =>
    [0, 150, 2_500, 9_000].map((radiusM) => ({ circle: { lonLat: somewhere(), radiusM } }));

  const thingPlaces = (): Map<string, LonLat> => {
    const places = new Map<string, LonLat>();
    const since = new Map<string, number>();
    for (const [id, own] of city.things) if (own !== null && id !== 's8') places.set(id, own);
    for (const { thing, time, lonLat } of city.readings) {
      if (lonLat === null || lonLat === undefined || time < (since.get(thing) ?? 0)) continue;
      since.set(thing, time);
      places.set(thing, lonLat);
    }
    return places;
  };
  const eventPlace = (event: { readonly lonDeg?: number; readonly latDeg?: number }): LonLat | null =>
    event.lonDeg === undefined ? null : [event.lonDeg, event.latDeg!];
  const metresTo = (from: LonLat, geometry: GridGeometry): number =>
    geometry.type === 'Point'
      ? distanceM(from, geometry.coordinates as unknown as LonLat)
      : distanceToGeometryM(from, geometry);

  it('events, features, Things: in a box, a polygon, a division', async () => {
    for (const area of areas()) {
      const polygon = polygonOf(area);
      const { meets } = prepareArea(polygon);
      const holds = (lonLat: LonLat | null) =>
        lonLat !== null && pointInGeometry(polygon, lonLat[0], lonLat[1]);
      const { events } = await city.queries.events(ALL, { area, limit: 1000 });
      expect(events.map((event) => event.id)).toEqual(
        city.events
          .map((event, seq) => ({ event, seq }))
          .filter(({ event }) => holds(eventPlace(event)))
          .sort((a, b) => b.event.start - a.event.start || b.seq - a.seq)
          .map(({ event }) => `${event.dataset}/${event.key}`),
      );
      const { features } = await city.queries.features(ALL, { area, limit: 1000 });
      expect(features.map((feature) => feature.id)).toEqual(
        city.features.filter(({ geometry }) => geometry !== null && meets(geometry)).map(({ id }) => id),
      );
      const { things } = await city.queries.things(ALL, { area });
      expect(things.map((thing) => thing.id).sort()).toEqual(
        [...thingPlaces()]
          .filter(([, place]) => holds(place))
          .map(([id]) => id)
          .sort(),
      );
      const { counts } = await city.queries.count(ALL, {
        kinds: ['events', 'features', 'things'],
        area,
      });
      const lengths = [events.length, features.length, things.length];
      expect(counts.map(({ atLeast }) => atLeast)).toEqual(lengths);
      expect(counts.map(({ atMost }) => atMost)).toEqual(lengths);
    }
  });

  it('events, features, Things within a distance, nearest first, each with its distance', async () => {
    for (const area of circles()) {
      const { lonLat, radiusM } = area.circle;
      const wanted = (places: readonly (readonly [string, number | null])[]) =>
        places
          .filter((one): one is readonly [string, number] => one[1] !== null && one[1] <= radiusM)
          .sort((a, b) => a[1] - b[1])
          .map(([id, metres]) => [id, Math.round(metres * 100)]);
      const found = (rows: readonly { readonly id: string; readonly distanceM?: number }[]) =>
        rows.map((row) => [row.id, Math.round(row.distanceM! * 100)]);
      const { events } = await city.queries.events(ALL, { area, sort: 'distance', limit: 1000 });
      expect(found(events)).toEqual(
        wanted(
          city.events.map((event) => {
            const place = eventPlace(event);
            return [`${event.dataset}/${event.key}`, place === null ? null : distanceM(lonLat, place)];
          }),
        ),
      );
      const { features } = await city.queries.features(ALL, { area, sort: 'distance', limit: 1000 });
      expect(found(features)).toEqual(
        wanted(
          city.features.map(({ id, geometry }) => [
            id,
            geometry === null ? null : metresTo(lonLat, geometry),
          ]),
        ),
      );
      const { things } = await city.queries.things(ALL, { area });
      // A Thing that reports its place is known to 1.5 cm.
      expect(things.map((thing) => thing.id)).toEqual(
        [...thingPlaces()]
          .map(([id, place]) => [id, distanceM(lonLat, place)] as const)
          .filter(([, metres]) => metres <= radiusM)
          .sort((a, b) => a[1] - b[1])
          .map(([id]) => id),
      );
    }
  });

  it('nearest: the first k of all, also from far outside', async () => {
    const far = city.at(3, -2);
    for (const lonLat of [somewhere(), far]) {
      for (const k of lonLat === far ? [7] : [1, 400]) {
        const sorted = (places: readonly (readonly [string, number | null])[], n: number) =>
          places
            .filter((one): one is readonly [string, number] => one[1] !== null)
            .sort((a, b) => a[1] - b[1])
            .slice(0, n)
            .map(([id]) => id);
        const ids = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id);
        const events = await city.queries.nearest(ALL, { kind: 'events', lonLat, k });
        const open = city.events.map((event) => {
          const place = eventPlace(event);
          return [`${event.dataset}/${event.key}`, place === null ? null : distanceM(lonLat, place)] as const;
        });
        expect(ids(events.events)).toEqual(sorted(open, k));
        const features = await city.queries.nearest(ALL, {
          kind: 'features',
          lonLat,
          k,
          datasets: ['pipes'],
        });
        const pipes = city.features.flatMap(({ id, dataset, geometry }) =>
          dataset === 'pipes' && geometry !== null ? [[id, metresTo(lonLat, geometry)] as const] : [],
        );
        expect(ids(features.features)).toEqual(sorted(pipes, k));
        expect(features.searchedM).toBe(pipes.length < k ? 1_000_000 : features.features.at(-1)!.distanceM!);
        const things = await city.queries.nearest(ALL, { kind: 'things', lonLat, k });
        const placed = [...thingPlaces()].map(([id, place]) => [id, distanceM(lonLat, place)] as const);
        expect(ids(things.things)).toEqual(sorted(placed, k));
      }
    }
    const close = await city.queries.nearest(ALL, { kind: 'events', lonLat: far, k: 3, maxM: 1000 });
    expect([close.events, close.searchedM]).toEqual([[], 1000]);
  });

  const sumOf = (rows: readonly TestReading[]) => ({
    count: rows.length,
    sum: rows.reduce((sum, row) => sum + row.result, 0),
    min: Math.min(...rows.map((row) => row.result)),
    max: Math.max(...rows.map((row) => row.result)),
  });
  const inSpan = (property: string, { from, to } = SPAN) =>
    city.readings.filter((row) => row.property === property && row.time >= from && row.time < to);

  it('series of an area: every reading in it once, whole zones from the rollup', async () => {
    const answered = new Set<string>();
    for (const area of areas()) {
      const polygon = polygonOf(area);
      const rows = inSpan('pm25').filter(
        ({ lonLat }) => lonLat !== null && pointInGeometry(polygon, lonLat![0], lonLat![1]),
      );
      const series = await city.queries.series(ALL, {
        property: 'pm25',
        span: SPAN,
        bucketMs: HOUR,
        area,
      });
      const wanted = series.t.map((t) =>
        sumOf(rows.filter((row) => Math.floor(row.time / HOUR) * HOUR === t)),
      );
      expect(series.count).toEqual(wanted.map(({ count }) => count));
      expect(series.min).toEqual(wanted.map(({ count, min }) => (count === 0 ? null : min)));
      series.mean.forEach((mean, i) => {
        const { count, sum } = wanted[i]!;
        if (count > 0) expect(mean).toBeCloseTo(sum / count, 8);
      });
      answered.add(series.provenance.answeredFrom);
      const { counts } = await city.queries.count(ALL, {
        kinds: ['observations'],
        property: 'pm25',
        span: SPAN,
        area,
      });
      expect(counts).toEqual([{ kind: 'observations', atLeast: rows.length, atMost: rows.length }]);
    }
    expect(answered).toContain('raw');
  });

  it('series in a circle: within 4 parts in 100,000 of its radius', async () => {
    for (const { circle } of circles().slice(1)) {
      const count = (share: number) =>
        inSpan('pm25').filter(
          ({ lonLat }) => lonLat !== null && distanceM(circle.lonLat, lonLat!) <= circle.radiusM * share,
        ).length;
      const { counts } = await city.queries.count(ALL, {
        kinds: ['observations'],
        property: 'pm25',
        span: SPAN,
        area: { circle },
      });
      expect(counts[0]!.atLeast).toBeGreaterThanOrEqual(count(1 - 1e-4));
      expect(counts[0]!.atLeast).toBeLessThanOrEqual(count(1 + 1e-6));
    }
  });

  const GRIDS: readonly [GridId, number][] = [
    ['h3', 7],
    ['beidou2d', 4],
  ];
  const zoneOf = (dggrs: GridId, level: number, [lon, lat]: LonLat) => {
    const grid = gridOf(dggrs);
    return grid.format(grid.parent(grid.encode(lon, lat, grid.pointLevel), grid.pointLevel, level), level);
  };

  it.each(GRIDS)(
    'cube on %s level %i: every cell, of the city and of the zones an area touches',
    async (dggrs, level) => {
      for (const area of [undefined, ...areas()]) {
        const cube = await city.queries.cube(ALL, {
          dggrs,
          level,
          property: 'pm25',
          span: SPAN,
          bucketMs: 3 * HOUR,
          aggregation: 'max',
          ...(area === undefined ? {} : { area }),
        });
        const wanted = new Map<string, number>();
        for (const row of inSpan('pm25')) {
          if (row.lonLat === null) continue;
          const key = `${zoneOf(dggrs, level, row.lonLat!)} ${Math.floor(row.time / (3 * HOUR)) * 3 * HOUR}`;
          wanted.set(key, Math.max(row.result, wanted.get(key) ?? Number.NEGATIVE_INFINITY));
        }
        const cells = cube.zone.map(
          (zone, i) => [`${cube.zones[zone]} ${cube.t[cube.bucket[i]!]}`, cube.value[i]!] as const,
        );
        if (area === undefined) {
          expect(Object.fromEntries(cells)).toEqual(Object.fromEntries(wanted));
          continue;
        }
        // Whole zones: each cell is that of the city, and no reading of the area is missing.
        for (const [key, value] of cells) expect([key, wanted.get(key)]).toEqual([key, value]);
        const shown = new Set(cube.zones);
        const polygon = polygonOf(area);
        for (const { lonLat } of inSpan('pm25')) {
          if (lonLat === null || !pointInGeometry(polygon, lonLat![0], lonLat![1])) continue;
          expect(shown).toContain(zoneOf(dggrs, level, lonLat!));
        }
        expect(cells.length).toBeLessThanOrEqual(wanted.size);
      }
    },
  );

  it.each(GRIDS)(
    'cube on %s level %i: first, last and deviation by hour, with rows that came late',
    async (dggrs, level) => {
      const ask = (aggregation: 'first' | 'last' | 'stddev') =>
        city.queries.cube(ALL, {
          dggrs,
          level,
          property: 'water-level',
          span: SPAN,
          bucketMs: HOUR,
          aggregation,
        });
      const [first, last, stddev] = await Promise.all([ask('first'), ask('last'), ask('stddev')]);
      const cells = new Map<string, TestReading[]>();
      for (const row of inSpan('water-level')) {
        if (row.lonLat === null) continue;
        const key = `${zoneOf(dggrs, level, row.lonLat!)} ${Math.floor(row.time / HOUR) * HOUR}`;
        cells.set(key, [...(cells.get(key) ?? []), row]);
      }
      const byCell = (cube: typeof first) =>
        new Map(
          cube.zone.map((zone, i) => [`${cube.zones[zone]} ${cube.t[cube.bucket[i]!]}`, cube.value[i]!]),
        );
      const [firsts, lasts, deviations] = [byCell(first), byCell(last), byCell(stddev)];
      expect([...firsts.keys()].sort()).toEqual([...cells.keys()].sort());
      for (const [key, rows] of cells) {
        const sorted = [...rows].sort((a, b) => a.time - b.time || a.result - b.result);
        expect([key, firsts.get(key), lasts.get(key)]).toEqual([
          key,
          sorted[0]!.result,
          sorted.at(-1)!.result,
        ]);
        const { count, sum } = sumOf(rows);
        const squares = rows.reduce((total, row) => total + (row.result - sum / count) ** 2, 0);
        if (count === 1) expect(deviations.get(key)).toBeNull();
        else expect(deviations.get(key)).toBeCloseTo(Math.sqrt(squares / count), 6);
      }
    },
  );

  it.each(GRIDS)(
    'compare on %s level %i: values, differences, counts and what is missing',
    async (dggrs, level) => {
      const span = { from: T0 - 3 * HOUR, to: T0 };
      const other = { from: T0 - 28 * HOUR, to: T0 - 26 * HOUR };
      const answer = await city.queries.compare(ALL, {
        dggrs,
        level,
        property: 'water-level',
        span,
        other,
        aggregation: 'sum',
      });
      const byZone = (of: typeof span) => {
        const zones = new Map<string, number[]>();
        for (const { lonLat, result } of inSpan('water-level', of)) {
          if (lonLat === null) continue;
          const id = zoneOf(dggrs, level, lonLat!);
          zones.set(id, [...(zones.get(id) ?? []), result]);
        }
        return zones;
      };
      const [here, there] = [byZone(span), byZone(other)];
      const ids = [...new Set([...here.keys(), ...there.keys()])].sort();
      expect(answer.zones.map((zone) => zone.id).sort()).toEqual(ids);
      const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
      for (const zone of answer.zones) {
        const [a, b] = [here.get(zone.id), there.get(zone.id)];
        expect([zone.count, zone.otherCount]).toEqual([a?.length ?? 0, b?.length ?? 0]);
        expect([zone.value === null, zone.other === null]).toEqual([a === undefined, b === undefined]);
        if (a === undefined || b === undefined) {
          expect([zone.difference, zone.relative]).toEqual([null, null]);
          continue;
        }
        expect(zone.difference).toBeCloseTo(sum(a) - sum(b), 6);
        expect(zone.relative).toBeCloseTo((sum(a) - sum(b)) / sum(b), 8);
      }
      expect(answer.missing).toEqual({
        span: ids.filter((id) => !here.has(id)).length,
        other: ids.filter((id) => !there.has(id)).length,
      });
      expect(answer.whole.count).toBe([...here.values()].flat().length);
      expect(answer.provenance.demo).toBe(true);
    },
  );

  it('top: zones, Things and categories, most and least, in the city and in an area', async () => {
    const polygon = city.division;
    const within = (lonLat: LonLat | null) =>
      lonLat !== null && pointInGeometry(polygon, lonLat[0], lonLat[1]);
    const rank = (groups: ReadonlyMap<string, number>, sign: number) =>
      [...groups]
        .sort((a, b) => sign * (a[1] - b[1]) || (a[0] < b[0] ? -1 : 1))
        .slice(0, 5)
        .map(([key, value]) => [key, Math.round(value * 1e6)]);
    const shown = (rows: readonly { readonly key: string; readonly value: number }[]) =>
      rows.map(({ key, value }) => [key, Math.round(value * 1e6)]);
    for (const area of [undefined, { division: 'middle' }]) {
      const more = area === undefined ? {} : { area };
      const rows = inSpan('pm25').filter(({ lonLat }) => area === undefined || within(lonLat ?? null));
      const means = new Map<string, number>();
      for (const id of new Set(rows.map((row) => row.thing))) {
        const own = sumOf(rows.filter((row) => row.thing === id));
        means.set(id, own.sum / own.count);
      }
      for (const [order, sign] of [
        ['most', -1],
        ['least', 1],
      ] as const) {
        const things = await city.queries.top(ALL, {
          of: 'things',
          kind: 'observations',
          property: 'pm25',
          aggregation: 'mean',
          span: SPAN,
          k: 5,
          order,
          ...more,
        });
        expect(shown(things.rows)).toEqual(rank(means, sign));
        expect(things.groups).toBe(means.size);
        const cases = city.events.filter((event) => area === undefined || within(eventPlace(event)));
        for (const [of, keyOf] of [
          ['categories', (event: (typeof cases)[number]) => event.category],
          ['things', (event: (typeof cases)[number]) => event.thing!],
          [
            'zones',
            (event: (typeof cases)[number]) =>
              eventPlace(event) === null ? null : zoneOf('h3', 7, eventPlace(event)!),
          ],
        ] as const) {
          const counts = new Map<string, number>();
          for (const event of cases) {
            const key = keyOf(event);
            if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
          }
          const answer = await city.queries.top(ALL, {
            of,
            kind: 'events',
            k: 5,
            order,
            ...(of === 'zones' ? { dggrs: 'h3' as const, level: 7 } : {}),
            ...more,
          });
          expect(shown(answer.rows)).toEqual(rank(counts, sign));
          expect(answer.groups).toBe(counts.size);
        }
      }
    }
  });

  it('inside: counts of every kind, whole and by what they are', async () => {
    const polygon = city.division;
    const { meets } = prepareArea(polygon);
    const within = (lonLat: LonLat | null | undefined) =>
      lonLat !== null && lonLat !== undefined && pointInGeometry(polygon, lonLat[0], lonLat[1]);
    const answer = await city.queries.inside(ALL, { area: { division: 'middle' }, span: SPAN });
    const rows = city.readings.filter(
      (row) => row.time >= SPAN.from && row.time < SPAN.to && within(row.lonLat),
    );
    const events = city.events.filter(
      (event) => event.start >= SPAN.from && event.start < SPAN.to && within(eventPlace(event)),
    );
    const features = city.features.filter(({ geometry }) => geometry !== null && meets(geometry));
    expect(answer.counts).toEqual({
      things: [...thingPlaces().values()].filter(within).length,
      observations: rows.length,
      events: events.length,
      features: features.length,
    });
    const { countsBy } = answer;
    for (const { dataset, property, count } of countsBy.observations) {
      expect(count).toBe(rows.filter((row) => row.dataset === dataset && row.property === property).length);
    }
    for (const { dataset, category, count } of countsBy.events) {
      expect(count).toBe(
        events.filter((event) => event.dataset === dataset && event.category === category).length,
      );
    }
    for (const { featureType, count } of countsBy.features) {
      expect(count).toBe(features.filter((feature) => feature.featureType === featureType).length);
    }
    const total = (list: readonly { readonly count: number }[]) =>
      list.reduce((sum, { count }) => sum + count, 0);
    expect([total(countsBy.things), total(countsBy.events), total(countsBy.features)]).toEqual([
      answer.counts.things,
      answer.counts.events,
      answer.counts.features,
    ]);
  });

  it.each(GRIDS)('inside zones of %s level %i: the dossiers of its zones together', async (dggrs, level) => {
    const ids = [
      ...new Set(
        [...city.things.values()].flatMap((place) => (place === null ? [] : [zoneOf(dggrs, level, place)])),
      ),
    ].slice(0, 4);
    const zones = ids.map((id) => ({ dggrs, id }));
    const together = await city.queries.inside(ALL, { area: { zones }, span: SPAN });
    let [things, observations, events] = [0, 0, 0];
    for (const zone of zones) {
      const { counts } = await city.queries.zoneDossier(ALL, { ...zone, span: SPAN });
      things += counts.things;
      observations += counts.observations;
      events += counts.events;
    }
    expect(together.counts).toMatchObject({ things, observations, events });
    expect(things).toBeGreaterThan(0);
    expect(observations).toBe(
      city.readings.filter(
        (row) =>
          row.time >= SPAN.from &&
          row.time < SPAN.to &&
          row.lonLat !== null &&
          ids.includes(zoneOf(dggrs, level, row.lonLat!)),
      ).length,
    );
  });

  it('latest: by datastream, Thing and zone, the newest by its own time', async () => {
    for (const area of [undefined, { division: 'middle' }]) {
      const rows = new Map<string, TestReading>();
      for (const row of city.readings) {
        if (row.property !== 'pm25') continue;
        const held = rows.get(row.thing);
        if (held === undefined || row.time > held.time) rows.set(row.thing, row);
      }
      const seen = [...rows.values()].filter(
        ({ lonLat }) =>
          area === undefined || (lonLat !== null && pointInGeometry(city.division, lonLat![0], lonLat![1])),
      );
      const more = area === undefined ? {} : { area };
      for (const by of ['datastream', 'thing'] as const) {
        const answer = await city.queries.latest(ALL, { by, property: 'pm25', limit: 100, ...more });
        expect(answer.readings.map(({ thing, value }) => [thing, value])).toEqual(
          [...seen].sort((a, b) => b.time - a.time).map(({ thing, result }) => [thing, result]),
        );
      }
      const zones = new Map<string, TestReading>();
      for (const row of seen) {
        if (row.lonLat === null) continue;
        const id = zoneOf('beidou2d', 3, row.lonLat!);
        if (row.time > (zones.get(id)?.time ?? 0)) zones.set(id, row);
      }
      const answer = await city.queries.latest(ALL, {
        by: 'zone',
        dggrs: 'beidou2d',
        level: 3,
        property: 'pm25',
        limit: 100,
        ...more,
      });
      expect(Object.fromEntries(answer.readings.map(({ zone, value }) => [zone, value]))).toEqual(
        Object.fromEntries([...zones].map(([id, row]) => [id, row.result])),
      );
    }
    const few = await city.queries.latest(ALL, { by: 'datastream', limit: 3, maxAgeMs: 30 * HOUR });
    expect([few.readings.length, few.total]).toEqual([3, 24]);
  });
});
