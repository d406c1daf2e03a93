import { isGridError, NO_ZONE, type ZoneGrid } from '../../grid/index.ts';
import type { Geometry, LocatedFeature } from '../model/index.ts';
import { atOnce, type Steps } from '../turns.ts';
import { coverLarge, isOrdinary } from './cover-large.ts';
import type { LocateGrids } from './grids.ts';

/** Zones of one feature in one grid. A city block needs tens; more makes the index big without telling more. */
export const MAX_COVER_ZONES = 256;
/** At the coarsest level nothing coarser is left: this many are taken instead, enough for either grid's whole world. */
const MAX_COARSEST_ZONES = 4096;
/** Finest levels tried: an H3 cell of 10 m, a BeiDou cell of 7.7 m. Finer says more than municipal outlines know. */
const FINEST = { h3: 12, beidou2d: 7 } as const;
/** Cells of one level differ in size within a feature; an area is only called too large when it is so by this factor. */
const AREA_MARGIN = 2;
/** Vertices encoded in one piece; outlines of more are covered in pieces. */
const VERTICES_AT_ONCE = 256;

/**
 * The zones a line or an area touches, in each grid at the finest level that needs at most `MAX_COVER_ZONES`. Points have
 * none: they are owned by their zone. Never empty in both grids for what is not a point, polar caps apart.
 */
export function coverOf(geometry: Geometry, grids: LocateGrids): LocatedFeature['cover'] {
  return atOnce(coverSteps(geometry, grids));
}

/** As `coverOf`, in pieces of a few ms: an outline of ten thousand vertices takes H3 about half a second. */
export function* coverSteps(geometry: Geometry, grids: LocateGrids): Steps<LocatedFeature['cover']> {
  if (geometry.type === 'Point') return [];
  const shape = shapeOf(geometry);
  const covers: LocatedFeature['cover'][number][] = [];
  for (const [name, grid] of [
    ['h3', grids.h3],
    ['beidou', grids.beidou2d],
  ] as const) {
    const found = yield* coverIn(geometry, shape, grid);
    if (found !== undefined) covers.push({ grid: name, ...found });
  }
  return covers;
}

function* coverIn(
  geometry: Geometry,
  shape: Shape,
  grid: ZoneGrid,
): Steps<{ level: number; zones: BigUint64Array } | undefined> {
  // The rasters of BeiDou take tens of thousands of vertices in one piece.
  const large = grid.id === 'h3' && shape.lonDeg.length > VERTICES_AT_ONCE && isOrdinary(geometry);
  for (let level: number = FINEST[grid.id]; level >= grid.minLevel; level--) {
    const coarsest = level === grid.minLevel;
    // A whole cover costs much more than these looks, and most levels are ruled out by them.
    if (!coarsest && (yield* surelyTooMany(shape, grid, level))) continue;
    try {
      const maxZones = coarsest ? MAX_COARSEST_ZONES : MAX_COVER_ZONES;
      const zones = large
        ? yield* coverLarge(geometry, grid, level, maxZones)
        : grid.cover(geometry, level, maxZones);
      if (zones !== undefined && zones.length > 0) return { level, zones: BigUint64Array.from(zones) };
    } catch (error) {
      // Too many zones at this level, or a part of the geometry where the grid has none: a coarser level may do.
      if (!isGridError(error)) throw error;
    }
  }
  return undefined;
}

/** What bounds the number of zones from below: where the vertices are, and how much area there is. */
interface Shape {
  readonly lonDeg: Float64Array;
  readonly latDeg: Float64Array;
  readonly areaM2: number;
}

function shapeOf(geometry: Geometry): Shape {
  const paths =
    geometry.type === 'MultiPolygon'
      ? geometry.coordinates.flat()
      : geometry.type === 'Polygon'
        ? geometry.coordinates
        : geometry.type === 'LineString'
          ? [geometry.coordinates]
          : [[geometry.coordinates]];
  const vertices = paths.flat();
  const polygons =
    geometry.type === 'MultiPolygon'
      ? geometry.coordinates
      : geometry.type === 'Polygon'
        ? [geometry.coordinates]
        : [];
  return {
    lonDeg: Float64Array.from(vertices, (vertex) => vertex[0]!),
    latDeg: Float64Array.from(vertices, (vertex) => vertex[1]!),
    areaM2: polygons.reduce((sum, [outer, ...holes]) => {
      const inside = holes.reduce((holed, hole) => holed + ringAreaM2(hole), 0);
      return sum + Math.max(0, ringAreaM2(outer!) - inside);
    }, 0),
  };
}

/** On a plane of equal scale at the ring's first vertex: good enough to choose a level by. */
function ringAreaM2(ring: readonly (readonly number[])[]): number {
  const metres = 111_320;
  const scale = Math.cos((ring[0]![1]! * Math.PI) / 180);
  let doubled = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    doubled += ring[i]![0]! * ring[i + 1]![1]! - ring[i + 1]![0]! * ring[i]![1]!;
  }
  return (Math.abs(doubled) / 2) * metres * metres * scale;
}

function* surelyTooMany(shape: Shape, grid: ZoneGrid, level: number): Steps<boolean> {
  const seen = new Set<bigint>();
  for (let at = 0; at < shape.lonDeg.length; at += VERTICES_AT_ONCE) {
    const end = at + VERTICES_AT_ONCE;
    const zones = grid.encodeBatch(shape.lonDeg.subarray(at, end), shape.latDeg.subarray(at, end), level);
    for (const zone of zones) if (zone !== NO_ZONE) seen.add(zone);
    if (seen.size > MAX_COVER_ZONES) return true;
    yield;
  }
  const [sample] = seen;
  if (sample === undefined) return false;
  return shape.areaM2 > AREA_MARGIN * MAX_COVER_ZONES * grid.areaM2(sample, level);
}
