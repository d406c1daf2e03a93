import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, mergeVersions, type StoredVersion, type Versioned } from './versions.ts';

const version = fc.record({
  dataset: fc.constant('hotline'),
  key: fc.constantFrom('a', 'b', 'c'),
  updated: fc.integer({ min: 0, max: 3 }),
  contentHash: fc.constantFrom('00000000000000aa', '00000000000000bb', '00000000000000cc'),
});

/** Merges items batch by batch, as the loader does; what stands, in the order of its rows, and which were known. */
function mergeAll(items: readonly Versioned[], cuts: readonly number[]) {
  let stored: StoredVersion[] = [];
  let superseded: StoredVersion[] = [];
  const duplicate: boolean[] = [];
  let seq = 0;
  const row = (item: Versioned): StoredVersion => ({ ...item, contentHash: hashOf(item), seq: seq++ });
  const bounds = [0, ...cuts.filter((cut) => cut < items.length).sort((a, b) => a - b), items.length];
  for (let i = 1; i < bounds.length; i++) {
    const plan = mergeVersions(items.slice(bounds[i - 1], bounds[i]), stored, superseded);
    const overtaken = (held: StoredVersion) => plan.overtaken.includes(held.seq);
    superseded = [...superseded, ...stored.filter(overtaken)];
    stored = [...stored.filter((held) => !overtaken(held)), ...plan.current.map(row)];
    superseded = [...superseded, ...plan.superseded.map(row)];
    duplicate.push(...plan.duplicate);
  }
  return {
    standing: stored.map(({ key, updated, contentHash }) => [key, updated, contentHash]),
    duplicate,
    rows: stored.length + superseded.length,
  };
}

describe('mergeVersions', () => {
  it('gives the same versions in the same order however the batches are cut: a rebuild equals what was', () => {
    fc.assert(
      fc.property(
        fc.array(version, { maxLength: 20 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 19 })),
        (items, cuts) => {
          const whole = mergeAll(items, []);
          expect(mergeAll(items, cuts)).toEqual(whole);
          // Every version is a row or known already.
          expect(whole.rows + whole.duplicate.filter(Boolean).length).toBe(items.length);
        },
      ),
    );
  });
});
