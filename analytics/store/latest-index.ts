import type { LatestColumns } from './commit-delta.ts';
import { type BatchScan, FATE } from './duplicates.ts';

/**
 * The newest reading of every datastream, in memory, by phenomenonTime: late data does not replace newer. Columns are
 * indexed by datastream id and grow; of two readings of one instant the later arrival stands.
 */
export class LatestIndex {
  /** Ids seen are below this. */
  size = 0;
  /** UTC ms; NaN where a datastream has no reading. */
  time = new Float64Array(1024).fill(Number.NaN);
  result = new Float64Array(1024);
  h3 = new BigUint64Array(1024);
  beidou = new BigUint64Array(1024);
  quality = new Uint8Array(1024);

  has(datastream: number): boolean {
    return datastream < this.size && !Number.isNaN(this.time[datastream]);
  }

  /** Takes the reading unless a newer one is held; tells whether it was taken. */
  offer(
    datastream: number,
    time: number,
    result: number,
    h3: bigint,
    beidou: bigint,
    quality: number,
  ): boolean {
    if (datastream >= this.time.length) this.#grow(datastream + 1);
    if (datastream >= this.size) this.size = datastream + 1;
    if (time < this.time[datastream]!) return false;
    this.time[datastream] = time;
    this.result[datastream] = result;
    this.h3[datastream] = h3;
    this.beidou[datastream] = beidou;
    this.quality[datastream] = quality;
    return true;
  }

  /**
   * Takes the kept rows of a batch in order of arrival, as `offer` does; gives the datastreams that changed, once each.
   *
   * @param counts - Rows for which it is false are left out.
   */
  offerRows(scan: BatchScan, counts: ((row: number) => boolean) | undefined): Uint32Array {
    const { columns, ids, times, fate } = scan;
    let most = 0;
    for (const id of ids) most = Math.max(most, id + 1);
    if (most > this.time.length) this.#grow(most);
    const rows = new Map<number, number>();
    const newest = new Int32Array(ids.length).fill(-1);
    for (let row = 0; row < columns.n; row++) {
      const its = fate[row];
      if ((its !== FATE.kept && its !== FATE.sealed) || counts?.(row) === false) continue;
      const stream = columns.datastream[row]!;
      const held = newest[stream]!;
      if (held === -1 || times[row]! >= times[held]!) newest[stream] = row;
    }
    for (let stream = 0; stream < ids.length; stream++) {
      const row = newest[stream]!;
      const id = ids[stream]!;
      if (row === -1) continue;
      if (id >= this.size) this.size = id + 1;
      if (times[row]! < this.time[id]!) continue;
      rows.set(id, row);
      this.time[id] = times[row]!;
      this.result[id] = columns.result[row]!;
      this.h3[id] = columns.h3[row]!;
      this.beidou[id] = columns.beidou[row]!;
      this.quality[id] = columns.quality[row]!;
    }
    return Uint32Array.from(rows.keys());
  }

  /** The columns of some datastreams, copied. */
  columnsOf(datastream: Uint32Array): LatestColumns {
    const n = datastream.length;
    const columns = {
      n,
      datastream,
      time: new Float64Array(n),
      result: new Float64Array(n),
      h3: new BigUint64Array(n),
      beidou: new BigUint64Array(n),
      quality: new Uint8Array(n),
    };
    for (let i = 0; i < n; i++) {
      const id = datastream[i]!;
      columns.time[i] = this.time[id]!;
      columns.result[i] = this.result[id]!;
      columns.h3[i] = this.h3[id]!;
      columns.beidou[i] = this.beidou[id]!;
      columns.quality[i] = this.quality[id]!;
    }
    return columns;
  }

  clear(): void {
    this.size = 0;
    this.time.fill(Number.NaN);
  }

  #grow(wanted: number): void {
    let capacity = this.time.length;
    while (capacity < wanted) capacity *= 2;
    const time = new Float64Array(capacity).fill(Number.NaN);
    time.set(this.time);
    this.time = time;
    const result = new Float64Array(capacity);
    result.set(this.result);
    this.result = result;
    const h3 = new BigUint64Array(capacity);
    h3.set(this.h3);
    this.h3 = h3;
    const beidou = new BigUint64Array(capacity);
    beidou.set(this.beidou);
    this.beidou = beidou;
    const quality = new Uint8Array(capacity);
    quality.set(this.quality);
    this.quality = quality;
  }
}
