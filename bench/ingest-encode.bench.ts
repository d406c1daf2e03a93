/**
 * Readings per second of CPU time (of all threads, so that a busy machine counts the same) from the bytes of a Jingwei JSON
 * message to the columns of a batch: decoding, encoding of fixed and of moving Things, both together, and the plain way as
 * peer (JSON.parse and one codec call a reading, nothing checked and nothing kept).
 *
 * Estimate before writing: JSON.parse runs at 0.8 M messages/s, so decoding with two readings a message should reach
 * 0.5 M readings/s; encoding fixed Things is array writes, 5 M/s; moving ones are bound by H3, 0.7 M points/s.
 *
 * Run: node --import tsx bench/ingest-encode.bench.ts
 */
import { availableParallelism, cpus } from 'node:os';
import { beidou2d, h3 } from '../grid/index.ts';
import { encodeOutcomes } from '../ingest/encode.ts';
import { datasetSchema, type RawRecord, thingSchema } from '../ingest/model/index.ts';
import { contextOf } from '../ingest/sources/example-context.ts';
import { jingweiJson } from '../ingest/sources/jingwei-json.ts';
import type { DecodedEntry } from '../ingest/worker/decoded-entry.ts';

const MESSAGES = 10_000;
const READINGS_EACH = 2;
const THINGS = 600;
const ROUNDS = 9;
const RECEIVED_AT = Date.UTC(2026, 10, 22, 8);

const dataset = datasetSchema.parse({
  id: 'bench',
  titleEn: 'Bench',
  titleZh: '基准',
  publisherEn: 'Bench',
  publisherZh: '基准',
  licence: 'CC0-1.0',
  periodMs: 60_000,
});
const things = Array.from({ length: THINGS * 2 }, (_, i) =>
  thingSchema.parse({
    id: `thing-${i}`,
    dataset: 'bench',
    nameEn: 'Thing',
    nameZh: '物',
    category: 'air-station',
    // The first half stands still, the second half moves.
    ...(i < THINGS ? { position: { lonDeg: 103.4 + (i % 30) * 0.07, latDeg: 34.2 + (i % 23) * 0.08 } } : {}),
    datastreams: ['pm25', 'speed'].map((property) => ({ property, periodMs: 60_000 })),
  }),
);
const context = contextOf([dataset], things);

const message = (i: number, moving: boolean): RawRecord => {
  const id = `thing-${(i % THINGS) + (moving ? THINGS : 0)}`;
  const location = moving
    ? { location: [103.4 + ((i * 7919) % 23_000) / 1e4, 34.1 + ((i * 104_729) % 20_000) / 1e4] }
    : {};
  const time = new Date(RECEIVED_AT - i * 10).toISOString();
  const payload = { time, ...location, results: { pm25: (i % 300) / 2, speed: i % 80 } };
  const origin = {
    transport: 'mqtt',
    principal: id,
    clientId: id,
    topic: `things/${id}/observations`,
    qos: 1,
    packetId: 1,
    dup: false,
  } as const;
  return {
    sourceId: 'jingwei-json',
    origin,
    receivedAt: RECEIVED_AT,
    bytes: Buffer.from(JSON.stringify(payload)),
  };
};
const entryOf = (raw: RawRecord, position: number): DecodedEntry => ({
  position,
  receivedAt: raw.receivedAt,
  sourceId: raw.sourceId,
  origin: raw.origin,
  byteLength: raw.bytes.length,
  outcomes: jingweiJson.decode(raw, context),
  context,
  redelivery: false,
});
const raws = [false, true].map((moving) => Array.from({ length: MESSAGES }, (_, i) => message(i, moving)));
const [fixed, moving] = raws.map((list) => list.map(entryOf)) as [DecodedEntry[], DecodedEntry[]];
const mixed = [...raws[0]!.slice(0, MESSAGES / 2), ...raws[1]!.slice(0, MESSAGES / 2)];

const text = new TextDecoder();
const peers: readonly (readonly [name: string, run: () => void])[] = [
  ['decode, fixed Things', () => void raws[0]!.map((raw) => jingweiJson.decode(raw, context))],
  ['encode, fixed Things', () => void encodeOutcomes(fixed)],
  ['encode, moving Things', () => void encodeOutcomes(moving)],
  ['decode and encode, half of each', () => void encodeOutcomes(mixed.map(entryOf))],
  [
    'peer: JSON.parse and a codec call a reading, half of each',
    () => {
      for (const raw of mixed) {
        const { location, results } = JSON.parse(text.decode(raw.bytes));
        for (const _ of Object.keys(results)) {
          const [lon, lat] = location ?? [103.4, 34.2];
          h3.encode(lon, lat, 12);
          beidou2d.encode(lon, lat, 10);
        }
      }
    },
  ],
];

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${MESSAGES} messages of ${READINGS_EACH} readings, ${ROUNDS} rounds; thousand readings per second of CPU time as median (least .. most)`,
);
for (const [, run] of peers) run();
const rates = new Map<string, number[]>(peers.map(([name]) => [name, []]));
// Round by round over all peers, so that a busy machine slows them alike.
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of peers) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    rates.get(name)!.push((MESSAGES * READINGS_EACH * 1000) / (user + system));
  }
}
for (const [name, list] of rates) {
  list.sort((a, b) => a - b);
  const [median, least, most] = [list[ROUNDS >> 1]!, list[0]!, list[ROUNDS - 1]!];
  console.log(
    `${name.padEnd(60)} ${median.toFixed(0).padStart(7)} (${least.toFixed(0)} .. ${most.toFixed(0)})`,
  );
}
