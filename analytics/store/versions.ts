import { createHash } from 'node:crypto';

/** An event or a feature as it arrives: a key, when this version of it was known, and what it says. */
export interface Versioned {
  readonly dataset: string;
  readonly key: string;
  /** UTC ms; the greater one wins, of equals the later arrival. */
  readonly updated: number;
  /** 16 hex digits. */
  readonly contentHash: string;
}

/** The newest stored version of one key, as far as merging needs it. */
export interface StoredVersion {
  readonly dataset: string;
  readonly key: string;
  readonly seq: number;
  readonly updated: number;
  readonly contentHash: bigint;
}

export interface MergePlan<T extends Versioned> {
  /** New newest versions, one a key. */
  readonly current: readonly T[];
  /** Items that go straight to the superseded versions: late ones, and those overtaken in the same batch. */
  readonly superseded: readonly T[];
  /** `seq` of stored newest versions that have been overtaken. */
  readonly overtaken: readonly number[];
  /** By item: true when it was known already. */
  readonly duplicate: readonly boolean[];
}

/**
 * Decides what becomes of the versions of a batch, in order of arrival.
 *
 * An item that says what the newest version says is a duplicate; so is one that equals a superseded version in content
 * and in `updated`. Otherwise the greater `updated` is the newest version (of equals the later arrival), and the other
 * one is kept among the superseded.
 */
export function mergeVersions<T extends Versioned>(
  items: readonly T[],
  stored: readonly StoredVersion[],
  supersededStored: readonly StoredVersion[],
): MergePlan<T> {
  const storedByKey = new Map(stored.map((version) => [versionKey(version), version]));
  const known = new Set(
    supersededStored.map(
      (version) => `${versionKey(version)}\u0000${version.updated}\u0000${version.contentHash}`,
    ),
  );
  const newest = new Map<string, T>();
  const superseded: T[] = [];
  const overtaken: number[] = [];
  const duplicate = items.map((item) => {
    const key = versionKey(item);
    const hash = hashOf(item);
    const identity = `${key}\u0000${item.updated}\u0000${hash}`;
    const fresh = newest.get(key);
    const held = fresh ?? storedByKey.get(key);
    if (held === undefined) {
      newest.set(key, item);
      return false;
    }
    const heldHash = fresh === undefined ? (held as StoredVersion).contentHash : hashOf(fresh);
    if (heldHash === hash || known.has(identity)) return true;
    if (item.updated < held.updated) {
      superseded.push(item);
      known.add(identity);
      return false;
    }
    if (fresh === undefined) overtaken.push((held as StoredVersion).seq);
    else superseded.push(fresh);
    known.add(`${key}\u0000${held.updated}\u0000${heldHash}`);
    // In order of the arrival of what stands, so that the answer is the same however the batches were cut.
    newest.delete(key);
    newest.set(key, item);
    return false;
  });
  return { current: [...newest.values()], superseded, overtaken, duplicate };
}

/** 64 bits by which a key is looked up; dataset and key are compared as well. */
export function keyHash(dataset: string, key: string): bigint {
  return createHash('sha1').update(dataset).update('\u0000').update(key).digest().readBigUInt64LE(0);
}

export function hashOf(item: Versioned): bigint {
  return BigInt(`0x${item.contentHash}`);
}

function versionKey(version: { readonly dataset: string; readonly key: string }): string {
  return `${version.dataset}\u0000${version.key}`;
}
