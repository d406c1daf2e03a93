/** Reading sets of solid zones back: is a position in them, how much room do they fill, which zones are they. */
import { beidou2d } from '../beidou/beidou2d.ts';
import { LEVEL_MASKS } from '../beidou/beidou2d-cell.ts';
import { heightLayer, layerFloorM } from '../beidou/beidou3d.ts';
import { LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { checkPosition, tooManyZones } from '../checks.ts';
import { FLATTENING, SEMI_MAJOR_M } from '../geometry/ellipsoid.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import type { SolidZone, SolidZoneSet } from '../solid.ts';
import { countSolidZones } from './compact-solid.ts';

/**
 * Does a position lie in one of the zones? By binary search, once a level. Nothing is held at |lat| >= 88 degrees, where no 3D zone is.
 * @param heightM - Metres above the ellipsoid.
 * @throws {GridError} `position-invalid`, `height-invalid`.
 */
export function solidHolds(set: SolidZoneSet, lonDeg: number, latDeg: number, heightM: number): boolean {
  checkPosition(lonDeg, latDeg);
  const layer = heightLayer(heightM);
  if (Math.abs(latDeg) >= 88) return false;
  const point = wordsOf(BigUint64Array.of(beidou2d.encode(lonDeg, latDeg, beidou2d.maxLevel)));
  const words = wordsOf(set.zones);
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
        words[2 * n + HIGH_WORD]! - high ||
        words[2 * n + 1 - HIGH_WORD]! - low ||
        set.levels[n]! - level ||
        set.floorLayers[n]! - layer;
      if (order <= 0) from = n + 1;
      else to = n;
    }
    const n = from - 1;
    if (n < 0 || set.levels[n] !== level || layer >= set.topLayers[n]!) continue;
    if (words[2 * n + HIGH_WORD] === high && words[2 * n + 1 - HIGH_WORD] === low) return true;
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
  let volume = 0;
  set.zones.forEach((zone, n) => {
    const level = set.levels[n]!;
    const floor = layerFloorM(set.floorLayers[n]!);
    const top = layerFloorM(set.topLayers[n]!);
    // dV = (M + h)(N + h) cos lat dlat dlon dh = [MN + h (M + N) + h2] cos lat dlat dlon dh
    const [west, south, east, north] = beidou2d.bounds(zone, level);
    const width = (east - west) * RADIAN;
    const middle = (south + north) / 2;
    const linear =
      ((radiiTimesCosine(south) + 4 * radiiTimesCosine(middle) + radiiTimesCosine(north)) / 6) *
      (north - south) *
      RADIAN;
    const cosines = 2 * Math.cos(middle * RADIAN) * Math.sin(((north - south) / 2) * RADIAN);
    const thick = top - floor;
    volume +=
      thick *
      (beidou2d.areaM2(zone, level) +
        width * (((floor + top) / 2) * linear + ((floor * floor + floor * top + top * top) / 3) * cosines));
  });
  return volume;
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
