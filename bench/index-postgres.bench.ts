/**
 * The index beside PostgreSQL 15 with PostGIS: the same rows, the same questions, in turns. Both keep what they were
 * given through a power cut before a load counts as done.
 *
 * Estimate before the first run, from the prototype at 10 M rows: the peer loads 57 to 105 k rows/s with its indexes in
 * place and needs 189 B/row; it answers in 165 / 462 / 803 / 7.6 ms (city hour, district day, city whole, one quarter).
 * We load 600 k rows/s, need 21 B/row hot and 11 sealed, and answer the first three in 10 to 60 ms, a quarter in 5.
 *
 * Run: node --import tsx bench/index-postgres.bench.ts
 * JINGWEI_BENCH_ROWS (default 10,000,000), JINGWEI_BENCH_KINDS (default moving,fixed), JINGWEI_BENCH_ROUNDS (default 7).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQueries, openStore } from '../analytics/index.ts';
import { seededRandom } from '../scripts/testing/seeded-random.ts';
import { type City, DAY_MS } from './index/city-rows.ts';
import { askBoth, loadBoth, sealOurs } from './index/peer-rounds.ts';
import { requirePeer, startPeer } from './index/postgres.ts';
import { machineLine, markdownTable } from './index/report.ts';

const rows = Number(process.env.JINGWEI_BENCH_ROWS ?? 10_000_000);
const kinds = (process.env.JINGWEI_BENCH_KINDS ?? 'moving,fixed').split(',') as City['kind'][];
const rounds = Number(process.env.JINGWEI_BENCH_ROUNDS ?? 7);
const NOW = Date.UTC(2026, 2, 11, 1);
const TEN_DAYS = 10 * DAY_MS;

requirePeer();
for (const kind of kinds) {
  const city: City = {
    kind,
    rows,
    things: 3000,
    from: NOW - 3_600_000 - TEN_DAYS,
    to: NOW - 3_600_000,
    seed: 4,
  };
  const folder = await mkdtemp(join(tmpdir(), 'jingwei-peer-'));
  const peer = await startPeer(folder);
  const store = await openStore({
    path: join(folder, 'index', 'jingwei.duckdb'),
    partsDir: join(folder, 'parts'),
    sealing: { intervalMs: 0 },
    clock: () => NOW,
    rollupIntervalMs: 0,
    queryTimeoutMs: 120_000,
  });
  try {
    console.log(
      `\n${rows.toLocaleString('en')} rows, ${kind} positions, ${city.things} Things, 10 days. ${machineLine()}; ` +
        `peer ${peer.version}, medians of ${rounds} rounds in turns (least .. most)`,
    );
    const queries = createQueries(store);
    const table: string[][] = [];
    table.push(...(await loadBoth(city, folder, store, peer)));
    const random = seededRandom(8);
    table.push(...(await askBoth('hot, no rollup', city, queries, peer, random, rounds)));
    while ((await store.buildRollups(1000)) > 0);
    table.push(...(await askBoth('hot', city, queries, peer, random, rounds)));
    table.push(...(await sealOurs(city, store, peer)));
    table.push(...(await askBoth('sealed', city, queries, peer, random, rounds)));
    console.log(markdownTable(['', 'ours', 'peer', 'ratio', 'bar', 'answered from'], table));
  } finally {
    await store.close();
    await peer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
