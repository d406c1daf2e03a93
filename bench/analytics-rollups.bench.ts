/**
 * Rollups: what they cost to build and to keep, by tier and base, and what a viewport of 1,000 to 4,500 zones waits for at every zoom,
 * over an hour, a day and all there is. Moving Things in a prefecture-sized box: no position comes twice, the worst case for a rollup.
 *
 * Estimate before the first run: 500 k readings/s built on two cores; half a sealed row's bytes a reading; 5 to 30 ms a viewport.
 *
 * Run: node --import tsx bench/analytics-rollups.bench.ts
 * JINGWEI_BENCH_ROWS: default 10,000,000, of 3.3 million a day. JINGWEI_BENCH_ASKED: viewports of each kind, default 30.
 * JINGWEI_BENCH_DATA: folder that keeps the store.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQueries } from '../analytics/index.ts';
import { internalsOf } from '../analytics/store/internals.ts';
import { seededRandom } from '../scripts/testing/seeded-random.ts';
import { type City, DAY_MS, HOUR_MS } from './index/city-rows.ts';
import { machineLine, markdownTable, short } from './index/report.ts';
import { askViewport, MEASURED_HEAD, measure, measuredRow } from './index/scale-questions.ts';
import { load, openScale, rollUp, seal } from './index/scale-store.ts';
import { LEVELS } from './index/viewports.ts';

const ROWS_PER_DAY = 10_000_000 / 3;
const VIEWPORT_BAR_MS = 50;
const rows = Number(process.env.JINGWEI_BENCH_ROWS ?? 10_000_000);
const asked = Number(process.env.JINGWEI_BENCH_ASKED ?? 30);
const kept = process.env.JINGWEI_BENCH_DATA;
const folder = kept ?? (await mkdtemp(join(tmpdir(), 'jingwei-rollups-')));
// Midnight in the city, UTC+8.
const from = Date.UTC(2026, 2, 31, 16);
const city: City = {
  kind: 'moving',
  rows,
  things: 3000,
  from,
  to: from + (rows / ROWS_PER_DAY) * DAY_MS,
  seed: 5,
};
const scale = { city, rows, folder };
const store = await openScale(scale);
try {
  const figures = {
    ...(await load(scale, store)),
    ...(await seal(scale, store)),
    ...(await rollUp(scale, store)),
  };
  console.log(`\n${rows.toLocaleString('en')} rows, moving positions. ${machineLine()}\n`);
  console.log(markdownTable(Object.keys(figures), [Object.values(figures)]));

  const { pool } = internalsOf(store);
  const tables = await pool.run(
    "SELECT table_name, estimated_size FROM duckdb_tables() WHERE table_name LIKE 'rollup_%' AND estimated_size > 0 ORDER BY 1",
  );
  const sizes: string[][] = [];
  for (let i = 0; i < tables.n; i++) {
    const name = tables.columns[0]![i] as string;
    const blocks = await pool.run(
      `SELECT count(DISTINCT block_id) FROM pragma_storage_info('${name}') WHERE block_id >= 0`,
    );
    const count = Number(tables.columns[1]![i]);
    const bytes = Number(blocks.columns[0]![0]) * 262_144;
    sizes.push([name, short(count), short(rows / count), short(bytes / count), short(bytes / rows)]);
  }
  console.log(`\n${markdownTable(['table', 'rows', 'readings a row', 'B a row', 'B a reading'], sizes)}`);

  const queries = createQueries(store);
  const random = seededRandom(6);
  const whole = { from: city.from, to: city.to };
  const anyHour = () => city.from + Math.floor(random() * ((city.to - city.from) / HOUR_MS - 1)) * HOUR_MS;
  const spans = {
    hour: () => {
      const start = anyHour();
      return { from: start, to: start + HOUR_MS };
    },
    day: () => {
      const start = city.from + Math.floor(random() * Math.floor((city.to - city.from) / DAY_MS)) * DAY_MS;
      return { from: start, to: start + DAY_MS };
    },
    '24 hours from any hour': () => {
      const start = Math.min(anyHour(), city.to - DAY_MS);
      return { from: start, to: start + DAY_MS };
    },
    all: () => whole,
  };
  const table: string[][] = [];
  for (const { grid, level } of LEVELS) {
    for (const [name, span] of Object.entries(spans)) {
      const ask = () => askViewport(queries, grid, level, span(), random);
      table.push(measuredRow(await measure(`${grid.id} ${level}, ${name}`, asked, ask), VIEWPORT_BAR_MS));
    }
  }
  console.log(`\n${markdownTable(MEASURED_HEAD, table)}`);
} finally {
  await store.close();
  if (kept === undefined) await rm(folder, { recursive: true, force: true });
}
