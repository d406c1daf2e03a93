/** Batches of the BeiDou 3D grid: typed arrays in, typed arrays out, no bigint and no object a row. */
import { checkShapes } from '../checks.ts';
import { GridError } from '../errors.ts';
import { HIGH_WORD, NO_LAYER, wordsOf } from '../no-zone.ts';
import type { SolidPositions, SolidZones } from '../solid.ts';
import { beidou2d } from './beidou2d.ts';
import {
  type HeightCoding,
  isLayerInRange,
  LAYER_LIMIT,
  LAYER_THICKNESS,
  layerAt,
  layerFloorM,
} from './beidou3d-layers.ts';

function checkCounts(what: string, counts: readonly number[]): void {
  if (counts.every((count) => count === counts[0])) return;
  throw new GridError(
    'shape-mismatch',
    `Cannot ${what} arrays of ${counts.join(', ')} rows: lengths must be equal`,
  );
}

/** Solid zones of positions; `NO_ZONE` and `NO_LAYER` for a position the grid refuses. The level is checked by the caller. */
export function encodeSolids(
  lonDeg: Float64Array,
  latDeg: Float64Array,
  heightM: Float64Array,
  level: number,
  coding: HeightCoding,
  out: SolidZones,
): SolidZones {
  checkShapes(lonDeg.length, latDeg.length, out.zones.length);
  checkCounts('encode', [lonDeg.length, heightM.length, out.floorLayers.length]);
  const { zones, floorLayers } = out;
  beidou2d.encodeBatch(lonDeg, latDeg, level, zones);
  const words = wordsOf(zones);
  const thickness = LAYER_THICKNESS[coding][level]!;
  for (let n = 0; n < heightM.length; n += 1) {
    const layer = layerAt(heightM[n]!);
    const zone = (words[2 * n + HIGH_WORD]! >>> 25) & 63;
    // Zone 0 is a polar cap, 63 a refused position.
    if (zone === 0 || zone === 63 || layer === NO_LAYER) {
      words[2 * n] = 0xffff_ffff;
      words[2 * n + 1] = 0xffff_ffff;
      floorLayers[n] = NO_LAYER;
    } else {
      floorLayers[n] = Math.floor(layer / thickness) * thickness;
    }
  }
  return out;
}

/** Centres of solid zones of one level; NaN three times for what is none. The level is checked by the caller. */
export function decodeSolids(
  { zones, floorLayers }: SolidZones,
  level: number,
  coding: HeightCoding,
): SolidPositions {
  checkCounts('decode', [zones.length, floorLayers.length]);
  const { lonDeg, latDeg } = beidou2d.decodeBatch(zones, level);
  const heightM = new Float64Array(zones.length);
  const thickness = LAYER_THICKNESS[coding][level]!;
  for (let n = 0; n < zones.length; n += 1) {
    const floor = floorLayers[n]!;
    const latitude = latDeg[n]!;
    if (Math.abs(latitude) < 88 && floor % thickness === 0 && isLayerInRange(floor, level, coding)) {
      // As `layerSpanM`, without an array a row.
      const floorM = layerFloorM(Math.max(floor, -LAYER_LIMIT));
      heightM[n] = (floorM + layerFloorM(Math.min(floor + thickness, LAYER_LIMIT))) / 2;
    } else {
      lonDeg[n] = Number.NaN;
      latDeg[n] = Number.NaN;
      heightM[n] = Number.NaN;
    }
  }
  return { lonDeg, latDeg, heightM };
}
