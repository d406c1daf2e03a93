/**
 * Durable appends a second and their latency, 200-byte messages as MQTT brings them: the journal with group commit at several
 * numbers of senders, each waiting for its answer before it sends again; as peers the same without `fdatasync` and a plain
 * file with one `fdatasync` a message. Besides: opening, reading back and the keys of the redelivery recogniser.
 *
 * Estimate before writing: one write + fdatasync takes 0.2 to 0.3 ms, so one sender gets 3 k/s and 1,000 senders are bound by
 * the 3 to 5 us that one entry costs (JSON of its origin, CRC, hash, two promises): 150 to 250 k/s. Reading back is decoding
 * plus CRC: 300 k/s. Keys: 1 M/s.
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
  const block = new Uint8Array(1024 * 1024);
  began = performance.now();
  for (let i = 0; i < 300; i++) crc32c(block);
  console.log(`crc32c: ${count((300 * 1000) / (performance.now() - began))} MB/s`);
} finally {
  await rm(dir, { recursive: true, force: true });
}
