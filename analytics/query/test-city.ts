/** A small random city for tests of the query shapes: Things, readings, events and features with outlines, in a real store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beidou2d, type GridGeometry, h3 } from '../../grid/index.ts';
import type { LocatedEvent, LocatedFeature } from '../../ingest/model/index.ts';
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
import { createQueries } from './create-queries.ts';
import { shortTurn } from './geometry/geodesic.ts';
import type { Queries } from './queries.ts';
import type { AreaGeometry } from './shapes.ts';

export const HOUR = 3_600_000;

export type LonLat = readonly [number, number];

export interface TestReading extends ReadingInput {
  readonly dataset: string;
  readonly property: string;
}

export interface TestFeature {
  readonly id: string;
  readonly dataset: string;
  readonly featureType: string;
  readonly geometry: GridGeometry | null;
}

export interface TestCity {
  readonly store: Store;
  readonly queries: Queries;
  readonly readings: readonly TestReading[];
  readonly events: readonly LocatedEvent[];
  readonly features: readonly TestFeature[];
  /** Declared places of Things that never report one; null: unlocated. */
  readonly things: ReadonlyMap<string, LonLat | null>;
  readonly division: AreaGeometry;
  /** A position in the city, east and north of its middle by degrees. */
  at(eastDeg: number, northDeg: number): LonLat;
  close(): Promise<void>;
}

export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Side of the city, degrees. */
const SIDE = 0.2;
const THINGS = 24;

export async function openTestCity(seed: number, [lon, lat]: LonLat): Promise<TestCity> {
  const next = seeded(seed);
  const at = (east: number, north: number): LonLat => [shortTurn(lon + east), lat + north];
  const place = () => at((next() - 0.5) * SIDE, (next() - 0.5) * SIDE);
  const things = new Map<string, LonLat | null>(
    Array.from({ length: THINGS }, (_, i) => [`s${i}`, i === 7 ? null : place()] as const),
  );
  const readings = Array.from({ length: 3000 }, (_, i): TestReading => {
    const station = Math.floor(next() * THINGS);
    const own = things.get(`s${station}`)!;
    return {
      dataset: station % 3 === 0 ? 'water' : 'air',
      thing: `s${station}`,
      property: station % 3 === 0 ? 'water-level' : 'pm25',
      time: T0 - 30 * HOUR + Math.floor(next() * 30 * 3600) * 1000 + (i % 1000),
      result: Math.round(next() * 1e5) / 1e2,
      // The eighth moves; the seventh has no place.
      lonLat: station === 8 ? place() : own,
    };
  });
  const events = Array.from({ length: 300 }, (_, i) =>
    makeEvent({
      key: `e${i}`,
      dataset: i % 4 === 0 ? 'cameras' : 'hotline',
      eventType: i % 4 === 0 ? 'detection' : 'case',
      category: ['noise', 'water', 'road'][i % 3]!,
      start: T0 - Math.floor(next() * 40 * HOUR),
      status: i % 5 === 0 ? 'closed' : 'open',
      thing: `s${i % THINGS}`,
      lonLat: i % 17 === 0 ? null : place(),
    }),
  );
  const made = Array.from({ length: 120 }, (_, i) => featureOf(i, place, next));
  const ring = [at(-0.06, -0.07), at(0.08, -0.03), at(0.03, 0.07), at(-0.05, 0.05), at(-0.06, -0.07)];
  const hole = [at(-0.01, -0.01), at(0.02, -0.01), at(0.02, 0.02), at(-0.01, 0.02), at(-0.01, -0.01)];
  const division: AreaGeometry = { type: 'Polygon', coordinates: [ring, hole] };

  const folder = await mkdtemp(join(tmpdir(), 'jingwei-city-'));
  const store = await openStore({ path: join(folder, 'j.duckdb'), clock: () => T0, rollupIntervalMs: 0 });
  const declarations = [
    ...['air', 'water', 'hotline', 'cameras', 'schools', 'pipes'].map((id) =>
      dataset(id, { demo: id === 'water' }),
    ),
    ...[...things].map(([id, own], i) =>
      thing(id, i % 3 === 0 ? 'water' : 'air', {
        category: i % 3 === 0 ? 'water-station' : 'air-station',
        ...(own === null || i === 8 ? {} : { position: { lonDeg: own[0], latDeg: own[1] } }),
      }),
    ),
  ];
  await store.load(makeBatch({ from: 0, declarations, readings: readings.slice(0, 2000) }));
  await store.buildRollups();
  // Late rows in hours that are built already.
  await store.load(
    makeBatch({
      from: 1,
      readings: readings.slice(2000),
      events,
      features: made.map(({ located }) => located),
    }),
  );
  await store.buildRollups(11);
  const name = { en: 'Middle', zh: '中' };
  const queries = createQueries(store, { divisions: [{ code: 'middle', name, geometry: division }] });
  return {
    store,
    queries,
    readings,
    events,
    features: made.map(({ feature }) => feature),
    things,
    division,
    at,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Points, lines over many zones, areas with holes, and what has no place. */
function featureOf(
  i: number,
  place: () => LonLat,
  next: () => number,
): { readonly feature: TestFeature; readonly located: LocatedFeature } {
  const [lon, lat] = place();
  const to = (east: number, north: number): [number, number] => [shortTurn(lon + east), lat + north];
  const size = 0.002 + 0.02 * next();
  const square = (side: number): [number, number][] => [
    to(-side, -side),
    to(side, -side),
    to(side, side),
    to(-side, side),
    to(-side, -side),
  ];
  const kinds: (GridGeometry | null)[] = [
    { type: 'Point', coordinates: [lon, lat] },
    { type: 'LineString', coordinates: [to(0, 0), to(2 * size, size), to(3 * size, -size)] },
    { type: 'Polygon', coordinates: [square(size), square(size / 2)] },
    null,
  ];
  const geometry = i % 29 === 0 ? null : kinds[i % 3]!;
  const dataset = i % 3 === 1 ? 'pipes' : 'schools';
  const featureType = i % 3 === 1 ? 'pipe' : i % 2 === 0 ? 'school' : 'hospital';
  const feature = { id: `${dataset}/f${i}`, dataset, featureType, geometry };
  // On the feature: the corner of an area, the start of a line.
  const on = geometry === null ? null : i % 3 === 2 ? to(-size, -size) : ([lon, lat] as const);
  return {
    feature,
    located: makeFeature({
      key: `f${i}`,
      dataset,
      featureType,
      lonLat: on,
      ...(geometry === null ? {} : { geometry: JSON.stringify(geometry) }),
      cover: geometry === null || geometry.type === 'Point' ? [] : coverOf(geometry),
    }),
  };
}

/** As the door does: the finest level that needs at most 256 zones. */
function coverOf(geometry: GridGeometry): LocatedFeature['cover'] {
  return [['h3', h3, 12] as const, ['beidou', beidou2d, 7] as const].map(([grid, codec, finest]) => {
    for (let level: number = finest; ; level--) {
      try {
        return { grid, level, zones: BigUint64Array.from(codec.cover(geometry, level, 256)) };
      } catch (error) {
        if (level === codec.minLevel) throw error;
      }
    }
  });
}
