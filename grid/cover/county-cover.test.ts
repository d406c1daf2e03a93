import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../scripts/testing/seeded-random.ts';
import { beidou2d } from '../beidou/beidou2d.ts';
import type { ZoneGrid } from '../codec.ts';
import { toCgcs2000 } from '../datum/datum.ts';
import { geometryAreaM2 } from '../geometry/ellipsoid-area.ts';
import type { GridGeometry } from '../geometry/geometry.ts';
import { prepareGeometry } from '../geometry/point-in-geometry.ts';
import { h3 } from '../h3/h3.ts';
import { coverRanges, zoneRanges } from './compact.ts';
import { coverAreaM2 } from './cover-area.ts';
import { rangesContain, rangesContainBatch } from './zone-ranges.ts';

const POINTS = 100_000;
const shared = fileURLToPath(
  new URL('../../../shared/data/boundaries/dingxi_621100_counties_datav_gcj02.geojson', import.meta.url),
);

/** A county of about 2,800 km2 with a rugged outline and a hole. */
function generated(): GridGeometry {
  const next = seededRandom(7);
  const ring = (count: number, radius: number): number[][] => {
    const list = Array.from({ length: count }, (_, n) => {
      const angle = (2 * Math.PI * n) / count;
      const size = radius * (0.8 + 0.2 * next());
      return [104.6 + size * Math.cos(angle), 35.6 + 0.8 * size * Math.sin(angle)];
    });
    return [...list, list[0]!];
  };
  return { type: 'Polygon', coordinates: [ring(300, 0.4), ring(40, 0.1)] };
}

function counties(): readonly GridGeometry[] {
  type Positions = readonly number[] | readonly Positions[];
  const convert = (positions: Positions): Positions => {
    if (typeof positions[0] !== 'number') return (positions as readonly Positions[]).map(convert);
    const [lonDeg, latDeg] = positions as readonly number[];
    const moved = toCgcs2000({ datum: 'gcj02', lonDeg: lonDeg!, latDeg: latDeg! });
    return [moved.lonDeg, moved.latDeg];
  };
  const { features } = JSON.parse(readFileSync(shared, 'utf8')) as {
    features: readonly { geometry: { type: string; coordinates: Positions } }[];
  };
  return features.map(
    ({ geometry }) => ({ type: geometry.type, coordinates: convert(geometry.coordinates) }) as GridGeometry,
  );
}

/** Random points of the geometries' box, split into those inside and those outside. */
function scatter(geometries: readonly GridGeometry[]): {
  readonly inside: Float64Array[];
  readonly outside: Float64Array[];
} {
  const positions = geometries.flatMap((geometry) =>
    geometry.type === 'MultiPolygon'
      ? geometry.coordinates.flat(2)
      : (geometry as never as { coordinates: number[][][] }).coordinates.flat(),
  );
  const lons = positions.map(([lon]) => lon!);
  const lats = positions.map(([, lat]) => lat!);
  const [west, south] = [Math.min(...lons), Math.min(...lats)];
  const [width, height] = [Math.max(...lons) - west, Math.max(...lats) - south];
  const next = seededRandom(39_409);
  const prepared = geometries.map(prepareGeometry);
  const [inside, outside]: [number[][], number[][]] = [[], []];
  while (inside.length < POINTS) {
    const point = [west + width * next(), south + height * next()];
    (prepared.some((each) => each.contains(point[0]!, point[1]!)) ? inside : outside).push(point);
  }
  const columns = (points: number[][]): Float64Array[] => [
    Float64Array.from(points, ([x]) => x!),
    Float64Array.from(points, ([, y]) => y!),
  ];
  return { inside: columns(inside), outside: columns(outside) };
}

function expectHeld(geometries: readonly GridGeometry[], grid: ZoneGrid, level: number): void {
  const { inside, outside } = scatter(geometries);
  const all: GridGeometry = { type: 'GeometryCollection', geometries };
  const set = grid.coverCompact(all, level, 1e6);
  const ranges = zoneRanges(grid, set);
  const ids = grid.encodeBatch(inside[0]!, inside[1]!, grid.pointLevel);
  expect(rangesContainBatch(ranges, ids).every((each) => each === 1)).toBe(true);
  expect(rangesContain(ranges, ids[0]!)).toBe(true);
  // Zones within hold no point outside.
  const held = coverRanges(grid, all, level, 1e6, 'within');
  const others = grid.encodeBatch(outside[0]!, outside[1]!, grid.pointLevel);
  const wrong = rangesContainBatch(held, others).reduce((sum, each) => sum + each, 0);
  // A point of H3's level 12 may lie just outside the coarser cell its id belongs to.
  expect(wrong).toBeLessThanOrEqual(grid.id === 'h3' ? others.length / 500 : 0);
  const area = geometries.reduce((sum, each) => sum + geometryAreaM2(each), 0);
  // Half the zones along so rugged an outline lie outside.
  expect(Math.abs(coverAreaM2(grid, set) / area - 1)).toBeLessThan(grid.id === 'h3' ? 0.05 : 0.02);
}

describe.each([
  ['beidou2d', beidou2d, 6],
  ['h3', h3, 9],
] as const)('cover of counties in %s', (_id, grid, level) => {
  it('coverCompact and zoneRanges: every one of 100,000 points inside a county lies in its ranges', () => {
    expectHeld([generated()], grid, level);
  }, 30_000);

  it.skipIf(!existsSync(shared))(
    'the same over seven counties (skipped where the shared boundaries are not there)',
    () => {
      expectHeld(counties(), grid, level);
    },
    30_000,
  );
});
