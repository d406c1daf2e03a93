/**
 * The contract of a grid with height: a solid zone is a 2D zone, the level-10 layer its floor is, and one level for both.
 * Heights are geodetic, metres above the CGCS2000 ellipsoid. Two 64- and 32-bit integer columns, not one interleaved id.
 */
import type { HeightCoding } from './beidou/beidou3d-layers.ts';
import type { GridBox } from './geometry/geometry.ts';

/** One solid zone. */
export interface SolidZone {
  /** Packed 2D code. */
  readonly zone: bigint;
  /** Level-10 layer at the floor: a multiple of the thickness of the zone's level. int32. */
  readonly floorLayer: number;
  readonly level: number;
}

/** Solid zones of a batch, shapes (n). A refused position has `NO_ZONE` and `NO_LAYER`. */
export interface SolidZones {
  readonly zones: BigUint64Array;
  readonly floorLayers: Int32Array;
}

/** Positions of a batch, shapes (n): degrees, and metres above the ellipsoid. */
export interface SolidPositions {
  readonly lonDeg: Float64Array;
  readonly latDeg: Float64Array;
  readonly heightM: Float64Array;
}

/**
 * Solid zones as upright runs: each is a 2D zone with the layers `floorLayer` (included) to `topLayer` (left out), whole layers of its
 * level. Shapes (n). Sorted by range of the 2D zone (of those that start together the coarser first), then by floor; runs neither touch nor overlap.
 */
export interface SolidZoneSet {
  readonly zones: BigUint64Array;
  readonly levels: Uint8Array;
  readonly floorLayers: Int32Array;
  readonly topLayers: Int32Array;
  readonly heightCoding: HeightCoding;
}

/** What the grid with height can do. Heights in metres above the CGCS2000 ellipsoid; boxes longitude first. */
export interface SolidGrid {
  readonly id: 'beidou3d';
  readonly minLevel: number;
  readonly maxLevel: number;
  /** @throws {GridError} `position-invalid`, `height-invalid`, `level-out-of-range`, `polar-unsupported`. */
  encode(lonDeg: number, latDeg: number, heightM: number, level: number, coding?: HeightCoding): SolidZone;
  encodeBatch(
    lonDeg: Float64Array,
    latDeg: Float64Array,
    heightM: Float64Array,
    level: number,
    coding?: HeightCoding,
    out?: SolidZones,
  ): SolidZones;
  /** Centres of zones of one level. What is no zone of it (`NO_ZONE` too) gives NaN three times. */
  decodeBatch(zones: SolidZones, level: number, coding?: HeightCoding): SolidPositions;
  format(zone: SolidZone, coding?: HeightCoding): string;
  formatBatch(zones: SolidZones, level: number, coding?: HeightCoding): string[];
  /** Canonical text only, and only of the coding asked for. @throws {GridError} `zone-invalid`, `polar-unsupported`. */
  parse(text: string, coding?: HeightCoding): SolidZone;
  parent(zone: SolidZone, parentLevel: number, coding?: HeightCoding): SolidZone;
  /** Descendants at `subLevel`, by 2D zone, then by floor. @throws {GridError} `too-many-zones` above 2^20. */
  subZones(zone: SolidZone, subLevel: number, coding?: HeightCoding): readonly SolidZone[];
  /** Zones of the level that share a face (6), a face or an edge (18), or a corner too (26); fewer at the ends of the height range. */
  neighbours(zone: SolidZone, by: 6 | 18 | 26, coding?: HeightCoding): readonly SolidZone[];
  /** Thickness of a layer of the level, counted in level-10 layers. */
  layersPerZone(level: number, coding?: HeightCoding): number;
  /** The locating corner (annex C.6): nearest the equator and the prime meridian, at the floor. */
  anchor(zone: SolidZone, coding?: HeightCoding): readonly [lonDeg: number, latDeg: number, floorM: number];
  /** The box to draw: [west, south, floorM, east, north, topM]. */
  bounds(zone: SolidZone, coding?: HeightCoding): GridBox;
  centre(zone: SolidZone, coding?: HeightCoding): readonly [lonDeg: number, latDeg: number, heightM: number];
}
