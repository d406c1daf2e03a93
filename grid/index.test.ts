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
      'beidou2d',
      'beidouAnchor',
      'beidouEdgeNeighbours',
      'compactZones',
      'convertDatum',
      'encodeBeidou3d',
      'encodeBeidouDms',
      'geometryAreaM2',
      'h3',
      'heightLayer',
      'isDggrsId',
      'isGridError',
      'layerFloorM',
      'parseBeidou3d',
      'pointInGeometry',
      'prepareGeometry',
      'rectangleAreaM2',
      'representativePoint',
      'ringAreaM2',
      'toCgcs2000',
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
