import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFaultyFs, temporaryFolder } from './journal/journal-fixtures.ts';
import type { LoadBatch, RawRecord } from './model/index.ts';
import type { Pipeline } from './pipeline-contract.ts';
import { declarations, openTestPipeline, words } from './pipeline-fixtures.ts';

let dir: string;
let remove: () => Promise<void>;
let close: (() => Promise<void>) | undefined;

beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await close?.();
  close = undefined;
  await remove();
});

async function open(
  ...args: [Parameters<typeof openTestPipeline>[1]?, Parameters<typeof openTestPipeline>[2]?]
) {
  await close?.();
  const opened = await openTestPipeline(dir, ...args);
  close = () => opened.journal.close();
  return opened;
}

async function pullAll(pipeline: Pipeline, from = 0, max = 5): Promise<LoadBatch[]> {
  const batches: LoadBatch[] = [];
  for (let at = from; ; at = batches.at(-1)!.to) {
    const batch = await pipeline.pull(at, max, 0);
    if (batch.to === batch.from) return batches;
    batches.push(batch);
  }
}

const results = (batches: readonly LoadBatch[]) => batches.flatMap((batch) => [...batch.observations.result]);

describe('createPipeline', () => {
  it('accept tells what became of a message: accepted, partial, refused, held', async () => {
    const { pipeline } = await open();
    await pipeline.declare(declarations());
    const outcome = async (text: string) => (await pipeline.accept(words(text))).outcome;
    expect(await outcome('1 2')).toBe('accepted');
    expect(await outcome('1 x')).toBe('partial');
    expect(await outcome('x y')).toBe('refused');
    expect(await outcome('hold')).toBe('held');
    expect(await outcome('hold x')).toBe('refused');
    const receipt = await pipeline.accept(words('3 x'));
    expect(receipt).toMatchObject({ records: 1, readings: 1, rejections: [{ code: 'not-a-number' }] });
    expect(pipeline.metrics().rejected).toEqual({ 'not-a-number': 7 });
  });

  it('accept makes a rejection of a decoder that throws and of a source nobody knows', async () => {
    const { pipeline } = await open();
    await pipeline.declare(declarations());
    expect((await pipeline.accept(words('!'))).rejections[0]).toMatchObject({ code: 'malformed' });
    const unknown: RawRecord = { ...words('1'), sourceId: 'toString' };
    expect((await pipeline.accept(unknown)).rejections[0]).toMatchObject({ code: 'unknown-source' });
    expect(pipeline.metrics().decoderFaults).toBe(1);
  });

  it('declare takes effect for every message after it and drops what is unchanged', async () => {
    const { journal, pipeline } = await open();
    expect((await pipeline.accept(words('1'))).outcome).toBe('refused');
    // Not awaited: order alone decides.
    const first = pipeline.declare(declarations('old'));
    const second = pipeline.accept(words('2'));
    const third = pipeline.declare(declarations('new'));
    const fourth = pipeline.accept(words('3'));
    expect((await first).changed).toBe(2);
    expect((await second).outcome).toBe('accepted');
    expect((await third).changed).toBe(1);
    await fourth;
    const head = journal.head;
    expect(await pipeline.declare(declarations('new'))).toEqual({ position: head - 1, changed: 0 });
    expect(journal.head).toBe(head);
    const batch = await pipeline.pull(0, 100, 0);
    expect(batch.datastreams.map((one) => one.thing)).toEqual(['old', 'new']);
    expect(batch.declarations).toHaveLength(3);
  });

  it('pull from memory and pull from disk, also after a reopening, give the same batches', async () => {
    const run = async (recentReadings: number) => {
      const { pipeline, journal } = await open({ segmentBytes: 900 }, { recentReadings });
      return { pipeline, journal };
    };
    let { pipeline, journal } = await run(100_000);
    for (let i = 0; i < 40; i++) {
      if (i % 7 === 0) await pipeline.declare(declarations(`name ${i}`));
      const dup = i % 5 === 4;
      await pipeline.accept(words(dup ? '7 8 x' : `${i} 8 x`, { packetId: i, dup }));
      await pipeline.accept(words('7 8 x', { packetId: i + 1 }));
      const tooLarge = { code: 'too-large', message: 'm', disposition: 'refused', readings: 0 } as const;
      if (i % 9 === 0) await pipeline.refuse(words('cut'), tooLarge, { length: 5000, sha256: 'ab' });
    }
    const memory = await pullAll(pipeline);
    expect(memory.at(-1)!.to).toBe(journal.head);
    expect(memory.flatMap((batch) => batch.records).filter((one) => one.redelivery)).toHaveLength(8);
    ({ pipeline, journal } = await run(1));
    expect(await pullAll(pipeline)).toEqual(memory);
    // From the middle of anything, and going back.
    for (const from of [0, 17, 18, 19, 40, 3]) {
      const [batch] = await pullAll(pipeline, from, 1000);
      const expected = memory.flatMap((one) => (one.from >= from ? [...one.observations.result] : []));
      expect([...batch!.observations.result].slice(-expected.length)).toEqual(expected);
    }
    expect(journal.stats().segments).toBeGreaterThan(5);
  });

  it('pull cuts between entries, takes one that is over the limit whole, and waits for the first', async () => {
    const { pipeline, journal } = await open();
    await pipeline.declare(declarations());
    const start = journal.head;
    for (const text of ['1 2', '3 4', '5 6 7 8 9', '10']) await pipeline.accept(words(text));
    const sizes = (await pullAll(pipeline, start, 4)).map((batch) => batch.observations.n);
    expect(sizes).toEqual([4, 5, 1]);
    expect((await pullAll(pipeline, start, 1)).map((batch) => batch.observations.n)).toEqual([2, 2, 5, 1]);
    const waiting = pipeline.pull(journal.head, 4, 20_000);
    await pipeline.accept(words('11'));
    expect((await waiting).observations.result).toEqual(Float64Array.of(11));
    const last = pipeline.pull(journal.head, 4, 20_000);
    pipeline.close();
    expect(await last).toMatchObject({ from: journal.head, to: journal.head, head: journal.head });
  });

  it('accept recognises a redelivery before and after a reopening, and takes the same bytes sent afresh', async () => {
    let { pipeline } = await open({ segmentBytes: 700 });
    await pipeline.declare(declarations());
    const first = await pipeline.accept(words('1', { packetId: 9 }));
    const again = await pipeline.accept(words('1', { packetId: 9, dup: true }));
    expect([first.outcome, again.outcome]).toEqual(['accepted', 'redelivery']);
    expect((await pipeline.accept(words('1', { packetId: 9 }))).outcome).toBe('accepted');
    for (let i = 0; i < 20; i++) await pipeline.accept(words('2', { packetId: 100 + i }));
    ({ pipeline } = await open({ segmentBytes: 700 }));
    const outcome = async (raw: RawRecord) => (await pipeline.accept(raw)).outcome;
    expect(await outcome(words('1', { packetId: 9, dup: true }))).toBe('redelivery');
    expect(await outcome(words('1', { packetId: 9, dup: true, clientId: 'b' }))).toBe('accepted');
    expect(await outcome(words('1', { packetId: 9, dup: true, topic: 'things/a/other' }))).toBe('accepted');
    expect(await outcome(words('3', { packetId: 9, dup: true }))).toBe('accepted');
    expect(await outcome(words('3', { packetId: 9, dup: true }))).toBe('redelivery');
    expect(await outcome(words('3', { packetId: 9, dup: true, qos: 0 }))).toBe('accepted');
    expect(results(await pullAll(pipeline)).filter((one) => one === 1)).toHaveLength(4);
    expect(pipeline.metrics().redeliveries).toBe(2);
  });

  it('refuse recognises a refused message that comes again', async () => {
    const { pipeline } = await open();
    const rejection = { code: 'too-large', message: 'm', disposition: 'refused', readings: 0 } as const;
    const full = { length: 9999, sha256: 'aa' };
    expect((await pipeline.refuse(words('x'), rejection, full)).outcome).toBe('refused');
    const dup = words('x', { dup: true });
    expect((await pipeline.refuse(dup, rejection, { length: 9999, sha256: 'bb' })).outcome).toBe('refused');
    expect((await pipeline.refuse(dup, rejection, { length: 9999, sha256: 'bb' })).outcome).toBe(
      'redelivery',
    );
  });

  it('accept under a disk fault rejects, forgets everything behind it and heals', async () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const fs = createFaultyFs();
    const { pipeline, journal } = await open({ fs });
    await pipeline.declare(declarations('kept'));
    await pipeline.accept(words('1', { packetId: 1 }));
    fs.fail.datasync = 'EIO';
    const lost = [
      pipeline.declare(declarations('lost')),
      pipeline.accept(words('2', { packetId: 2 })),
      // A redelivery of what is itself not on disk yet goes down with it.
      pipeline.accept(words('2', { packetId: 2, dup: true })),
    ];
    const settled = await Promise.allSettled(lost);
    expect(settled.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(pipeline.declared.thing('a')?.nameEn).toBe('kept');
    fs.fail = {};
    now += 1000;
    expect((await pipeline.accept(words('2', { packetId: 2, dup: true }))).outcome).toBe('accepted');
    expect((await pipeline.declare(declarations('kept'))).changed).toBe(0);
    const batches = await pullAll(pipeline);
    expect(results(batches)).toEqual([1, 2]);
    expect(batches.flatMap((batch) => batch.datastreams.map((one) => one.thing))).toEqual(['kept', 'kept']);
    expect(journal.head).toBe(4);
  });

  it('accept judges the rows of a delivery by its verdict: held, refused or flagged', async () => {
    const { pipeline } = await open();
    await pipeline.declare(declarations());
    const start = (await pipeline.pull(0, 100, 0)).to;
    for (const disposition of ['held', 'refused', 'flag'] as const) {
      const verdict = { disposition, message: 'All rows at one place' };
      const origin = {
        transport: 'file',
        principal: 'a',
        delivery: 'd',
        fileName: 'f',
        chunk: 0,
        firstRow: 1,
        verdict,
      } as const;
      const receipt = await pipeline.accept({ ...words('1 2'), origin });
      expect(receipt.outcome).toBe(disposition === 'flag' ? 'accepted' : disposition);
    }
    const batch = await pipeline.pull(start, 100, 0);
    expect(batch.rejections.map((one) => [one.code, one.readings])).toEqual([
      ['rule-held', 2],
      ['rule-refused', 2],
    ]);
    expect([...batch.observations.quality]).toEqual([2, 2]);
    expect(batch.records).toHaveLength(3);
  });

  it('raw gives the bytes of a message, of a refusal, and of what a redelivery repeats', async () => {
    const { pipeline } = await open();
    await pipeline.declare(declarations());
    const first = await pipeline.accept(words('1', { packetId: 9 }));
    const again = await pipeline.accept(words('1', { packetId: 9, dup: true }));
    expect(await pipeline.raw(first.position)).toEqual(words('1', { packetId: 9 }));
    expect(await pipeline.raw(again.position)).toEqual(words('1', { packetId: 9 }));
    expect(await pipeline.raw(0)).toBeUndefined();
    expect(await pipeline.raw(99)).toBeUndefined();
    expect(await pipeline.raw(-1)).toBeUndefined();
  });
});
