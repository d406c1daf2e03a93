/**
 * Seven counties (19,651 km2) as zones: compacted covers and ranges of BeiDou level 6 and H3 level 9, by mode, with their area errors.
 *
 * Peers in the same run: for H3 `polygonToCells` and `compactCells` of h3-js (cells whose centre is inside, as ids in text); for BeiDou the plain
 * way: every row's cells tried one by one against the outline's crossings, listed, then compacted.
 *
 * Estimate before writing: BeiDou 24,000 rows in all with two crossings each and 200,000 zones to write, 20 ms; listing 6.3 M zones
 * takes a second at the least. H3 217,000 cells, of which some 10,000 lie along the outlines: 100 ms.
 *
 * Run: node --import tsx bench/grid-cover.bench.ts
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { cellToChildrenSize, compactCells, getResolution, polygonToCells } from 'h3-js';
import {
  beidou2d,
  type CoverMode,
  compactZones,
  coverAreaM2,
  coverRanges,
  geometryAreaM2,
  h3,
  toCgcs2000,
  type ZoneGrid,
} from '../grid/index.ts';
import { seededRandom } from '../scripts/testing/seeded-random.ts';

const ROUNDS = 5;
const SEED = 39_409;
const LEVELS = { beidou2d: 6, h3: 9 } as const;
const MODES: readonly CoverMode[] = ['intersects', 'within', 'centre'];
const SHARED = new URL(
  '../../shared/data/boundaries/dingxi_621100_counties_datav_gcj02.geojson',
  import.meta.url,
);

type Rings = readonly (readonly (readonly number[])[])[];
interface County {
  readonly type: 'MultiPolygon';
  readonly coordinates: readonly Rings[];
}

function sharedCounties(): readonly County[] {
  const { features } = JSON.parse(readFileSync(SHARED, 'utf8')) as {
    features: readonly { geometry: County }[];
  };
  return features.map(({ geometry }) => ({
    type: 'MultiPolygon',
    coordinates: geometry.coordinates.map((rings) =>
      rings.map((ring) =>
        ring.map(([lonDeg, latDeg]) => {
          const moved = toCgcs2000({ datum: 'gcj02', lonDeg: lonDeg!, latDeg: latDeg! });
          return [moved.lonDeg, moved.latDeg];
        }),
      ),
    ),
  }));
}

/** Seven rugged outlines of 300 vertices side by side, as large together as the counties. */
function generatedCounties(): readonly County[] {
  const next = seededRandom(SEED);
  return Array.from({ length: 7 }, (_, k) => {
    const [lon, lat] = [103.6 + 0.7 * (k % 4), 34.6 + 0.7 * Math.floor(k / 4)];
    let wobble = 0;
    const ring = Array.from({ length: 300 }, (__, n) => {
      wobble = 0.9 * wobble + 0.02 * (next() - 0.5);
      const angle = (2 * Math.PI * n) / 300;
      const radius = 0.297 * (1 + wobble + 0.05 * Math.sin(5 * angle));
      return [lon + 1.22 * radius * Math.cos(angle), lat + radius * Math.sin(angle)];
    });
    return { type: 'MultiPolygon', coordinates: [[[...ring, ring[0]!]]] };
  });
}

/** The plain way: rows of cells, each centre against the crossings of its row, all listed and compacted afterwards. */
function plainBeidou(county: County, level: number): number {
  const { south, north } = boundsOf(county);
  const size = 2 / 3600;
  const listed: BigUint64Array[] = [];
  for (let row = Math.floor(south / size); row * size <= north; row += 1) {
    const y = (row + 0.5) * size;
    const crossings = crossingsAt(county, y);
    if (crossings.length < 2) continue;
    const lons: number[] = [];
    const last = crossings[crossings.length - 1]!;
    for (let column = Math.floor(crossings[0]! / size); column * size <= last; column += 1) {
      const x = (column + 0.5) * size;
      let before = 0;
      for (const crossing of crossings) if (crossing < x) before += 1;
      if (before % 2 === 1) lons.push(x);
    }
    listed.push(beidou2d.encodeBatch(Float64Array.from(lons), new Float64Array(lons.length).fill(y), level));
  }
  const zones = new BigUint64Array(listed.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of listed) {
    zones.set(each, at);
    at += each.length;
  }
  return compactZones(beidou2d, zones, level).zones.length;
}

function crossingsAt({ coordinates }: County, y: number): number[] {
  const found: number[] = [];
  for (const ring of coordinates.flat()) {
    for (let n = 1; n < ring.length; n += 1) {
      const [ax, ay] = ring[n - 1] as [number, number];
      const [bx, by] = ring[n] as [number, number];
      if (ay <= y !== by <= y) found.push(ax + ((y - ay) * (bx - ax)) / (by - ay));
    }
  }
  return found.sort((a, b) => a - b);
}

function boundsOf({ coordinates }: County): { readonly south: number; readonly north: number } {
  const lats = coordinates.flat(2).map(([, lat]) => lat!);
  return { south: Math.min(...lats), north: Math.max(...lats) };
}

function plainH3(county: County, level: number): number {
  const cells = county.coordinates.flatMap((rings) => polygonToCells(rings as number[][][], level, true));
  return compactCells(cells).length;
}

const counties = existsSync(SHARED) ? sharedCounties() : generatedCounties();
const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
const area = sum(counties.map((county) => geometryAreaM2(county)));
console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, ` +
    `${counties.length} counties ${existsSync(SHARED) ? '(shared boundaries)' : '(generated)'}, ` +
    `${sum(counties.map(({ coordinates }) => coordinates.flat(2).length))} vertices, ${(area / 1e6).toFixed(0)} km2, seed ${SEED}; ` +
    `${ROUNDS} rounds interleaved, ms for all counties as median (least .. most)`,
);

const MANY = 10_000_000;
const runs: (readonly [name: string, run: () => number])[] = [];
for (const grid of [beidou2d, h3]) {
  const level = LEVELS[grid.id];
  for (const mode of MODES) {
    runs.push([
      `${grid.id} level ${level} coverCompact ${mode}, zones`,
      () => sum(counties.map((county) => grid.coverCompact(county, level, MANY, mode).zones.length)),
    ]);
  }
  runs.push(
    [
      `${grid.id} level ${level} coverRanges intersects, ranges`,
      () => sum(counties.map((county) => coverRanges(grid, county, level, MANY).lo.length)),
    ],
    [
      `${grid.id} level ${level} estimateCover, about`,
      () => sum(counties.map((county) => grid.estimateCover(county, level).about)),
    ],
  );
}
runs.push(
  [
    'peer: beidou2d level 6 centres row by row, then compacted',
    () => sum(counties.map((each) => plainBeidou(each, 6))),
  ],
  ['peer: h3-js level 9 polygonToCells, compactCells', () => sum(counties.map((each) => plainH3(each, 9)))],
);
const times = new Map<string, number[]>(runs.map(([name]) => [name, []]));
const results = new Map<string, number>();
// Round by round over all, so that a busy machine slows them alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of runs) {
    const start = performance.now();
    results.set(name, run());
    times.get(name)!.push(performance.now() - start);
  }
}
const medians = new Map<string, number>();
for (const [name, list] of times) {
  list.sort((a, b) => a - b);
  const [median, least, most] = [list[ROUNDS >> 1]!, list[0]!, list[ROUNDS - 1]!];
  medians.set(name, median);
  console.log(
    `${name.padEnd(58)} ${median.toFixed(1).padStart(8)} (${least.toFixed(1)} .. ${most.toFixed(1)})  ${Math.round(results.get(name)!)}`,
  );
}
const ratio = (peer: string, own: string): string => (medians.get(peer)! / medians.get(own)!).toFixed(1);
console.log(
  `centre against its peer: beidou2d ${ratio(runs[runs.length - 2]![0], 'beidou2d level 6 coverCompact centre, zones')} x, ` +
    `h3 ${ratio(runs[runs.length - 1]![0], 'h3 level 9 coverCompact centre, zones')} x`,
);
for (const grid of [beidou2d, h3]) reportAreas(grid, LEVELS[grid.id]);

/** Area of the covers against that of the polygons, and how many zones of the level they stand for. */
function reportAreas(grid: ZoneGrid, level: number): void {
  for (const mode of MODES) {
    const sets = counties.map((county) => grid.coverCompact(county, level, MANY, mode));
    const covered = sum(sets.map((set) => coverAreaM2(grid, set)));
    const zones = sum(
      sets.map(({ zones, levels }) =>
        sum(Array.from(levels, (from, n) => fineZones(grid, zones[n]!, from, level))),
      ),
    );
    console.log(
      `area ${grid.id} level ${level} ${mode.padEnd(10)} ${zones} zones, ${(covered / 1e6).toFixed(2)} km2, ` +
        `${((covered / area - 1) * 100).toFixed(3)} % off`,
    );
  }
}

function fineZones(grid: ZoneGrid, zone: bigint, from: number, level: number): number {
  if (grid.id === 'h3')
    return cellToChildrenSize(
      grid.format(zone, from),
      Math.max(level, getResolution(grid.format(zone, from))),
    );
  return [0, 0, 96, 6, 150, 225, 4, 64, 64, 64, 64]
    .slice(from + 1, level + 1)
    .reduce((product, n) => product * n, 1);
}
