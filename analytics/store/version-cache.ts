import type { DuckDBConnection } from '@duckdb/node-api';
import { keyHash, type StoredVersion } from './versions.ts';

/** What is known of a key without asking the database. */
export interface KnownKey {
  readonly current: StoredVersion;
  readonly superseded: readonly StoredVersion[];
}

/** Bits a key in the filter, and bits set for each: one key in some 400 is looked up for nothing. */
const BITS_PER_KEY = 16;
const HASHES = 4;
const MIN_KEYS = 1 << 18;
/** Keys whose newest versions are remembered: detections that are still going on, cases of the day. */
const RECENT_KEYS = 20_000;
/** Versions of them all together, some 200 bytes each. */
const RECENT_VERSIONS = 60_000;

/**
 * Spares the loader a scan of the event table a commit: a Bloom filter tells keys that were never seen, and the newest
 * keys are remembered with their versions. Neither is ever wrong in the other direction: what is not known is looked up.
 */
export class VersionCache {
  #bits = new Uint32Array((MIN_KEYS * BITS_PER_KEY) / 32);
  readonly #recent = new Map<string, KnownKey>();
  #versions = 0;

  /** False: this key was never stored. */
  mayHold(hash: bigint): boolean {
    return this.#places(hash).every((bit) => (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0);
  }

  recent(item: { readonly dataset: string; readonly key: string }): KnownKey | undefined {
    return this.#recent.get(nameOf(item));
  }

  /** After the commit: all versions of a key. */
  remember(known: KnownKey): void {
    const name = nameOf(known.current);
    for (const bit of this.#places(keyHash(known.current.dataset, known.current.key))) {
      this.#bits[bit >>> 5]! |= 1 << (bit & 31);
    }
    this.#forget(name);
    this.#recent.set(name, known);
    this.#versions += 1 + known.superseded.length;
    while (this.#recent.size > RECENT_KEYS || this.#versions > RECENT_VERSIONS) {
      this.#forget(this.#recent.keys().next().value!);
    }
  }

  #forget(name: string): void {
    const known = this.#recent.get(name);
    if (known === undefined) return;
    this.#versions -= 1 + known.superseded.length;
    this.#recent.delete(name);
  }

  /** Reads the hashes of all keys back. */
  async restore(connection: DuckDBConnection): Promise<void> {
    this.#recent.clear();
    this.#versions = 0;
    const count = Number((await connection.runAndReadAll('SELECT count(*) FROM event')).getRows()[0]![0]);
    let keys = MIN_KEYS;
    while (keys < count * 2) keys *= 2;
    this.#bits = new Uint32Array((keys * BITS_PER_KEY) / 32);
    const result = await connection.stream('SELECT key_hash FROM event');
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const hash of chunk.getColumnValues(0)) {
        for (const bit of this.#places(hash as bigint)) this.#bits[bit >>> 5]! |= 1 << (bit & 31);
      }
    }
  }

  /** Double hashing from the two halves of the key's hash. */
  #places(hash: bigint): readonly number[] {
    const low = Number(hash & 0xffff_ffffn);
    const high = Number(hash >> 32n) | 1;
    const mask = this.#bits.length * 32 - 1;
    return Array.from({ length: HASHES }, (_, i) => ((low + Math.imul(i, high)) & mask) >>> 0);
  }
}

/** The versions of the keys that a batch changed, given those before it. */
export function knownAfter(
  before: ReadonlyMap<string, KnownKey>,
  current: readonly StoredVersion[],
  superseded: readonly StoredVersion[],
): readonly KnownKey[] {
  const after = new Map<string, { current: StoredVersion; superseded: StoredVersion[] }>();
  for (const version of current) {
    const held = before.get(nameOf(version));
    const earlier = held === undefined ? [] : [...held.superseded, held.current];
    after.set(nameOf(version), { current: version, superseded: earlier });
  }
  for (const version of superseded) {
    const name = nameOf(version);
    const held = before.get(name);
    // Superseded in its own batch: the key has a newest version here or had one before.
    const entry =
      after.get(name) ??
      (held === undefined ? undefined : { current: held.current, superseded: [...held.superseded] });
    if (entry === undefined) continue;
    entry.superseded.push(version);
    after.set(name, entry);
  }
  return [...after.values()];
}

export function nameOf(item: { readonly dataset: string; readonly key: string }): string {
  return `${item.dataset}\u0000${item.key}`;
}
