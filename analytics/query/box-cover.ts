import { coverRanges, type GridGeometry } from '../../grid/index.ts';
import type { ZoneRanges } from '../store/rows/rows-sql.ts';
import { gridOf } from '../zones.ts';
import type { GridId } from './shapes.ts';

type Box = readonly [west: number, south: number, east: number, north: number];

/** Zones that a box is told by: few enough to compare with, enough to leave most of a city out. */
const ABOUT_ZONES = 128;
/** Part of a zone's size that a box is widened by, so that no zone with an edge in it has all its points outside. */
const MARGIN = 1.05;

/**
 * Ranges of point ids that hold every position of a box, and more: whole zones of some level, a few of them.
 *
 * @param finest - No zones finer than this level.
 */
export function coverOfBox(
  dggrs: GridId,
  box: Box,
  finest: number = gridOf(dggrs).pointLevel,
): ZoneRanges & { readonly level: number } {
  const grid = gridOf(dggrs);
  const geometry = polygonsOf(box);
  let level = grid.minLevel;
  while (level < finest && grid.estimateCover(geometry, level + 1).about <= ABOUT_ZONES) level += 1;
  const { lo, hi } = coverRanges(grid, geometry, level, ABOUT_ZONES * 64);
  return { dggrs, level, ranges: Array.from(lo, (low, index) => ({ lo: low, hi: hi[index]! })) };
}

/** As `coverOfBox`, and of every zone of `level` whose bounds touch the box. */
export function coverOfZonesIn(dggrs: GridId, box: Box, level: number): ReturnType<typeof coverOfBox> {
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
  const spread = east - west + (east < west ? 360 : 0) + 2 * wide * MARGIN;
  return coverOfBox(
    dggrs,
    spread >= 360
      ? [-180, clamped(south - high * MARGIN), 180, clamped(north + high * MARGIN)]
      : [
          wrapped(west - wide * MARGIN),
          clamped(south - high * MARGIN),
          wrapped(east + wide * MARGIN),
          clamped(north + high * MARGIN),
        ],
    level,
  );
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
