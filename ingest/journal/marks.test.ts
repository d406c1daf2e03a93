import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaultyFs, openTestJournal, temporaryFolder } from './journal-fixtures.ts';
import { nodeFs } from './journal-fs.ts';
import { MARKS_FILE, MAX_CONSUMERS, openMarks } from './marks.ts';
import { whyDelete } from './retention.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

const options = () => ({ dir, clock: () => 7 });

describe('JournalMarks', () => {
  it('keeps what is released and where each consumer stands, and needs the least of it', async () => {
    const marks = await openMarks(options(), nodeFs);
    expect(marks.needed).toBe(0);
    await marks.release(50);
    expect(marks.needed).toBe(50);
    await marks.register('rules', 20);
    expect((await marks.register('rules', 99)).position).toBe(20);
    await Promise.all([marks.advance('rules', 30), marks.register('cascade', 40)]);
    expect(marks.needed).toBe(30);
    await expect(marks.advance('nobody', 1)).rejects.toMatchObject({ code: 'consumer-unknown' });
    const again = await openMarks(options(), nodeFs);
    expect(again.released).toBe(50);
    expect(again.consumers.map(({ name, position }) => [name, position])).toEqual([
      ['rules', 30],
      ['cascade', 40],
    ]);
    expect(await again.remove('rules')).toBe(true);
    expect(await again.remove('rules')).toBe(false);
    await again.release(10);
    expect((await openMarks(options(), nodeFs)).needed).toBe(10);
  });

  it('what the disk refused holds nothing free, and is written with the next', async () => {
    const fs = createFaultyFs();
    const marks = await openMarks(options(), fs);
    await marks.register('rules', 5);
    fs.fail.datasync = 'EIO';
    await expect(marks.release(90)).rejects.toMatchObject({ code: 'EIO' });
    expect(marks.released).toBe(0);
    expect(marks.needed).toBe(0);
    fs.fail = {};
    await marks.advance('rules', 80);
    expect(marks.needed).toBe(80);
    expect((await openMarks(options(), nodeFs)).released).toBe(90);
  });

  it('refuses names that are none and more consumers than there may be', async () => {
    const marks = await openMarks(options(), nodeFs);
    for (const name of ['', 'Rules', '-a', 'a b', 'a'.repeat(64)]) {
      await expect(marks.register(name, 0)).rejects.toMatchObject({ code: 'consumer-invalid' });
    }
    const names = Array.from({ length: MAX_CONSUMERS }, (_, i) => `c${i}`);
    await Promise.all(names.map((name) => marks.register(name, 0)));
    await expect(marks.register('late', 0)).rejects.toMatchObject({ code: 'consumer-invalid' });
  });

  it('openJournal refuses marks that say nothing, and with skipDamaged goes on as if nothing were released', async () => {
    await writeFile(join(dir, MARKS_FILE), '{"version":1,');
    await expect(openTestJournal(dir)).rejects.toMatchObject({ code: 'journal-corrupt' });
    const journal = await openTestJournal(dir, { skipDamaged: true });
    expect(journal.stats()).toMatchObject({ released: 0, consumers: [] });
    await journal.close();
  });
});

describe('whyDelete', () => {
  const DAY = 86_400_000;
  const rule = { keepDays: 3, keepBytes: 1000 };
  const aged = { end: 10, newestAt: 0, bytes: 900, needed: 10, now: 4 * DAY, pressed: false };

  it.each([
    ['age', {}],
    [undefined, { now: 3 * DAY }],
    ['size', { now: 0, bytes: 1001 }],
    ['space', { now: 0, pressed: true }],
    [undefined, { needed: 9, bytes: 1001, pressed: true }],
  ] as const)('is %s for %o', (why, overrides) => {
    expect(whyDelete(rule, { ...aged, ...overrides })).toBe(why);
  });

  it('has no bound of size where keepBytes is 0', () => {
    expect(whyDelete({ ...rule, keepBytes: 0 }, { ...aged, now: 0, bytes: 1e12 })).toBeUndefined();
  });
});
