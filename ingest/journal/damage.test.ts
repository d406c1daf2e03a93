import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDeclarations } from '../declarations-check.ts';
import { DeclarationHistory } from '../declarations-history.ts';
import type { Declaration, JournalDamage } from '../model/index.ts';
import { crc32c } from './crc32c.ts';
import { FLAG_NUMBERED, FRAME_BYTES } from './entry-codec.ts';
import type { FileJournal } from './journal-contract.ts';
import { contentOf, message, openTestJournal, temporaryFolder } from './journal-fixtures.ts';
import { packedName } from './packed/packed-format.ts';
import { seeded } from './power-run.ts';
import { SEGMENT_HEADER_BYTES, segmentName } from './segment.ts';

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
  const journal = await openTestJournal(dir, { segmentBytes: 20_000, pack: false, ...overrides });
  opened.push(journal);
  return journal;
}

/** A closed journal of 400 messages in several segments. */
async function fill(pack: boolean): Promise<void> {
  const journal = await open({ pack });
  for (let i = 0; i < 400; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, k) => journal.append(message(`message ${i + k} 12.5`))));
  }
  await journal.tidy();
  await journal.close();
}

/** Reads all that can be read; what cannot. Everything read has to be what was written. */
async function readOn(journal: FileJournal): Promise<{ read: number[]; lost: JournalDamage[] }> {
  const read: number[] = [];
  const lost: JournalDamage[] = [];
  for (let at = journal.tail; at < journal.head; ) {
    const damage = await journal.damageAt(at);
    if (damage !== undefined) {
      lost.push(damage);
      at = damage.to;
      continue;
    }
    const entries = await journal.read(at, 50);
    for (const entry of entries) read.push(entry.position);
    at += entries.length;
  }
  return { read, lost };
}

const positions = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('bits that flip in a journal', () => {
  it.each([false, true])(
    'are reported by name and positions wherever they are, and everything else is read (packed: %s)',
    { timeout: 60_000 },
    async (pack) => {
      await fill(pack);
      const name = pack ? packedName(0) : segmentName(0);
      const second = (await readdir(dir)).filter((one) => /\.jw[jz]$/.test(one)).sort()[1]!;
      const end = Number(second.slice(0, 20));
      const sound = await readFile(join(dir, name));
      const texts = new Map<number, string>();
      const whole = await open();
      for (const entry of await whole.read(0, end)) texts.set(entry.position, contentOf(entry));
      const { head } = whole;
      await whole.close();
      const random = seeded(7);
      let harmless = 0;
      for (let round = 0; round < 24; round++) {
        const bytes = Buffer.from(sound);
        const at = round < 8 ? Math.floor((round * 130) / 8) : Math.floor(random() * sound.length);
        bytes[at]! ^= 1 << Math.floor(random() * 8);
        await writeFile(join(dir, name), bytes);
        const journal = await open();
        const { read, lost } = await readOn(journal);
        const missing = positions(0, head).filter((position) => !read.includes(position));
        expect(new Set(read).size).toBe(read.length);
        expect(lost.flatMap(({ from, to }) => positions(from, to))).toEqual(missing);
        expect(lost.every(({ segment }) => segment === name)).toBe(true);
        if (lost.length === 0) harmless++;
        // A plain segment loses the entry alone, a packed one its block.
        expect(missing.length).toBeLessThanOrEqual(pack ? end : 1);
        expect(journal.stats().damaged).toEqual(lost);
        for (let from = 0; from < end && !missing.includes(from); from += 50) {
          for (const entry of await journal.read(from, 50)) {
            if (entry.position < end) expect(contentOf(entry)).toBe(texts.get(entry.position));
          }
        }
        await journal.close();
      }
      // Header and index of a packed segment can be made again of its blocks, the header of a plain one is needed for its salt.
      expect(harmless).toBeGreaterThan(0);
      expect(harmless).toBeLessThan(24);
    },
  );

  it('a plain segment damaged in several places, cut short, or of the first version is read where it is whole', async () => {
    await fill(false);
    const path = join(dir, segmentName(0));
    const sound = await readFile(path);
    const offsetOf = (n: number) => sound.indexOf(`message ${n} 12.5`);
    const lostOf = async (bytes: Buffer) => {
      await writeFile(path, bytes);
      const journal = await open();
      const { lost } = await readOn(journal);
      await journal.close();
      return lost.map(({ from, to }) => [from, to]);
    };
    const flipped = Buffer.from(sound);
    for (const n of [3, 4, 20]) flipped[offsetOf(n)]! ^= 1;
    expect(await lostOf(flipped)).toEqual([
      [4, 6],
      [21, 22],
    ]);
    // The length of an entry: where the next one begins has to be found.
    const next = (await readdir(dir)).filter((one) => one.endsWith('.jwj')).sort()[1]!;
    const end = Number(next.slice(0, 20));
    const unmeasured = Buffer.from(sound);
    unmeasured.fill(0xff, frameOf(sound, 10), frameOf(sound, 10) + 4);
    expect(await lostOf(unmeasured)).toEqual([[10, 11]]);
    expect(await lostOf(sound.subarray(0, frameOf(sound, 30) + 5))).toEqual([[30, end]]);
    expect(await lostOf(asFirstVersion(sound))).toEqual([]);
    const old = asFirstVersion(sound);
    old.fill(0xff, frameOf(old, 10), frameOf(old, 10) + 4);
    expect(await lostOf(old)).toEqual([[10, 11]]);
  });

  it('openJournal refuses a damaged last segment, and with skipDamaged goes on behind it with a new one', async () => {
    await fill(false);
    const more = await open();
    for (let i = 0; i < 6; i++) await more.append(message(`more ${i}`));
    await more.close();
    const last = (await readdir(dir))
      .filter((one) => one.endsWith('.jwj'))
      .sort()
      .at(-1)!;
    const first = Number(last.slice(0, 20));
    const bytes = await readFile(join(dir, last));
    bytes[frameOf(bytes, 3) + 50]! ^= 1;
    await writeFile(join(dir, last), bytes);
    await expect(open()).rejects.toMatchObject({ code: 'journal-corrupt' });
    const told: unknown[] = [];
    const journal = await open({ skipDamaged: true, log: (event, fields) => told.push([event, fields]) });
    expect(told).toContainEqual([
      'journal-damaged',
      expect.objectContaining({ segment: last, from: first + 3, to: first + 4 }),
    ]);
    const head = journal.head;
    expect(await journal.append(message('behind it'))).toBe(head);
    const { lost } = await readOn(journal);
    expect(lost.map(({ from, to }) => [from, to])).toEqual([[first + 3, first + 4]]);
    await journal.close();
    const again = await open();
    expect(contentOf((await again.read(head, 1))[0]!)).toBe('behind it');
  });

  it('what was declared is known though the snapshot of the last segment cannot be read', async () => {
    const [declared] = parseDeclarations([
      {
        kind: 'dataset',
        body: {
          id: 'air',
          titleEn: 'Air',
          titleZh: '空气',
          publisherEn: 'O',
          publisherZh: '局',
          licence: 'CC0-1.0',
          periodMs: 1,
        },
      },
    ]) as [Declaration];
    const state = new DeclarationHistory();
    const options = { segmentBytes: 3000, snapshot: () => state.current.list() };
    const journal = await open(options);
    await journal.append({ kind: 'control', at: 1, snapshot: false, declarations: [declared] });
    state.replay([declared]);
    for (let i = 0; i < 60; i++) await journal.append(message(`message ${i}`));
    await journal.close();
    const last = (await readdir(dir))
      .filter((one) => one.endsWith('.jwj'))
      .sort()
      .at(-1)!;
    const bytes = await readFile(join(dir, last));
    bytes[frameOf(bytes, 0) + 40]! ^= 1;
    await writeFile(join(dir, last), bytes);
    const seen = new DeclarationHistory();
    await open({
      ...options,
      skipDamaged: true,
      snapshot: () => seen.current.list(),
      onControl: (entry) => seen.replay(entry.declarations),
    });
    expect(seen.current.list()).toEqual(state.current.list());
  });
});

/** Offset of the `n`th frame. */
function frameOf(bytes: Buffer, n: number): number {
  let offset = SEGMENT_HEADER_BYTES;
  for (let i = 0; i < n; i++) offset += FRAME_BYTES + bytes.readUInt32LE(offset);
  return offset;
}

/** The same segment as version 0.1 wrote it: entries do not tell their position. */
function asFirstVersion(segment: Buffer): Buffer {
  const bytes = Buffer.from(segment);
  const salt = bytes.readUInt32LE(12);
  for (let offset = SEGMENT_HEADER_BYTES; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset);
    const body = offset + FRAME_BYTES;
    bytes[body + 1]! &= ~FLAG_NUMBERED;
    bytes.writeUInt16LE(0, body + 26);
    bytes.writeUInt32LE(crc32c(bytes, body, body + length, (salt ^ length) >>> 0), offset + 4);
    offset = body + length;
  }
  return bytes;
}
