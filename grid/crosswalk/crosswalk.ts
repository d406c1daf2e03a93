/**
 * From zones of one grid to zones of the other by shared area. H3 and BeiDou zones are neither aligned nor of equal area, so ids tell nothing
 * of each other; here is how much of a zone lies in each zone of the other grid, on the ellipsoid.
 */
import { checkLevel, tooManyZones } from '../checks.ts';
import type { DggrsId } from '../codec.ts';
import { subZoneCount } from '../dggrs/sub-zone-order.ts';
import { GRIDS } from '../registry.ts';
import { beidouUnderH3, h3UnderBeidou, type SharedAreas } from './shared-areas.ts';

/** One zone, divided among zones of another grid. Shapes (n) and (n). */
export interface Crosswalk {
  /** Zones of the other grid that share area with it, ascending. */
  readonly zones: BigUint64Array;
  readonly level: number;
  /** Share of the divided zone's area in each; positive, they sum to 1 within 1e-12. */
  readonly weights: Float64Array;
  /**
   * What the shared areas missed of the zone's own area, or had too much, as a part of it, before the weights were made to sum to 1: rounding
   * alone, below 1e-9 where both zones are wider than a metre, below 1e-6 down to 1.5 cm. It is spread in proportion to the shares.
   */
  readonly residual: number;
}

/**
 * Divides a zone among the zones of another grid by area on the ellipsoid. Between levels of one grid the shares follow the ids: all to the
 * parent, or to the sub-zones in proportion to their areas.
 * @param maxZones - Most zones of the answer.
 * @throws {GridError} `zone-invalid`, `level-out-of-range`; `too-many-zones`; `polar-unsupported` where an H3 cell reaches beyond 88 degrees and
 * `toLevel` of BeiDou is 3 or finer.
 * @example crosswalk('h3', h3.encode(104.6, 35.6, 7), 7, 'beidou2d', 4, 1000).weights
 */
export function crosswalk(
  from: DggrsId,
  zone: bigint,
  level: number,
  to: DggrsId,
  toLevel: number,
  maxZones: number,
): Crosswalk {
  const target = GRIDS[to];
  checkLevel(to, toLevel, target.minLevel, target.maxLevel);
  const areaM2 = GRIDS[from].areaM2(zone, level);
  // What is no number must not mean no bound.
  const bound = Math.max(0, maxZones) || 0;
  const shared =
    from === to
      ? sameGrid(from, zone, level, toLevel, bound)
      : from === 'h3'
        ? beidouUnderH3(zone, level, toLevel, bound)
        : h3UnderBeidou(zone, level, toLevel, bound);
  return weigh(shared, toLevel, from === to ? undefined : areaM2);
}

function sameGrid(id: DggrsId, zone: bigint, level: number, toLevel: number, maxZones: number): SharedAreas {
  const grid = GRIDS[id];
  const count = toLevel <= level ? 1 : subZoneCount(id, zone, level, toLevel);
  if (count > maxZones)
    throw tooManyZones(`"${grid.format(zone, level)}" at level ${toLevel}`, count, maxZones, false);
  if (toLevel <= level) return { zones: [grid.parent(zone, level, toLevel)], areasM2: [1] };
  const zones = [...grid.subZones(zone, level, toLevel)];
  return { zones, areasM2: zones.map((each) => grid.areaM2(each, toLevel)) };
}

/** Sorts by id, and divides by the sum. */
function weigh({ zones, areasM2 }: SharedAreas, level: number, areaM2: number | undefined): Crosswalk {
  const order = zones.map((_, n) => n).sort((a, b) => (zones[a]! < zones[b]! ? -1 : 1));
  const total = preciseSum(areasM2);
  return {
    zones: BigUint64Array.from(order, (n) => zones[n]!),
    level,
    weights: Float64Array.from(order, (n) => areasM2[n]! / total),
    residual: areaM2 === undefined ? 0 : total / areaM2 - 1,
  };
}

/** Neumaier's sum: a million shares would else lose the digits that make them 1. */
function preciseSum(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}
