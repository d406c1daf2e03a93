import type { LocateGrids } from './locate/grids.ts';
import { declaredHeightM } from './locate/height.ts';
import { isCoarse } from './locate/precision.ts';
import {
  BEIDOU_POINT_LEVEL,
  type DatastreamKey,
  type DecodeContext,
  H3_POINT_LEVEL,
  NO_ZONE,
  type ObservationColumns,
  QUALITY,
  type Reading,
  type SourcePosition,
  type ThingDeclaration,
} from './model/index.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';
import { type PackedKeys, packKeys } from './worker/packed-batch.ts';

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

/** Encodes the readings of batches into columns; keeps the codes of fixed Things from one batch to the next. */
export class ObservationEncoder {
  readonly #grids: LocateGrids;
  readonly #places = new WeakMap<ThingDeclaration, ThingPlace>();

  constructor(grids: LocateGrids) {
    this.#grids = grids;
  }

  /** Begins a batch. */
  begin(): ObservationBatch {
    return new ObservationBatch(this.#grids, (thing) => this.#placeOf(thing));
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

/**
 * The readings of one batch. Those with a place of their own are encoded some hundreds at a time, by one call for each grid;
 * those of fixed Things copy the codes kept with the Thing.
 */
export class ObservationBatch {
  readonly #placeOf: (thing: ThingDeclaration) => ThingPlace;
  readonly #moving: MovingReadings;
  readonly #things = new Map<ThingDeclaration, BatchThing>();
  /** The same by id, as long as the context is the same. */
  readonly #byId = new Map<string, BatchThing>();
  #context: DecodeContext | undefined;
  readonly #keys = new DatastreamKeys();
  #columns = newColumns(1024);
  #n = 0;

  constructor(grids: LocateGrids, placeOf: (thing: ThingDeclaration) => ThingPlace) {
    this.#placeOf = placeOf;
    this.#moving = new MovingReadings(grids);
  }

  /** Takes the readings of an entry. `record`: number of its first record in the batch. */
  add(entry: DecodedEntry, record: number): void {
    let last: BatchThing | undefined;
    for (let ordinal = 0; ordinal < entry.outcomes.length; ordinal++) {
      const { items, dataset } = entry.outcomes[ordinal]!;
      for (let i = 0; i < items.length; i++) {
        const item = items[i]!;
        if (item.kind !== 'observation') continue;
        if (last === undefined || last.thing.id !== item.thing) {
          last = this.#batchThing(item.thing, dataset, entry);
        }
        if (this.#n === this.#columns.n) this.#columns = resized(this.#columns, 2 * this.#n);
        const row = this.#n++;
        this.#columns.record[row] = record + ordinal;
        this.#columns.datastream[row] = this.#keys.index(last, item.property);
        this.#fill(row, item, last.place, entry.receivedAt);
      }
    }
  }

  finish(): { datastreams: PackedKeys; observations: ObservationColumns } {
    this.#moving.encodeInto(this.#columns);
    return { datastreams: packKeys(this.#keys.list), observations: resized(this.#columns, this.#n) };
  }

  #fill(row: number, reading: Reading, place: ThingPlace, receivedAt: number): void {
    const columns = this.#columns;
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
      this.#moving.add(row, reading.position, columns);
      columns.heightM[row] = reading.position.heightM ?? Number.NaN;
      if (isCoarse(reading.position.precisionM)) quality |= QUALITY.coarsePlace;
    }
    columns.quality[row] = quality;
  }

  #batchThing(id: string, dataset: string, entry: DecodedEntry): BatchThing {
    if (entry.context !== this.#context) {
      this.#context = entry.context;
      this.#byId.clear();
    }
    let known = this.#byId.get(id);
    if (known !== undefined) return known;
    // A decoder only names declared Things; were one missing, its readings would be kept without a place.
    const thing = entry.context.thing(id) ?? undeclared(id, dataset);
    known = this.#things.get(thing);
    if (known === undefined) {
      known = { thing, place: this.#placeOf(thing), datastreams: new Map() };
      this.#things.set(thing, known);
    }
    this.#byId.set(id, known);
    return known;
  }
}

/** One position; NO_ZONE where the grid has none (polar caps). */
export function encodeOne(grid: LocateGrids['h3'], lonDeg: number, latDeg: number, level: number): bigint {
  return grid.encodeBatch(Float64Array.of(lonDeg), Float64Array.of(latDeg), level)[0] ?? NO_ZONE;
}

/** Positions encoded by one call for each grid: enough that a call is worth its cost, few enough that it takes no millisecond. */
const POINTS_PER_CALL = 512;

/** Readings that carry their own place, gathered for batch calls; those of one entry share one position. */
class MovingReadings {
  readonly #grids: LocateGrids;
  /** Rows that wait, and which of the points each stands at. */
  readonly #rows: number[] = [];
  readonly #points: number[] = [];
  readonly #lon = new Float64Array(POINTS_PER_CALL);
  readonly #lat = new Float64Array(POINTS_PER_CALL);
  #last: SourcePosition | undefined;
  #nPoints = 0;

  constructor(grids: LocateGrids) {
    this.#grids = grids;
  }

  /** Takes a row; now and then the codes of those that wait are written to `columns`. */
  add(row: number, position: SourcePosition, columns: ObservationColumns): void {
    if (position !== this.#last) {
      if (this.#nPoints === POINTS_PER_CALL) this.encodeInto(columns);
      const [lon, lat] = this.#grids.toCgcs2000(position.lonDeg, position.latDeg, position.datum);
      this.#lon[this.#nPoints] = lon;
      this.#lat[this.#nPoints] = lat;
      this.#nPoints++;
      this.#last = position;
    }
    this.#rows.push(row);
    this.#points.push(this.#nPoints - 1);
  }

  /** Writes the codes of all rows that wait. */
  encodeInto(columns: ObservationColumns): void {
    if (this.#nPoints === 0) return;
    const lon = this.#lon.subarray(0, this.#nPoints);
    const lat = this.#lat.subarray(0, this.#nPoints);
    const h3 = this.#grids.h3.encodeBatch(lon, lat, H3_POINT_LEVEL);
    const beidou = this.#grids.beidou2d.encodeBatch(lon, lat, BEIDOU_POINT_LEVEL);
    // As words: reading a 64-bit integer makes an object of it.
    const into = [words(columns.h3), words(columns.beidou)] as const;
    const from = [words(h3), words(beidou)] as const;
    for (let i = 0; i < this.#rows.length; i++) {
      const row = 2 * this.#rows[i]!;
      const point = 2 * this.#points[i]!;
      for (let grid = 0; grid < 2; grid++) {
        into[grid]![row] = from[grid]![point]!;
        into[grid]![row + 1] = from[grid]![point + 1]!;
      }
    }
    this.#rows.length = 0;
    this.#points.length = 0;
    this.#nPoints = 0;
    this.#last = undefined;
  }
}

function words(ids: BigUint64Array): Uint32Array {
  return new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);
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

function newColumns(n: number): ObservationColumns {
  return {
    n,
    datastream: new Uint32Array(n),
    record: new Uint32Array(n),
    phenomenonTime: new Float64Array(n),
    resultDelayMs: new Uint32Array(n),
    result: new Float64Array(n),
    h3: new BigUint64Array(n),
    beidou: new BigUint64Array(n),
    heightM: new Float32Array(n),
    quality: new Uint8Array(n),
  };
}

/** The first `n` rows in arrays of their own; beyond the old end rows are still to be filled. */
function resized(columns: ObservationColumns, n: number): ObservationColumns {
  const into = newColumns(n);
  const copy = Math.min(n, columns.n);
  for (const [name, column] of Object.entries(columns)) {
    if (!ArrayBuffer.isView(column)) continue;
    const target = into[name as keyof ObservationColumns] as unknown as Uint8Array;
    target.set((column as Uint8Array).subarray(0, copy));
  }
  return into;
}

function undeclared(id: string, dataset: string): ThingDeclaration {
  return { id, dataset, nameEn: id, nameZh: id, category: 'unknown', datastreams: [], properties: {} };
}
