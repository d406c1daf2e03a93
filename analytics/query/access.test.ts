/** A restricted access never sees more than its part of what everybody sees. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommitDelta } from '../store/commit-delta.ts';
import {
  dataset,
  makeBatch,
  makeEvent,
  makeFeature,
  makeRecord,
  makeRejection,
  T0,
  thing,
} from '../store/fixtures.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { gridOf } from '../zones.ts';
import type { Access } from './access.ts';
import { createQueries } from './create-queries.ts';
import type { Queries } from './queries.ts';
import { isQueryError } from './query-error.ts';

const HOUR = 3_600_000;
const INSIDE = [104.62, 35.58] as const;
/** Outside by longitude, and by latitude alone. */
const OUTSIDE = [105.24, 35.6] as const;
const SOUTH = [104.62, 35.21] as const;
const AREA = [104.5, 35.5, 104.7, 35.7] as const;
const SPAN = { from: T0 - 5 * HOUR, to: T0 + HOUR };

const ALL: Access = {
  subject: 'a',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'test',
};
const OPEN_ONLY: Access = { ...ALL, datasets: ['open'] };
const IN_AREA: Access = { ...ALL, area: AREA };
const COARSE: Access = { ...ALL, finestLevel: { h3: 7, beidou2d: 4 } };
const MASKED: Access = { ...ALL, masks: ['open.caller', 'open.title', 'open.pm25', 'secret.position'] };
const NOTHING: Access = { ...ALL, datasets: [] };

let folder: string;
let store: Store;
let queries: Queries;
let delta: CommitDelta;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jingwei-access-'));
  store = await openStore({ path: join(folder, 'j.duckdb'), clock: () => T0, rollupIntervalMs: 0 });
  queries = createQueries(store);
  const sets = ['open', 'secret'];
  const places = [INSIDE, OUTSIDE, SOUTH, null];
  delta = await store.load(
    makeBatch({
      from: 0,
      declarations: [
        dataset('open'),
        dataset('secret', {
          demo: true,
          properties: [{ id: 'secret-thing', nameEn: 's', nameZh: 's', unit: '1', min: 0, max: 9 }],
        }),
        ...sets.flatMap((id) =>
          places.map((_, i) =>
            thing(`${id}-${i}`, id, {
              datastreams: [{ property: 'pm25', periodMs: 6 * HOUR }],
              pose: { headingDeg: 5, tiltDeg: 10, mountHeightM: 6, hfovDeg: 60, widthPx: 640, heightPx: 480 },
            }),
          ),
        ),
      ],
      readings: sets.flatMap((id) =>
        places.flatMap((lonLat, i) =>
          [0, 1, 2, 3].map((h) => ({
            dataset: id,
            thing: `${id}-${i}`,
            time: T0 - h * HOUR - 1000,
            result: 10 * i + h + (id === 'open' ? 0 : 100),
            lonLat,
          })),
        ),
      ),
      events: sets.flatMap((id) =>
        places.map((lonLat, i) =>
          makeEvent({
            key: `${id}${i}`,
            dataset: id,
            thing: `${id}-${i}`,
            title: 'Loud music',
            lonLat,
            start: T0 - HOUR,
          }),
        ),
      ),
      features: sets.flatMap((id) =>
        places.map((lonLat, i) => makeFeature({ key: `${id}${i}`, dataset: id, lonLat })),
      ),
      records: [makeRecord({ dataset: 'open', refused: 1 }), makeRecord({ dataset: 'secret', refused: 1 })],
      rejections: sets.map((id, i) => makeRejection({ dataset: id, record: i })),
    }),
  );
  await store.buildRollups();
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Everything that an access can get at, as one text. */
async function everything(access: Access): Promise<string> {
  const zone = { dggrs: 'h3' as const, id: gridOf('h3').format(gridOf('h3').encode(...INSIDE, 6), 6) };
  const answers = await Promise.all([
    queries.zones(access, { dggrs: 'h3', level: 6, property: 'pm25' }),
    queries.zones(access, { dggrs: 'beidou2d', level: 4, property: 'pm25', span: SPAN }),
    queries.things(access, {}),
    queries.series(access, { property: 'pm25', span: SPAN, bucketMs: HOUR }),
    queries.events(access, { limit: 100 }),
    queries.features(access, { limit: 100 }),
    queries.zoneDossier(access, { ...zone, hours: 5 }),
    queries.accounts(access),
    queries.rejections(access, { limit: 100 }),
    queries.figures(access, {}),
    queries.datasets(access),
    queries.properties(access),
    queries.feeds(access),
    queries.eventsIn(access, delta),
    queries.placesIn(access, delta),
    queries.places(access),
  ]);
  return JSON.stringify(answers);
}

describe('Access', () => {
  it('datasets: nothing of another dataset shows in any answer', async () => {
    expect(await everything(ALL)).toContain('secret');
    const seen = await everything(OPEN_ONLY);
    expect(seen).not.toContain('secret');
    expect(seen).toContain('open-0');
    const error = await queries
      .totals(OPEN_ONLY, { dataset: 'secret', dggrs: 'h3', level: 5, bucketMs: HOUR })
      .catch((e) => e);
    expect(isQueryError(error, 'unknown-dataset')).toBe(true);
    const missing = await queries
      .totals(OPEN_ONLY, { dataset: 'absent', dggrs: 'h3', level: 5, bucketMs: HOUR })
      .catch((e) => e);
    expect(missing.message.replace('absent', 'secret')).toBe(error.message);
    const series = (thing: string) =>
      queries
        .series(OPEN_ONLY, { property: 'pm25', span: SPAN, bucketMs: HOUR, thing })
        .catch((e: unknown) => e);
    const hidden = (await series('secret-0')) as Error;
    expect(isQueryError(hidden, 'unknown-thing')).toBe(true);
    expect(((await series('absent-0')) as Error).message.replace('absent', 'secret')).toBe(hidden.message);
    expect([...queries.propertiesIn({ ...ALL, datasets: ['none'] }, delta)]).toEqual([]);
  });

  it('datasets: none allowed is nothing at all', async () => {
    const seen = await everything(NOTHING);
    expect(seen).not.toMatch(/secret|open-|"open/);
    expect(queries.zoneColumns(NOTHING, { dggrs: 'h3', level: 7, property: 'pm25' }).n).toBe(0);
    expect(queries.refusedLastHour(NOTHING)).toBe(0);
    expect(queries.refusedLastHour(OPEN_ONLY)).toBe(1);
    expect(queries.refusedLastHour(ALL)).toBe(2);
  });

  it('area: only what lies inside, and nothing unlocated', async () => {
    const things = await queries.things(IN_AREA, {});
    expect(things.things.map((found) => found.id).sort()).toEqual(['open-0', 'secret-0']);
    const events = await queries.events(IN_AREA, { limit: 100 });
    expect(events.events.map((event) => event.id).sort()).toEqual(['open/open0', 'secret/secret0']);
    const features = await queries.features(IN_AREA, { limit: 100 });
    expect(features.features.length).toBe(2);
    for (const span of [undefined, SPAN]) {
      const zones = await queries.zones(IN_AREA, {
        dggrs: 'h3',
        level: 4,
        property: 'pm25',
        ...(span === undefined ? {} : { span }),
      });
      expect(zones.zones.length).toBe(1);
      expect(zones.zones[0]!.count).toBe(span === undefined ? 2 : 8);
    }
    const series = await queries.series(IN_AREA, { property: 'pm25', span: SPAN, bucketMs: HOUR });
    expect(series.count.reduce((a, b) => a + b)).toBe(8);
    const totals = await queries.totals(IN_AREA, {
      dataset: 'open',
      dggrs: 'beidou2d',
      level: 2,
      bucketMs: HOUR,
    });
    expect(totals.rows.some((row) => row.id === '')).toBe(false);
    expect(totals.rows.reduce((sum, row) => sum + row.count, 0)).toBe(4 + 1 + 1);
    expect(queries.places(IN_AREA).ids.length).toBe(2);
    expect(queries.eventsIn(IN_AREA, delta).length).toBe(2);
    expect((await queries.rejections(IN_AREA, { limit: 10 })).rejections).toEqual([]);
    const outside = gridOf('h3').format(gridOf('h3').encode(...SOUTH, 6), 6);
    const dossier = await queries.zoneDossier(IN_AREA, { dggrs: 'h3', id: outside });
    expect(dossier.counts).toEqual({ things: 0, observations: 0, events: 0, features: 0 });
    expect(dossier.series).toEqual([]);
  });

  it('finest level: answers are made coarser, positions become centres, finer zones are refused', async () => {
    const h3 = gridOf('h3');
    for (const span of [undefined, SPAN]) {
      const zones = await queries.zones(COARSE, {
        dggrs: 'h3',
        level: 10,
        property: 'pm25',
        ...(span === undefined ? {} : { span }),
      });
      expect(zones.level).toBe(7);
      expect(zones.zones.every((zone) => h3.parse(zone.id).level === 7)).toBe(true);
    }
    const totals = await queries.totals(COARSE, {
      dataset: 'open',
      dggrs: 'beidou2d',
      level: 8,
      bucketMs: HOUR,
    });
    expect(totals.level).toBe(4);
    expect(queries.zoneColumns(COARSE, { dggrs: 'beidou2d', level: 9, property: 'pm25' }).level).toBe(4);
    const centre = h3.centre(h3.encode(...INSIDE, 7), 7);
    const near = (lonLat: readonly number[] | null) =>
      lonLat !== null && Math.abs(lonLat[0]! - INSIDE[0]) < 1e-5;
    const { features } = await queries.features(COARSE, { limit: 100 });
    expect(features.some((feature) => near(feature.lonLat))).toBe(false);
    expect(
      (await queries.features(ALL, { limit: 100 })).features.some((feature) => near(feature.lonLat)),
    ).toBe(true);
    const { things } = await queries.things(COARSE, {});
    expect(things.find((found) => found.id === 'open-0')).toMatchObject({ lonLat: centre, pose: null });
    const { events } = await queries.events(COARSE, { limit: 100 });
    expect(events.find((event) => event.id === 'open/open0')!.lonLat).toEqual(centre);
    expect(queries.eventsIn(COARSE, delta).find((event) => event.id === 'open/open0')!.lonLat).toEqual(
      centre,
    );
    expect(queries.places(COARSE).lon).toContain(centre[0]);
    const fine = { dggrs: 'h3' as const, id: h3.format(h3.encode(...INSIDE, 8), 8) };
    for (const asked of [
      queries.zoneDossier(COARSE, fine),
      queries.events(COARSE, { zone: fine, limit: 1 }),
      queries.features(COARSE, { zone: fine, limit: 1 }),
      queries.things(COARSE, { zone: fine }),
      queries.series(COARSE, { zone: fine, property: 'pm25', span: SPAN, bucketMs: HOUR }),
    ]) {
      expect(isQueryError(await asked.catch((e) => e), 'not-permitted')).toBe(true);
    }
  });

  it('masks: fields, titles, properties and positions are withheld, also from those who ask zone after zone', async () => {
    const { events } = await queries.events(MASKED, { limit: 100, datasets: ['open'] });
    expect(events.length).toBe(4);
    for (const event of events) {
      expect(event.title).toBeNull();
      expect(event.attributes).toEqual({ street: 'Yongding' });
    }
    const { things } = await queries.things(MASKED, { datasets: ['open'] });
    expect(things.every((found) => found.latest.length === 0)).toBe(true);
    const series = await queries.series(MASKED, { property: 'pm25', span: SPAN, bucketMs: HOUR });
    expect(Math.min(...series.min.filter((value) => value !== null))).toBe(100);
    const zones = await queries.zones(MASKED, { dggrs: 'h3', level: 6, property: 'pm25', span: SPAN });
    expect(zones.zones).toEqual([]);
    expect(queries.zoneColumns(MASKED, { dggrs: 'h3', level: 6, property: 'pm25' }).n).toBe(0);
    const zone = { dggrs: 'h3' as const, id: gridOf('h3').format(gridOf('h3').encode(...INSIDE, 6), 6) };
    const inZone = await queries.events(MASKED, { zone, limit: 100 });
    expect(inZone.events.map((event) => event.dataset)).toEqual(['open']);
    const dossier = await queries.zoneDossier(MASKED, zone);
    expect(dossier.things.map((found) => found.dataset)).toEqual(['open']);
    expect(dossier.counts).toMatchObject({ events: 1, features: 1, observations: 0 });
    const placed = await queries.things(MASKED, { datasets: ['secret'] });
    expect(placed.things.every((found) => found.lonLat === null)).toBe(true);
  });
});
