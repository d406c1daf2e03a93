import { describe, expect, it } from 'vitest';
import * as grid from './index.ts';

describe('grid/index.ts', () => {
  it('exports exactly these names', () => {
    expect(Object.keys(grid).sort()).toEqual([
      'ELLIPSOID_AREA_M2',
      'GRIDS',
      'GRID_ERROR_CODES',
      'GridError',
      'H3_POINT_LEVEL',
      'MAX_SUB_ZONES',
      'NO_LAYER',
      'NO_ZONE',
      'SOLID_ZONES_MAX',
      'beidou2d',
      'beidou3d',
      'beidouAnchor',
      'beidouEdgeNeighbours',
      'beidouSolidTextBytes',
      'beidouTextBytes',
      'compactZones',
      'convertDatum',
      'countSolidZones',
      'coverSolid',
      'encodeBeidou3d',
      'encodeBeidouDms',
      'estimateSolid',
      'formatBeidouReference',
      'formatCoordinateReference',
      'formatHeightReference',
      'fromCgcs2000Batch',
      'fromEllipsoidalHeight',
      'fromUint64Id',
      'gaussKrugerZone',
      'geometryAreaM2',
      'h3',
      'heightLayer',
      'isDggrsId',
      'isGeographic',
      'isGridError',
      'layerFloorM',
      'listSolidZones',
      'parseBeidou2dBatch',
      'parseBeidou3d',
      'parseBeidou3dBatch',
      'parseBeidouReference',
      'parseCoordinateReference',
      'parseHeightReference',
      'pointInGeometry',
      'positionRefusal',
      'positionToCgcs2000',
      'prepareGeometry',
      'rectangleAreaM2',
      'representativePoint',
      'resolveBeidouReference',
      'ringAreaM2',
      'solidBoxes',
      'solidHolds',
      'solidVolumeM3',
      'toCgcs2000',
      'toCgcs2000Batch',
      'toEllipsoidalHeight',
      'toEllipsoidalHeightBatch',
      'toUint64Id',
      'uint64IdRange',
      'uncompactSolid',
      'uncompactZones',
      'zoneRanges',
    ]);
  });

  it('isGridError tells codes apart and lets other errors through', () => {
    const error = new grid.GridError('zone-invalid', 'Cannot parse "x": too short');
    expect(grid.isGridError(error)).toBe(true);
    expect(grid.isGridError(error, 'zone-invalid')).toBe(true);
    expect(grid.isGridError(error, 'too-many-zones')).toBe(false);
    expect(grid.isGridError(new Error('zone-invalid'))).toBe(false);
  });
});
