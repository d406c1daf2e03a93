import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTestJournal, temporaryFolder } from './journal-fixtures.ts';
import { RecentMax } from './recent-max.ts';

describe('RecentMax', () => {
  it('holds the largest value of the last 60 s, none older than 120 s, however often it is read', () => {
    const notes = fc.array(fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 1000 })));
    fc.assert(
      fc.property(notes, fc.integer({ min: 0, max: 200_000 }), (list, wait) => {
        let at = 0;
        const recent = new RecentMax(() => at);
        const noted = list.map(([step, value]) => {
          at += step;
          recent.note(value);
          recent.read();
          return { at, value };
        });
        at += wait;
        const largest = (withinMs: number) =>
          Math.max(0, ...noted.filter((one) => at - one.at <= withinMs).map((one) => one.value));
        const read = recent.read();
        expect(read).toBeGreaterThanOrEqual(largest(60_000));
        expect(read).toBeLessThanOrEqual(largest(120_000));
        expect(recent.read()).toBe(read);
      }),
    );
  });
});

describe('journal.stats', () => {
  it('tells every reader of the longest sync', async () => {
    const { dir, remove } = await temporaryFolder();
    try {
      const journal = await openTestJournal(dir);
      const first = journal.stats().syncMsMax;
      expect(first).toBeGreaterThan(0);
      expect(journal.stats().syncMsMax).toBeGreaterThanOrEqual(first);
      await journal.close();
    } finally {
      await remove();
    }
  });
});
