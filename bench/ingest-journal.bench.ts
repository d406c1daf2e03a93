/**
 * Durable appends a second and their latency, 200-byte messages as MQTT brings them: the journal with group commit at several
 * numbers of senders, each waiting for its answer before it sends again; as peers the same without `fdatasync` and a plain
 * file with one `fdatasync` a message. Besides: opening, reading back and the keys of the redelivery recogniser; and at rest,
 * with messages as a city sends them: bytes a message, speed of packing and of reading back in both forms.
 *
 * Estimate before writing: one write + fdatasync takes 0.2 to 0.3 ms, so one sender gets 3 k/s and 1,000 senders are bound by
 * the 3 to 5 us that one entry costs (JSON of its origin, CRC, hash, two promises): 150 to 250 k/s. Reading back is decoding
 * plus CRC: 300 k/s. Keys: 1 M/s. At rest: a message of 200 B has some 60 random digits (25 B), 1.5 B of who sent it, 2 of when
 * and which: 32 B; packed at 150 k messages/s, read back at 500 k/s.
 *
 * Run: node --import tsx bench/ingest-journal.bench.ts
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '../ingest/journal/crc32c.ts';
import { openJournal } from '../ingest/journal/file-journal.ts';
import { hashMessage } from '../ingest/journal/hash64.ts';
import type { FileJournal } from '../ingest/journal/journal-contract.ts';
import { type JournalFs, nodeFs } from '../ingest/journal/journal-fs.ts';
import { seeded } from '../ingest/journal/power-run.ts';
import { createRedeliveryRecogniser } from '../ingest/journal/redelivery.ts';
import type { JournalEntryBody } from '../ingest/model/index.ts';

const BYTES = 200;
const ROUNDS = 5;
const ROUND_MS = 800;
const SEGMENT_BYTES = 64 * 1024 * 1024;
const payload = new TextEncoder().encode('{"results":{"pm25":41.2}}'.padEnd(BYTES, ' '));

function body(sender: number, i: number): JournalEntryBody {
  const principal = `air-${sender}`;
  const origin = {
    transport: 'mqtt',
    principal,
    clientId: principal,
    topic: `things/${principal}/observations`,
    qos: 1,
    packetId: 1 + (i % 65_535),
    dup: false,
  } as const;
  const raw = { sourceId: 'jingwei-json', origin, receivedAt: 1_800_000_000_000, bytes: payload };
  return { kind: 'message', raw };
}

/** The disk without its sync: what the rest costs. */
const unsynced: JournalFs = {
  ...nodeFs,
  open: async (path, mode) => ({ ...(await nodeFs.open(path, mode)), datasync: async () => undefined }),
};

function openAt(dir: string, fs: JournalFs = nodeFs): Promise<FileJournal> {
  return openJournal({
    dir,
    fs,
    segmentBytes: SEGMENT_BYTES,
    groupCommitMs: 0,
    minFreeBytes: 0,
    clock: () => 0,
    snapshot: () => [],
    onControl: () => undefined,
  });
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const count = (n: number) => Math.round(n).toLocaleString('en');

/** Rates of the rounds, and all latencies. */
async function measure(senders: number, append: (sender: number, i: number) => Promise<unknown>) {
  const rates: number[] = [];
  const latencies: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    let done = 0;
    await Promise.all(
      Array.from({ length: senders }, async (_, sender) => {
        for (let i = 0; performance.now() - began < ROUND_MS; i++) {
          const start = performance.now();
          await append(sender, i);
          latencies.push(performance.now() - start);
          done++;
        }
      }),
    );
    rates.push((1000 * done) / (performance.now() - began));
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]!.toFixed(2);
  return { rates, p50: at(0.5), p99: at(0.99), max: latencies.at(-1)!.toFixed(1) };
}

function report(name: string, { rates, p50, p99, max }: Awaited<ReturnType<typeof measure>>): void {
  const middle = median(rates);
  console.log(
    `${name.padEnd(44)} ${count(middle).padStart(9)} (${count(rates[0]!)} .. ${count(rates.at(-1)!)}) appends/s; ` +
      `latency p50 ${p50} ms, p99 ${p99} ms, most ${max} ms`,
  );
}

/** Messages at rest. */
const REST_MESSAGES = 200_000;
const REST_CLIENTS = 3000;

/** Messages of 3,000 moving stations, 190 to 200 B of JSON, no two alike: seeded, times and readings random. */
function cityMessages(count: number): JournalEntryBody[] {
  const random = seeded(1);
  const round = (value: number, digits: number) => Number(value.toFixed(digits));
  const places = Array.from({ length: REST_CLIENTS }, () => [104.5 + random() * 0.3, 35.5 + random() * 0.2]);
  const packets = Array.from({ length: REST_CLIENTS }, () => Math.floor(random() * 65_535));
  let at = 1_795_334_400_000;
  return Array.from({ length: count }, () => {
    const client = Math.floor(random() * REST_CLIENTS);
    const place = places[client]!;
    place[0]! += (random() - 0.5) * 0.001;
    place[1]! += (random() - 0.5) * 0.001;
    packets[client] = (packets[client]! % 65_535) + 1;
    at += random() < 0.05 ? 1 : 0;
    const message = {
      time: new Date(at - Math.floor(random() * 500)).toISOString(),
      location: [round(place[0]!, 6), round(place[1]!, 6), round(1800 + random() * 200, 1)],
      results: {
        pm25: round(random() * 100, 1),
        pm10: round(random() * 150, 1),
        no2: round(random() * 80, 1),
        so2: round(random() * 40, 1),
        co: Math.floor(random() * 900),
        temperature: round(random() * 30 - 5, 1),
        humidity: round(random() * 100, 1),
        battery: round(3 + random(), 2),
      },
    };
    const principal = `air-${client}`;
    const origin = {
      transport: 'mqtt',
      principal,
      clientId: principal,
      topic: `things/${principal}/observations`,
      qos: 1,
      packetId: packets[client]!,
      dup: false,
    } as const;
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    return { kind: 'message', raw: { sourceId: 'jingwei-json', origin, receivedAt: at, bytes } };
  });
}

async function measureAtRest(folder: string): Promise<void> {
  const bodies = cityMessages(REST_MESSAGES);
  const payloadBytes = bodies.reduce(
    (sum, one) => sum + (one.kind === 'message' ? one.raw.bytes.length : 0),
    0,
  );
  const options = {
    dir: folder,
    segmentBytes: 16 * 1024 * 1024,
    groupCommitMs: 0,
    minFreeBytes: 0,
    clock: () => 0,
    snapshot: () => [],
    onControl: () => undefined,
  };
  let journal = await openJournal({ ...options, pack: false });
  const hash = { lo: 0, hi: 0 };
  for (let i = 0; i < bodies.length; i += 1000) {
    const group = bodies.slice(i, i + 1000).map((one) => {
      if (one.kind !== 'message' || one.raw.origin.transport !== 'mqtt') return journal.append(one);
      hashMessage(one.raw.origin.topic, one.raw.bytes, hash);
      return journal.enqueue(one, hash).durable;
    });
    await Promise.all(group);
  }
  const plainBytes = journal.stats().bytes;
  console.log(
    `at rest: ${count(REST_MESSAGES)} messages of ${(payloadBytes / REST_MESSAGES).toFixed(0)} B of JSON, ${count(REST_CLIENTS)} clients; plain ${(plainBytes / REST_MESSAGES).toFixed(1)} B a message`,
  );
  const readBack = async (name: string) => {
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      const from = journal.tail;
      // Up to the growing segment, which is plain in any case.
      const until = Math.floor(REST_MESSAGES * 0.75);
      for (let at = from; at < until; ) at += (await journal.read(at, 1000)).length;
      rates.push((1000 * (until - from)) / (performance.now() - began));
    }
    console.log(
      `  ${name}: ${count(median(rates))} (${count(rates[0]!)} .. ${count(rates.at(-1)!)}) entries/s`,
    );
  };
  await readBack('read back, plain');
  await journal.close();
  const cpu = process.cpuUsage();
  const began = performance.now();
  journal = await openJournal(options);
  await journal.tidy();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const { packedBytes, packedFromBytes } = journal.stats();
  const packed = (REST_MESSAGES * packedFromBytes) / plainBytes;
  console.log(
    `  packed: ${((packedBytes / packedFromBytes) * (plainBytes / REST_MESSAGES)).toFixed(1)} B a message with everything; ` +
      `${(packedFromBytes / 1000 / ms).toFixed(0)} MB/s, ${count((1000 * packed) / ms)} messages/s, ${((user + system) / packed).toFixed(1)} us of CPU a message`,
  );
  await readBack('read back, packed');
  const single = performance.now();
  for (let i = 0; i < 50; i++) await journal.read(Math.floor((i * 37_199) % (REST_MESSAGES * 0.75)), 1);
  console.log(`  one entry anywhere: ${((performance.now() - single) / 50).toFixed(1)} ms`);
  await journal.close();
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${BYTES} B payloads, ${ROUNDS} rounds of ${ROUND_MS} ms; median (least .. most)`,
);
const dir = await mkdtemp(join(tmpdir(), 'jingwei-bench-'));
try {
  const hash = { lo: 0, hi: 0 };
  let journal = await openAt(join(dir, 'synced'));
  const append = (sender: number, i: number) => {
    const entry = body(sender, i);
    hashMessage('things/air/observations', payload, hash);
    return journal.enqueue(entry, hash).durable;
  };
  for (const senders of [1, 10, 100, 1000, 5000]) {
    const before = journal.stats().syncs;
    const figures = await measure(senders, append);
    report(`journal, ${senders} senders`, figures);
    const syncs = journal.stats().syncs - before;
    console.log(`${''.padEnd(44)} ${count(syncs)} syncs`);
  }
  const { head } = journal;
  await journal.close();

  let began = performance.now();
  journal = await openAt(join(dir, 'synced'));
  console.log(`open and verify the last segment: ${(performance.now() - began).toFixed(0)} ms`);
  began = performance.now();
  const ring = createRedeliveryRecogniser();
  await journal.scanKeys(ring.capacity, (key) => ring.remember(key.client, key.packetId, key, key.position));
  let ms = performance.now() - began;
  console.log(`redelivery keys of ${count(ring.size)} entries: ${ms.toFixed(0)} ms`);
  began = performance.now();
  let read = 0;
  while (read < Math.min(head, 300_000)) read += (await journal.read(read, 1000)).length;
  ms = performance.now() - began;
  console.log(`read back: ${count((1000 * read) / ms)} entries/s`);
  await journal.close();

  journal = await openAt(join(dir, 'unsynced'), unsynced);
  report('peer: journal without fdatasync, 1000 senders', await measure(1000, append));
  await journal.close();
  const file = await open(join(dir, 'plain'), 'w');
  const plain = async () => {
    await file.write(payload);
    await file.datasync();
  };
  report('peer: plain file, one fdatasync a message', await measure(1, plain));
  await file.close();
  await measureAtRest(join(dir, 'at-rest'));
  const block = new Uint8Array(1024 * 1024);
  began = performance.now();
  for (let i = 0; i < 300; i++) crc32c(block);
  console.log(`crc32c: ${count((300 * 1000) / (performance.now() - began))} MB/s`);
} finally {
  await rm(dir, { recursive: true, force: true });
}
