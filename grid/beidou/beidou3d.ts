/**
 * BeiDou 3D grid codes (GB/T 39409-2020 clause 6, annex C): a 2D code with the height of its layer woven in, levels 1..10.
 *
 * Height is geodetic, metres above the CGCS2000 ellipsoid. Layers thicken upwards; a layer owns its floor. The standard gives two
 * readings of the height digits, which agree up to 1,839 m: the reading must be stored beside a code.
 */

import { checkLevel } from '../checks.ts';
import { beidou2d } from './beidou2d.ts';
import { unpackCell } from './beidou2d-cell.ts';
import { MAX_LEVEL, MIN_LEVEL } from './beidou2d-levels.ts';
import { type HeightCoding, heightLayer, layerSpanM } from './beidou3d-layers.ts';
import { refusePolar, unweave, weave, zoneOf } from './beidou3d-text.ts';

export { type HeightCoding, heightLayer, layerFloorM } from './beidou3d-layers.ts';

/** A decoded 3D zone. */
export interface Beidou3dZone {
  readonly level: number;
  /** The 2D zone below it and its text. */
  readonly zone2d: bigint;
  readonly code2d: string;
  /** Number of the level-10 layer at the floor, and floor and top in metres above the ellipsoid. */
  readonly floorLayer: number;
  readonly floorM: number;
  readonly topM: number;
}

/**
 * 3D code of a position.
 * @param heightM - Metres above the ellipsoid (not above sea level).
 * @throws {GridError} `position-invalid`, `level-out-of-range`, `polar-unsupported` (all of |lat| >= 88 degrees), `height-invalid`.
 */
export function encodeBeidou3d(
  lonDeg: number,
  latDeg: number,
  heightM: number,
  level: number,
  heightCoding: HeightCoding = 'annexC',
): string {
  checkLevel('beidou3d', level, MIN_LEVEL, MAX_LEVEL);
  const cell = unpackCell(beidou2d.encode(lonDeg, latDeg, level), level);
  return weave(refusePolar(cell), heightLayer(heightM), heightCoding);
}

/**
 * The zone a 3D code names. Canonical text only, and only of the coding asked for.
 * @throws {GridError} `zone-invalid` with the reason; `polar-unsupported`.
 */
export function parseBeidou3d(text: string, heightCoding: HeightCoding = 'annexC'): Beidou3dZone {
  const parsed = unweave(text, heightCoding);
  const { cell, code2d, floorLayer } = parsed;
  const [floorM, topM] = layerSpanM(floorLayer, cell.level, heightCoding);
  return { level: cell.level, zone2d: zoneOf(parsed), code2d, floorLayer, floorM, topM };
}
