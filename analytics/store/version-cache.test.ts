import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeBatch, makeEvent, T0 } from './fixtures.ts';
import { internalsOf } from './internals.ts';
import { openStore } from './open-store.ts';
import { VersionCache } from './version-cache.ts';
import { keyHash } from './versions.ts';

const version = (key: number) => ({ dataset: 'd', key: `${key}`, seq: key, updated: key, contentHash: 1n });

describe('VersionCache', () => {
  it('mayHold: never denies a key that was remembered, and denies nearly all others', () => {
    const cache = new VersionCache();
    for (let key = 0; key < 100_000; key++) cache.remember({ current: version(key), superseded: [] });
    let denied = 0;
    for (let key = 0; key < 100_000; key++) {
      expect(cache.mayHold(keyHash('d', `${key}`))).toBe(true);
      if (!cache.mayHold(keyHash('d', `x${key}`))) denied += 1;
    }
    expect(denied).toBeGreaterThan(99_500);
    // Only the newest keys are remembered with their versions.
    expect(cache.recent(version(99_999))).toBeDefined();
    expect(cache.recent(version(0))).toBeUndefined();
  });

  it('Store.load: what becomes of event versions does not depend on what is remembered', async () => {
    const item = fc.record({
      key: fc.integer({ min: 0, max: 2 }),
      updated: fc.integer({ min: 0, max: 4 }),
      words: fc.integer({ min: 0, max: 2 }),
    });
    const batches = fc.array(fc.array(item, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
    const warm = await openStore({ path: ':memory:', clock: () => T0, rollupIntervalMs: 0 });
    const cold = await openStore({ path: ':memory:', clock: () => T0, rollupIntervalMs: 0 });
    const read = async (store: typeof warm, dataset: string) => {
      const { columns } = await internalsOf(store).pool.run(
        `SELECT 'now' AS t, key, updated, title FROM event JOIN dataset s ON s.id = dataset WHERE s.name = '${dataset}'
         UNION ALL SELECT 'old', key, updated, title FROM event_version JOIN dataset s ON s.id = dataset
         WHERE s.name = '${dataset}' ORDER BY ALL`,
      );
      return columns;
    };
    let round = 0;
    await fc.assert(
      fc.asyncProperty(batches, async (list) => {
        const dataset = `round-${round++}`;
        for (const batch of list) {
          const events = batch.map(({ key, updated, words }) =>
            makeEvent({ dataset, key: `${key}`, updated: T0 + updated, title: `${words}` }),
          );
          const first = await warm.load(makeBatch({ from: warm.position, events }));
          // The cold one forgets everything and asks the database each time.
          Object.assign(internalsOf(cold).state.versions, { recent: () => undefined, mayHold: () => true });
          const second = await cold.load(makeBatch({ from: cold.position, events }));
          expect(first.counts).toEqual(second.counts);
          expect(first.events).toEqual(second.events);
        }
        expect(await read(warm, dataset)).toEqual(await read(cold, dataset));
      }),
      { numRuns: 25, seed: 7 },
    );
    await warm.close();
    await cold.close();
  });
});
