/**
 * Points encoded a second: H3 batches against `h3-js` called point by point with its text kept as a bigint.
 *
 * Run: node --import tsx bench/grid-encode.bench.ts
 */
import { availableParallelism, cpus } from 'node:os';
import { latLngToCell } from 'h3-js';
import { h3 } from '../grid/index.ts';

const POINTS = 200_000;
const ROUNDS = 9;
const SEED = 39_409;

/** Mulberry32: small, seeded, good enough to scatter points. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const next = random(SEED);
const lonDeg = Float64Array.from({ length: POINTS }, () => 103.4 + 2.3 * next());
const latDeg = Float64Array.from({ length: POINTS }, () => 34.1 + 2 * next());
const out = new BigUint64Array(POINTS);

const peers: readonly (readonly [name: string, run: () => void])[] = [
  ['h3.encodeBatch level 12', () => void h3.encodeBatch(lonDeg, latDeg, 12, out)],
  [
    'peer: h3-js latLngToCell level 12, BigInt of its text',
    () => {
      for (let n = 0; n < POINTS; n += 1) out[n] = BigInt(`0x${latLngToCell(latDeg[n]!, lonDeg[n]!, 12)}`);
    },
  ],
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
  const [median, least, most] = [list[ROUNDS >> 1]!, list[0]!, list[ROUNDS - 1]!];
  console.log(
    `${name.padEnd(56)} ${median.toFixed(2).padStart(7)} (${least.toFixed(2)} .. ${most.toFixed(2)})`,
  );
}
