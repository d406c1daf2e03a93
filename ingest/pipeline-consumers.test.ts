import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from './journal/journal-fixtures.ts';
import type { LoadBatch } from './model/index.ts';
import type { Pipeline } from './pipeline-contract.ts';
import { declarations, openTestPipeline, words } from './pipeline-fixtures.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

async function pullAll(pipeline: Pipeline, max: number, consumer?: string, from = 0): Promise<LoadBatch[]> {
  const batches: LoadBatch[] = [];
  for (let at = from; ; at = batches.at(-1)!.to) {
    const batch = await pipeline.pull(at, max, 0, consumer);
    if (batch.to === batch.from) return batches;
    batches.push(batch);
  }
}

const results = (batches: readonly LoadBatch[]) => batches.flatMap((batch) => [...batch.observations.result]);
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('pull by several consumers', () => {
  it('each reads everything at its own pace, and what is in memory for the index stays for it', async () => {
    const { journal, pipeline } = await openTestPipeline(dir);
    await pipeline.declare(declarations());
    for (const i of numbers(60)) await pipeline.accept(words(String(i)));
    const remembered = pipeline.metrics().recentReadings;
    const [rules, cascade] = await Promise.all([
      pullAll(pipeline, 7, 'rules'),
      pullAll(pipeline, 3, 'cascade'),
    ]);
    expect(results(rules)).toEqual(numbers(60));
    expect(results(cascade)).toEqual(numbers(60));
    expect(pipeline.metrics().recentReadings).toBe(remembered);
    expect(results(await pullAll(pipeline, 10))).toEqual(numbers(60));
    expect(pipeline.metrics().recentReadings).toBeLessThan(remembered);
    expect(results(await pullAll(pipeline, 10, 'rules'))).toEqual(numbers(60));
    await journal.close();
  });
});

describe('pull from a damaged journal', () => {
  it('ends before the damage and rejects at it; with skipDamaged it goes on and names what is lost', async () => {
    const options = { segmentBytes: 2000, pack: false };
    const first = await openTestPipeline(dir, options);
    await first.pipeline.declare(declarations());
    for (const i of numbers(40)) await first.pipeline.accept(words(`${i} 1000${i}`));
    await first.journal.close();
    const name = (await readdir(dir)).filter((one) => one.endsWith('.jwj')).sort()[0]!;
    const bytes = await readFile(join(dir, name));
    bytes[bytes.indexOf('5 10005')]! ^= 1;
    await writeFile(join(dir, name), bytes);

    const strict = await openTestPipeline(dir, options);
    const before = await strict.pipeline.pull(0, 1000, 0);
    expect(results([before])).toEqual(numbers(5).flatMap((i) => [i, Number(`1000${i}`)]));
    await expect(strict.pipeline.pull(before.to, 1000, 0)).rejects.toMatchObject({ code: 'journal-corrupt' });
    await strict.journal.close();

    const lenient = await openTestPipeline(dir, options, { skipDamaged: true });
    const batches = await pullAll(lenient.pipeline, 9);
    expect(results(batches)).toEqual(
      numbers(40)
        .filter((i) => i !== 5)
        .flatMap((i) => [i, Number(`1000${i}`)]),
    );
    expect(batches.flatMap(({ lost }) => lost ?? [])).toEqual([
      { segment: name, from: before.to, to: before.to + 1, why: expect.any(String) },
    ]);
    expect(batches.every((batch, i) => i === 0 || batch.from === batches[i - 1]!.to)).toBe(true);
    await lenient.journal.close();
  });
});
