/** Solid zones over several levels: complete sets of children (2D children x layers) replaced by their parents, and listed again. */

import { beidou2d } from '../beidou/beidou2d.ts';
import { LEVEL_MASKS } from '../beidou/beidou2d-cell.ts';
import { beidouLevel } from '../beidou/beidou2d-levels.ts';
import { LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { checkLevel, tooManyZones } from '../checks.ts';
import type { SolidZoneSet } from '../solid.ts';
import { countZones, runsOfSet, SolidRuns, sortRuns, toSolidZoneSet } from './solid-runs.ts';

/** Upright intervals `[floor, top, floor, top, ...]`, ascending, apart from each other. */
type Intervals = readonly number[];

/**
 * Replaces every complete set of 3D children by its parent, level by level up to `coarsestLevel`; the space stays the same.
 *
 * @param runs - Sorted runs of one level.
 * @param thickness - Level-10 layers of each level's layers (`LAYER_THICKNESS`).
 * @returns Sorted runs; none of them lies in another.
 */
export function compactRuns(
  runs: SolidRuns,
  level: number,
  coarsestLevel: number,
  thickness: readonly number[],
): SolidRuns {
  const kept = new SolidRuns();
  let current = runs;
  for (let at = level; at > coarsestLevel && current.length > 0; at -= 1) {
    current = liftFamilies(current, at, thickness[at - 1]!, kept);
  }
  for (let n = 0; n < current.length; n += 1) {
    kept.addWords(current.high(n), current.low(n), current.levels[n]!, current.floors[n]!, current.tops[n]!);
  }
  return sortRuns(kept);
}

/** Runs of the parents that are complete; what of the children stays goes to `kept`. */
function liftFamilies(runs: SolidRuns, level: number, parentThickness: number, kept: SolidRuns): SolidRuns {
  const { columns, rows } = beidouLevel(level);
  const [highMask, lowMask] = LEVEL_MASKS[level - 1]!;
  const parents = new SolidRuns();
  for (let from = 0; from < runs.length; ) {
    const high = (runs.high(from) & highMask) >>> 0;
    const low = (runs.low(from) & lowMask) >>> 0;
    let to = from;
    let children = 0;
    while (
      to < runs.length &&
      (runs.high(to) & highMask) >>> 0 === high &&
      (runs.low(to) & lowMask) >>> 0 === low
    ) {
      if (to === from || runs.high(to) !== runs.high(to - 1) || runs.low(to) !== runs.low(to - 1))
        children += 1;
      to += 1;
    }
    const whole = children === columns * rows ? wholeLayers(runs, from, to, parentThickness) : [];
    for (let n = 0; n < whole.length; n += 2)
      parents.addWords(high, low, level - 1, whole[n]!, whole[n + 1]!);
    for (let n = from; n < to; n += 1) keepRest(runs, n, level, whole, kept);
    from = to;
  }
  return parents;
}

/** Layers of the parent that every child of a complete family holds as a whole. */
function wholeLayers(runs: SolidRuns, from: number, to: number, thickness: number): Intervals {
  let common: number[] | undefined;
  for (let n = from; n < to; ) {
    const own: number[] = [];
    const [high, low] = [runs.high(n), runs.low(n)];
    for (; n < to && runs.high(n) === high && runs.low(n) === low; n += 1)
      own.push(runs.floors[n]!, runs.tops[n]!);
    common = common === undefined ? own : intersection(common, own);
    if (common.length === 0) return common;
  }
  const aligned: number[] = [];
  for (let n = 0; n < common!.length; n += 2) {
    const floor = Math.ceil(common![n]! / thickness) * thickness;
    const top = Math.floor(common![n + 1]! / thickness) * thickness;
    if (floor < top) aligned.push(floor, top);
  }
  return aligned;
}

function intersection(a: Intervals, b: Intervals): number[] {
  const both: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const floor = Math.max(a[i]!, b[j]!);
    const top = Math.min(a[i + 1]!, b[j + 1]!);
    if (floor < top) both.push(floor, top);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return both;
}

/** Keeps what of run `n` its parents do not hold. */
function keepRest(runs: SolidRuns, n: number, level: number, whole: Intervals, kept: SolidRuns): void {
  let floor = runs.floors[n]!;
  const top = runs.tops[n]!;
  for (let k = 0; k < whole.length; k += 2) {
    const [gone, upTo] = [whole[k]!, whole[k + 1]!];
    if (upTo <= floor || gone >= top) continue;
    if (floor < gone) kept.addWords(runs.high(n), runs.low(n), level, floor, gone);
    floor = upTo;
  }
  if (floor < top) kept.addWords(runs.high(n), runs.low(n), level, floor, top);
}

/**
 * A set as zones of one level again: the same space, every run at `level`.
 * @param level - As fine as the finest zone of the set, or finer.
 * @throws {GridError} `too-many-zones` above `maxZones` solid zones, `level-out-of-range`.
 */
export function uncompactSolid(set: SolidZoneSet, level: number, maxZones: number): SolidZoneSet {
  const thickness = LAYER_THICKNESS[set.heightCoding];
  const finest = set.levels.reduce((least, at) => Math.max(least, at), beidou2d.minLevel);
  checkLevel('beidou3d', level, finest, beidou2d.maxLevel);
  const own = runsOfSet(set);
  let count = 0;
  for (let n = 0; n < own.length; n += 1) {
    const from = beidouLevel(own.levels[n]!);
    const to = beidouLevel(level);
    const flat = (from.lonUnits / to.lonUnits) * (from.latUnits / to.latUnits);
    count += (flat * (own.tops[n]! - own.floors[n]!)) / thickness[level]!;
  }
  if (count > maxZones) throw tooManyZones(`a solid at level ${level}`, count, maxZones, false);
  const runs = new SolidRuns();
  set.zones.forEach((zone, n) => {
    for (const sub of beidou2d.subZones(zone, set.levels[n]!, level)) {
      const high = Number(sub >> 32n);
      const low = Number(sub & 0xffff_ffffn);
      runs.addWords(high, low, level, set.floorLayers[n]!, set.topLayers[n]!);
    }
  });
  return toSolidZoneSet(sortRuns(runs), set.heightCoding);
}

/** Number of solid zones in a set: layers of its runs, each of its own level. */
export function countSolidZones(set: SolidZoneSet): number {
  return countZones(runsOfSet(set), LAYER_THICKNESS[set.heightCoding]);
}
