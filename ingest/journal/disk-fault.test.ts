import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileJournal } from './journal-contract.ts';
import { contentOf, createFaultyFs, message, openTestJournal, temporaryFolder } from './journal-fixtures.ts';

let dir: string;
let remove: () => Promise<void>;
let now = 0;

beforeEach(async () => {
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await remove();
});

async function contents(journal: FileJournal): Promise<string[]> {
  return (await journal.read(0, 1000)).map(contentOf);
}

describe('a journal whose disk fails', () => {
  it('openJournal believes entries of a killed process only once they are on disk', async () => {
    const first = await openTestJournal(dir);
    await first.append(message('written'));
    await first.close();
    const fs = createFaultyFs();
    fs.fail.datasync = 'EIO';
    await expect(openTestJournal(dir, { fs })).rejects.toMatchObject({ code: 'journal-io' });
    fs.fail = {};
    const again = await openTestJournal(dir, { fs });
    expect(await contents(again)).toEqual(['<control>', 'written']);
    await again.close();
  });

  it.each([
    ['write', 'ENOSPC', 'journal-full'],
    ['write', 'EIO', 'journal-io'],
    ['write', 'EROFS', 'journal-read-only'],
    ['datasync', 'EIO', 'journal-io'],
    ['datasync', 'ENOSPC', 'journal-full'],
  ] as const)(
    'append rejects when %s fails with %s, retries later and loses no acknowledged entry',
    async (at, error, code) => {
      const fs = createFaultyFs();
      const journal = await openTestJournal(dir, { fs });
      await journal.append(message('kept'));
      const refusedAt: number[] = [];
      journal.listen({
        onSegment() {},
        onDurable() {},
        onRefused: (head) => refusedAt.push(head),
      });
      fs.fail[at] = error;
      const lost = [journal.append(message('lost 1')), journal.append(message('lost 2'))];
      for (const one of lost) await expect(one).rejects.toMatchObject({ code });
      expect(refusedAt).toEqual([2]);
      expect(journal.head).toBe(2);
      expect(journal.stats().fault?.code).toBe(code);
      expect(journal.pendingBytes).toBe(0);
      // At once after a fault the disk is not asked again.
      const writes = fs.counts.write;
      await expect(journal.append(message('lost 3'))).rejects.toMatchObject({ code });
      expect(fs.counts.write).toBe(writes);
      now += 1000;
      await expect(journal.append(message('lost 4'))).rejects.toMatchObject({ code });
      fs.fail = {};
      now += 1000;
      expect(await journal.append(message('after'))).toBe(2);
      expect(journal.stats().fault).toBeNull();
      expect(await contents(journal)).toEqual(['<control>', 'kept', 'after']);
      await journal.close();
      const again = await openTestJournal(dir);
      expect(await contents(again)).toEqual(['<control>', 'kept', 'after']);
      expect(again.torn).toEqual([]);
      await again.close();
    },
  );

  it('append refuses below the floor of free space, before any byte is written', async () => {
    const fs = createFaultyFs();
    const journal = await openTestJournal(dir, { fs, minFreeBytes: 1_000_000 });
    fs.free = 1_000_100;
    now += 5000;
    await expect(journal.append(message('x'.repeat(300)))).rejects.toMatchObject({ code: 'journal-full' });
    fs.free = 2_000_000;
    now += 1000;
    expect(await journal.append(message('x'.repeat(300)))).toBe(1);
    await journal.close();
  });

  it.each(['create', 'write', 'datasync', 'syncDir'] as const)(
    'append gets over a %s that fails while a segment begins',
    async (at) => {
      const fs = createFaultyFs();
      const journal = await openTestJournal(dir, { fs, segmentBytes: 400 });
      await journal.append(message('x'.repeat(400)));
      fs.fail[at] = 'ENOSPC';
      const lost = [journal.append(message('lost 1')), journal.append(message('lost 2'))];
      for (const one of lost) await expect(one).rejects.toMatchObject({ code: 'journal-full' });
      expect(journal.head).toBe(2);
      fs.fail = {};
      now += 1000;
      expect(await journal.append(message('after'))).toBe(3);
      expect((await contents(journal)).slice(2)).toEqual(['<control>', 'after']);
      await journal.close();
      const again = await openTestJournal(dir);
      expect((await contents(again)).slice(2)).toEqual(['<control>', 'after']);
      await again.close();
    },
  );

  it('a batch that was gathering while another failed is refused with it, and positions are given again', async () => {
    const fs = createFaultyFs();
    const journal = await openTestJournal(dir, { fs });
    fs.fail.datasync = 'EIO';
    const first = journal.enqueue(message('first'));
    await new Promise((resolve) => setImmediate(resolve));
    const second = journal.enqueue(message('second'));
    expect([first.position, second.position]).toEqual([1, 2]);
    await expect(first.durable).rejects.toMatchObject({ code: 'journal-io' });
    await expect(second.durable).rejects.toMatchObject({ code: 'journal-io' });
    fs.fail = {};
    now += 1000;
    expect(await journal.append(message('third'))).toBe(1);
    await journal.close();
  });

  it('a disk that refused is tried while nobody appends, and the fault is told once, as is its end', async () => {
    const fs = createFaultyFs();
    const told: unknown[] = [];
    const journal = await openTestJournal(dir, { fs, log: (event, fields) => told.push([event, fields]) });
    await journal.append(message('kept'));
    fs.fail.datasync = 'ENOSPC';
    for (const text of ['lost 1', 'lost 2']) {
      now += 1000;
      await expect(journal.append(message(text))).rejects.toMatchObject({ code: 'journal-full' });
    }
    const syncs = fs.counts.datasync;
    await vi.waitUntil(() => fs.counts.datasync > syncs, { timeout: 10_000 });
    expect(journal.stats().fault?.code).toBe('journal-full');
    fs.fail = {};
    await vi.waitUntil(() => journal.stats().fault === null, { timeout: 10_000 });
    expect(told.slice(1)).toEqual([
      ['journal-fault', { code: 'journal-full', detail: expect.stringMatching('ENOSPC'), position: 2 }],
      ['journal-recovered', { code: 'journal-full', lastedMs: 1000 }],
    ]);
    expect(await journal.append(message('after'))).toBe(2);
    await journal.close();
    const again = await openTestJournal(dir);
    expect(await contents(again)).toEqual(['<control>', 'kept', 'after']);
    expect(again.torn).toEqual([]);
    await again.close();
  });
});
