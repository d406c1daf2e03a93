/** Buckets of a `BucketMap`: at 100,000 entries each holds about 100, so an update copies some microseconds' worth. */
const BUCKETS = 1024;

/**
 * An immutable map by text: `with` gives a new version that shares all but the touched buckets, so that every version
 * stays readable for as long as somebody holds it.
 */
export class BucketMap<V> {
  readonly size: number;
  readonly #buckets: readonly (ReadonlyMap<string, V> | undefined)[];

  private constructor(buckets: readonly (ReadonlyMap<string, V> | undefined)[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  static empty<V>(): BucketMap<V> {
    return new BucketMap<V>(new Array(BUCKETS), 0);
  }

  get(key: string): V | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  /** This version with the entries set; `undefined` removes one. */
  with(updates: ReadonlyMap<string, V | undefined>): BucketMap<V> {
    if (updates.size === 0) return this;
    const buckets = [...this.#buckets];
    const copies = new Map<number, Map<string, V>>();
    let { size } = this;
    for (const [key, value] of updates) {
      const number = bucketOf(key);
      let copy = copies.get(number);
      if (copy === undefined) {
        copy = new Map(buckets[number]);
        copies.set(number, copy);
        buckets[number] = copy;
      }
      const before = copy.size;
      if (value === undefined) copy.delete(key);
      else copy.set(key, value);
      size += copy.size - before;
    }
    return new BucketMap<V>(buckets, size);
  }

  /** All values, in an order that depends on nothing but the keys and when they came. */
  *values(): Generator<V> {
    for (const bucket of this.#buckets) if (bucket !== undefined) yield* bucket.values();
  }
}

/** FNV-1a over UTF-16 units. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
}
