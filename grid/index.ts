/** The public names of the grid room. */
export {
  anchor as beidouAnchor,
  beidou2d,
  edgeNeighbours as beidouEdgeNeighbours,
  encodeDms as encodeBeidouDms,
} from './beidou/beidou2d.ts';
export type { Dms, Rational } from './beidou/beidou2d-units.ts';
export {
  type Beidou3dZone,
  encodeBeidou3d,
  type HeightCoding,
  heightLayer,
  layerFloorM,
  parseBeidou3d,
} from './beidou/beidou3d.ts';
export type { CoverEstimate, CoverMode, DggrsId, ZoneGrid, ZoneRange, ZoneSet } from './codec.ts';
export { compactZones, uncompactZones, type ZoneRanges, zoneRanges } from './cover/compact.ts';
export {
  type Bd09,
  type Cgcs2000,
  convertDatum,
  type Datum,
  type DatumPosition,
  type Gcj02,
  toCgcs2000,
  type Wgs84,
} from './datum/datum.ts';
export { GRID_ERROR_CODES, GridError, type GridErrorCode, isGridError } from './errors.ts';
export { ELLIPSOID_AREA_M2, rectangleAreaM2 } from './geometry/ellipsoid.ts';
export { geometryAreaM2, ringAreaM2 } from './geometry/ellipsoid-area.ts';
export type { GridBox, GridGeometry } from './geometry/geometry.ts';
export {
  type PreparedGeometry,
  pointInGeometry,
  prepareGeometry,
  representativePoint,
} from './geometry/point-in-geometry.ts';
export { H3_POINT_LEVEL, h3 } from './h3/h3.ts';
export { MAX_SUB_ZONES, NO_LAYER, NO_ZONE } from './no-zone.ts';
export { GRIDS, isDggrsId } from './registry.ts';
export type { SolidGrid, SolidZone, SolidZoneSet, SolidZones } from './solid.ts';
