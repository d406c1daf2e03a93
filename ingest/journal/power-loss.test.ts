import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from './journal-fixtures.ts';
import { faultsAfter, recordRun, seeded } from './power-run.ts';
import { RecordedDisk } from './recorded-disk.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

it('openJournal after a power cut at any of 200 moments holds every acknowledged entry once, while segments are packed and deleted', async () => {
  const run = await recordRun(dir, 120, 1);
  expect(run.packed).toBeGreaterThan(10);
  expect(run.deleted).toBeGreaterThan(5);
  const random = seeded(2);
  const found: string[] = [];
  for (let i = 0; i < 200; i++) {
    const moment = Math.floor(random() * (run.disk.moment + 1));
    const mercy = i % 4 === 0 ? 'none' : i % 8 === 1 ? 'all' : 'some';
    const faults = await faultsAfter(dir, run, moment, mercy, random).catch((error) => [String(error)]);
    if (faults.length > 0) found.push(`cut ${i} at ${moment} of ${run.disk.moment}, ${mercy}: ${faults[0]}`);
  }
  expect(found).toEqual([]);
});

it.each(['sync', 'sync-names'] as const)(
  'faultsAfter finds what is lost on a disk that answers a %s and does not do it',
  async (lies) => {
    const run = await recordRun(dir, 20, 3, new RecordedDisk(lies));
    const left = faultsAfter(dir, run, run.disk.moment, 'none', seeded(4));
    const faults = await left.catch((error) => [String(error)]);
    expect(faults.join()).toMatch(/is lost|Cannot (open|read)/);
  },
);
