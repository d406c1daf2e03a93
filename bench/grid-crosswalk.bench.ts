/**
 * Zones crosswalked a second between H3 and BeiDou, with the areas under it, against `h3-js` cell areas and a plain count of sampled positions.
 *
 * Estimate before writing: an H3 cell's boundary costs 2 to 3 us in `h3-js`, its area about 1.5 us more; a BeiDou box against a cell well under
 * 1 us, so a cell of 25 boxes about 20 us; the sampling peer, at 1 % error, 10,000 positions a cell, thousands of us.
 *
 * Run: node --import tsx bench/grid-crosswalk.bench.ts
 */
import { availableParallelism, cpus } from 'node:os';
import { cellArea, UNITS } from 'h3-js';
import { beidou2d, crosswalk, crosswalkMatrix, geometryAreaM2, h3, redistribute } from '../grid/index.ts';

const ROUNDS = 7;
const cells = h3.subZones(h3.encode(104.6263, 35.5806, 4), 4, 8);
const texts = cells.map((cell) => h3.format(cell, 8));
const codes = beidou2d.subZones(beidou2d.encode(104.6263, 35.5806, 2), 2, 4);
const matrix = crosswalkMatrix('h3', cells, 8, 'beidou2d', 5);
const values = Float64Array.from(cells, (_, n) => n);
const ring = Array.from({ length: 2001 }, (_, n) => {
  const angle = (2 * Math.PI * (n % 2000)) / 2000;
  return [104.6 + Math.cos(angle), 35.6 + Math.sin(angle)] as const;
});

/** Shares of one cell by a lattice of 100 x 100 positions: the plain way. */
function sampled(cell: bigint): Map<bigint, number> {
  const [west, south, east, north] = h3.bounds(cell, 8);
  const counts = new Map<bigint, number>();
  for (let i = 0.5; i < 100; i += 1) {
    for (let j = 0.5; j < 100; j += 1) {
      const [lon, lat] = [west + (i / 100) * (east - west), south + (j / 100) * (north - south)];
      if (h3.encode(lon, lat, 8) !== cell) continue;
      const code = beidou2d.encode(lon, lat, 5);
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  return counts;
}

/** What is measured, and how many things one run does. */
const peers: readonly (readonly [name: string, count: number, run: () => unknown])[] = [
  [
    'h3.areaM2 (ellipsoid), cells',
    cells.length,
    () => cells.reduce((sum, cell) => sum + h3.areaM2(cell, 8), 0),
  ],
  [
    'peer: h3-js cellArea (sphere), cells',
    cells.length,
    () => texts.reduce((sum, text) => sum + cellArea(text, UNITS.m2), 0),
  ],
  ['geometryAreaM2, edges', 2000, () => geometryAreaM2({ type: 'Polygon', coordinates: [ring] })],
  [
    'crosswalk H3 8 to BeiDou 5, H3 cells',
    200,
    () => cells.slice(0, 200).map((cell) => crosswalk('h3', cell, 8, 'beidou2d', 5, 1000)),
  ],
  [
    'the same, shares',
    200 * (matrix.columns.length / cells.length),
    () => cells.slice(0, 200).map((cell) => crosswalk('h3', cell, 8, 'beidou2d', 5, 1000)),
  ],
  ['peer: 10,000 positions sampled a cell, H3 cells', 2, () => cells.slice(0, 2).map(sampled)],
  [
    'crosswalk BeiDou 4 to H3 9, BeiDou zones',
    20,
    () => codes.slice(0, 20).map((code) => crosswalk('beidou2d', code, 4, 'h3', 9, 1000)),
  ],
  [
    'crosswalkMatrix H3 8 to BeiDou 4, H3 cells',
    cells.length,
    () => crosswalkMatrix('h3', cells, 8, 'beidou2d', 4),
  ],
  [
    'redistribute by the matrix to BeiDou 5, shares',
    matrix.columns.length,
    () => redistribute(values, matrix, 'mean'),
  ],
];

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${ROUNDS} rounds; thousands a second as median (least .. most); ${matrix.columns.length} shares of ${cells.length} cells, residual ${matrix.residual.toExponential(1)}`,
);
for (const [, , run] of peers) run();
const rates = new Map<string, number[]>(peers.map(([name]) => [name, []]));
// Round by round over all peers, so that a busy machine slows them alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, count, run] of peers) {
    const start = performance.now();
    run();
    rates.get(name)!.push(count / (performance.now() - start));
  }
}
const median = (name: string): number => rates.get(name)![ROUNDS >> 1]!;
for (const [name, list] of rates) {
  list.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(52)} ${median(name).toFixed(2).padStart(9)} (${list[0]!.toFixed(2)} .. ${list[ROUNDS - 1]!.toFixed(2)})`,
  );
}
const ratio = (one: string, other: string): string => (median(one) / median(other)).toFixed(2);
console.log(
  `h3.areaM2 / h3-js cellArea: ${ratio(peers[0]![0], peers[1]![0])}; crosswalk / sampling: ${ratio(peers[3]![0], peers[5]![0])}`,
);
