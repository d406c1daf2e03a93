/**
 * H3 on one core: positions to packed cells at levels 9, 12 and 15, cells to centres and to texts, beside `h3-js` called point by point
 * and beside a loop that only takes the four sines and cosines of each position.
 *
 * Estimate before writing: the sines by table 5 ns each pair, three dot products and a division 10 ns, the digits 4 ns per four of
 * them: 12 to 20 M points/s. `h3-js` takes some 1.3 us a point; the C library has been measured at 2.80, 2.35 and 2.03 M points/s where
 * `h3-js` has 0.76, 0.69 and 0.65, so 3.7, 3.4 and 3.1 x `h3-js` is level with C.
 *
 * Run: node --import tsx bench/grid-h3.bench.ts
 */
import { availableParallelism, cpus } from 'node:os';
import { cellToLatLng, latLngToCell } from 'h3-js';
import { encodeH3Batch } from '../grid/h3/h3-batch.ts';
import { h3 } from '../grid/index.ts';
import { seededRandom } from '../scripts/testing/seeded-random.ts';

const POINTS = 200_000;
const ROUNDS = 9;
const SEED = 39_409;
const LEVELS = [9, 12, 15] as const;

const next = seededRandom(SEED);
const county = {
  lon: Float64Array.from({ length: POINTS }, () => 103.4 + 2.3 * next()),
  lat: Float64Array.from({ length: POINTS }, () => 34.1 + 2 * next()),
};
const sphere = {
  lon: Float64Array.from({ length: POINTS }, () => 360 * next() - 180),
  lat: Float64Array.from({ length: POINTS }, () => (Math.asin(2 * next() - 1) * 180) / Math.PI),
};
const ids = new BigUint64Array(POINTS);
const [lonOut, latOut] = [new Float64Array(POINTS), new Float64Array(POINTS)];

type Peer = readonly [name: string, run: () => void];

/** Keeps results alive, so that no loop is left out. */
let kept = 0;

function peersOf(level: number): readonly Peer[] {
  const zones = h3.encodeBatch(county.lon, county.lat, level);
  const texts = h3.formatBatch(zones, level);
  return [
    [`h3.encodeBatch, level ${level}`, () => void h3.encodeBatch(county.lon, county.lat, level, ids)],
    [
      `h3.encodeBatch over the sphere, level ${level}`,
      () => void h3.encodeBatch(sphere.lon, sphere.lat, level, ids),
    ],
    [
      `peer: h3-js latLngToCell, level ${level}`,
      () => {
        for (let n = 0; n < POINTS; n += 1)
          kept += latLngToCell(county.lat[n]!, county.lon[n]!, level).length;
      },
    ],
    [
      `peer: h3-js latLngToCell over the sphere, level ${level}`,
      () => {
        for (let n = 0; n < POINTS; n += 1)
          kept += latLngToCell(sphere.lat[n]!, sphere.lon[n]!, level).length;
      },
    ],
    [`h3.decodeBatch, level ${level}`, () => void h3.decodeBatch(zones, level, lonOut, latOut)],
    [
      `peer: h3-js cellToLatLng, level ${level}`,
      () => {
        for (const text of texts) kept += cellToLatLng(text)[0];
      },
    ],
    [
      `h3.formatBatch, level ${level}`,
      () => {
        kept += h3.formatBatch(zones, level).length;
      },
    ],
  ];
}

const TRIGONOMETRY = 'reference: four sines and cosines a point';
const peers: readonly Peer[] = [
  [
    TRIGONOMETRY,
    () => {
      for (let n = 0; n < POINTS; n += 1) {
        const lon = (county.lon[n]! * Math.PI) / 180;
        const lat = (county.lat[n]! * Math.PI) / 180;
        lonOut[n] = Math.sin(lon) + Math.cos(lon);
        latOut[n] = Math.sin(lat) + Math.cos(lat);
      }
    },
  ],
  ...LEVELS.flatMap(peersOf),
];

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${POINTS} points, ${ROUNDS} rounds, seed ${SEED}; M points/s as median (least .. most)`,
);
for (const [, run] of peers) run();
const rates = new Map<string, number[]>(peers.map(([name]) => [name, []]));
// Round by round over all peers, so that a busy machine slows them alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of peers) {
    const start = performance.now();
    run();
    rates.get(name)!.push(POINTS / 1000 / (performance.now() - start));
  }
}
for (const [name, list] of rates) {
  list.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(56)} ${median(name).toFixed(2).padStart(7)} (${list[0]!.toFixed(2)} .. ${list[ROUNDS - 1]!.toFixed(2)})`,
  );
}
for (const level of LEVELS) {
  const stats = { points: 0, decidedByH3js: 0 };
  encodeH3Batch(sphere.lon, sphere.lat, level, ids, stats);
  encodeH3Batch(county.lon, county.lat, level, ids, stats);
  console.log(
    `level ${String(level).padStart(2)}: encode ${ratio(`h3.encodeBatch, level ${level}`, `peer: h3-js latLngToCell, level ${level}`)} x h3-js, ` +
      `over the sphere ${ratio(`h3.encodeBatch over the sphere, level ${level}`, `peer: h3-js latLngToCell over the sphere, level ${level}`)} x, ` +
      `${ratio(`h3.encodeBatch, level ${level}`, TRIGONOMETRY)} x the reference; ` +
      `decode ${ratio(`h3.decodeBatch, level ${level}`, `peer: h3-js cellToLatLng, level ${level}`)} x h3-js; ` +
      `${stats.decidedByH3js} of ${stats.points} positions decided by h3-js`,
  );
}
if (Number.isNaN(kept)) throw new Error('A centre is no number');

function median(name: string): number {
  return rates.get(name)![ROUNDS >> 1]!;
}

function ratio(ours: string, peer: string): string {
  return (median(ours) / median(peer)).toFixed(1);
}
