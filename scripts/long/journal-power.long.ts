/** Power cuts at thousands of moments of several recorded runs of the journal: nothing acknowledged is lost or there twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultsAfter, recordRun, seeded } from '../../ingest/journal/power-run.ts';

const CUTS = 3000;
let bad = 0;
for (const seed of [11, 12, 13, 14]) {
  const dir = await mkdtemp(join(tmpdir(), 'jingwei-power-'));
  try {
    const run = await recordRun(dir, 300, seed);
    const random = seeded(seed);
    const faulty: string[] = [];
    for (let i = 0; i < CUTS; i++) {
      const moment = Math.floor(random() * (run.disk.moment + 1));
      const mercy = i % 4 === 0 ? 'none' : i % 16 === 1 ? 'all' : 'some';
      const faults = await faultsAfter(dir, run, moment, mercy, random).catch((error) => [String(error)]);
      if (faults.length > 0) faulty.push(`cut ${i} at ${moment}, ${mercy}: ${faults.join('; ')}`);
    }
    for (const line of faulty.slice(0, 20)) console.error(`  seed ${seed}: ${line}`);
    const { packed, deleted, disk, acknowledged } = run;
    console.log(
      JSON.stringify({
        seed,
        operations: disk.moment,
        acknowledged: acknowledged.length,
        packed,
        deleted,
        cuts: CUTS,
        faulty: faulty.length,
      }),
    );
    bad += faulty.length;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
process.exit(bad > 0 ? 1 : 0);
