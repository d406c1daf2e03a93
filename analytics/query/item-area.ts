import type { GridGeometry } from '../../grid/index.ts';
import { ubigint } from '../sql/macros.ts';
import type { ZoneRanges } from '../store/rows/rows-sql.ts';
import { columnOf, gridOf } from '../zones.ts';
import type { Area } from './area.ts';
import { boundsOf, coverAt, grownBox, splitCover, tightRanges } from './area-cover.ts';
import { distanceToGeometryM } from './geometry/distance.ts';
import { distanceM, type LonLat } from './geometry/geodesic.ts';
import { prepareArea } from './geometry/meets.ts';
import { rangesSql } from './ranges-sql.ts';
import type { Scope } from './scope.ts';
import type { AreaGeometry } from './shapes.ts';

/** Where an event, a feature or a Thing is. Nowhere: both null. */
export interface ItemPlace {
  readonly dataset: string;
  readonly lonLat: LonLat | null;
  /** Of a feature that is more than a point. */
  readonly geometry: GridGeometry | null;
}

/**
 * An area as it decides about items: first the ranges in which all that can be in it lie, then the exact test. What is tested is the place
 * as it may be shown, so that nobody finds by asking area after area what the answer would not tell them.
 */
export interface ItemArea {
  /** Point ids, or zones of covers, that can be in the area; null: any. */
  readonly ranges: ZoneRanges | null;
  /** A box that holds every position that can be in the area, degrees; longitudes may run on. Null: none is known. */
  readonly box: readonly [west: number, south: number, east: number, north: number] | null;
  /** Points here are in the area for certain; null: none is known to be. */
  certain(): ZoneRanges | null;
  /** False: all in the ranges is in the area. */
  readonly exact: boolean;
  accepts(place: ItemPlace): boolean;
  /** Is a Thing that is shown there in the area? */
  holds(lonLat: LonLat): boolean;
  /** From the middle of a circle, metres; null for other areas and for what has no place. */
  distanceM(place: ItemPlace): number | null;
}

/** BeiDou zones of 8 m: finer ones tell no more. */
const CERTAIN_LEVEL = 7;

/** Makes an area ready. @throws {QueryError} `too-large`, `area-invalid`. */
export function itemArea(scope: Scope, area: Area): ItemArea {
  if (area.kind === 'zones') {
    const ranges = coverAt(area, area.dggrs, Math.max(...area.zones.map(({ level }) => level)));
    const grid = gridOf(area.dggrs);
    const holds = ([lon, lat]: LonLat) => {
      const id = grid.encode(lon, lat, grid.pointLevel);
      return ranges.ranges.some(({ lo, hi }) => id >= lo && id <= hi);
    };
    return {
      ranges,
      box: null,
      certain: () => ranges,
      exact: false,
      accepts: () => true,
      holds,
      distanceM: () => null,
    };
  }
  const { circle, geometry } = area;
  const coarse = coarsenessM(scope, middleOf(geometry));
  const shown = (place: ItemPlace): ItemPlace =>
    coarse === 0 ? place : { ...place, lonLat: scope.place(place.dataset, place.lonLat), geometry: null };
  const distance = (place: ItemPlace): number | null =>
    circle === null ? null : distanceOf(circle.lonLat, shown(place));
  const { meets } = prepareArea(geometry);
  const candidates = candidateShape(geometry, circle, coarse);
  const meetsOrNear = (place: ItemPlace): boolean => {
    if (circle !== null) {
      const metres = distanceOf(circle.lonLat, place, circle.radiusM);
      return metres !== null && metres <= circle.radiusM;
    }
    if (place.geometry !== null) return meets(place.geometry);
    return place.lonLat !== null && area.contains(place.lonLat[0], place.lonLat[1]);
  };
  return {
    ranges: tightRanges(candidates, 'beidou2d'),
    box: boundsOf(candidates),
    certain: () => (coarse > 0 || circle !== null ? null : (splitCover(area, CERTAIN_LEVEL)?.whole ?? null)),
    exact: true,
    accepts: (place) => meetsOrNear(shown(place)),
    holds: (lonLat) => meetsOrNear({ dataset: '', lonLat, geometry: null }),
    distanceM: distance,
  };
}

/** SQL for "the item can be in the area", over the columns of its point and, with `covered`, the zones of a feature. */
export function rangesOfItemsSql(
  { ranges, box }: Pick<ItemArea, 'ranges' | 'box'>,
  covered: boolean,
): string {
  if (ranges === null) return 'true';
  if (ranges.ranges.length === 0) return 'false';
  const column = columnOf(ranges.dggrs);
  // Two plain comparisons leave little for those of the ranges.
  const own = `${box === null ? '' : `${boxSql(box)} AND `}${rangesSql(column, ranges.ranges)}`;
  if (!covered) return `(${own})`;
  const zones = ranges.ranges.map(({ lo, hi }) => `(lo <= ${ubigint(hi)} AND hi >= ${ubigint(lo)})`);
  const hull = `lo <= ${ubigint(ranges.ranges.at(-1)!.hi)} AND hi >= ${ubigint(ranges.ranges[0]!.lo)}`;
  return `((${own}) OR id IN (SELECT feature FROM feature_zone WHERE grid = '${column}' AND ${hull} AND (${zones.join(' OR ')})))`;
}

/** What an edge may be off by and still be the edge, degrees: more than the exact test allows. */
const EDGE_DEG = 1e-8;

function boxSql([west, south, east, north]: readonly [number, number, number, number]): string {
  const lat = `lat BETWEEN ${south - EDGE_DEG}::DOUBLE AND ${north + EDGE_DEG}::DOUBLE`;
  if (east - west >= 359) return lat;
  const [from, to] = [west - EDGE_DEG, east + EDGE_DEG];
  const lon = (low: number, high: number) => `lon BETWEEN ${low}::DOUBLE AND ${high}::DOUBLE`;
  if (to > 180) return `${lat} AND (${lon(from, 180)} OR ${lon(-180, to - 360)})`;
  if (from < -180) return `${lat} AND (${lon(from + 360, 180)} OR ${lon(-180, to)})`;
  return `${lat} AND ${lon(from, to)}`;
}

/** Metres from a position to where an item is; null where it is nowhere. `beyondM` as of `distanceToGeometryM`. */
export function distanceOf(from: LonLat, { lonLat, geometry }: ItemPlace, beyondM?: number): number | null {
  if (geometry !== null) return distanceToGeometryM(from, geometry, beyondM);
  return lonLat === null ? null : distanceM(from, lonLat);
}

/** The shape in which all lie whose place, as shown, is in the area. */
function candidateShape(
  geometry: AreaGeometry,
  circle: { readonly lonLat: LonLat; readonly radiusM: number } | null,
  coarse: number,
): AreaGeometry {
  if (circle !== null) {
    const [lon, lat] = circle.lonLat;
    return grownBox([lon, lat, lon, lat], circle.radiusM * 1.001 + coarse);
  }
  return coarse === 0 ? geometry : grownBox(boundsOf(geometry), coarse);
}

/** How far a place may be shown from where it is, metres; 0 where places are shown as they are. */
function coarsenessM(scope: Scope, [lon, lat]: LonLat): number {
  const finest = scope.access.finestLevel;
  const grid = gridOf('h3');
  if (finest === null || finest.h3 >= grid.pointLevel) return 0;
  const level = Math.max(grid.minLevel, finest.h3);
  const zone = grid.encode(lon, lat, level);
  const centre = grid.centre(zone, level);
  const corners = grid.boundary(zone, level).map((corner) => distanceM(centre, corner));
  // Cells differ in size over the globe, by less than twice from one to those near it.
  return 2 * Math.max(...corners);
}

function middleOf(geometry: AreaGeometry): LonLat {
  const [west, south, east, north] = boundsOf(geometry);
  const lon = (west + east) / 2;
  return [lon - 360 * Math.round(lon / 360), (south + north) / 2];
}
