/**
 * The index: rows loaded a second by batch size, bytes a row, what a commit costs the event loop, duplicates looked up,
 * a rollup built beside loading, and the answers a screen asks for.
 *
 * Run: node --import tsx bench/analytics-load.bench.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Access, createQueries, openStore } from '../analytics/index.ts';
import { beidou2d, h3 } from '../grid/index.ts';
import { type Declaration, declarationSchema, type LoadBatch } from '../ingest/model/index.ts';
import { BareAppender } from './load/bare-appender.ts';

const THINGS = 3000;
const SEED = 20_260_301;
const NOW = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;
const ALL: Access = {
  subject: 'bench',
  role: 'admin',
  datasets: 'all',
  area: null,
  finestLevel: null,
  masks: [],
  purpose: 'bench',
};

let state = SEED;
function next(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 4_294_967_296;
}

/** Moving Things: every reading has a position of its own, the worst case for compression; or `places` that they share. */
function makeBatches(count: number, size: number, spanMs: number, places?: number): LoadBatch[] {
  const total = count * size;
  const lon = Float64Array.from({ length: total }, () => 103.4 + 2.3 * next());
  const lat = Float64Array.from({ length: total }, () => 34.1 + 2 * next());
  if (places !== undefined) {
    for (let i = places; i < total; i++) {
      lon[i] = lon[i % places]!;
      lat[i] = lat[i % places]!;
    }
  }
  const cells = h3.encodeBatch(lon, lat, 12);
  const codes = beidou2d.encodeBatch(lon, lat, 10);
  const datastreams = Array.from({ length: THINGS }, (_, i) => ({
    dataset: 'bench',
    thing: `t${i}`,
    property: 'speed',
  }));
  return Array.from({ length: count }, (_, batch) => {
    const from = batch * size;
    const row = (i: number) => from + i;
    return {
      from: batch + 1,
      to: batch + 2,
      head: count + 1,
      newestReceivedAt: NOW,
      declarations: [],
      datastreams,
      observations: {
        n: size,
        datastream: Uint32Array.from({ length: size }, (_, i) => row(i) % THINGS),
        record: Uint32Array.from({ length: size }, (_, i) => i),
        phenomenonTime: Float64Array.from({ length: size }, (_, i) =>
          Math.floor(NOW - spanMs + (row(i) / total) * spanMs),
        ),
        resultDelayMs: new Uint32Array(size),
        result: Float64Array.from({ length: size }, () => Math.round(next() * 800) / 10),
        h3: cells.slice(from, from + size),
        beidou: codes.slice(from, from + size),
        heightM: new Float32Array(size).fill(Number.NaN),
        quality: new Uint8Array(size),
      },
      events: [],
      features: [],
      rejections: [],
      records: Array.from({ length: size }, () => ({
        position: batch,
        dataset: 'bench',
        sourceId: 'jingwei-json',
        delivery: '',
        refused: 0,
        held: 0,
        redelivery: false,
      })),
    };
  });
}

function none(): LoadBatch['observations'] {
  return {
    n: 0,
    datastream: new Uint32Array(0),
    record: new Uint32Array(0),
    phenomenonTime: new Float64Array(0),
    resultDelayMs: new Uint32Array(0),
    result: new Float64Array(0),
    h3: new BigUint64Array(0),
    beidou: new BigUint64Array(0),
    heightM: new Float32Array(0),
    quality: new Uint8Array(0),
  };
}

function declarations(): Declaration[] {
  const one = (body: object, kind: string) => declarationSchema.parse({ kind, body });
  const words = { titleEn: 'b', titleZh: 'b', publisherEn: 'b', publisherZh: 'b', licence: 'b' };
  return [
    one({ id: 'bench', ...words, periodMs: 5000 }, 'dataset'),
    ...Array.from({ length: THINGS }, (_, i) =>
      one(
        {
          id: `t${i}`,
          dataset: 'bench',
          nameEn: 'b',
          nameZh: 'b',
          category: 'bus',
          datastreams: [{ property: 'speed', periodMs: HOUR }],
        },
        'thing',
      ),
    ),
  ];
}

/** The dataset as one whose values are corrected. */
function correcting(): Declaration[] {
  return declarations().map((one) =>
    one.kind === 'dataset' ? { ...one, body: { ...one.body, corrections: true } } : one,
  );
}

const percentile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
const mb = (bytes: number) => (bytes / 1_048_576).toFixed(0);
const folder = await mkdtemp(join(tmpdir(), 'jingwei-bench-'));

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, seed ${SEED}, memory_limit 256 MB, 2 threads`,
);

for (const [size, count] of [
  [1000, 300],
  [10_000, 100],
  [50_000, 30],
  [100_000, 15],
] as const) {
  const batches = makeBatches(count, size, 6 * HOUR);
  const path = join(folder, `${size}.duckdb`);
  const store = await openStore({ path, clock: () => NOW, rollupIntervalMs: 0 });
  const bare = await BareAppender.open(join(folder, `${size}-bare.duckdb`));
  // Declarations and the first table in a batch of their own: 3,000 Things once, not a part of the load.
  await store.load({
    ...batches[0]!,
    from: 0,
    to: 1,
    observations: none(),
    records: [],
    declarations: declarations(),
  });
  const times: number[] = [];
  const bareTimes: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  // In turns, so that what else the machine does falls on both.
  for (const [i, batch] of batches.entries()) {
    const { observations } = batch;
    const instants = BigInt64Array.from(observations.phenomenonTime, BigInt);
    const loadBare = async () => {
      const at = performance.now();
      await bare.load(observations, instants);
      bareTimes.push(performance.now() - at);
    };
    if (i % 2 === 0) await loadBare();
    delay.enable();
    const at = performance.now();
    await store.load(batch);
    times.push(performance.now() - at);
    delay.disable();
    if (i % 2 === 1) await loadBare();
  }
  await bare.close();
  await store.checkpoint();
  const { fileBytes } = await store.metrics();
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const rate = (ms: number) => (((size / ms) * 1000) | 0).toLocaleString('en');
  const line = (values: readonly number[]) =>
    `${rate(sum(values) / count)} rows/s (median batch ${rate(percentile(values, 0.5))}), p50 ${percentile(values, 0.5).toFixed(1)} ms, ` +
    `p99 ${percentile(values, 0.99).toFixed(1)} ms, max ${Math.max(...values).toFixed(0)} ms`;
  console.log(`load, ${size} a batch: ${line(times)}`);
  console.log(`  bare appender:  ${line(bareTimes)}`);
  console.log(
    `  the loader takes ${(sum(times) / sum(bareTimes)).toFixed(2)} times the bare appender, by medians ` +
      `${(percentile(times, 0.5) / percentile(bareTimes, 0.5)).toFixed(2)}; event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, ` +
      `max ${(delay.max / 1e6).toFixed(0)} ms; ${(fileBytes / (size * count)).toFixed(1)} B/row; RSS ${mb(process.memoryUsage().rss)} MB`,
  );

  if (size === 10_000) {
    const again = batches
      .slice(-10)
      .map((batch, i) => ({ ...batch, from: count + 1 + i, to: count + 2 + i }));
    const at = performance.now();
    let duplicates = 0;
    for (const batch of again) duplicates += (await store.load(batch)).counts.readings.duplicates;
    const took = (performance.now() - at) / 1000;
    console.log(
      `load of known readings, 10000 a batch: ${((100_000 / took) | 0).toLocaleString('en')} rows/s, ${duplicates} of 100000 recognised`,
    );
    const queries = createQueries(store);
    const span = { from: NOW - 5.5 * HOUR, to: NOW };
    const ask: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['zones h3 level 7, latest', () => queries.zones(ALL, { dggrs: 'h3', level: 7, property: 'speed' })],
      [
        'zones h3 level 7, 5.5 h',
        () => queries.zones(ALL, { dggrs: 'h3', level: 7, property: 'speed', span }),
      ],
      [
        'zones beidou2d level 4, 1 h',
        () =>
          queries.zones(ALL, {
            dggrs: 'beidou2d',
            level: 4,
            property: 'speed',
            span: { from: NOW - HOUR, to: NOW },
          }),
      ],
      [
        'series of the city, 5.5 h by 5 min',
        () => queries.series(ALL, { property: 'speed', span, bucketMs: 300_000 }),
      ],
      [
        'series of one Thing, 5.5 h by 5 min',
        () => queries.series(ALL, { property: 'speed', span, bucketMs: 300_000, thing: 't17' }),
      ],
      [
        'dossier of an H3 level 6 zone, 6 h',
        () =>
          queries.zoneDossier(ALL, { dggrs: 'h3', id: h3.format(h3.encode(104.6, 35.5, 6), 6), hours: 6 }),
      ],
      ['all figures, first time', () => createQueries(store).figures(ALL, {})],
    ];
    const answer = async (title: string) => {
      for (const [name, run] of ask) {
        const took: number[] = [];
        for (let round = 0; round < 5; round++) {
          const start = performance.now();
          await run();
          took.push(performance.now() - start);
        }
        console.log(`  ${title}: ${name}: median ${percentile(took, 0.5).toFixed(1)} ms of 5`);
      }
    };
    await answer('from 1 M rows');
    const building = performance.now();
    const hours = await store.buildRollups(100);
    console.log(
      `rollup of ${hours} hours, 1 M rows: ${((performance.now() - building) / 1000).toFixed(2)} s`,
    );
    await answer('with the rollup');
  }
  await store.close();
  await rm(path, { force: true });
}

// A city at work: 2,000 readings a second in commits of 200 from 2,000 places; four screens' worth of questions a second.
{
  const batches = makeBatches(200, 200, HOUR, 2000);
  const store = await openStore({
    path: join(folder, 'city.duckdb'),
    clock: () => NOW,
    rollupIntervalMs: 1000,
  });
  const queries = createQueries(store);
  const times: number[] = [];
  const answers: number[] = [];
  await store.load({
    ...batches[0]!,
    from: 0,
    to: 1,
    observations: none(),
    records: [],
    declarations: declarations(),
  });
  let stop = false;
  const asking = (async () => {
    while (!stop) {
      const at = performance.now();
      await queries.zones(ALL, {
        dggrs: 'h3',
        level: 8,
        property: 'speed',
        span: { from: NOW - HOUR, to: NOW },
      });
      await queries.figures(ALL, {});
      queries.zoneColumns(ALL, { dggrs: 'h3', level: 8, property: 'speed' });
      answers.push(performance.now() - at);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  for (const batch of batches) {
    const at = performance.now();
    await store.load(batch);
    times.push(performance.now() - at);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 100 - (performance.now() - at))));
  }
  stop = true;
  await asking;
  console.log(
    `2,000 readings/s beside queries: commit p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms, ` +
      `p99 ${percentile(times, 0.99).toFixed(1)} ms, max ${Math.max(...times).toFixed(0)} ms; an answer p50 ${percentile(answers, 0.5).toFixed(0)} ms, ` +
      `p95 ${percentile(answers, 0.95).toFixed(0)} ms; RSS ${mb(process.memoryUsage().rss)} MB`,
  );
  await store.close();
}
// A backfill: every batch touches 1,000 days of three years, long past.
for (const size of [10_000, 100_000]) {
  const count = 300_000 / size;
  const store = await openStore({
    path: join(folder, `backfill-${size}.duckdb`),
    clock: () => NOW,
    rollupIntervalMs: 0,
  });
  const batches = makeBatches(count, size, HOUR).map((batch, b) => ({
    ...batch,
    from: b,
    to: b + 1,
    observations: {
      ...batch.observations,
      phenomenonTime: batch.observations.phenomenonTime.map(
        (_, row) => NOW - (30 + (row % 1000)) * 24 * HOUR + (b * size + row),
      ),
    },
  }));
  const times: number[] = [];
  for (const batch of batches) {
    const at = performance.now();
    await store.load(batch);
    times.push(performance.now() - at);
  }
  const total = times.reduce((a, b) => a + b, 0);
  console.log(
    `backfill over 1,000 days, ${size} a batch: ${((300_000_000 / total) | 0).toLocaleString('en')} rows/s (median batch ` +
      `${(((size * 1000) / percentile(times, 0.5)) | 0).toLocaleString('en')}), first ${times[0]!.toFixed(0)} ms; ${(await store.metrics()).partitions} tables`,
  );
  await store.close();
}

// A file of a week ago comes again, after its day was sealed; and comes a third time with one value in ten corrected.
{
  const store = await openStore({
    path: join(folder, 'week.duckdb'),
    partsDir: join(folder, 'parts'),
    sealing: { intervalMs: 0, snapshotEveryMs: 0 },
    clock: () => NOW,
    rollupIntervalMs: 0,
  });
  const batches = makeBatches(20, 50_000, 24 * HOUR);
  const weekOld = (batch: LoadBatch, position: number, change = (value: number, _row: number) => value) => ({
    ...batch,
    from: position,
    to: position + 1,
    observations: {
      ...batch.observations,
      phenomenonTime: batch.observations.phenomenonTime.map((time) => time - 7 * 24 * HOUR),
      result: batch.observations.result.map(change),
    },
  });
  let position = 0;
  for (const batch of batches) {
    await store.load({ ...weekOld(batch, position), declarations: position === 0 ? correcting() : [] });
    position += 1;
  }
  const sealing = performance.now();
  const { rows } = await store.seal({ all: true });
  console.log(`sealed ${rows} rows of a week ago in ${((performance.now() - sealing) / 1000).toFixed(1)} s`);
  for (const [name, change] of [
    ['again', (value: number) => value],
    ['with one value in ten corrected', (value: number, row: number) => (row % 10 === 0 ? value + 1 : value)],
  ] as const) {
    const at = performance.now();
    let duplicates = 0;
    let stored = 0;
    for (const batch of batches.slice(8, 10)) {
      const { counts } = await store.load(weekOld(batch, position, change));
      position += 1;
      duplicates += counts.readings.duplicates;
      stored += counts.readings.stored;
    }
    const ms = performance.now() - at;
    console.log(
      `a file of 100,000 rows ${name}: ${(ms / 1000).toFixed(2)} s, ${((1e8 / ms) | 0).toLocaleString('en')} rows/s; ${duplicates} duplicates, ${stored} stored`,
    );
  }
  await store.close();
}
await rm(folder, { recursive: true, force: true });
