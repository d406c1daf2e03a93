/**
 * Heights and layers of the BeiDou 3D grid (GB/T 39409-2020 annex C). Height is geodetic, metres above the CGCS2000 ellipsoid.
 *
 * Layer n of level 10 holds the heights from `layerFloorM(n)` up to, and without, `layerFloorM(n + 1)`; layers thicken upwards and are
 * 1.5 cm at the ground. A floor written in decimals seldom is a double, so a height that comes within `snapM` of the floor above it counts
 * as that floor: what decode prints, encode reads back into the same layer.
 */
import { GridError } from '../errors.ts';
import { NO_LAYER } from '../no-zone.ts';
import { UNITS_PER_DEGREE } from './beidou2d-levels.ts';

/**
 * How the layer number becomes digits. `annexC`: its bits, cut into fields (C.3, C.4; every open encoder; digit F occurs).
 * `clause6`: mixed radix 4 degrees, 30', 15', 1', 4", 2" ... (clause 6 and fig. 12; digits 0..E).
 */
export type HeightCoding = 'annexC' | 'clause6';

/** Radius of the grid's sphere, r0, metres: the equatorial radius of CGCS2000. */
const R0_M = 6_378_137;
const LN_STEP = Math.log1p(Math.PI / 180);
const LAYERS_PER_LN = UNITS_PER_DEGREE / LN_STEP;
/** Layers on either side of the ellipsoid: 256 degrees of 1/2048 arc-second (C.2), -6,302,106.72 m to +528,680,171.13 m. */
export const LAYER_LIMIT = 256 * UNITS_PER_DEGREE;
/** Share of a layer at each border within which the floor itself is worked out; rounding stays below 5e-5. */
const BORDER = 1e-3;

/** Thickness of a layer of each level, counted in level-10 layers; index is the level. */
export const LAYER_THICKNESS: Readonly<Record<HeightCoding, readonly number[]>> = {
  annexC: [0, ...[25, 22, 21, 17, 13, 12, 9, 6, 3, 0].map((bits) => 2 ** bits)],
  clause6: [0, 29_491_200, 3_686_400, 1_843_200, 122_880, 8_192, 4_096, 512, 64, 8, 1],
};

/** How many values the height digit of a level takes; index is the level. */
export const LAYER_RADICES: Readonly<Record<HeightCoding, readonly number[]>> = {
  annexC: [0, 64, 8, 2, 16, 16, 2, 8, 8, 8, 8],
  clause6: [0, 64, 8, 2, 15, 15, 2, 8, 8, 8, 8],
};

/** Floor of a level-10 layer in metres above the ellipsoid (C.8). The standard has layers -1,887,436,800..1,887,436,799; none is refused here. */
export function layerFloorM(layer: number): number {
  return R0_M * Math.expm1((layer / UNITS_PER_DEGREE) * LN_STEP);
}

/**
 * How far below a floor a height still counts as the floor, metres: 6 nm at the ground, some twenty steps of a double far from it. Both are
 * several times what rounding does to a floor, and less than two millionths of a layer above the ellipsoid.
 */
export function snapM(heightM: number): number {
  return R0_M * 2 ** -50 + Math.abs(heightM) * 2 ** -48;
}

/** Number of the level-10 layer a height lies in (C.12), `NO_LAYER` where the standard has none (NaN too). */
export function layerAt(heightM: number): number {
  const exact = LAYERS_PER_LN * Math.log1p(heightM / R0_M);
  let layer = Math.floor(exact);
  const above = exact - layer;
  if (above < BORDER || above > 1 - BORDER) layer = settle(heightM, Math.round(exact));
  // Written so that NaN is refused too.
  // A height of -0, or a hair below the ellipsoid, is layer 0 and not -0.
  return layer >= -LAYER_LIMIT && layer < LAYER_LIMIT ? layer + 0 : NO_LAYER;
}

/** The layer of a height close to the floor of layer `nearest`. */
function settle(heightM: number, nearest: number): number {
  return heightM >= layerFloorM(nearest) - snapM(heightM) ? nearest : nearest - 1;
}

/**
 * Number of the level-10 layer a height lies in (C.12); 0 starts at the ellipsoid, 1.5 cm thick there. A height less than 6 nm (or some
 * twenty steps of a double) below a floor counts as that floor, so `heightLayer(layerFloorM(n))` is n for every layer.
 * @throws {GridError} `height-invalid` outside -6,302,106.72 m .. 528,680,171.13 m.
 */
export function heightLayer(heightM: number): number {
  const layer = typeof heightM === 'number' ? layerAt(heightM) : NO_LAYER;
  if (layer === NO_LAYER) {
    throw new GridError('height-invalid', `Cannot encode height ${heightM} m: must be -6302106..528680171 m`);
  }
  return layer;
}

/** Floor of the level's layer that holds a level-10 layer. int32 in, int32 out; below the ellipsoid it rounds down too. */
export function floorAtLevel(layer: number, level: number, coding: HeightCoding): number {
  const thickness = LAYER_THICKNESS[coding][level]!;
  return Math.floor(layer / thickness) * thickness;
}

/**
 * Floor and top of a layer in metres. The lowest and the highest layer of `annexC` level 1 reach past the standard's range and are cut
 * there.
 */
export function layerSpanM(
  floorLayer: number,
  level: number,
  coding: HeightCoding,
): readonly [number, number] {
  const top = floorLayer + LAYER_THICKNESS[coding][level]!;
  return [layerFloorM(Math.max(floorLayer, -LAYER_LIMIT)), layerFloorM(Math.min(top, LAYER_LIMIT))];
}

/** Has the layer any height of the standard's range in it? */
export function isLayerInRange(floorLayer: number, level: number, coding: HeightCoding): boolean {
  return floorLayer < LAYER_LIMIT && floorLayer + LAYER_THICKNESS[coding][level]! > -LAYER_LIMIT;
}
