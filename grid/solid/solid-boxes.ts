/** The boxes to draw of a set of solid zones: a run is one box, and neighbours that form a larger box may be drawn as one. */

import { unpackCell } from '../beidou/beidou2d-cell.ts';
import { beidouLevel, UNITS_PER_DEGREE } from '../beidou/beidou2d-levels.ts';
import { layerFloorM } from '../beidou/beidou3d.ts';
import type { GridBox } from '../geometry/geometry.ts';
import type { SolidZoneSet } from '../solid.ts';
import { polarSolid } from './tube-cover.ts';

/** Sides of a box, six in turn: west, east, south, north in units, floor and top in layers; index = 2 * axis + (0 low, 1 high). */
type Sides = Int32Array;
const SIDES = 6;

/** How `solidBoxes` draws. */
export interface SolidBoxOptions {
  /**
   * Join boxes that share a whole face: first along the parallel, then along the meridian, then upwards, until nothing joins any more.
   * A building of 10^5 zones becomes some dozens of boxes. Default false: one box a run.
   */
  readonly merge?: boolean;
}

/**
 * Boxes `[west, south, floorM, east, north, topM]` that fill exactly the room of the zones and do not overlap; degrees and metres above
 * the ellipsoid. None crosses the antimeridian: east may be 180.
 */
export function solidBoxes(set: SolidZoneSet, options: SolidBoxOptions = {}): readonly GridBox[] {
  let sides = sidesOf(set);
  if (options.merge === true) {
    for (let before = sides.length + 1; sides.length < before; ) {
      before = sides.length;
      for (const axis of [0, 1, 2]) sides = joinAlong(sides, axis);
    }
  }
  return Array.from({ length: sides.length / SIDES }, (_, n) => {
    const at = n * SIDES;
    return [
      sides[at]! / UNITS_PER_DEGREE,
      sides[at + 2]! / UNITS_PER_DEGREE,
      layerFloorM(sides[at + 4]!),
      sides[at + 1]! / UNITS_PER_DEGREE,
      sides[at + 3]! / UNITS_PER_DEGREE,
      layerFloorM(sides[at + 5]!),
    ] as const;
  });
}

function sidesOf(set: SolidZoneSet): Sides {
  const sides = new Int32Array(set.zones.length * SIDES);
  set.zones.forEach((zone, n) => {
    const level = set.levels[n]!;
    const cell = unpackCell(zone, level);
    if (cell.polar) throw polarSolid();
    const { lonUnits, latUnits } = beidouLevel(level);
    sides.set(
      [
        cell.column * lonUnits,
        (cell.column + 1) * lonUnits,
        cell.row * latUnits,
        (cell.row + 1) * latUnits,
        set.floorLayers[n]!,
        set.topLayers[n]!,
      ],
      n * SIDES,
    );
  });
  return sides;
}

/** Joins boxes that follow each other along an axis and have the same sides across it. */
function joinAlong(sides: Sides, axis: number): Sides {
  const low = 2 * axis;
  const across = [0, 1, 2, 3, 4, 5].filter((side) => side !== low && side !== low + 1);
  const order = Uint32Array.from({ length: sides.length / SIDES }, (_, n) => n * SIDES);
  order.sort((a, b) => {
    for (const side of across) {
      const difference = sides[a + side]! - sides[b + side]!;
      if (difference !== 0) return difference;
    }
    return sides[a + low]! - sides[b + low]!;
  });
  const joined = new Int32Array(sides.length);
  let length = 0;
  for (const at of order) {
    const last = length - SIDES;
    const follows =
      last >= 0 &&
      joined[last + low + 1] === sides[at + low] &&
      across.every((side) => joined[last + side] === sides[at + side]);
    if (follows) joined[last + low + 1] = sides[at + low + 1]!;
    else {
      joined.set(sides.subarray(at, at + SIDES), length);
      length += SIDES;
    }
  }
  return joined.slice(0, length);
}
