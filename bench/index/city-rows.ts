/**
 * The city of the index benches: some thousand Things in a prefecture-sized box report one property in turn. Rows are
 * made by number, so that any stretch of them can be made again without what came before it.
 */
import { beidou2d, h3 } from '../../grid/index.ts';
import { BEIDOU_POINT_LEVEL, H3_POINT_LEVEL, type ObservationColumns } from '../../ingest/model/index.ts';
import { seededRandom } from '../../scripts/testing/seeded-random.ts';

/** [west, south, east, north], degrees: 210 by 220 km. */
export const CITY_BOX = [103.4, 34.1, 105.7, 36.1] as const;
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

export interface City {
  /** `moving`: every reading has a position of its own, the worst case for compression. `fixed`: each Thing has one. */
  readonly kind: 'moving' | 'fixed';
  readonly rows: number;
  readonly things: number;
  /** Half-open span of phenomenonTime that the rows are spread over evenly, in arrival order. UTC ms. */
  readonly from: number;
  readonly to: number;
  readonly seed: number;
}

/** Rows `[start, start + time.length)` of the city. Shape (n) each. */
export interface CityRows {
  readonly start: number;
  readonly time: Float64Array;
  readonly thing: Uint32Array;
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  readonly result: Float64Array;
}

/** Rows of which chance starts afresh: a stretch begins and ends at a multiple of it, or at the last row. */
export const BLOCK_ROWS = 10_000;

/** @throws {RangeError} when `start` is no multiple of `BLOCK_ROWS`. */
export function cityRows(city: City, start: number, end: number): CityRows {
  if (start % BLOCK_ROWS !== 0) {
    throw new RangeError(`Cannot make rows from ${start}: must be a multiple of ${BLOCK_ROWS}`);
  }
  const n = end - start;
  const rows: CityRows = {
    start,
    time: new Float64Array(n),
    thing: new Uint32Array(n),
    lon: new Float64Array(n),
    lat: new Float64Array(n),
    result: new Float64Array(n),
  };
  const msPerRow = (city.to - city.from) / city.rows;
  const stations = city.kind === 'fixed' ? stationsOf(city) : null;
  let random = seededRandom(0);
  for (let i = 0; i < n; i++) {
    const row = start + i;
    if (row % BLOCK_ROWS === 0) random = seededRandom(Math.imul(city.seed, 1_000_003) + row / BLOCK_ROWS);
    const thing = row % city.things;
    rows.time[i] = Math.floor(city.from + row * msPerRow);
    rows.thing[i] = thing;
    rows.lon[i] = stations === null ? between(CITY_BOX[0], CITY_BOX[2], random()) : stations.lon[thing]!;
    rows.lat[i] = stations === null ? between(CITY_BOX[1], CITY_BOX[3], random()) : stations.lat[thing]!;
    rows.result[i] = Math.round(random() * 800) / 10;
  }
  return rows;
}

function stationsOf(city: City) {
  const random = seededRandom(city.seed);
  const lon = Float64Array.from({ length: city.things }, () => between(CITY_BOX[0], CITY_BOX[2], random()));
  const lat = Float64Array.from({ length: city.things }, () => between(CITY_BOX[1], CITY_BOX[3], random()));
  return { lon, lat };
}

export function between(least: number, greatest: number, share: number): number {
  return least + (greatest - least) * share;
}

/** The rows as the doors hand them over: located, with their point ids. One record a reading. */
export function observationColumns(rows: CityRows): ObservationColumns {
  const n = rows.time.length;
  return {
    n,
    datastream: rows.thing,
    record: Uint32Array.from({ length: n }, (_, i) => i),
    phenomenonTime: rows.time,
    resultDelayMs: new Uint32Array(n),
    result: rows.result,
    h3: h3.encodeBatch(rows.lon, rows.lat, H3_POINT_LEVEL),
    beidou: beidou2d.encodeBatch(rows.lon, rows.lat, BEIDOU_POINT_LEVEL),
    heightM: new Float32Array(n).fill(Number.NaN),
    quality: new Uint8Array(n),
  };
}
