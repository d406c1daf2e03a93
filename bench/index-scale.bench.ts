/**
 * A hundred million readings of 30 days in one index on two cores: what a row costs on disk, and what a screen and an
 * analyst wait for; and whether a screen waits longer the more is stored.
 *
 * Estimate before the first run: load 600 k rows/s, seal 1 M rows/s; 21 B/row hot, 11 sealed; viewports from rollups 10
 * to 40 ms, a day from the rows 150 ms, one Thing's day 20 ms; the same viewport the same at 1, 10 and 100 M rows.
 *
 * Run: node --import tsx bench/index-scale.bench.ts
 * JINGWEI_BENCH_DATA: folder that keeps the stores, so that a later run need not make them (default: made and removed).
 * JINGWEI_BENCH_ROWS (default 100,000,000), JINGWEI_BENCH_STAGES (default load,seal,rollups,questions,sizes),
 * JINGWEI_BENCH_MEMORY_MB (default: the store's own). Each stage goes on where an earlier run ended.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQueries } from '../analytics/index.ts';
import { seededRandom } from '../scripts/testing/seeded-random.ts';
import { type City, DAY_MS } from './index/city-rows.ts';
import { machineLine, markdownTable } from './index/report.ts';
import { MEASURED_HEAD } from './index/scale-questions.ts';
import { compareSizes, questionsCold, questionsWarm } from './index/scale-rounds.ts';
import { load, openScale, rollUp, type Scale, seal } from './index/scale-store.ts';

const rows = Number(process.env.JINGWEI_BENCH_ROWS ?? 100_000_000);
const stages = new Set((process.env.JINGWEI_BENCH_STAGES ?? 'load,seal,rollups,questions,sizes').split(','));
const kept = process.env.JINGWEI_BENCH_DATA;
const data = kept ?? (await mkdtemp(join(tmpdir(), 'jingwei-scale-')));
// April of the city, UTC+8: 30 whole days.
const from = Date.UTC(2026, 2, 31, 16);
const city: City = { kind: 'moving', rows, things: 3000, from, to: from + 30 * DAY_MS, seed: 5 };
/** Stores that hold the newest share of the same readings. */
const scales = [rows / 100, rows / 10, rows].map(
  (size): Scale => ({ city, rows: size, folder: join(data, `${size}`) }),
);

try {
  for (const scale of stages.has('sizes') ? scales : scales.slice(-1)) {
    const store = await openScale(scale);
    const figures: Record<string, string> = {};
    try {
      if (stages.has('load')) Object.assign(figures, await load(scale, store));
      if (stages.has('seal')) Object.assign(figures, await seal(scale, store));
      if (stages.has('rollups')) Object.assign(figures, await rollUp(scale, store));
    } finally {
      await store.close();
    }
    if (Object.keys(figures).length === 0) continue;
    console.log(`\n${scale.rows.toLocaleString('en')} rows, moving positions. ${machineLine()}\n`);
    console.log(markdownTable(Object.keys(figures), [Object.values(figures)]));
  }
  const random = seededRandom(6);
  if (stages.has('questions')) {
    const scale = scales.at(-1)!;
    console.log(`\nQuestions at ${scale.rows.toLocaleString('en')} rows. ${machineLine()}\n`);
    console.log(
      markdownTable(
        ['after a restart, disk unread', 'ms', 'answered from'],
        await questionsCold(scale, random),
      ),
    );
    const store = await openScale(scale);
    console.log(`\n${markdownTable(MEASURED_HEAD, await questionsWarm(city, createQueries(store), random))}`);
    await store.close();
  }
  if (stages.has('sizes')) {
    console.log(`\nThe same viewports at three sizes, p50 / p99 ms. ${machineLine()}\n`);
    const head = ['', ...scales.map((scale) => `${scale.rows.toLocaleString('en')} rows`)];
    console.log(markdownTable(head, await compareSizes(scales, random)));
  }
} finally {
  if (kept === undefined) await rm(data, { recursive: true, force: true });
}
