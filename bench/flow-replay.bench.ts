/**
 * Replay of the journal with everything included: reading, decoding, zones, the index. The real door thread and the real
 * loader, from position 0 on a full journal to the head; no devices, no HTTP. As wall time, and as CPU time of the main
 * thread, of the door thread and of the rest (DuckDB, the pool of Node, the garbage collectors), since a shared machine
 * stretches the first.
 *
 * Estimate before writing: an entry costs the door thread 1 us to read and check, 1.3 us JSON, 1 us rules, and 1.4 us
 * (H3) + 0.5 us (BeiDou) a position; the main thread loads a row in 1.5 to 2 us. So 1 reading a message should reach
 * 150 k rows/s on two cores, 3 readings 400 k.
 *
 * Run: node --import tsx bench/flow-replay.bench.ts [messages, default 1,000,000] [fleet 0..2]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../analytics/index.ts';
import { openDoors } from '../ingest/index.ts';
import { openJournal } from '../ingest/journal/file-journal.ts';
import { configOf } from '../services/config.ts';
import { startLoader } from '../services/loader.ts';
import { BUSES, declarationsOf, type Fleet, messageOf, STATIONS, TAXIS } from './flow/city-messages.ts';

const MESSAGES = Number(process.argv[2] ?? 1_000_000);
const FLEETS = [TAXIS, BUSES, STATIONS].filter(
  (_, i) => process.argv[3] === undefined || Number(process.argv[3]) === i,
);
/** Messages a second in the time of the city: three hours for a million. */
const RATE = 100;
const TICKS_PER_S = 100;

const config = configOf({});
const count = (n: number) => Math.round(n).toLocaleString('en');

/** CPU time of each thread by now, s. */
function threadTimes(): Map<number, number> {
  const times = new Map<number, number>();
  for (const tid of readdirSync('/proc/self/task')) {
    try {
      const fields = readFileSync(`/proc/self/task/${tid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      times.set(Number(tid), (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return times;
}

async function fill(dir: string, fleet: Fleet): Promise<number> {
  const declarations = declarationsOf(fleet);
  const journal = await openJournal({
    dir: join(dir, 'journal'),
    ...config.journal,
    clock: Date.now,
    snapshot: () => declarations,
    onControl: () => undefined,
  });
  journal.listen({ onSegment: () => undefined, onDurable: () => undefined, onRefused: () => undefined });
  const begin = Date.now() - (MESSAGES / RATE) * 1000;
  let bytes = 0;
  let last: Promise<unknown> = Promise.resolve();
  for (let i = 0; i < MESSAGES; i++) {
    const receivedAt = begin + (i * 1000) / RATE;
    const { id, topic, text } = messageOf(fleet, i, Math.round(receivedAt) - 400);
    const packetId = 1 + (i % 65_535);
    const origin = {
      transport: 'mqtt',
      principal: id,
      clientId: id,
      topic,
      qos: 1,
      packetId,
      dup: false,
    } as const;
    bytes += text.length;
    const raw = { sourceId: 'jingwei-json', origin, receivedAt, bytes: Buffer.from(text) };
    last = journal.enqueue({ kind: 'message', raw }, { lo: i, hi: 0 }).durable;
    if (i % 5000 === 0) await last;
  }
  await last;
  // As a journal lies there when an index is made again: closed segments are packed.
  await journal.tidy();
  const stored = journal.stats().bytes;
  await journal.close();
  console.log(
    `${fleet.name}: ${count(MESSAGES)} messages of ${(bytes / MESSAGES).toFixed(0)} B, journal ${(stored / MESSAGES).toFixed(0)} B a message`,
  );
  return MESSAGES * fleet.properties.length;
}

async function replay(dir: string, rows: number): Promise<void> {
  const doors = await openDoors({
    dataDir: dir,
    mqtt: { ...config.mqtt, host: '127.0.0.1', port: 0 },
    inbox: { dir: join(dir, 'inbox'), pollMs: 60_000 },
    journal: config.journal,
  });
  const store = await openStore({
    path: join(dir, 'index', 'jingwei.duckdb'),
    memoryLimitMb: config.duckdb.memoryMb,
    threads: config.duckdb.threads,
  });
  const { head } = await doors.metrics();
  const before = threadTimes();
  const began = performance.now();
  const log = { info: () => undefined, warn: console.error, error: console.error };
  const loader = startLoader({ doors, store, publish: () => undefined, ...config.loader, log });
  await loader.reached(head, 3_600_000);
  const s = (performance.now() - began) / 1000;
  const used = [...threadTimes()].map(([tid, time]) => [tid, time - (before.get(tid) ?? 0)] as const);
  const main = used.find(([tid]) => tid === process.pid)![1];
  const others = used
    .filter(([tid]) => tid !== process.pid)
    .map(([, time]) => time)
    .sort((a, b) => b - a);
  const all = others.reduce((sum, time) => sum + time, main);
  const us = (time: number) => ((time * 1e6) / rows).toFixed(2);
  const { commits, maxCommitMs, readings } = loader.status();
  console.log(
    `  ${count(rows / s)} rows/s, ${count(MESSAGES / s)} messages/s in ${s.toFixed(1)} s; ${readings === rows ? 'all rows' : `ONLY ${readings} ROWS`}; ` +
      `CPU us a row: main ${us(main)}, door thread ${us(others[0]!)}, others ${us(all - main - others[0]!)}, all ${us(all)} ` +
      `(two whole cores would give ${count((2 * rows) / Math.max(all, 2 * main, 2 * others[0]!))} rows/s); ` +
      `${commits} commits, longest ${maxCommitMs.toFixed(0)} ms; RSS ${count(process.memoryUsage().rss / 1e6)} MB`,
  );
  await loader.stop();
  await doors.close();
  await store.close();
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}`,
);
for (const fleet of FLEETS) {
  const dir = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), 'jingwei-bench-'));
  try {
    const rows = await fill(dir, fleet);
    await replay(dir, rows);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
