import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JournalEntry } from '../model/index.ts';
import type { FileJournal } from './journal-contract.ts';
import {
  arbitraryBody,
  contentOf,
  createFaultyFs,
  message,
  openTestJournal,
  temporaryFolder,
} from './journal-fixtures.ts';
import type { JournalMarks } from './marks.ts';
import { packedName } from './packed/packed-format.ts';
import { segmentName } from './segment.ts';

let dir: string;
let remove: () => Promise<void>;
let opened: FileJournal[] = [];
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const journal of opened) await journal.close();
  opened = [];
  await remove();
});

async function open(overrides: Parameters<typeof openTestJournal>[1] = {}): Promise<FileJournal> {
  const journal = await openTestJournal(dir, { segmentBytes: 3000, ...overrides });
  opened.push(journal);
  return journal;
}

async function readAll(journal: FileJournal, limit = 7): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (let at = journal.tail; at < journal.head; at = all.at(-1)!.position + 1) {
    all.push(...(await journal.read(at, limit)));
  }
  return all;
}

const names = async (end: string) => (await readdir(dir)).filter((name) => name.endsWith(end)).sort();
const at = (receivedAt: number, text: string) => {
  const { kind, raw } = message(text);
  return { kind, raw: { ...raw, receivedAt } };
};

describe('a journal whose closed segments are packed', () => {
  it('gives back the same entries, control entries and redelivery keys as before, from any position, and after a reopening', async () => {
    const bodies = fc.sample(arbitraryBody, { numRuns: 150, seed: 3 });
    let journal = await open({ pack: false });
    for (const [i, body] of bodies.entries()) {
      const keyed = body.kind === 'message' && body.raw.origin.transport === 'mqtt';
      await journal.enqueue(body, keyed ? { lo: i, hi: 7 } : undefined).durable;
    }
    const look = async () => {
      const keys: unknown[] = [];
      await journal.scanKeys(1e6, (key) => keys.push({ ...key }));
      const controls = [];
      for (const position of [1, 40, 90, journal.head]) controls.push(await journal.controlsBefore(position));
      return { all: await readAll(journal), keys, controls };
    };
    const plain = await look();
    await journal.close();
    journal = await open();
    await journal.tidy();
    expect((await names('.jwj')).length).toBe(1);
    expect((await names('.jwz')).length).toBe(journal.stats().packedSegments);
    expect(journal.stats().packedSegments).toBeGreaterThan(5);
    expect(await look()).toEqual(plain);
    for (const from of [0, 1, 31, 32, 70, plain.all.length - 1]) {
      expect(await journal.read(from, 3)).toEqual(plain.all.slice(from, from + 3));
    }
    await journal.close();
    journal = await open();
    expect(await look()).toEqual(plain);
  });

  it('readers go on while what they read is packed, unlinked and deleted under them', async () => {
    let now = 1_700_000_000_000;
    const journal = await open({ keepDays: 0, clock: () => ++now });
    const texts = new Map<number, string>();
    let stopped = false;
    let read = 0;
    const reader = async () => {
      while (!stopped) {
        for (let from = journal.tail; from < journal.head; ) {
          const entries = await journal.read(from, 5);
          for (const entry of entries) {
            if (entry.kind === 'message') expect(contentOf(entry)).toBe(texts.get(entry.position));
          }
          read += entries.length;
          from = entries.at(-1)!.position + 1;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const readers = [reader(), reader()];
    for (let i = 0; i < 150; i++) {
      const { position, durable } = journal.enqueue(message(`message ${i}`.padEnd(300)));
      texts.set(position, `message ${i}`.padEnd(300));
      await durable;
      if (i % 40 === 39) await journal.release(Math.max(0, journal.head - 60));
    }
    await journal.tidy();
    stopped = true;
    await Promise.all(readers);
    expect(read).toBeGreaterThan(500);
    expect(journal.stats().packedSegments).toBeGreaterThan(2);
    expect(journal.stats().deletedSegments).toBeGreaterThan(2);
  });

  it('a plain segment left beside its packed form by a crash is removed; a packed form that is not whole gives way', async () => {
    let journal = await open({ pack: false });
    for (let i = 0; i < 40; i++) await journal.append(message(`message ${i}`));
    const before = await readAll(journal);
    const plain = await readFile(join(dir, segmentName(0)));
    await journal.close();
    journal = await open();
    await journal.tidy();
    await journal.close();
    const packed = await readFile(join(dir, packedName(0)));
    for (const left of [
      packed,
      packed.subarray(0, packed.length - 1),
      packed.subarray(0, 60),
      Buffer.alloc(0),
    ]) {
      await writeFile(join(dir, packedName(0)), left);
      await writeFile(join(dir, segmentName(0)), plain);
      await writeFile(join(dir, `${packedName(0)}.tmp`), 'half');
      journal = await open({ pack: false });
      expect((await names('.jwz')).includes(packedName(0))).toBe(left === packed);
      expect((await names('.jwj')).includes(segmentName(0))).toBe(left !== packed);
      expect(await names('.tmp')).toEqual([]);
      expect(await readAll(journal)).toEqual(before);
      await journal.close();
    }
  });

  it('begins a new segment when the last one was never finished and the one before is packed', async () => {
    let journal = await open();
    for (let i = 0; i < 40; i++) await journal.append(message(`message ${i}`));
    await journal.tidy();
    const before = (await readAll(journal)).map(contentOf);
    await journal.close();
    const last = (await names('.jwj')).at(-1)!;
    const first = Number(last.slice(0, 20));
    await writeFile(join(dir, last), '');
    journal = await open();
    expect(journal.head).toBe(first + 1);
    expect((await readAll(journal)).map(contentOf)).toEqual([...before.slice(0, first), '<control>']);
  });

  it('closes a segment by its age, unless it holds nothing but its snapshot', async () => {
    let now = 1000;
    const journal = await open({ segmentBytes: 1e6, segmentMaxAgeMs: 60_000, clock: () => now });
    now += 100_000;
    await journal.tidy();
    expect(journal.stats().segments).toBe(1);
    await journal.append(message('one'));
    await journal.tidy();
    await expect.poll(() => journal.stats().segments).toBe(2);
    await journal.append(message('two'));
    now += 30_000;
    await journal.tidy();
    expect(journal.stats().segments).toBe(2);
    await expect.poll(() => journal.stats().packedSegments).toBe(1);
    expect((await readAll(journal)).map(contentOf)).toEqual(['<control>', 'one', '<control>', 'two']);
  });

  it('appends go on while packing fails, the fault is told, and ends when the disk is well', async () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const fs = createFaultyFs();
    const told: string[] = [];
    const journal = await open({ fs, log: (event) => told.push(event) });
    const refuse = vi.spyOn(fs, 'rename').mockRejectedValue(Object.assign(new Error('EIO'), { code: 'EIO' }));
    for (let i = 0; i < 100; i++) await journal.append(message(`message ${i}`));
    await journal.tidy();
    expect(journal.stats()).toMatchObject({ packedSegments: 0, fault: null });
    expect(journal.stats().upkeepFault).toMatchObject({ what: 'pack', code: 'journal-io' });
    expect(await names('.tmp')).toEqual([]);
    expect(await journal.append(message('still taken'))).toBe(journal.head - 1);
    refuse.mockRestore();
    now += 60_000;
    await journal.tidy();
    expect(journal.stats().upkeepFault).toBeNull();
    expect(journal.stats().packedSegments).toBeGreaterThan(1);
    expect(told.filter((event) => event.startsWith('journal-upkeep'))).toEqual([
      'journal-upkeep-fault',
      'journal-upkeep-recovered',
    ]);
  });

  it('positionAt gives the first entry of an instant or later, by a plain look at all, in both forms and with a clock put back', async () => {
    const instants = fc.sample(fc.integer({ min: 0, max: 500 }), { numRuns: 120, seed: 5 });
    const journal = await open({ pack: false, clock: () => -1 });
    for (const [i, instant] of instants.entries()) await journal.append(at(instant + 2 * i, `m${i}`));
    const look = async () => {
      const all = await readAll(journal);
      const instantOf = (entry: JournalEntry) => (entry.kind === 'message' ? entry.raw.receivedAt : -1);
      for (let t = -2; t < 800; t += 7) {
        const wanted = all.find((entry) => instantOf(entry) >= t)?.position ?? journal.head;
        expect(await journal.positionAt(t)).toBe(wanted);
      }
    };
    await look();
    await journal.close();
    const again = await open({ clock: () => -1 });
    await again.tidy();
    expect(again.stats().packedSegments).toBeGreaterThan(3);
    expect(await again.positionAt(0)).toBe(1);
    expect(await again.positionAt(1e9)).toBe(again.head);
    for (const t of [3, 250, 499, 700]) {
      const found = await again.positionAt(t);
      const all = await readAll(again);
      expect(all.findIndex((entry) => entry.kind === 'message' && entry.raw.receivedAt >= t)).toBe(
        found === again.head ? -1 : found,
      );
    }
  });
});

describe('a journal that is shortened', () => {
  const DAY = 86_400_000;
  /** Forty messages, one an hour; then it is a day later. */
  async function filled(overrides: Parameters<typeof openTestJournal>[1] = {}): Promise<FileJournal> {
    let now = 0;
    const journal = await open({ segmentBytes: 700, clock: () => now, ...overrides });
    for (let i = 0; i < 40; i++) {
      now = i * 3_600_000;
      await journal.append(at(now, `message ${i}`));
    }
    now += DAY;
    return journal;
  }

  it('deletes whole segments that are old and released, and none that a consumer or the index needs', async () => {
    const journal = await filled({ keepDays: 1.5 });
    await journal.tidy();
    expect(journal.tail).toBe(0);
    await journal.marks.register('rules', 9);
    await journal.release(journal.head);
    await journal.tidy();
    expect(journal.tail).toBeGreaterThan(0);
    expect(journal.tail).toBeLessThanOrEqual(9);
    const [first] = await journal.read(9, 1);
    expect(first?.position).toBe(9);
    await journal.marks.advance('rules', journal.head);
    await journal.tidy();
    // Segments whose newest entry came within 1.5 days stay.
    const tail = journal.tail;
    const oldest = await journal.read(tail, 30);
    const kept = oldest.findLast((entry) => entry.kind === 'message');
    expect(tail).toBeGreaterThan(9);
    expect(kept?.kind === 'message' && kept.raw.receivedAt).toBeGreaterThan(39 * 3_600_000 - DAY / 2);
    const oldestAt = journal.stats().oldestAt!;
    expect(oldestAt).toBeGreaterThan(39 * 3_600_000 - DAY / 2 - 8 * 3_600_000);
    expect(oldestAt).toBeLessThanOrEqual(39 * 3_600_000 - DAY / 2);
    await journal.close();
    const again = await open();
    expect(again.tail).toBe(tail);
    expect(again.stats()).toMatchObject({ released: journal.head });
    expect(again.marks.consumers).toMatchObject([{ name: 'rules', position: journal.head }]);
    expect((await readAll(again))[0]?.position).toBe(tail);
  });

  it('deletes down to keepBytes what is released, whatever its age', async () => {
    const journal = await filled({ keepDays: 1000, keepBytes: 4000, pack: false });
    await journal.release(journal.head);
    await journal.tidy();
    expect(journal.stats().bytes).toBeLessThanOrEqual(4000);
    expect(journal.stats().bytes).toBeGreaterThan(1500);
  });

  it('makes room on a disk that is short of space before it refuses, and refuses when nothing may go', async () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const fs = createFaultyFs();
    const journal = await filled({ fs, pack: false, minFreeBytes: 10_000 });
    const full = journal.stats().bytes;
    vi.spyOn(fs, 'freeBytes').mockImplementation(async () => 11_000 + full - journal.stats().bytes - 2000);
    now += 5000;
    await expect(journal.append(message('no room'))).rejects.toMatchObject({ code: 'journal-full' });
    expect(journal.tail).toBe(0);
    expect((await readAll(journal)).length).toBe(journal.head);
    await (journal.marks as JournalMarks).release(journal.head);
    now += 1000;
    await journal.append(message('room was made'));
    expect(journal.tail).toBeGreaterThan(0);
    expect(journal.stats().fault).toBeNull();
  });

  it('a deletion that fails is told and tried again; nothing is forgotten meanwhile', async () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const fs = createFaultyFs();
    const journal = await filled({ fs, pack: false, keepDays: 0 });
    const refuse = vi
      .spyOn(fs, 'remove')
      .mockRejectedValue(Object.assign(new Error('EROFS'), { code: 'EROFS' }));
    await journal.release(journal.head);
    await journal.tidy();
    expect(journal.stats().upkeepFault).toMatchObject({ what: 'delete', code: 'journal-read-only' });
    expect(journal.tail).toBe(0);
    expect((await readAll(journal)).length).toBe(journal.head);
    refuse.mockRestore();
    now += 60_000;
    await journal.tidy();
    expect(journal.tail).toBeGreaterThan(20);
    expect(journal.stats().upkeepFault).toBeNull();
  });
});
