import {
  coverRanges,
  isGridError,
  type ZoneRanges as PackedRanges,
  subtractRanges,
  unionRanges,
  zoneRanges,
} from '../../grid/index.ts';
import type { ZoneRanges } from '../store/rows/rows-sql.ts';
import { gridOf } from '../zones.ts';
import { type Area, boxGeometry, type ShapeArea } from './area.ts';
import { pathsOf, shapeOf } from './geometry/paths.ts';
import { QueryError } from './query-error.ts';
import type { AskedZone } from './scope.ts';
import type { AreaGeometry, GridId } from './shapes.ts';

/** Ranges of one statement: each is one comparison a row more. */
const MAX_RANGES = 64;
/** Compacted zones looked at for each range wanted: neighbours in one range are more than one zone. */
const ZONES_A_RANGE = 4;
/** Zones of a cover at a level that was asked for. */
const MAX_COVER = 20_000;

/**
 * Zones of a level that an area touches, as ranges of point ids of the wanted grid; never empty. Zones of the wanted grid stay what they
 * are; others are covered by their outlines.
 *
 * @throws {QueryError} `too-large` where the level is too fine for the area.
 */
export function coverAt(area: Area, dggrs: GridId, level: number): ZoneRanges & { readonly level: number } {
  if (area.kind === 'zones' && area.dggrs === dggrs) {
    const grid = gridOf(dggrs);
    // Finer ones stand for the zone of the level that they lie in.
    const zones = area.zones.map((asked) =>
      asked.level <= level
        ? asked
        : { ...asked, ...grid.range(grid.parent(asked.zone, asked.level, level), level) },
    );
    return { dggrs, level: Math.min(level, finestOf(area.zones)), ranges: listed(packedOf(zones)) };
  }
  const outlines = area.kind === 'zones' ? area.zones.map(outlineOf) : [area.geometry];
  const ranges = outlines.map((outline) => coverOrRefuse(dggrs, outline, level));
  return { dggrs, level, ranges: listed(ranges.reduce(unionRanges)) };
}

/**
 * Ranges that hold the point id of every position of a geometry, as few and as tight as a statement should have; null where
 * the grid has none (the polar caps): then every row is looked at.
 */
export function tightRanges(geometry: AreaGeometry, dggrs: GridId): ZoneRanges | null {
  const found = finestCover(geometry, dggrs, gridOf(dggrs).pointLevel, MAX_RANGES);
  return found === null ? null : { dggrs, ranges: listed(found.cover) };
}

/** A geometry in BeiDou zones, which nest exactly: those wholly inside, and those that the edge passes through. */
export interface SplitCover {
  readonly level: number;
  readonly whole: ZoneRanges;
  readonly edge: ZoneRanges;
}

/** Null in the polar caps. `finest`: no zone finer than this. */
export function splitCover({ geometry }: ShapeArea, finest: number): SplitCover | null {
  const found = finestCover(geometry, 'beidou2d', finest, 4 * MAX_RANGES);
  if (found === null) return null;
  const { level, cover } = found;
  const whole = zoneRanges(
    gridOf('beidou2d'),
    gridOf('beidou2d').coverCompact(geometry, level, MAX_COVER, 'within'),
  );
  const edge = subtractRanges(cover, whole);
  return {
    level,
    whole: { dggrs: 'beidou2d', ranges: listed(whole) },
    edge: { dggrs: 'beidou2d', ranges: listed(edge) },
  };
}

/** The cover at the finest level that needs no more ranges than these; null where no level has one. */
function finestCover(
  geometry: AreaGeometry,
  dggrs: GridId,
  finest: number,
  maxRanges: number,
): { readonly level: number; readonly cover: PackedRanges } | null {
  const grid = gridOf(dggrs);
  let found: { level: number; cover: PackedRanges } | null = null;
  for (let level = grid.minLevel; level <= finest; level++) {
    try {
      const most = found === null ? MAX_COVER : ZONES_A_RANGE * maxRanges;
      const cover = coverRanges(grid, geometry, level, most);
      // At the coarsest level nothing coarser is left.
      if (cover.lo.length > maxRanges && found !== null) return found;
      found = { level, cover };
      if (cover.lo.length > maxRanges) return found;
    } catch (error) {
      if (!isGridError(error)) throw error;
      return found;
    }
  }
  return found;
}

function coverOrRefuse(dggrs: GridId, geometry: AreaGeometry, level: number): PackedRanges {
  try {
    return coverRanges(gridOf(dggrs), geometry, level, MAX_COVER);
  } catch (error) {
    if (isGridError(error, 'too-many-zones')) {
      const { about } = gridOf(dggrs).estimateCover(geometry, level);
      throw new QueryError(
        'too-large',
        `Cannot take the area in level ${level} of ${dggrs}: about ${Math.round(about)} zones, ask for a coarser level`,
        { estimate: Math.round(about), limit: MAX_COVER, cause: error },
      );
    }
    if (isGridError(error)) {
      throw new QueryError('area-invalid', `Cannot take the area in ${dggrs}: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** [west, south, east, north] of a shape, degrees; longitudes run on across the antimeridian. */
export function boundsOf(geometry: AreaGeometry): readonly [number, number, number, number] {
  const first = geometry.type === 'Polygon' ? geometry.coordinates[0] : geometry.coordinates[0]?.[0];
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of pathsOf(shapeOf(geometry, first?.[0]?.[0] ?? 0))) {
    for (let n = 0; n < path.length; n += 2) {
      west = Math.min(west, path[n]!);
      east = Math.max(east, path[n]!);
      south = Math.min(south, path[n + 1]!);
      north = Math.max(north, path[n + 1]!);
    }
  }
  return [west, south, east, north];
}

/** Metres of a degree of latitude, at the least; and of longitude on the equator. */
const LEAST_PER_DEG = 110_500;

/** A box that surely holds everything within so many metres of a box. */
export function grownBox(
  [west, south, east, north]: readonly [number, number, number, number],
  byM: number,
): AreaGeometry {
  const pad = byM / LEAST_PER_DEG + 1e-7;
  const [low, high] = [Math.max(-90, south - pad), Math.min(90, north + pad)];
  const far = Math.max(Math.abs(low), Math.abs(high));
  // Sine rule on the sphere, with a hundredth to spare for the ellipsoid.
  const nearPole = Math.max(Math.abs(south), Math.abs(north));
  const ratio = Math.sin(Math.min(Math.PI / 2, (pad * Math.PI) / 180)) / Math.cos((nearPole * Math.PI) / 180);
  const padLon = far >= 89 || !(ratio < 0.99) ? 360 : (1.01 * Math.asin(ratio) * 180) / Math.PI + 1e-7;
  if (east - west + 2 * padLon >= 360) return boxGeometry([-180, low, 180, high]);
  const from = west - padLon;
  const turn = -360 * Math.round(from / 360);
  return boxGeometry([from + turn, low, east + padLon + turn, high]);
}

function outlineOf({ dggrs, zone, level }: AskedZone): AreaGeometry {
  return { type: 'Polygon', coordinates: [gridOf(dggrs).boundary(zone, level)] };
}

function finestOf(zones: readonly AskedZone[]): number {
  return Math.max(...zones.map(({ level }) => level));
}

/** Ranges of zones named in any order, some perhaps twice or inside one another. */
export function packedOf(zones: readonly { readonly lo: bigint; readonly hi: bigint }[]): PackedRanges {
  return zones
    .map(({ lo, hi }) => ({ lo: BigUint64Array.of(lo), hi: BigUint64Array.of(hi) }))
    .reduce<PackedRanges>(unionRanges, { lo: new BigUint64Array(0), hi: new BigUint64Array(0) });
}

function listed({ lo, hi }: PackedRanges): ZoneRanges['ranges'] {
  return Array.from(lo, (from, n) => ({ lo: from, hi: hi[n]! }));
}
