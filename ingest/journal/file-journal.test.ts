import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Declaration, JournalEntry } from '../model/index.ts';
import type { FileJournal } from './journal-contract.ts';
import {
  arbitraryBody,
  contentOf,
  createFaultyFs,
  message,
  openTestJournal,
  temporaryFolder,
} from './journal-fixtures.ts';
import { segmentName } from './segment.ts';

let dir: string;
let remove: () => Promise<void>;
let opened: FileJournal[] = [];

beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  for (const journal of opened) await journal.close();
  opened = [];
  await remove();
});

async function open(overrides: Parameters<typeof openTestJournal>[1] = {}): Promise<FileJournal> {
  const journal = await openTestJournal(dir, overrides);
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

const thing = (id: string): Declaration => ({ kind: 'remove', body: { kind: 'thing', id } });

describe('openJournal', () => {
  it('read gives back what append took, in order, from any position, before and after a reopening', async () => {
    const bodies = fc.sample(arbitraryBody, { numRuns: 120, seed: 2 });
    let journal = await open({ segmentBytes: 4000 });
    const positions = await Promise.all(bodies.map((body) => journal.append(body)));
    for (let round = 0; round < 2; round++) {
      const all = await readAll(journal);
      expect(all.map((entry) => entry.position)).toEqual(all.map((_, i) => i));
      bodies.forEach((body, i) => {
        expect(all[positions[i]!]).toEqual({ ...body, position: positions[i] });
      });
      for (const from of [0, 1, 31, 32, 33, 70, all.length - 1]) {
        expect(await journal.read(from, 3)).toEqual(all.slice(from, from + 3));
      }
      expect(await journal.read(all.length, 3)).toEqual([]);
      await journal.close();
      journal = await open({ segmentBytes: 4000 });
      expect(journal.head).toBe(all.length);
    }
  });

  it('append commits in groups: far fewer syncs than entries, and each promise tells its own position', async () => {
    const fs = createFaultyFs();
    const journal = await open({ fs });
    const before = fs.counts.datasync;
    let done = 0;
    const senders = Array.from({ length: 50 }, async (_, sender) => {
      for (let i = 0; i < 10; i++) {
        const position = await journal.append(message(`${sender}:${i}`));
        expect(position).toBeLessThan(journal.head);
        done++;
      }
    });
    await Promise.all(senders);
    expect(done).toBe(500);
    expect(fs.counts.datasync - before).toBeLessThanOrEqual(30);
    expect(fs.counts.datasync - before).toBeGreaterThanOrEqual(10);
    const contents = (await readAll(journal, 1000)).map(contentOf);
    expect(new Set(contents).size).toBe(501);
  });

  it('append rolls by size and each segment begins with a snapshot of what was declared by then', async () => {
    const state: Declaration[] = [];
    let journal = await open({ segmentBytes: 600, snapshot: () => [...state] });
    for (let i = 0; i < 12; i++) {
      const declarations = [thing(`t${i}`)];
      const durable = journal.append({ kind: 'control', at: 1, snapshot: false, declarations });
      state.push(...declarations);
      await durable;
      await journal.append(message(`m${i}`));
    }
    const names = (await readdir(dir)).filter((name) => name.endsWith('.jwj')).sort();
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const first = Number(name.slice(0, 20));
      const [head] = await journal.read(first, 1);
      const before = (await readAll(journal, 1000))
        .filter((entry) => entry.position < first && entry.kind === 'control' && !entry.snapshot)
        .flatMap((entry) => (entry.kind === 'control' ? entry.declarations : []));
      expect(head).toMatchObject({ kind: 'control', snapshot: true, declarations: before });
    }
    const head = journal.head;
    await journal.close();
    const seen: Declaration[] = [];
    journal = await open({ segmentBytes: 600, onControl: (entry) => seen.push(...entry.declarations) });
    expect(seen).toEqual(state);
    expect(journal.head).toBe(head);
    const last = await journal.controlsBefore(head);
    expect(last.flatMap((entry) => entry.declarations)).toEqual(state);
    const early = await journal.controlsBefore(3);
    expect(early.flatMap((entry) => entry.declarations)).toEqual([thing('t0')]);
  });

  it('openJournal cuts a torn tail at every byte of the last entry, keeps it aside and goes on', async () => {
    let journal = await open();
    await journal.append(message('first'));
    await journal.append(message('second'));
    await journal.close();
    const path = join(dir, segmentName(0));
    const two = await readFile(path);
    journal = await open();
    await journal.append(message('third'));
    await journal.close();
    const three = await readFile(path);
    for (let length = two.length; length < three.length; length++) {
      await writeFile(path, three.subarray(0, length));
      journal = await open();
      expect(journal.head).toBe(3);
      expect(journal.torn.map((one) => one.bytes)).toEqual(
        length === two.length ? [] : [length - two.length],
      );
      for (const one of journal.torn) {
        expect(await readFile(join(dir, one.kept))).toEqual(three.subarray(two.length, length));
      }
      expect(await journal.append(message('fourth'))).toBe(3);
      expect((await readAll(journal)).map(contentOf)).toEqual(['<control>', 'first', 'second', 'fourth']);
      await journal.close();
    }
  });

  it('openJournal takes zeros and garbage after the last whole entry for a torn tail', async () => {
    let journal = await open();
    await journal.append(message('first'));
    await journal.close();
    const path = join(dir, segmentName(0));
    const whole = await readFile(path);
    for (const tail of [Buffer.alloc(4096), Buffer.alloc(100, 0xa5), Buffer.from([50, 0, 0, 0, 1])]) {
      await writeFile(path, Buffer.concat([whole, tail]));
      journal = await open();
      expect(journal.torn[0]?.bytes).toBe(tail.length);
      expect((await readAll(journal)).map(contentOf)).toEqual(['<control>', 'first']);
      await journal.close();
    }
  });

  it('openJournal refuses to cut where synced entries follow the damage', async () => {
    let journal = await open();
    for (const content of ['first', 'second', 'third']) await journal.append(message(content));
    await journal.close();
    const path = join(dir, segmentName(0));
    const bytes = await readFile(path);
    const damaged = Buffer.from(bytes);
    damaged[bytes.indexOf('second')]! ^= 1;
    await writeFile(path, damaged);
    await expect(open()).rejects.toMatchObject({ code: 'journal-corrupt' });
    await writeFile(path, bytes);
    journal = await open();
    expect(journal.head).toBe(4);
  });

  it('read throws for a damaged entry of a sealed segment rather than skipping it', async () => {
    let journal = await open({ segmentBytes: 300, pack: false });
    for (let i = 0; i < 6; i++) await journal.append(message(`message ${i}`));
    await journal.close();
    const path = join(dir, segmentName(0));
    const bytes = await readFile(path);
    bytes[bytes.indexOf('message 0') + 8]! ^= 1;
    await writeFile(path, bytes);
    journal = await open({ segmentBytes: 300, pack: false });
    expect((await journal.read(0, 10)).map(contentOf)).toEqual(['<control>']);
    await expect(journal.read(1, 10)).rejects.toMatchObject({
      code: 'journal-corrupt',
      damage: { segment: segmentName(0), from: 1, to: 2 },
    });
    expect((await journal.read(2, 10)).length).toBe(journal.head - 2);
    expect((await journal.read(journal.head - 1, 1)).map(contentOf)).toEqual(['message 5']);
  });

  it('openJournal forgets a segment whose first batch was never finished, at every length of it', async () => {
    let journal = await open({ segmentBytes: 300, pack: false });
    for (let i = 0; i < 3; i++) await journal.append(message(`message ${i}`));
    await journal.close();
    const names = (await readdir(dir)).filter((name) => name.endsWith('.jwj')).sort();
    expect(names.length).toBe(2);
    const last = join(dir, names.at(-1)!);
    const first = Number(names.at(-1)!.slice(0, 20));
    const bytes = await readFile(last);
    const snapshotEnd = 32 + 8 + bytes.readUInt32LE(32);
    for (const length of [0, 1, 31, 32, 40, snapshotEnd - 1]) {
      await writeFile(last, bytes.subarray(0, length));
      journal = await open({ segmentBytes: 300, pack: false });
      expect(journal.head).toBe(first);
      await journal.append(message('again'));
      const contents = (await readAll(journal)).map(contentOf);
      expect(contents.at(-1)).toBe('again');
      expect(contents.slice(0, first)).toHaveLength(first);
      await journal.close();
    }
    await truncate(last, 0);
  });

  it('append refuses above the limit of pending bytes and takes again when they are on disk', async () => {
    const journal = await open({ maxPendingBytes: 700 });
    const waiting = [journal.append(message('x'.repeat(400))), journal.append(message('y'.repeat(400)))];
    await expect(journal.append(message('z'))).rejects.toMatchObject({ code: 'journal-overloaded' });
    await Promise.all(waiting);
    expect(journal.pendingBytes).toBe(0);
    await journal.append(message('z'));
  });

  it('close writes what waits and refuses what comes later', async () => {
    let journal = await open({ groupCommitMs: 10_000 });
    const last = journal.append(message('last'));
    await journal.close();
    expect(await last).toBe(1);
    await expect(journal.append(message('late'))).rejects.toMatchObject({ code: 'closed' });
    journal = await open();
    expect((await readAll(journal)).map(contentOf)).toEqual(['<control>', 'last']);
  });
});
