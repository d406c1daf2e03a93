/** The public names of the grid room. */
export {
  type BeidouReference,
  type BeidouZone,
  formatBeidouReference,
  parseBeidouReference,
  resolveBeidouReference,
} from './beidou/beidou-reference.ts';
export {
  anchor as beidouAnchor,
  beidou2d,
  edgeNeighbours as beidouEdgeNeighbours,
  encodeDms as encodeBeidouDms,
  textBytes as beidouTextBytes,
} from './beidou/beidou2d.ts';
export { type ParsedZones, parseBeidou2dBatch } from './beidou/beidou2d-parse.ts';
export type { Dms, Rational } from './beidou/beidou2d-units.ts';
export {
  type Beidou3dZone,
  encodeBeidou3d,
  type HeightCoding,
  heightLayer,
  layerFloorM,
  parseBeidou3d,
} from './beidou/beidou3d.ts';
export { beidou3d } from './beidou/beidou3d-grid.ts';
export {
  type ParsedSolidZones,
  parseBeidou3dBatch,
  solidTextBytes as beidouSolidTextBytes,
} from './beidou/beidou3d-text.ts';
export type { CoverEstimate, CoverMode, DggrsId, ZoneGrid, ZoneRange, ZoneSet } from './codec.ts';
export {
  compactZones,
  coverRanges,
  uncompactZones,
  type ZoneRanges,
  zoneRanges,
} from './cover/compact.ts';
export { coverAreaM2 } from './cover/cover-area.ts';
export {
  intersectRanges,
  rangesContain,
  rangesContainBatch,
  subtractRanges,
  unionRanges,
} from './cover/zone-ranges.ts';
export { type Crosswalk, crosswalk } from './crosswalk/crosswalk.ts';
export {
  type CrosswalkMatrix,
  crosswalkMatrix,
  MAX_CROSSWALK_SHARES,
  redistribute,
} from './crosswalk/crosswalk-matrix.ts';
export { matchingLevel } from './crosswalk/matching-level.ts';
export {
  type CoordinateReference,
  formatCoordinateReference,
  isGeographic,
  parseCoordinateReference,
} from './datum/coordinate-reference.ts';
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
export { type GaussKruger, gaussKrugerZone } from './datum/gauss-kruger.ts';
export { geometryToCgcs2000 } from './datum/geometry-to-cgcs2000.ts';
export {
  formatHeightReference,
  fromEllipsoidalHeight,
  type HeightReference,
  parseHeightReference,
  toEllipsoidalHeight,
  toEllipsoidalHeightBatch,
} from './datum/height.ts';
export {
  fromCgcs2000Batch,
  type PositionRefusal,
  type PositionRefusalReason,
  positionRefusal,
  positionToCgcs2000,
  toCgcs2000Batch,
} from './datum/to-cgcs2000.ts';
export type { DggrsDefinition, DggrsLevel, LocalText } from './dggrs/definition.ts';
export { DGGRS_DEFINITIONS } from './dggrs/definitions.ts';
export { BEIDOU_ID_LAYOUT, type BeidouLevelLayout, H3_ID_LAYOUT } from './dggrs/id-layout.ts';
export { subZoneAt, subZoneCount, subZoneIndex } from './dggrs/sub-zone-order.ts';
export type {
  AreaShape,
  BuildingShape,
  CityEntity,
  DuctShape,
  EntityShape,
  EqualStoreys,
  ObjectShape,
  PipePoint,
  PipeShape,
  SolidShape,
  Storey,
  StripShape,
} from './entity/city-entity.ts';
export {
  decodeEntity,
  type EntityExtent,
  type EntityReading,
  type EntityRecord,
  formatEntity,
  parseEntity,
} from './entity/decode-entity.ts';
export {
  ENTITY_LEVEL,
  type EntityCode,
  type EntityOptions,
  type EntityPart,
  encodeEntity,
} from './entity/encode-entity.ts';
export {
  ENTITY_CLASS_VERSION,
  ENTITY_CLASSES,
  type EntityClass,
  type EntityClassCode,
  type EntityLayer,
  entityClass,
} from './entity/entity-class.ts';
export { type EntityText, formatEntityText, parseEntityText } from './entity/entity-text.ts';
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
export { encodeH3Batch } from './h3/h3-batch.ts';
export type { H3BatchStats } from './h3/h3-encode.ts';
export { MAX_SUB_ZONES, NO_LAYER, NO_ZONE } from './no-zone.ts';
export type { GridRefusal } from './refusal.ts';
export { GRIDS, isDggrsId } from './registry.ts';
export { countSolidZones, uncompactSolid } from './solid/compact-solid.ts';
export { coverSolid, SOLID_ZONES_MAX, type SolidCoverOptions } from './solid/cover-solid.ts';
export { estimateSolid } from './solid/estimate-solid.ts';
export { listSolidZones, solidHolds, solidVolumeM3 } from './solid/read-solid.ts';
export { representativeOfSolid } from './solid/representative-solid.ts';
export { type SolidBoxOptions, solidBoxes } from './solid/solid-boxes.ts';
export type {
  BoxSolid,
  DrapedSolid,
  ExtrudedSolid,
  GroundHeight,
  PipeSolid,
  Solid,
  StripSolid,
} from './solid/solid-shape.ts';
export { formatSolidRuns, parseSolidRuns } from './solid/solid-text.ts';
export type { SolidGrid, SolidPositions, SolidZone, SolidZoneSet, SolidZones } from './solid.ts';
export { fromUint64Id, toUint64Id, uint64IdRange } from './uint64-id.ts';
