/** Loads batches of ten readings until it is killed, saying its position after each: for the test of `openStore`. */
import { makeBatch, T0 } from './fixtures.ts';
import { openStore } from './open-store.ts';

const store = await openStore({ path: process.argv[2]!, clock: () => T0, rollupIntervalMs: 0 });
for (let from = 0; ; from++) {
  const readings = Array.from({ length: 10 }, (_, i) => ({
    thing: `t${i}`,
    time: T0 + from * 10,
    result: from,
    record: i % 2,
  }));
  const batch = makeBatch({ from, readings });
  await store.load({ ...batch, records: [batch.records[0]!, batch.records[0]!] });
  process.stdout.write(`${store.position}\n`);
}
