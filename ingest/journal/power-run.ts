/** A journal's work on a recorded disk, and the question what is left of it after a power cut. For tests. */
import type { JournalEntry, Position } from '../model/index.ts';
import type { FileJournal } from './journal-contract.ts';
import { contentOf, message, openTestJournal } from './journal-fixtures.ts';
import { type Mercy, RecordedDisk } from './recorded-disk.ts';

/** Pseudo-random numbers, 0 to below 1. @source mulberry32, T. Ettinger, public domain. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What was told to be so, and since which moment of the disk. */
interface Told {
  readonly moment: number;
  readonly position: Position;
  readonly text: string;
}

export interface RecordedRun {
  readonly disk: RecordedDisk;
  readonly acknowledged: readonly Told[];
  /** Positions released, each noted before it was asked for. */
  readonly released: readonly { readonly moment: number; readonly position: Position }[];
  /** Consumers' positions, each noted when it was on disk. */
  readonly advanced: readonly { readonly moment: number; readonly position: Position }[];
  /** Segments packed and deleted: a run without them shows little. */
  readonly packed: number;
  readonly deleted: number;
}

const OPTIONS = { segmentBytes: 2500, keepDays: 0 };

/**
 * Appends in groups while segments roll, are packed, released and deleted, a consumer moves on, and the journal is closed and
 * opened again.
 *
 * @param dir - Holds the lock alone.
 */
export async function recordRun(
  dir: string,
  rounds: number,
  seed: number,
  disk = new RecordedDisk(),
): Promise<RecordedRun> {
  const random = seeded(seed);
  const acknowledged: Told[] = [];
  const released: { moment: number; position: Position }[] = [];
  const advanced: { moment: number; position: Position }[] = [];
  const done = { packed: 0, deleted: 0 };
  const open = () =>
    openTestJournal(dir, {
      ...OPTIONS,
      fs: disk,
      // Every entry is old enough to go once it is released.
      clock: () => 1_700_000_000_001 + disk.moment,
      log: (event) => {
        if (event === 'journal-packed') done.packed++;
        if (event === 'journal-deleted') done.deleted++;
      },
    });
  let journal = await open();
  await journal.marks.register('rules', 0);
  for (let round = 0; round < rounds; round++) {
    const group = Array.from({ length: 1 + Math.floor(random() * 6) }, async (_, i) => {
      const text = `${round}:${i}:`.padEnd(10 + Math.floor(random() * 900), '.');
      const position = await journal.append(message(text));
      acknowledged.push({ moment: disk.moment, position, text });
    });
    await Promise.all(group);
    if (random() < 0.15) {
      const position = Math.floor(journal.head * (0.5 + random() * 0.5));
      await journal.marks.advance('rules', position);
      advanced.push({ moment: disk.moment, position });
    }
    if (random() < 0.15) {
      const position = Math.floor(journal.head * (0.3 + random() * 0.6));
      released.push({ moment: disk.moment, position });
      await journal.release(position);
    }
    if (random() < 0.1) await journal.tidy();
    if (random() < 0.05) {
      await journal.close();
      journal = await open();
    }
  }
  await journal.close();
  return { disk, acknowledged, released, advanced, ...done };
}

/** What is wrong with the journal after a power cut at `moment`; nothing when it is as it should be. */
export async function faultsAfter(
  dir: string,
  run: RecordedRun,
  moment: number,
  mercy: Mercy,
  random: () => number,
): Promise<string[]> {
  const before = <T extends { readonly moment: number }>(all: readonly T[]) =>
    all.filter((one) => one.moment <= moment);
  const faults: string[] = [];
  const disk = run.disk.after(moment, mercy, random);
  const journal = await openTestJournal(dir, { ...OPTIONS, fs: disk, pack: false });
  try {
    const held = await readAll(journal);
    const needed = Math.max(0, ...before(run.released).map(({ position }) => position));
    for (const { position, text } of before(run.acknowledged)) {
      const entry = held.get(position);
      if (position < journal.tail && position < needed) continue;
      if (entry === undefined) faults.push(`acknowledged entry ${position} is lost`);
      else if (contentOf(entry) !== text)
        faults.push(`entry ${position} is "${contentOf(entry).slice(0, 20)}"`);
    }
    const texts = [...held.values()].filter(({ kind }) => kind === 'message').map(contentOf);
    if (new Set(texts).size < texts.length) faults.push('an entry is there twice');
    if (held.size !== journal.head - journal.tail) faults.push(`${held.size} entries, head ${journal.head}`);
    const durable = before(run.advanced).at(-1)?.position ?? 0;
    const consumer = journal.marks.consumers.find(({ name }) => name === 'rules');
    const next = run.advanced.find((one) => one.moment > moment)?.position;
    if (consumer !== undefined && consumer.position !== durable && consumer.position !== next)
      faults.push(`the consumer stands at ${consumer.position}, was at ${durable}`);
    const position = await journal.append(message('after'));
    if (contentOf((await journal.read(position, 1))[0]!) !== 'after') faults.push('nothing can be appended');
  } finally {
    await journal.close();
  }
  return faults;
}

async function readAll(journal: FileJournal): Promise<Map<Position, JournalEntry>> {
  const held = new Map<Position, JournalEntry>();
  for (let at = journal.tail; at < journal.head; ) {
    const entries = await journal.read(at, 1000);
    for (const entry of entries) held.set(entry.position, entry);
    at += entries.length;
  }
  return held;
}
