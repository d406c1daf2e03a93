/** Reading sets of solid zones back: is a position in them, how much room do they fill, which zones are they. */
import { beidou2d } from '../beidou/beidou2d.ts';
import { LEVEL_MASKS, unpackCell } from '../beidou/beidou2d-cell.ts';
import { beidouLevel, UNITS_PER_DEGREE } from '../beidou/beidou2d-levels.ts';
import { heightLayer, layerFloorM } from '../beidou/beidou3d.ts';
import { LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { checkPosition, tooManyZones } from '../checks.ts';
import { FLATTENING, rectangleAreaM2, SEMI_MAJOR_M } from '../geometry/ellipsoid.ts';
import { HIGH_WORD, NO_ZONE, wordsOf } from '../no-zone.ts';
import type { SolidZone, SolidZoneSet } from '../solid.ts';
import { countSolidZones } from './compact-solid.ts';
import { polarSolid } from './tube-cover.ts';

/**
 * Does a position lie in one of the zones? By binary search, once a level. Nothing is held at |lat| >= 88 degrees, where no 3D zone is.
 * @param heightM - Metres above the ellipsoid.
 * @throws {GridError} `position-invalid`, `height-invalid`.
 */
export function solidHolds(set: SolidZoneSet, lonDeg: number, latDeg: number, heightM: number): boolean {
  checkPosition(lonDeg, latDeg);
  const layer = heightLayer(heightM);
  const zones = beidou2d.encodeBatch(Float64Array.of(lonDeg), Float64Array.of(latDeg), beidou2d.maxLevel);
  if (zones[0] === NO_ZONE) return false;
  const point = wordsOf(zones);
  const words = wordsOf(set.zones);
  const [highAt, lowAt] = [HIGH_WORD, 1 - HIGH_WORD];
  for (let level = beidou2d.minLevel; level <= beidou2d.maxLevel; level += 1) {
    const [highMask, lowMask] = LEVEL_MASKS[level]!;
    const high = (point[HIGH_WORD]! & highMask) >>> 0;
    const low = (point[1 - HIGH_WORD]! & lowMask) >>> 0;
    // First run beyond (zone, level, layer): the one before it is the only one that can hold the layer.
    let from = 0;
    let to = set.zones.length;
    while (from < to) {
      const n = (from + to) >>> 1;
      const order =
        words[2 * n + highAt]! - high ||
        words[2 * n + lowAt]! - low ||
        set.levels[n]! - level ||
        set.floorLayers[n]! - layer;
      if (order <= 0) from = n + 1;
      else to = n;
    }
    const n = from - 1;
    if (n < 0 || set.levels[n] !== level || layer >= set.topLayers[n]!) continue;
    if (words[2 * n + highAt] === high && words[2 * n + lowAt] === low) return true;
  }
  return false;
}

const E2 = FLATTENING * (2 - FLATTENING);
const RADIAN = Math.PI / 180;

/**
 * Room the zones fill, cubic metres, on the ellipsoid: higher zones are wider. Relative error below 1e-7 at level 1, far below at finer
 * levels.
 */
export function solidVolumeM3(set: SolidZoneSet): number {
  const rows = new Map<number, RowMeasures>();
  let volume = 0;
  for (let n = 0; n < set.zones.length; n += 1) {
    const cell = unpackCell(set.zones[n]!, set.levels[n]!);
    if (cell.polar) throw polarSolid();
    // Zones of a row and level are alike.
    const key = cell.row * 16 + cell.level;
    let row = rows.get(key);
    if (row === undefined) {
      row = measureRow(cell.row, cell.level);
      rows.set(key, row);
    }
    const floor = layerFloorM(set.floorLayers[n]!);
    const top = layerFloorM(set.topLayers[n]!);
    const square = (floor * floor + floor * top + top * top) / 3;
    volume += (top - floor) * (row.areaM2 + ((floor + top) / 2) * row.linearM + square * row.plain);
  }
  return volume;
}

/**
 * What a zone of a row has at height h: areaM2 + h linearM + h2 plain, from
 * dV = (M + h)(N + h) cos lat dlat dlon dh = [MN + h (M + N) + h2] cos lat dlat dlon dh.
 */
interface RowMeasures {
  readonly areaM2: number;
  readonly linearM: number;
  readonly plain: number;
}

function measureRow(row: number, level: number): RowMeasures {
  const { lonUnits, latUnits } = beidouLevel(level);
  const width = (lonUnits / UNITS_PER_DEGREE) * RADIAN;
  const height = (latUnits / UNITS_PER_DEGREE) * RADIAN;
  const southDeg = (row * latUnits) / UNITS_PER_DEGREE;
  const middleDeg = ((row + 0.5) * latUnits) / UNITS_PER_DEGREE;
  const northDeg = ((row + 1) * latUnits) / UNITS_PER_DEGREE;
  const mean =
    (radiiTimesCosine(southDeg) + 4 * radiiTimesCosine(middleDeg) + radiiTimesCosine(northDeg)) / 6;
  return {
    areaM2: rectangleAreaM2(lonUnits / UNITS_PER_DEGREE, southDeg, latUnits / UNITS_PER_DEGREE),
    linearM: width * height * mean,
    plain: width * 2 * Math.cos(middleDeg * RADIAN) * Math.sin(height / 2),
  };
}

/** (M + N) cos lat, metres. */
function radiiTimesCosine(latDeg: number): number {
  const sine = Math.sin(latDeg * RADIAN);
  const w = 1 - E2 * sine * sine;
  const across = SEMI_MAJOR_M / Math.sqrt(w);
  return (across + (across * (1 - E2)) / w) * Math.cos(latDeg * RADIAN);
}

/**
 * The zones of a set one by one, in the order of its runs, floors upwards.
 * @throws {GridError} `too-many-zones` when there are more than `maxZones`.
 */
export function listSolidZones(set: SolidZoneSet, maxZones: number): readonly SolidZone[] {
  const count = countSolidZones(set);
  if (count > maxZones) throw tooManyZones('a set of solid zones', count, maxZones, false);
  const listed: SolidZone[] = [];
  set.zones.forEach((zone, n) => {
    const level = set.levels[n]!;
    const thickness = LAYER_THICKNESS[set.heightCoding][level]!;
    for (let floorLayer = set.floorLayers[n]!; floorLayer < set.topLayers[n]!; floorLayer += thickness)
      listed.push({ zone, floorLayer, level });
  });
  return listed;
}
