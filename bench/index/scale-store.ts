/** Stores of 1 M, 10 M and 100 M rows that a run makes once and later runs find again. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '../../analytics/index.ts';
import { cityBatch } from './city-batches.ts';
import { type City, DAY_MS } from './city-rows.ts';
import { short, timed } from './report.ts';

/** Readings of one commit. */
const BATCH_ROWS = 100_000;
const REPORT_EVERY_ROWS = 10_000_000;

/** The newest `rows` of the city: stores of every size hold the same readings of the last hours. */
export interface Scale {
  readonly city: City;
  readonly rows: number;
  readonly folder: string;
}

/** Opens it as the product does, but that nothing happens by itself. The city's last day is long over. */
export function openScale({ city, folder }: Scale): Promise<Store> {
  const now = city.to + 5 * DAY_MS;
  return openStore({
    path: join(folder, 'index', 'jingwei.duckdb'),
    partsDir: join(folder, 'parts'),
    clock: () => now,
    rollupIntervalMs: 0,
    sealing: { intervalMs: 0 },
    queryTimeoutMs: 60_000,
    ...(process.env.JINGWEI_BENCH_MEMORY_MB === undefined
      ? {}
      : { memoryLimitMb: Number(process.env.JINGWEI_BENCH_MEMORY_MB) }),
  });
}

/** Loads what is missing. @returns Figures; none when everything was there. */
export async function load({ city, rows }: Scale, store: Store): Promise<Readonly<Record<string, string>>> {
  const first = city.rows - rows;
  let loaded = 0;
  let ms = 0;
  for (;;) {
    const start = first + store.position * BATCH_ROWS;
    if (start >= city.rows) break;
    const end = Math.min(city.rows, start + BATCH_ROWS);
    const batch = cityBatch(city, store.position, start, end);
    ms += (await timed(() => store.load(batch))).ms;
    loaded += end - start;
    if (loaded % REPORT_EVERY_ROWS === 0) {
      console.error(`  ${loaded / 1e6} M of ${rows / 1e6} M rows, ${short(loaded / ms)} k rows/s`);
    }
  }
  if (loaded === 0) return {};
  ms += (await timed(() => store.checkpoint())).ms;
  const { fileBytes, partRows } = await store.metrics();
  return {
    'load, k rows/s': short(loaded / ms),
    ...(partRows === 0 ? { 'hot, B/row': short(fileBytes / rows) } : {}),
  };
}

/** Seals what is hot. */
export async function seal({ rows }: Scale, store: Store): Promise<Readonly<Record<string, string>>> {
  const { ms, value } = await timed(() => store.seal({ all: true }));
  const { parts } = store;
  if (parts.rows !== rows) throw new Error(`${parts.rows} of ${rows} rows are in parts after sealing`);
  return {
    ...(value.rows === 0 ? {} : { 'seal, k rows/s': short(value.rows / ms) }),
    'sealed, B/row': short(parts.bytes / parts.rows),
    parts: `${parts.count}`,
  };
}

/** Builds the rollups that are due. */
export async function rollUp({ rows }: Scale, store: Store): Promise<Readonly<Record<string, string>>> {
  let built = 0;
  const { ms } = await timed(async () => {
    for (;;) {
      const count = await store.buildRollups(240);
      if (count === 0) break;
      built += count;
      console.error(`  ${built} buckets built`);
    }
  });
  await store.checkpoint();
  const { fileBytes } = await store.metrics();
  return {
    ...(built === 0 ? {} : { 'rollups, k rows/s': short(rows / ms) }),
    'index file with rollups, B/row': short(fileBytes / rows),
  };
}

/** Takes the files of a closed store out of the system's cache, so that the next questions read the disk. */
export function forgetPages(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}
