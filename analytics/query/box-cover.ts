import { coverRanges, type GridGeometry, isGridError } from '../../grid/index.ts';
import type { ZoneRanges } from '../store/rows/rows-sql.ts';
import { gridOf } from '../zones.ts';
import type { GridId } from './shapes.ts';

type Box = readonly [west: number, south: number, east: number, north: number];

/** Zones that a box is told by: few enough to compare with, enough to leave most of a city out. */
const ABOUT_ZONES = 48;
/** Most zones of one cover: a long thin box has many along its edge. */
const MAX_ZONES = 20_000;
const M2_PER_SQUARE_DEGREE = 111_195 ** 2;
/** Part of a zone's size that a box is widened by, so that no zone with an edge in it has all its points outside. */
const MARGIN = 1.05;

/** Whole zones of some level, by ranges of point ids. */
export type BoxCover = ZoneRanges & { readonly level: number };

/**
 * Ranges of point ids that hold every position of a box, and more: whole zones of some level, a few of them. Undefined where the grid
 * has none: about the poles, and for what is no box; then nothing can be skipped.
 */
export function coverOfBox(dggrs: GridId, box: Box): BoxCover | undefined {
  return orNone(() => cover(dggrs, box, gridOf(dggrs).pointLevel));
}

/** As `coverOfBox`, and of every zone of `level` whose bounds touch the box; no zones finer than those. */
export function coverOfZonesIn(dggrs: GridId, box: Box, level: number): BoxCover | undefined {
  return orNone(() => cover(dggrs, widened(dggrs, box, level), level));
}

/** Cells of H3 that hold every position of the zones of a level whose bounds touch the box: sealed readings lie in their order. */
export function cellsOfZonesIn(dggrs: GridId, box: Box, level: number): BoxCover | undefined {
  return orNone(() => cover('h3', widened(dggrs, box, level), gridOf('h3').pointLevel));
}

function orNone(make: () => BoxCover): BoxCover | undefined {
  try {
    return make();
  } catch (error) {
    if (isGridError(error)) return undefined;
    throw error;
  }
}

function cover(dggrs: GridId, box: Box, finest: number): BoxCover {
  const grid = gridOf(dggrs);
  const geometry = polygonsOf(box);
  // By area: to ask the grid what each level would have takes longer than the cover.
  const middle: readonly [number, number] = [wrapped(box[0] + spreadOf(box) / 2), (box[1] + box[3]) / 2];
  const perDegree = Math.cos((middle[1] * Math.PI) / 180);
  const areaM2 = spreadOf(box) * perDegree * (box[3] - box[1]) * M2_PER_SQUARE_DEGREE;
  let level = grid.minLevel;
  while (level < finest && areaM2 <= ABOUT_ZONES * zoneAreaM2(dggrs, middle, level + 1)) level += 1;
  const { lo, hi } = coverRanges(grid, geometry, level, MAX_ZONES);
  return { dggrs, level, ranges: Array.from(lo, (low, index) => ({ lo: low, hi: hi[index]! })) };
}

/** The box and a zone of the level on each side of it. */
function widened(dggrs: GridId, box: Box, level: number): Box {
  const grid = gridOf(dggrs);
  let [wide, high] = [0, 0];
  for (const lon of [box[0], box[2]]) {
    for (const lat of [box[1], box[3]]) {
      const bounds = grid.bounds(grid.encode(wrapped(lon), Math.max(-89, Math.min(89, lat)), level), level);
      wide = Math.max(wide, (bounds[2] - bounds[0] + 360) % 360);
      high = Math.max(high, bounds[3] - bounds[1]);
    }
  }
  const [west, south, east, north] = box;
  const spread = spreadOf(box) + 2 * wide * MARGIN;
  const [least, greatest] = [clamped(south - high * MARGIN), clamped(north + high * MARGIN)];
  return spread >= 360
    ? [-180, least, 180, greatest]
    : [wrapped(west - wide * MARGIN), least, wrapped(east + wide * MARGIN), greatest];
}

/** Of the zone at a position, away from the poles. */
function zoneAreaM2(dggrs: GridId, [lon, lat]: readonly [number, number], level: number): number {
  const grid = gridOf(dggrs);
  return grid.areaM2(grid.encode(lon, Math.max(-85, Math.min(85, lat)), level), level);
}

/** Degrees from west to east. */
function spreadOf([west, , east]: Box): number {
  return east - west + (east < west ? 360 : 0);
}

function clamped(lat: number): number {
  return Math.max(-90, Math.min(90, lat));
}

function wrapped(lon: number): number {
  return lon < -180 ? lon + 360 : lon > 180 ? lon - 360 : lon;
}

/** A box that crosses the antimeridian has west > east, and is two. */
function polygonsOf([west, south, east, north]: Box): GridGeometry {
  const pieces =
    west <= east
      ? [[west, east]]
      : [
          [west, 180],
          [-180, east],
        ];
  return {
    type: 'MultiPolygon',
    coordinates: pieces.map(([w, e]) => [
      [
        [w!, south],
        [e!, south],
        [e!, north],
        [w!, north],
        [w!, south],
      ],
    ]),
  };
}
