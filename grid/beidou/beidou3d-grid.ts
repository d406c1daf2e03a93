/**
 * The BeiDou 3D grid (GB/T 39409-2020 clause 6, annex C) behind the contract of a solid grid: a 2D zone, a layer, one level.
 *
 * Datum CGCS2000, geodetic height. A zone owns its floor, and of its sides those the 2D zone owns. Below 88 degrees of latitude only: the
 * standard does not say how a polar cap is coded in 3D, so it is refused at every level.
 */
import { checkLevel, tooManyZones } from '../checks.ts';
import { GridError } from '../errors.ts';
import { MAX_SUB_ZONES } from '../no-zone.ts';
import type { SolidGrid, SolidZone, SolidZones } from '../solid.ts';
import { anchor as anchor2d, beidou2d } from './beidou2d.ts';
import { columnsPerSide, type OrdinaryCell, packCell, rowsPerSide, unpackCell } from './beidou2d-cell.ts';
import { beidouLevel, MAX_LEVEL, MIN_LEVEL } from './beidou2d-levels.ts';
import { decodeSolids, encodeSolids } from './beidou3d-batch.ts';
import {
  floorAtLevel,
  type HeightCoding,
  heightLayer,
  isLayerInRange,
  LAYER_THICKNESS,
  layerSpanM,
} from './beidou3d-layers.ts';
import { formatSolids, refusePolar, unweave, weave, zoneOf } from './beidou3d-text.ts';

function checkLevel3d(level: number, min = MIN_LEVEL, max = MAX_LEVEL): void {
  checkLevel('beidou3d', level, min, max);
}

/** The 2D cell of a solid zone. @throws {GridError} what makes it none: level, digits, polar cap, a floor between two layers. */
function cellOf({ zone, floorLayer, level }: SolidZone, coding: HeightCoding): OrdinaryCell {
  checkLevel3d(level);
  const cell = unpackCell(zone, level);
  if (floorAtLevel(floorLayer, level, coding) !== floorLayer || !isLayerInRange(floorLayer, level, coding)) {
    throw new GridError(
      'zone-invalid',
      `Cannot read solid zone with floor layer ${floorLayer}: must be a layer of level ${level} (${coding})`,
    );
  }
  return refusePolar(cell) as OrdinaryCell;
}

function encode(
  lonDeg: number,
  latDeg: number,
  heightM: number,
  level: number,
  coding: HeightCoding = 'annexC',
): SolidZone {
  checkLevel3d(level);
  const zone = beidou2d.encode(lonDeg, latDeg, level);
  refusePolar(unpackCell(zone, level));
  return { zone, floorLayer: floorAtLevel(heightLayer(heightM), level, coding), level };
}

function subZones(solid: SolidZone, subLevel: number, coding: HeightCoding = 'annexC'): readonly SolidZone[] {
  cellOf(solid, coding);
  checkLevel3d(subLevel, solid.level);
  const from = LAYER_THICKNESS[coding][solid.level]!;
  const step = LAYER_THICKNESS[coding][subLevel]!;
  const parent2d = beidouLevel(solid.level);
  const sub2d = beidouLevel(subLevel);
  const count = ((parent2d.lonUnits / sub2d.lonUnits) * parent2d.latUnits * from) / sub2d.latUnits / step;
  if (count > MAX_SUB_ZONES) {
    throw tooManyZones(`a solid zone at level ${subLevel}`, count, MAX_SUB_ZONES, false);
  }
  const found: SolidZone[] = [];
  for (const zone of beidou2d.subZones(solid.zone, solid.level, subLevel)) {
    for (let floor = solid.floorLayer; floor < solid.floorLayer + from; floor += step) {
      if (isLayerInRange(floor, subLevel, coding)) found.push({ zone, floorLayer: floor, level: subLevel });
    }
  }
  return found;
}

/** How many of the three axes a neighbour may differ in: 6 share a face, 18 an edge too, 26 a corner too. */
const AXES = { 6: 1, 18: 2, 26: 3 } as const;

function neighbours(
  solid: SolidZone,
  by: 6 | 18 | 26,
  coding: HeightCoding = 'annexC',
): readonly SolidZone[] {
  const { column, row, level } = cellOf(solid, coding);
  const side = columnsPerSide(level);
  const rows = rowsPerSide(level);
  const thickness = LAYER_THICKNESS[coding][level]!;
  const found: SolidZone[] = [];
  for (let dy = -1; dy <= 1; dy += 1) {
    const y = row + dy;
    // Beyond lies a polar cap, where 3D zones are not defined.
    if (y < -rows || y >= rows) continue;
    for (let dx = -1; dx <= 1; dx += 1) {
      if (Math.abs(dx) + Math.abs(dy) > AXES[by]) continue;
      const x = ((column + dx + 3 * side) % (2 * side)) - side;
      const zone = packCell({ polar: false, level, column: x, row: y });
      for (let dz = -1; dz <= 1; dz += 1) {
        const steps = Math.abs(dx) + Math.abs(dy) + Math.abs(dz);
        const floorLayer = solid.floorLayer + dz * thickness;
        if (steps === 0 || steps > AXES[by] || !isLayerInRange(floorLayer, level, coding)) continue;
        found.push({ zone, floorLayer, level });
      }
    }
  }
  return found;
}

/**
 * The BeiDou 3D grid. `neighbours` step across the equator, the prime meridian, 180 degrees and the ellipsoid; the row of zones below 88
 * degrees has none towards the pole, and the lowest and highest layers none beyond: so there are fewer of them there. Symmetric.
 */
export const beidou3d: SolidGrid = {
  id: 'beidou3d',
  minLevel: MIN_LEVEL,
  maxLevel: MAX_LEVEL,
  encode,
  encodeBatch: (
    lonDeg,
    latDeg,
    heightM,
    level,
    coding = 'annexC',
    out = { zones: new BigUint64Array(lonDeg.length), floorLayers: new Int32Array(lonDeg.length) },
  ) => {
    checkLevel3d(level);
    return encodeSolids(lonDeg, latDeg, heightM, level, coding, out);
  },
  decodeBatch: (solids, level, coding = 'annexC') => {
    checkLevel3d(level);
    return decodeSolids(solids, level, coding);
  },
  format: (solid, coding = 'annexC') => weave(cellOf(solid, coding), solid.floorLayer, coding),
  formatBatch: (solids: SolidZones, level, coding = 'annexC') => {
    checkLevel3d(level);
    return formatSolids(solids, level, coding);
  },
  parse: (text, coding = 'annexC') => {
    const parsed = unweave(text, coding);
    return { zone: zoneOf(parsed), floorLayer: parsed.floorLayer, level: parsed.cell.level };
  },
  parent: (solid, parentLevel, coding = 'annexC') => {
    cellOf(solid, coding);
    checkLevel3d(parentLevel, MIN_LEVEL, solid.level);
    return {
      zone: beidou2d.parent(solid.zone, solid.level, parentLevel),
      floorLayer: floorAtLevel(solid.floorLayer, parentLevel, coding),
      level: parentLevel,
    };
  },
  subZones,
  neighbours,
  layersPerZone: (level, coding = 'annexC') => {
    checkLevel3d(level);
    return LAYER_THICKNESS[coding][level]!;
  },
  anchor: (solid, coding = 'annexC') => {
    cellOf(solid, coding);
    const [lonDeg, latDeg] = anchor2d(solid.zone, solid.level);
    return [lonDeg, latDeg, layerSpanM(solid.floorLayer, solid.level, coding)[0]];
  },
  bounds: (solid, coding = 'annexC') => {
    cellOf(solid, coding);
    const [west, south, east, north] = beidou2d.bounds(solid.zone, solid.level);
    const [floorM, topM] = layerSpanM(solid.floorLayer, solid.level, coding);
    return [west, south, floorM, east, north, topM];
  },
  centre: (solid, coding = 'annexC') => {
    cellOf(solid, coding);
    const [lonDeg, latDeg] = beidou2d.centre(solid.zone, solid.level);
    const [floorM, topM] = layerSpanM(solid.floorLayer, solid.level, coding);
    return [lonDeg, latDeg, (floorM + topM) / 2];
  },
};
