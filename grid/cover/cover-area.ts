/** What a set of zones covers on the ground. */
import { BEIDOU_LEVELS } from '../beidou/beidou2d-levels.ts';
import type { ZoneGrid, ZoneSet } from '../codec.ts';
import { GridError } from '../errors.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';

/** Bits of the high and the low word that tell the hemisphere and the row of a BeiDou zone, and the zone number that marks a polar one. */
const ROW_HIGH = (1 << 31) | (31 << 20) | (7 << 13) | (3 << 11) | (15 << 2);
const ROW_LOW = (15 << 26) | (1 << 25) | (7 << 18) | (7 << 12) | (7 << 6) | 7;
const ZONE_NUMBER = 63 << 25;

/**
 * Area of all zones of a set together, square metres on the CGCS2000 ellipsoid: the sum of `grid.areaM2`. Compare with
 * `geometryAreaM2` to tell the area error of a cover.
 * @param set - Zones of which none lies in another.
 * @throws {GridError} `zone-invalid`, `level-out-of-range`, `shape-mismatch`.
 */
export function coverAreaM2(grid: ZoneGrid, { zones, levels }: ZoneSet): number {
  if (zones.length !== levels.length) {
    throw new GridError(
      'shape-mismatch',
      `Cannot read a set of ${zones.length} zones with ${levels.length} levels: lengths must be equal`,
    );
  }
  const areaOf = grid.id === 'beidou2d' ? beidouAreas(grid, zones, levels) : undefined;
  let sum = 0;
  // What rounding took from the sum so far (Kahan): a million small zones beside a few large ones.
  let lost = 0;
  for (let n = 0; n < levels.length; n += 1) {
    const area = (areaOf?.(n) ?? grid.areaM2(zones[n]!, levels[n]!)) - lost;
    const next = sum + area;
    lost = next - sum - area;
    sum = next;
  }
  return sum;
}

/** Zones of one row have one area: each row of a level is asked for once. */
function beidouAreas(grid: ZoneGrid, zones: BigUint64Array, levels: Uint8Array): (n: number) => number {
  const words = wordsOf(zones);
  const known = BEIDOU_LEVELS.map(() => new Map<number, Map<number, number>>());
  return (n) => {
    const level = levels[n]!;
    const high = words[2 * n + HIGH_WORD]!;
    const low = words[2 * n + 1 - HIGH_WORD]!;
    if ((high & ZONE_NUMBER) === 0 || known[level] === undefined) return grid.areaM2(zones[n]!, level);
    let rows = known[level].get(high & ROW_HIGH);
    if (rows === undefined) {
      rows = new Map();
      known[level].set(high & ROW_HIGH, rows);
    }
    let area = rows.get(low & ROW_LOW);
    if (area === undefined) {
      area = grid.areaM2(zones[n]!, level);
      rows.set(low & ROW_LOW, area);
    }
    return area;
  };
}
