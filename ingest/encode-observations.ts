import type { LocateGrids } from './locate/grids.ts';
import { declaredHeightM } from './locate/height.ts';
import { isCoarse } from './locate/precision.ts';
import {
  BEIDOU_POINT_LEVEL,
  type DatastreamKey,
  H3_POINT_LEVEL,
  NO_ZONE,
  type ObservationColumns,
  QUALITY,
  type Reading,
  type SourcePosition,
  type ThingDeclaration,
} from './model/index.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';

const MAX_DELAY_MS = 0xffff_ffff;

/** What every reading of a fixed Thing shares; computed once per declaration object. */
interface ThingPlace {
  readonly h3: bigint;
  readonly beidou: bigint;
  readonly heightM: number;
  readonly quality: number;
}

const NOWHERE: ThingPlace = { h3: NO_ZONE, beidou: NO_ZONE, heightM: Number.NaN, quality: 0 };

/** A Thing within one batch: its place, and its rows of the batch's list of Datastreams. */
interface BatchThing {
  readonly thing: ThingDeclaration;
  readonly place: ThingPlace;
  readonly datastreams: Map<string, number>;
}

/**
 * Encodes the readings of a batch into columns. Readings with a place of their own are collected and encoded by one call
 * for each grid; those of fixed Things copy the codes kept with the Thing.
 */
export class ObservationEncoder {
  readonly #grids: LocateGrids;
  readonly #places = new WeakMap<ThingDeclaration, ThingPlace>();

  constructor(grids: LocateGrids) {
    this.#grids = grids;
  }

  /** `records` are numbered in the order of entries and outcomes, from 0. */
  encode(entries: readonly DecodedEntry[]): {
    datastreams: DatastreamKey[];
    observations: ObservationColumns;
  } {
    const n = countReadings(entries);
    const columns = newColumns(n);
    const moving = new MovingReadings(n);
    const things = new Map<ThingDeclaration, BatchThing>();
    const keys = new DatastreamKeys();
    let row = 0;
    let record = -1;
    for (const entry of entries) {
      let last: BatchThing | undefined;
      for (const outcome of entry.outcomes) {
        record++;
        for (const item of outcome.items) {
          if (item.kind !== 'observation') continue;
          if (last === undefined || last.thing.id !== item.thing) {
            last = this.#batchThing(things, item.thing, outcome.dataset, entry);
          }
          columns.record[row] = record;
          columns.datastream[row] = keys.index(last, item.property);
          this.#fill(columns, row, item, last.place, entry.receivedAt, moving);
          row++;
        }
      }
    }
    moving.encodeInto(columns, this.#grids);
    return { datastreams: keys.list, observations: columns };
  }

  #fill(
    columns: ObservationColumns,
    row: number,
    reading: Reading,
    place: ThingPlace,
    receivedAt: number,
    moving: MovingReadings,
  ): void {
    const time = reading.phenomenonTime ?? receivedAt;
    // Without a resultTime the arrival is when we knew.
    const delay = (reading.resultTime ?? receivedAt) - time;
    columns.phenomenonTime[row] = time;
    columns.resultDelayMs[row] = delay <= 0 ? 0 : Math.min(delay, MAX_DELAY_MS);
    columns.result[row] = reading.result;
    let quality = (reading.flags ?? 0) | (reading.phenomenonTime === undefined ? QUALITY.serverTime : 0);
    if (reading.position === undefined) {
      columns.h3[row] = place.h3;
      columns.beidou[row] = place.beidou;
      columns.heightM[row] = place.heightM;
      quality |= place.quality;
    } else {
      moving.add(row, reading.position, this.#grids);
      columns.heightM[row] = reading.position.heightM ?? Number.NaN;
      if (isCoarse(reading.position.precisionM)) quality |= QUALITY.coarsePlace;
    }
    columns.quality[row] = quality;
  }

  #batchThing(
    things: Map<ThingDeclaration, BatchThing>,
    id: string,
    dataset: string,
    entry: DecodedEntry,
  ): BatchThing {
    // A decoder only names declared Things; were one missing, its readings would be kept without a place.
    const thing = entry.context.thing(id) ?? undeclared(id, dataset);
    let known = things.get(thing);
    if (known === undefined) {
      known = { thing, place: this.#placeOf(thing), datastreams: new Map() };
      things.set(thing, known);
    }
    return known;
  }

  #placeOf(thing: ThingDeclaration): ThingPlace {
    if (thing.position === undefined) return NOWHERE;
    let place = this.#places.get(thing);
    if (place === undefined) {
      const { lonDeg, latDeg, datum, precisionM } = thing.position;
      const [lon, lat] = this.#grids.toCgcs2000(lonDeg, latDeg, datum);
      place = {
        h3: encodeOne(this.#grids.h3, lon, lat, H3_POINT_LEVEL),
        beidou: encodeOne(this.#grids.beidou2d, lon, lat, BEIDOU_POINT_LEVEL),
        heightM: declaredHeightM(thing.position) ?? Number.NaN,
        quality: isCoarse(precisionM) ? QUALITY.coarsePlace : 0,
      };
      this.#places.set(thing, place);
    }
    return place;
  }
}

/** One position; NO_ZONE where the grid has none (polar caps). */
export function encodeOne(grid: LocateGrids['h3'], lonDeg: number, latDeg: number, level: number): bigint {
  return grid.encodeBatch(Float64Array.of(lonDeg), Float64Array.of(latDeg), level)[0] ?? NO_ZONE;
}

/** Readings that carry their own place, gathered for one batch call per grid; those of one entry share one position. */
class MovingReadings {
  readonly #rows: Uint32Array;
  /** Shape (readings): which of the points a row stands at. */
  readonly #points: Uint32Array;
  readonly #lon: Float64Array;
  readonly #lat: Float64Array;
  #last: SourcePosition | undefined;
  #nRows = 0;
  #nPoints = 0;

  constructor(capacity: number) {
    this.#rows = new Uint32Array(capacity);
    this.#points = new Uint32Array(capacity);
    this.#lon = new Float64Array(capacity);
    this.#lat = new Float64Array(capacity);
  }

  add(row: number, position: SourcePosition, grids: LocateGrids): void {
    if (position !== this.#last) {
      const [lon, lat] = grids.toCgcs2000(position.lonDeg, position.latDeg, position.datum);
      this.#lon[this.#nPoints] = lon;
      this.#lat[this.#nPoints] = lat;
      this.#nPoints++;
      this.#last = position;
    }
    this.#rows[this.#nRows] = row;
    this.#points[this.#nRows] = this.#nPoints - 1;
    this.#nRows++;
  }

  encodeInto(columns: ObservationColumns, grids: LocateGrids): void {
    if (this.#nRows === 0) return;
    const lon = this.#lon.subarray(0, this.#nPoints);
    const lat = this.#lat.subarray(0, this.#nPoints);
    const h3 = grids.h3.encodeBatch(lon, lat, H3_POINT_LEVEL);
    const beidou = grids.beidou2d.encodeBatch(lon, lat, BEIDOU_POINT_LEVEL);
    for (let i = 0; i < this.#nRows; i++) {
      const row = this.#rows[i]!;
      const point = this.#points[i]!;
      columns.h3[row] = h3[point]!;
      columns.beidou[row] = beidou[point]!;
    }
  }
}

/** The batch's list of Datastreams: one entry a (dataset, Thing, property), also when its Thing was declared anew. */
class DatastreamKeys {
  readonly list: DatastreamKey[] = [];
  readonly #byText = new Map<string, number>();

  index(thing: BatchThing, property: string): number {
    let index = thing.datastreams.get(property);
    if (index === undefined) {
      const key = { dataset: thing.thing.dataset, thing: thing.thing.id, property };
      const text = JSON.stringify([key.dataset, key.thing, key.property]);
      index = this.#byText.get(text);
      if (index === undefined) {
        index = this.list.push(key) - 1;
        this.#byText.set(text, index);
      }
      thing.datastreams.set(property, index);
    }
    return index;
  }
}

function countReadings(entries: readonly DecodedEntry[]): number {
  let n = 0;
  for (const entry of entries) {
    for (const outcome of entry.outcomes) {
      for (const item of outcome.items) if (item.kind === 'observation') n++;
    }
  }
  return n;
}

function newColumns(n: number): ObservationColumns {
  return {
    n,
    datastream: new Uint32Array(n),
    record: new Uint32Array(n),
    phenomenonTime: new Float64Array(n),
    resultDelayMs: new Uint32Array(n),
    result: new Float64Array(n),
    h3: new BigUint64Array(n).fill(NO_ZONE),
    beidou: new BigUint64Array(n).fill(NO_ZONE),
    heightM: new Float32Array(n),
    quality: new Uint8Array(n),
  };
}

function undeclared(id: string, dataset: string): ThingDeclaration {
  return { id, dataset, nameEn: id, nameZh: id, category: 'unknown', datastreams: [], properties: {} };
}
