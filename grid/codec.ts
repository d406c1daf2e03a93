/**
 * The contract every grid keeps. A zone inside is a 64-bit id (`bigint`) and its level beside it; text only at the edges.
 * Positions are CGCS2000 / WGS 84 degrees, longitude first.
 */
import type { GridGeometry } from './geometry/geometry.ts';

export type DggrsId = 'h3' | 'beidou2d';

/** Inclusive range of ids at the grid's point level: containment is `BETWEEN`. */
export interface ZoneRange {
  readonly lo: bigint;
  readonly hi: bigint;
}

export interface ZoneGrid {
  readonly id: DggrsId;
  readonly minLevel: number;
  readonly maxLevel: number;
  /** Level at which points are kept and ranges are counted: 12 for H3, 10 for BeiDou. */
  readonly pointLevel: number;
  /** @throws {GridError} `position-invalid`, `level-out-of-range`, `polar-unsupported`. */
  encode(lonDeg: number, latDeg: number, level: number): bigint;
  /** Shape (n) in, shape (n) out; no bigint is made inside. Positions the grid refuses give NO_ZONE (all ones). */
  encodeBatch(
    lonDeg: Float64Array,
    latDeg: Float64Array,
    level: number,
    out?: BigUint64Array,
  ): BigUint64Array;
  format(zone: bigint, level: number): string;
  /** @throws {GridError} `zone-invalid` with a reason. Canonical text only. */
  parse(text: string): { readonly zone: bigint; readonly level: number };
  parent(zone: bigint, level: number, parentLevel: number): bigint;
  /** Descendants at `subLevel`, ascending; the zone itself at its own level. @throws {GridError} `too-many-zones` above 2^20. */
  subZones(zone: bigint, level: number, subLevel: number): readonly bigint[];
  /** Zones of the same level that touch this one, across the axes, the antimeridian and the poles; symmetric. */
  neighbours(zone: bigint, level: number): readonly bigint[];
  /** Ids at `pointLevel` of everything inside the zone. @throws {GridError} `level-out-of-range` finer than `pointLevel`. */
  range(zone: bigint, level: number): ZoneRange;
  centre(zone: bigint, level: number): readonly [lonDeg: number, latDeg: number];
  /** [west, south, east, north]; west > east across the antimeridian. */
  bounds(zone: bigint, level: number): readonly [number, number, number, number];
  /** Closed ring, counter-clockwise, `[lon, lat]`; continuous, so longitudes may pass 180 across the antimeridian. */
  boundary(zone: bigint, level: number): readonly (readonly [number, number])[];
  /** On the ellipsoid for BeiDou, H3's own spherical area for H3. Square metres. */
  areaM2(zone: bigint, level: number): number;
  /** Zones of `level` that intersect the geometry; never empty for a non-empty one. @throws {GridError} `too-many-zones`. */
  cover(geometry: GridGeometry, level: number, maxZones: number): readonly bigint[];
}
