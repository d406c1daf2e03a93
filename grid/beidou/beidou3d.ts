/**
 * BeiDou 3D grid codes (GB/T 39409-2020 clause 6, annex C): a 2D code with the height of its layer woven in, levels 1..10.
 *
 * Height is geodetic, metres above the CGCS2000 ellipsoid. Layers thicken upwards; a layer owns its floor. The standard gives two
 * readings of the height digits, which agree up to 1,839 m: the reading must be stored beside a code.
 */

import { checkLevel } from '../checks.ts';
import { GridError } from '../errors.ts';
import { beidou2d } from './beidou2d.ts';
import { type BeidouCell, packCell, unpackCell } from './beidou2d-cell.ts';
import { beidouLevel, MAX_LEVEL, MIN_LEVEL, UNITS_PER_DEGREE } from './beidou2d-levels.ts';
import { formatCell, parseCell } from './beidou2d-text.ts';

/**
 * How the layer number becomes digits. `annexC`: its bits, cut into fields (C.3, C.4; every open encoder; digit F occurs).
 * `clause6`: mixed radix 4 degrees, 30', 15', 1', 4", 2" ... (clause 6 and fig. 12; digits 0..E).
 */
export type HeightCoding = 'annexC' | 'clause6';

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

const R0_M = 6_378_137;
const LN_STEP = Math.log1p(Math.PI / 180);
/** Layers on either side of the ellipsoid: 256 degrees of 1/2048 arc-second (C.2), -6,302,106.72 m to +528,680,171.13 m. */
const LAYER_LIMIT = 256 * UNITS_PER_DEGREE;

interface HeightField {
  readonly radix: number;
  /** Thickness of a layer of this level in level-10 layers. */
  readonly thickness: number;
}

const THICKNESS: Readonly<Record<HeightCoding, readonly number[]>> = {
  annexC: [25, 22, 21, 17, 13, 12, 9, 6, 3, 0].map((bits) => 2 ** bits),
  clause6: [29_491_200, 3_686_400, 1_843_200, 122_880, 8_192, 4_096, 512, 64, 8, 1],
};
const RADICES: Readonly<Record<HeightCoding, readonly number[]>> = {
  annexC: [64, 8, 2, 16, 16, 2, 8, 8, 8, 8],
  clause6: [64, 8, 2, 15, 15, 2, 8, 8, 8, 8],
};

function heightField(coding: HeightCoding, level: number): HeightField {
  return { radix: RADICES[coding][level - 1]!, thickness: THICKNESS[coding][level - 1]! };
}

/**
 * Number of the level-10 layer a height lies in (C.12); 0 starts at the ellipsoid, 1.5 cm thick there.
 * @throws {GridError} `height-invalid` outside -6,302,106.72 m .. 528,680,171.13 m.
 */
export function heightLayer(heightM: number): number {
  const layer = Math.floor((UNITS_PER_DEGREE / LN_STEP) * Math.log1p(heightM / R0_M));
  if (!(layer >= -LAYER_LIMIT && layer < LAYER_LIMIT)) {
    throw new GridError('height-invalid', `Cannot encode height ${heightM} m: must be -6302106..528680171 m`);
  }
  return layer;
}

/** Floor of a level-10 layer in metres above the ellipsoid (C.8). */
export function layerFloorM(layer: number): number {
  return R0_M * Math.expm1((layer / UNITS_PER_DEGREE) * LN_STEP);
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

function weave(cell: BeidouCell, layer: number, coding: HeightCoding): string {
  const flat = formatCell(cell);
  // Below ground: two's complement, so that layers nest and the floor is the floor. C.2's range is 2 x 256 degrees in `clause6`.
  let rest = layer >= 0 ? layer : layer + (coding === 'annexC' ? 2 ** 31 : LAYER_LIMIT);
  let text = `${flat[0]}${layer < 0 ? 1 : 0}`;
  for (let level = 1; level <= cell.level; level += 1) {
    const { thickness } = heightField(coding, level);
    const digit = Math.floor(rest / thickness);
    rest -= digit * thickness;
    const from = beidouLevel(level - 1).length;
    text += flat.slice(from, beidouLevel(level).length);
    text += level === 1 ? String(digit).padStart(2, '0') : digit.toString(16).toUpperCase();
  }
  return text;
}

/** Level of a 3D code by its length: 7 10 12 15 18 20 23 26 29 32. */
const LEVEL_BY_LENGTH: ReadonlyMap<number, number> = new Map(
  Array.from({ length: MAX_LEVEL }, (_, n) => [beidouLevel(n + 1).length + n + 3, n + 1]),
);

/**
 * The zone a 3D code names. Canonical text only, and only of the coding asked for.
 * @throws {GridError} `zone-invalid` with the reason; `polar-unsupported`.
 */
export function parseBeidou3d(text: string, heightCoding: HeightCoding = 'annexC'): Beidou3dZone {
  const level = LEVEL_BY_LENGTH.get(text.length);
  if (level === undefined)
    throw refuse(text, `length ${text.length} must be one of 7 10 12 15 18 20 23 26 29 32`);
  if (text[1] !== '0' && text[1] !== '1') throw refuse(text, `sign "${text[1]}" must be 0 or 1`);
  let code2d = text[0]!;
  let layer = 0;
  let at = 2;
  for (let l = 1; l <= level; l += 1) {
    const { radix, thickness } = heightField(heightCoding, l);
    const chars = beidouLevel(l).chars;
    const digits = text.slice(at + chars, at + chars + (l === 1 ? 2 : 1));
    code2d += text.slice(at, at + chars);
    at += chars + digits.length;
    const digit = /^[0-9]{2}$|^[0-9A-F]$/.test(digits)
      ? Number.parseInt(digits, l === 1 ? 10 : 16)
      : Number.NaN;
    if (!(digit < radix))
      throw refuse(text, `level ${l} height "${digits}" must be below ${radix} (${heightCoding})`);
    layer += digit * thickness;
  }
  const cell = refusePolar(parseCell(code2d));
  if (text[1] === '1') layer -= heightCoding === 'annexC' ? 2 ** 31 : LAYER_LIMIT;
  if (layer < -LAYER_LIMIT || layer >= LAYER_LIMIT)
    throw refuse(text, 'height must be within 256 degrees of layers');
  const top = Math.min(layer + heightField(heightCoding, level).thickness, LAYER_LIMIT);
  return {
    level,
    zone2d: packCell(cell),
    code2d,
    floorLayer: layer,
    floorM: layerFloorM(layer),
    topM: layerFloorM(top),
  };
}

function refusePolar(cell: BeidouCell): BeidouCell {
  if (!cell.polar) return cell;
  throw new GridError(
    'polar-unsupported',
    'Cannot use 3D codes at |lat| >= 88 degrees: their layout is not stated',
  );
}

function refuse(text: string, reason: string): GridError {
  return new GridError('zone-invalid', `Cannot parse BeiDou 3D code "${text.slice(0, 40)}": ${reason}`);
}
