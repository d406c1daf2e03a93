/**
 * The BeiDou grids against the judge of their tests on ten million points, and the neighbours of every cell of level 3. A number in
 * `JINGWEI_TEST_BEIDOU_POINTS` asks for fewer points.
 */

import {
  judgeLayer,
  judgeParts,
  judgeSolidText,
  judgeText,
  judgeUnits,
} from '../../grid/beidou/beidou-judge.ts';
import { beidou2d } from '../../grid/beidou/beidou2d.ts';
import { beidou3d } from '../../grid/beidou/beidou3d-grid.ts';
import { snapM } from '../../grid/beidou/beidou3d-layers.ts';
import { seededRandom } from '../testing/seeded-random.ts';

const POINTS = Number(process.env.JINGWEI_TEST_BEIDOU_POINTS ?? 10_000_000);
const BATCH = 100_000;
const CODINGS = ['annexC', 'clause6'] as const;
let bad = 0;

/** Compares one batch; every third batch lies on exact level-10 edges. @returns Points too close to a limit to be judged. */
function compareBatch(batch: number): number {
  const next = seededRandom(1_000 + batch);
  const level = 1 + (batch % 10);
  const isEdge = batch % 3 === 0;
  const degrees = (limit: number): number =>
    isEdge
      ? Math.floor((next() * 2 - 1) * limit * 7_372_800) / 7_372_800
      : (next() + next() / 2 ** 32) * 2 * limit - limit;
  const lonDeg = Float64Array.from({ length: BATCH }, () => degrees(180));
  const latDeg = Float64Array.from({ length: BATCH }, () => degrees(90));
  const heightM = Float64Array.from({ length: BATCH }, () =>
    next() < 0.5 ? next() * 12_000 - 2_000 : next() * 5.3e8 - 6.3e6,
  );
  const texts = beidou2d.formatBatch(beidou2d.encodeBatch(lonDeg, latDeg, level), level);
  const solids = CODINGS.map((coding) =>
    beidou3d.formatBatch(beidou3d.encodeBatch(lonDeg, latDeg, heightM, level, coding), level, coding),
  );
  let undecided = 0;
  for (let n = 0; n < BATCH; n += 1) {
    const [lon, lat, height] = [lonDeg[n]!, latDeg[n]!, heightM[n]!];
    const [x, y] = [judgeUnits(lon), judgeUnits(lat)];
    const parts = judgeParts(lon, { x: x.units, y: y.units }, level);
    const isSolid = parts !== undefined && parts[0] !== '000' && height < 528_680_171;
    const layer = isSolid ? judgeLayer(height, snapM(height)) : 0;
    if (x.isUndecided || y.isUndecided || layer === undefined) {
      undecided += 1;
      continue;
    }
    const wanted = [
      parts === undefined ? '' : judgeText(lat, parts),
      ...CODINGS.map((coding) => (isSolid ? judgeSolidText(lat, parts, layer, coding) : '')),
    ];
    const given = [texts[n], solids[0]![n], solids[1]![n]];
    if (wanted.every((text, i) => text === given[i])) continue;
    if (bad < 20) console.log(JSON.stringify({ level, lon, lat, height, wanted, given }));
    bad += 1;
  }
  return undecided;
}

/** Neighbours of all cells of level 3, as numbers: are they mutual? */
function compareNeighbours(): void {
  const columns = 1440;
  const rows = 1056;
  const lonDeg = Float64Array.from({ length: columns * rows }, (_, n) => ((n % columns) + 0.5) / 4 - 180);
  const latDeg = Float64Array.from(
    { length: columns * rows },
    (_, n) => (Math.floor(n / columns) + 0.5) / 6 - 88,
  );
  const zones = beidou2d.encodeBatch(lonDeg, latDeg, 3);
  // A sum that each pair enters twice with opposite signs; one-sided pairs leave a rest.
  let [sum, pairs] = [0, 0];
  for (const zone of zones) {
    const from = Number(zone >> 42n);
    for (const each of beidou2d.neighbours(zone, 3)) {
      const to = Number(each >> 42n);
      const low = Math.min(from, to);
      const mixed = Math.imul(low ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(from + to - low, 0xc2b2ae35);
      sum += from < to ? mixed : -mixed;
      pairs += 1;
    }
  }
  const expected = columns * (rows - 2) * 8 + columns * 2 * 5;
  console.log(JSON.stringify({ neighbours: pairs, expected, rest: sum }));
  if (sum !== 0 || pairs !== expected) bad += 1;
}

const began = Date.now();
let undecided = 0;
for (let batch = 0; batch < POINTS / BATCH; batch += 1) undecided += compareBatch(batch);
console.log(JSON.stringify({ points: POINTS, bad, undecided }));
compareNeighbours();
console.error(`  ${((Date.now() - began) / 1000).toFixed(0)} s`);
process.exit(bad > 0 ? 1 : 0);
