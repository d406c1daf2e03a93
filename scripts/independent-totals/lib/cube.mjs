// Counts by zone, hour and category, in two grids. H3: each point belongs to its cell at resolution 12 and is rolled up by
// index to 7; BeiDou: level 5.
import { cellToParent, latLngToCell } from 'h3-js';
import { beidouLevel5 } from './beidou.mjs';

const HOUR = 3_600_000;

export class Cube {
  #rows = new Map();
  #places = new Map();
  constructor(dataset) {
    this.dataset = dataset;
  }

  // value undefined: an event or a feature, counted only. time undefined: a feature, which has none (bucket 0).
  add(lonLat, time, category, value) {
    const bucket = time === undefined ? 0 : Math.floor(time / HOUR) * HOUR;
    const [h3, beidou] = this.#zones(lonLat);
    this.#count('h3', 7, h3, bucket, category, value);
    this.#count('beidou2d', 5, beidou, bucket, category, value);
  }

  #zones(lonLat) {
    if (lonLat === undefined) return ['', ''];
    const key = `${lonLat[0]},${lonLat[1]}`;
    let zones = this.#places.get(key);
    if (zones === undefined) {
      const [lon, lat] = lonLat;
      zones = [cellToParent(latLngToCell(lat, lon, 12), 7), beidouLevel5(lon, lat)];
      this.#places.set(key, zones);
    }
    return zones;
  }

  #count(dggrs, level, id, bucket, category, value) {
    const key = `${dggrs}|${id}|${bucket}|${category}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = {
        dataset: this.dataset,
        dggrs,
        level,
        id,
        bucket,
        category,
        count: 0,
        sum: null,
        min: null,
        max: null,
      };
      this.#rows.set(key, row);
    }
    row.count++;
    if (value === undefined) return;
    row.sum = (row.sum ?? 0) + value;
    row.min = row.min === null ? value : Math.min(row.min, value);
    row.max = row.max === null ? value : Math.max(row.max, value);
  }

  rows() {
    return [...this.#rows.values()];
  }
}

// in = stored + refused + held + duplicates, for records and for readings. Events and features count as one reading.
export function newAccount(dataset) {
  const tally = () => ({ in: 0, stored: 0, refused: 0, held: 0, duplicates: 0 });
  const account = {
    dataset,
    records: tally(),
    readings: tally(),
    partialRecords: 0,
    flagged: 0,
    unlocated: 0,
    // One record with one reading: an event or a feature.
    one(outcome) {
      for (const side of [account.records, account.readings]) {
        side.in++;
        side[outcome]++;
      }
    },
  };
  return account;
}
