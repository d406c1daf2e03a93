/**
 * The zones on the screen: typed columns that live frames are written into without building an object per zone.
 * Geometry is computed once per zone and level; a change of a value touches four numbers.
 */
import type { LiveFrame } from '../schema/live-frame.ts';
import { CORNERS, type GridId, gridOf, writeZoneShape } from './grids.ts';

export interface ZoneKey {
  readonly dggrs: GridId;
  readonly level: number;
  readonly property: string;
}

/** A row as shown to a person. */
export interface ZoneRow {
  readonly id: string;
  readonly mean: number;
  readonly count: number;
  readonly newest: number;
  readonly centre: readonly [number, number];
}

const FIRST_CAPACITY = 256;

export class ZoneTable {
  key: ZoneKey | null = null;
  length = 0;
  ids = new BigUint64Array(FIRST_CAPACITY);
  mean = new Float32Array(FIRST_CAPACITY);
  count = new Uint32Array(FIRST_CAPACITY);
  newest = new Float64Array(FIRST_CAPACITY);
  /** Shape (length, 3): lon, lat, 0. */
  centres = new Float64Array(FIRST_CAPACITY * 3);
  /** Shape (length, 12): corner offsets from the centre, degrees. */
  offsets = new Float32Array(FIRST_CAPACITY * CORNERS * 2);
  /** Raised when rows came, went or moved: only then must geometry be given to the GPU again. */
  geometryRevision = 0;
  /** Raised on every applied frame. */
  revision = 0;
  #rows = new Map<bigint, number>();

  /** Takes a `zones` frame. A full frame, or one with another key, replaces everything; a zone with count 0 is gone. */
  apply(frame: LiveFrame): void {
    const key = frame.header.zones;
    const { id, mean, count, newest } = frame.columns;
    if (
      !key ||
      !(id instanceof BigUint64Array) ||
      !(mean instanceof Float32Array) ||
      !(count instanceof Uint32Array) ||
      !(newest instanceof Float64Array)
    )
      return;
    const sameKey = this.key?.dggrs === key.dggrs && this.key.level === key.level;
    if (!sameKey) this.#clear();
    else if (frame.header.full || this.key?.property !== key.property) this.#dropAbsent(id);
    this.key = key;
    for (let i = 0; i < id.length; i++) {
      if ((count[i] as number) === 0) this.#drop(id[i] as bigint);
      else this.#put(key, id[i] as bigint, mean[i] as number, count[i] as number, newest[i] as number);
    }
    this.revision++;
  }

  /** Row of a zone, or -1. */
  rowOf(zone: bigint): number {
    return this.#rows.get(zone) ?? -1;
  }

  row(index: number): ZoneRow {
    const key = this.key as ZoneKey;
    return {
      id: gridOf(key.dggrs).format(this.ids[index] as bigint, key.level),
      mean: this.mean[index] as number,
      count: this.count[index] as number,
      newest: this.newest[index] as number,
      centre: [this.centres[index * 3] as number, this.centres[index * 3 + 1] as number],
    };
  }

  #put(key: ZoneKey, zone: bigint, mean: number, count: number, newest: number): void {
    let row = this.#rows.get(zone);
    if (row === undefined) {
      row = this.length++;
      if (row >= this.ids.length) this.#grow();
      this.ids[row] = zone;
      this.#rows.set(zone, row);
      writeZoneShape(gridOf(key.dggrs), zone, key.level, this.centres, this.offsets, row);
      this.geometryRevision++;
    }
    this.mean[row] = mean;
    this.count[row] = count;
    this.newest[row] = newest;
  }

  /** Moves the last row into the gap, so that the columns stay dense. */
  #drop(zone: bigint): void {
    const row = this.#rows.get(zone);
    if (row === undefined) return;
    const last = --this.length;
    this.#rows.delete(zone);
    this.geometryRevision++;
    if (row === last) return;
    this.ids[row] = this.ids[last] as bigint;
    this.mean[row] = this.mean[last] as number;
    this.count[row] = this.count[last] as number;
    this.newest[row] = this.newest[last] as number;
    this.centres.copyWithin(row * 3, last * 3, last * 3 + 3);
    this.offsets.copyWithin(row * 12, last * 12, last * 12 + 12);
    this.#rows.set(this.ids[row] as bigint, row);
  }

  #dropAbsent(present: BigUint64Array): void {
    const keep = new Set(present);
    for (let row = this.length - 1; row >= 0; row--) {
      const zone = this.ids[row] as bigint;
      if (!keep.has(zone)) this.#drop(zone);
    }
  }

  #clear(): void {
    this.length = 0;
    this.#rows.clear();
    this.geometryRevision++;
  }

  #grow(): void {
    const capacity = this.ids.length * 2;
    const grown = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.ids = grown(this.ids, new BigUint64Array(capacity));
    this.mean = grown(this.mean, new Float32Array(capacity));
    this.count = grown(this.count, new Uint32Array(capacity));
    this.newest = grown(this.newest, new Float64Array(capacity));
    this.centres = grown(this.centres, new Float64Array(capacity * 3));
    this.offsets = grown(this.offsets, new Float32Array(capacity * CORNERS * 2));
  }
}
