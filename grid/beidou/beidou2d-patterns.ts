/** The bits by which descendants of a BeiDou zone differ from it: the same for every zone of a level. */

import { sortZones } from '../cover/sort-zones.ts';
import { countCells } from '../geometry/row-runs.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import { packCell } from './beidou2d-cell.ts';
import { BEIDOU_LEVELS } from './beidou2d-levels.ts';
import { writeRuns } from './beidou2d-list.ts';
import { polarCells } from './beidou2d-polar.ts';

/** Zone number 31, that of the zone the patterns are taken from: north-east of the origin, where all other digits are 0. */
const ORIGIN_HIGH = 31 << 25;

/**
 * Patterns of `level` below coarser zones, ascending, as word pairs to be combined with the zone's own; made once for each level asked.
 */
export function beidouPatterns(level: number): (zoneLevel: number, polar: boolean) => Uint32Array {
  const made = new Map<number, Uint32Array>();
  return (zoneLevel, polar) => {
    if (zoneLevel === level) return new Uint32Array(2);
    const key = polar ? -zoneLevel : zoneLevel;
    let patterns = made.get(key);
    if (patterns === undefined) {
      patterns = polar ? polarPatterns(level) : ordinaryPatterns(zoneLevel, level);
      made.set(key, patterns);
    }
    return patterns;
  };
}

function ordinaryPatterns(zoneLevel: number, level: number): Uint32Array {
  const from = BEIDOU_LEVELS[zoneLevel]!;
  const to = BEIDOU_LEVELS[level]!;
  const rowCount = from.latUnits / to.latUnits;
  const last = from.lonUnits / to.lonUnits - 1;
  const runs = {
    rows: Int32Array.from({ length: rowCount }, (_, n) => n),
    starts: Int32Array.from({ length: rowCount + 1 }, (_, n) => n),
    columns: Int32Array.from({ length: 2 * rowCount }, (_, n) => (n % 2 === 0 ? 0 : last)),
  };
  const zones = new BigUint64Array(countCells(runs));
  writeRuns(runs, level, zones, 0);
  sortZones(zones);
  const words = wordsOf(zones);
  for (let n = 0; n < words.length; n += 2) words[n + HIGH_WORD]! ^= ORIGIN_HIGH;
  return words;
}

function polarPatterns(level: number): Uint32Array {
  return wordsOf(BigUint64Array.from(polarCells(false, level), packCell));
}
