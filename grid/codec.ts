/**
 * The contract every grid keeps. A zone inside is a 64-bit id (`bigint`) and its level beside it; text only at the edges.
 * Positions are CGCS2000 / WGS 84 degrees, longitude first.
 */
import type { GridGeometry } from './geometry/geometry.ts';

/** Names of the flat grids, as an OGC API calls them (`dggrsId`). */
export type DggrsId = 'h3' | 'beidou2d';

/** Inclusive range of ids at the grid's point level: containment is `BETWEEN`. */
export interface ZoneRange {
  readonly lo: bigint;
  readonly hi: bigint;
}

/**
 * Which zones of a level stand for a geometry.
 * - `intersects`: every zone that shares a position with it. Conservative, and never empty for a non-empty geometry.
 * - `within`: zones that lie in it, in one polygon of it, with their whole area. Empty for points, lines and what is smaller than a zone.
 * - `centre`: zones whose centre lies in it or on its edge; where there is none, the zone of its representative point, so that a small
 *   parcel does not vanish; for points and lines the same zones as `intersects`.
 */
export type CoverMode = 'intersects' | 'within' | 'centre';

/** Zones of several levels, in ascending order of their ranges; none lies in another. Shapes (n) and (n). */
export interface ZoneSet {
  readonly zones: BigUint64Array;
  readonly levels: Uint8Array;
}

/** How many zones a cover at one level will have, told before it is made: bounds that hold, and a best guess between. */
export interface CoverEstimate {
  readonly atLeast: number;
  readonly about: number;
  readonly atMost: number;
}

/**
 * What every flat grid can do. Zones are 64-bit ids with their level beside them; positions longitude first, CGCS2000 degrees.
 *
 * Single calls throw `GridError` `zone-invalid` for what is no zone of the level given and `level-out-of-range` for what is no level of the
 * grid. Batches throw `level-out-of-range`, and `shape-mismatch` where arrays differ in length, never for a row.
 */
export interface ZoneGrid {
  readonly id: DggrsId;
  readonly minLevel: number;
  readonly maxLevel: number;
  /** Level at which points are kept and ranges are counted: 12 for H3, 10 for BeiDou. */
  readonly pointLevel: number;
  /** The zone a position lies in. @throws {GridError} `position-invalid`, `level-out-of-range`, `polar-unsupported`. */
  encode(lonDeg: number, latDeg: number, level: number): bigint;
  /** Shape (n) in, shape (n) out; no bigint is made inside. Positions the grid refuses give NO_ZONE (all ones). */
  encodeBatch(
    lonDeg: Float64Array,
    latDeg: Float64Array,
    level: number,
    out?: BigUint64Array,
  ): BigUint64Array;
  /**
   * Centres of zones of one level, degrees; shapes (n). No bigint is made inside. What is no zone of that level (`NO_ZONE` too)
   * gives NaN twice.
   */
  decodeBatch(
    zones: BigUint64Array,
    level: number,
    lonDeg?: Float64Array,
    latDeg?: Float64Array,
  ): { readonly lonDeg: Float64Array; readonly latDeg: Float64Array };
  /** The canonical text of a zone; its length or digits tell the level. */
  format(zone: bigint, level: number): string;
  /** Texts of zones of one level, trusted to be such; `NO_ZONE` gives the empty text. */
  formatBatch(zones: BigUint64Array, level: number): string[];
  /** The zone and level of a text. Canonical text only. @throws {GridError} `zone-invalid` with a reason. */
  parse(text: string): { readonly zone: bigint; readonly level: number };
  /** The zone of a coarser level it descends from; itself at its own level. @throws {GridError} `level-out-of-range` for a finer one. */
  parent(zone: bigint, level: number, parentLevel: number): bigint;
  /** Descendants at `subLevel`, ascending; the zone itself at its own level. @throws {GridError} `too-many-zones` above 2^20. */
  subZones(zone: bigint, level: number, subLevel: number): readonly bigint[];
  /** Zones of the same level that touch this one, across the axes, the antimeridian and the poles; symmetric. */
  neighbours(zone: bigint, level: number): readonly bigint[];
  /** Ids at `pointLevel` of everything inside the zone. @throws {GridError} `level-out-of-range` finer than `pointLevel`. */
  range(zone: bigint, level: number): ZoneRange;
  /** Middle of a zone, degrees; of a BeiDou zone round a pole, the pole. */
  centre(zone: bigint, level: number): readonly [lonDeg: number, latDeg: number];
  /** [west, south, east, north]; west > east across the antimeridian. */
  bounds(zone: bigint, level: number): readonly [number, number, number, number];
  /** Closed ring, counter-clockwise, `[lon, lat]`; continuous, so longitudes may pass 180 across the antimeridian. */
  boundary(zone: bigint, level: number): readonly (readonly [number, number])[];
  /** On the CGCS2000 ellipsoid, square metres. */
  areaM2(zone: bigint, level: number): number;
  /** Zones of `level` that stand for the geometry, ascending. @throws {GridError} `too-many-zones`, `geometry-invalid`. */
  cover(geometry: GridGeometry, level: number, maxZones: number, mode?: CoverMode): readonly bigint[];
  /**
   * The same zones as `cover`, with every complete set of children replaced by its parent, again and again: what `compactZones`
   * makes of them, without listing them. `maxZones` bounds the zones of the answer.
   * @throws {GridError} `too-many-zones`, `geometry-invalid`.
   */
  coverCompact(geometry: GridGeometry, level: number, maxZones: number, mode?: CoverMode): ZoneSet;
  /**
   * Zones of `level` and coarser whose ranges hold the point-level id of every position of the geometry. Only where `coverCompact`
   * falls short of that: a child of H3 sticks out of its parent, so the id of a position by the boundary may belong to a neighbour
   * of the zone the position lies in. `level` no finer than `pointLevel`. @throws {GridError} as `coverCompact`.
   */
  readonly coverForRanges?: (geometry: GridGeometry, level: number, maxZones: number) => ZoneSet;
  /** Cheap: work grows with the positions of the geometry, not with the zones. @throws {GridError} `geometry-invalid`. */
  estimateCover(geometry: GridGeometry, level: number): CoverEstimate;
}
