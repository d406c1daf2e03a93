/**
 * The BeiDou grid on one core: positions to packed ids, to text and back, in 2D and 3D, beside a plain encoder that builds each text
 * digit by digit, and beside a loop that only reads and writes the same arrays.
 *
 * Estimate before writing: packed 2D is a dozen integer divisions, 15 to 25 M points/s; a text adds 20 bytes and one slice, 5 M; 3D adds a
 * logarithm, 8 M packed and 3 M as text; decoding is multiplications and two divisions, 20 M. A plain encoder builds some ten strings
 * a code: 1 M.
 *
 * Run: node --import tsx bench/grid-beidou.bench.ts
 */
import { availableParallelism, cpus } from 'node:os';
import {
  beidou2d,
  beidou3d,
  beidouTextBytes,
  parseBeidou2dBatch,
  parseBeidou3dBatch,
} from '../grid/index.ts';
import { seededRandom } from '../scripts/testing/seeded-random.ts';

const POINTS = 200_000;
const ROUNDS = 9;
const SEED = 39_409;

const next = seededRandom(SEED);
const lonDeg = Float64Array.from({ length: POINTS }, () => 103.4 + 2.3 * next());
const latDeg = Float64Array.from({ length: POINTS }, () => 34.1 + 2 * next());
const heightM = Float64Array.from({ length: POINTS }, () => 1500 + 1200 * next());
const ids = new BigUint64Array(POINTS);
const solids = { zones: new BigUint64Array(POINTS), floorLayers: new Int32Array(POINTS) };
const bytes = new Uint8Array(20 * POINTS);
const [lonOut, latOut] = [new Float64Array(POINTS), new Float64Array(POINTS)];
const words = new Uint32Array(ids.buffer);

const COLUMNS = [3_686_400, 1_843_200, 122_880, 8_192, 4_096, 512, 64, 8, 1];
const ROWS = [3_686_400, 1_228_800, 122_880, 8_192, 4_096, 512, 64, 8, 1];

/** The plain encoder: level 10, a string grown digit by digit, as the standard's table reads. North-east only, no checks. */
function plainCode(lon: number, lat: number): string {
  let x = Math.floor(lon * 7_372_800);
  let y = Math.floor(lat * 7_372_800);
  const zone = 31 + Math.floor(x / 44_236_800);
  let text = `N${String(zone).padStart(2, '0')}${String.fromCharCode(65 + Math.floor(y / 29_491_200))}`;
  x %= 44_236_800;
  y %= 29_491_200;
  for (let n = 0; n < 9; n += 1) {
    const column = Math.floor(x / COLUMNS[n]!);
    const row = Math.floor(y / ROWS[n]!);
    x %= COLUMNS[n]!;
    y %= ROWS[n]!;
    text +=
      n === 1 || n === 4
        ? String(row * 2 + column)
        : column.toString(16).toUpperCase() + row.toString(16).toUpperCase();
  }
  return text;
}

/** The plain 3D encoder: the text above cut up again, with the bits of the layer between. */
function plainSolidCode(lon: number, lat: number, height: number): string {
  const flat = plainCode(lon, lat);
  const layer = Math.floor((7_372_800 / Math.log1p(Math.PI / 180)) * Math.log1p(height / 6_378_137));
  let text = `${flat[0]}0${flat.slice(1, 4)}${String(layer >> 25).padStart(2, '0')}`;
  let at = 4;
  [22, 21, 17, 13, 12, 9, 6, 3, 0].forEach((shift, n) => {
    const chars = n === 1 || n === 4 ? 1 : 2;
    const mask = n === 1 || n === 4 ? 1 : n === 2 || n === 3 ? 15 : 7;
    text += flat.slice(at, at + chars) + ((layer >> shift) & mask).toString(16).toUpperCase();
    at += chars;
  });
  return text;
}

let texts: string[] = new Array(POINTS);
const flatTexts = beidou2d.formatBatch(beidou2d.encodeBatch(lonDeg, latDeg, 10), 10);
const solidTexts = beidou3d.formatBatch(beidou3d.encodeBatch(lonDeg, latDeg, heightM, 10), 10);
const flatIds = beidou2d.encodeBatch(lonDeg, latDeg, 10);
const solidIds = beidou3d.encodeBatch(lonDeg, latDeg, heightM, 10);

const REFERENCE = 'reference: only read two doubles, write two words';
const PLAIN_2D = 'peer: plain string encoder, 2D';
const PLAIN_3D = 'peer: plain string encoder, 3D';

type Peer = readonly [name: string, plain: string, run: () => void];
const peers: readonly Peer[] = [
  [
    REFERENCE,
    '',
    () => {
      for (let n = 0; n < POINTS; n += 1) {
        words[2 * n] = lonDeg[n]! * 7_372_800;
        words[2 * n + 1] = latDeg[n]! * 7_372_800;
      }
    },
  ],
  [
    PLAIN_2D,
    '',
    () => {
      for (let n = 0; n < POINTS; n += 1) texts[n] = plainCode(lonDeg[n]!, latDeg[n]!);
    },
  ],
  [
    PLAIN_3D,
    '',
    () => {
      for (let n = 0; n < POINTS; n += 1) texts[n] = plainSolidCode(lonDeg[n]!, latDeg[n]!, heightM[n]!);
    },
  ],
  ['2D packed, level 10', PLAIN_2D, () => void beidou2d.encodeBatch(lonDeg, latDeg, 10, ids)],
  ['2D packed, level 5', PLAIN_2D, () => void beidou2d.encodeBatch(lonDeg, latDeg, 5, ids)],
  [
    '2D packed, level 10, one by one',
    PLAIN_2D,
    () => {
      for (let n = 0; n < POINTS; n += 1) ids[n] = beidou2d.encode(lonDeg[n]!, latDeg[n]!, 10);
    },
  ],
  [
    '2D positions to text, level 10',
    PLAIN_2D,
    () => {
      texts = beidou2d.formatBatch(beidou2d.encodeBatch(lonDeg, latDeg, 10, ids), 10);
    },
  ],
  [
    '2D positions to text as bytes, level 10',
    PLAIN_2D,
    () => void beidouTextBytes(beidou2d.encodeBatch(lonDeg, latDeg, 10, ids), 10, bytes),
  ],
  [
    '2D decode: ids to centres, level 10',
    PLAIN_2D,
    () => void beidou2d.decodeBatch(flatIds, 10, lonOut, latOut),
  ],
  ['2D parse: texts to ids, level 10', PLAIN_2D, () => void parseBeidou2dBatch(flatTexts)],
  [
    '3D packed, level 10',
    PLAIN_3D,
    () => void beidou3d.encodeBatch(lonDeg, latDeg, heightM, 10, 'annexC', solids),
  ],
  [
    '3D packed, level 10, clause6',
    PLAIN_3D,
    () => void beidou3d.encodeBatch(lonDeg, latDeg, heightM, 10, 'clause6', solids),
  ],
  [
    '3D positions to text, level 10',
    PLAIN_3D,
    () => {
      texts = beidou3d.formatBatch(beidou3d.encodeBatch(lonDeg, latDeg, heightM, 10, 'annexC', solids), 10);
    },
  ],
  [
    '3D positions to text, level 10, clause6',
    PLAIN_3D,
    () => {
      const encoded = beidou3d.encodeBatch(lonDeg, latDeg, heightM, 10, 'clause6', solids);
      texts = beidou3d.formatBatch(encoded, 10, 'clause6');
    },
  ],
  ['3D decode: ids to centres, level 10', PLAIN_3D, () => void beidou3d.decodeBatch(solidIds, 10)],
  ['3D parse: texts to ids, level 10', PLAIN_3D, () => void parseBeidou3dBatch(solidTexts)],
];

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${POINTS} points, ${ROUNDS} rounds, seed ${SEED}; M points/s as median (least .. most), then times the plain encoder and the ` +
    'reference loop, by medians',
);
for (const [, , run] of peers) run();
const rates = new Map<string, number[]>(peers.map(([name]) => [name, []]));
// Round by round over all peers, so that a busy machine slows them alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, , run] of peers) {
    const start = performance.now();
    run();
    rates.get(name)!.push(POINTS / 1000 / (performance.now() - start));
  }
}
for (const list of rates.values()) list.sort((a, b) => a - b);
const medianOf = (name: string): number => rates.get(name)![ROUNDS >> 1]!;
for (const [name, plain] of peers) {
  const list = rates.get(name)!;
  const spread = `${medianOf(name).toFixed(2).padStart(7)} (${list[0]!.toFixed(2)} .. ${list[ROUNDS - 1]!.toFixed(2)})`;
  const ratios = [
    plain === '' ? '' : `${(medianOf(name) / medianOf(plain)).toFixed(1)} x plain`,
    `${(medianOf(name) / medianOf(REFERENCE)).toFixed(3)} x reference`,
  ];
  console.log(`${name.padEnd(50)} ${spread.padEnd(26)} ${ratios[0]!.padEnd(14)} ${ratios[1]}`);
}
// Texts are kept to the end, so that no run can be left out.
if (texts.length !== POINTS) throw new Error('Texts are missing');
