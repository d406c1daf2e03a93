/** Heights as whole layers of a level: the upright half of a cover. */
import { type HeightCoding, heightLayer, layerFloorM } from '../beidou/beidou3d.ts';
import { LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import type { CoverMode } from '../codec.ts';
import { GridError } from '../errors.ts';

/** Level-10 layers `floor` (included) to `top` (left out), whole layers of a level. */
export interface LayerSpan {
  readonly floor: number;
  readonly top: number;
}

/** The level-10 layer at the floor of the layer of `thickness` that holds `layer`. */
function alignDown(layer: number, thickness: number): number {
  return Math.floor(layer / thickness) * thickness;
}

/**
 * Layers of a level that stand for the heights `floorM..topM`, both included.
 * - `intersects`: all that share a height with them, never none.
 * - `within`: those that lie in them as a whole; undefined when there is none.
 * - `centre`: those whose middle (in metres) lies in them; undefined when there is none.
 * @throws {GridError} `height-invalid` outside the range of the standard; `geometry-invalid` when the top lies below the floor.
 */
export function layerSpan(
  floorM: number,
  topM: number,
  level: number,
  coding: HeightCoding,
  mode: CoverMode,
): LayerSpan | undefined {
  if (floorM > topM) {
    throw new GridError('geometry-invalid', `Cannot use floor ${floorM} m: must not lie above top ${topM} m`);
  }
  const thickness = LAYER_THICKNESS[coding][level]!;
  const lowest = heightLayer(floorM);
  const highest = heightLayer(topM);
  let floor = alignDown(lowest, thickness);
  let top = alignDown(highest, thickness) + thickness;
  if (mode === 'within') {
    // A layer whose floor is the solid's own floor lies in it, a layer the floor cuts does not.
    const whole = layerFloorM(lowest) >= floorM ? lowest : lowest + 1;
    floor = alignDown(whole + thickness - 1, thickness);
    top = alignDown(highest, thickness);
  } else if (mode === 'centre') {
    if (middleM(floor, thickness) < floorM) floor += thickness;
    if (middleM(top - thickness, thickness) > topM) top -= thickness;
  }
  return floor < top ? { floor, top } : undefined;
}

/** Middle height of the layer with this floor, metres. */
function middleM(floor: number, thickness: number): number {
  return (layerFloorM(floor) + layerFloorM(floor + thickness)) / 2;
}
