import { describe, expect, it } from 'vitest';
import { type CommitDelta, StoreError } from '../analytics/index.ts';
import type { LoadBatch } from '../ingest/model/index.ts';
import { type Loader, startLoader } from './loader.ts';

/** A journal of `head` entries of one reading each, and an index that fails when told to. */
function parts(head: number) {
  const journal = { head, pulls: 0 };
  const index = {
    position: 0,
    failures: [] as Error[],
    batches: [] as [number, number][],
    gate: Promise.resolve(),
  };
  const published: number[] = [];
  const empty = new Float64Array(0);
  const doors = {
    async pull(from: number, max: number, waitMs: number): Promise<LoadBatch> {
      journal.pulls += 1;
      if (from >= journal.head) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const to = Math.min(journal.head, from + max);
      const observations = { n: to - from, phenomenonTime: empty };
      return { from, to, head: journal.head, newestReceivedAt: 5, observations } as unknown as LoadBatch;
    },
  };
  const store = {
    get position() {
      return index.position;
    },
    async load(batch: LoadBatch): Promise<CommitDelta> {
      await index.gate;
      const failure = index.failures.shift();
      if (failure) throw failure;
      if (batch.from !== index.position)
        throw new StoreError('position-mismatch', 'm', { expected: index.position });
      index.batches.push([batch.from, batch.to]);
      index.position = batch.to;
      return { position: batch.to } as CommitDelta;
    },
  };
  const log = { warn: () => undefined, error: () => undefined };
  const start = (): Loader =>
    startLoader({
      doors,
      store,
      publish: (delta) => published.push(delta.position),
      maxReadings: 10,
      catchUpReadings: 40,
      commitMs: 20,
      log,
    });
  return { journal, index, published, start };
}

describe('startLoader', () => {
  it('loads everything once and in order, and publishes after each commit', async () => {
    const { index, published, start } = parts(35);
    const loader = start();
    expect(await loader.reached(35, 5000)).toBe(true);
    expect(index.batches).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
      [30, 35],
    ]);
    expect(published).toEqual([10, 20, 30, 35]);
    expect(loader.status()).toMatchObject({
      position: 35,
      head: 35,
      lagMs: 0,
      commits: 4,
      readings: 35,
      fault: null,
    });
    await loader.stop();
  });

  it('pulls the next batch while one is loaded, as long as it is behind', async () => {
    const { journal, index, start } = parts(25);
    let open: () => void = () => undefined;
    index.gate = new Promise((resolve) => {
      open = resolve;
    });
    const loader = start();
    await expect.poll(() => journal.pulls).toBe(2);
    expect(index.position).toBe(0);
    open();
    expect(await loader.reached(25, 5000)).toBe(true);
    expect(journal.pulls).toBe(3);
    await loader.stop();
  });

  it('takes more at once while it is far behind, and tells how fast it gets on', async () => {
    const { index, start } = parts(1000);
    const loader = start();
    expect(await loader.reached(1000, 5000)).toBe(true);
    const sizes = index.batches.map(([from, to]) => to - from);
    expect(sizes.slice(0, 4)).toEqual([10, 20, 40, 40]);
    expect(sizes.at(-1)).toBeLessThanOrEqual(40);
    expect(loader.status()).toMatchObject({ position: 1000, etaMs: 0 });
    await loader.stop();
  });

  it('tries again what the index refused, and skips nothing', async () => {
    const { index, start } = parts(15);
    index.failures.push(new StoreError('load-failed', 'disk'), new Error('odd'));
    const loader = start();
    expect(await loader.reached(15, 5000)).toBe(true);
    expect(index.batches).toEqual([
      [0, 10],
      [10, 15],
    ]);
    expect(loader.status()).toMatchObject({ failures: 2, fault: null });
    await loader.stop();
  });

  it('does not spin while nothing comes', async () => {
    const { journal, start } = parts(0);
    const loader = start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(journal.pulls).toBeLessThan(5);
    expect(loader.status().lagMs).toBe(0);
    await loader.stop();
  });

  it('stops while it waits after a failure', async () => {
    const { index, start } = parts(1);
    index.failures.push(...Array.from({ length: 100 }, () => new Error('down')));
    const loader = start();
    expect(await loader.reached(1, 50)).toBe(false);
    expect(loader.status().fault).not.toBeNull();
    await loader.stop();
    expect(index.position).toBe(0);
  });
});
