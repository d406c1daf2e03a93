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
