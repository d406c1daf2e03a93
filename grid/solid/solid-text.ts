/** Sets of solid zones as texts, one a run, for tables and files: the 3D code of the lowest zone, and how many more stand on it. */

import type { HeightCoding } from '../beidou/beidou3d.ts';
import { beidou3d } from '../beidou/beidou3d-grid.ts';
import { LAYER_LIMIT, LAYER_THICKNESS } from '../beidou/beidou3d-layers.ts';
import { GridError } from '../errors.ts';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import type { SolidZoneSet } from '../solid.ts';
import { SolidRuns, sortRuns, toSolidZoneSet } from './solid-runs.ts';

const RUN = /^([^+]+)(?:\+([1-9][0-9]{0,8}))?$/;

/**
 * Runs of a set as texts `<3D code>` or `<3D code>+<n>`: the lowest zone, and the n zones of its level that follow it upwards.
 *
 * ```ts
 * formatSolidRuns(coverSolid({ kind: 'box', box: [104.6, 35.58, 0, 104.6, 35.58, 150] }, { level: 6 }));
 * // ['N048I00570006400C000+2']: three zones of level 6 above each other
 * ```
 */
export function formatSolidRuns(set: SolidZoneSet): string[] {
  return Array.from(set.zones, (zone, n) => {
    const level = set.levels[n]!;
    const floorLayer = set.floorLayers[n]!;
    const more = (set.topLayers[n]! - floorLayer) / LAYER_THICKNESS[set.heightCoding][level]! - 1;
    const code = beidou3d.format({ zone, floorLayer, level }, set.heightCoding);
    return more === 0 ? code : `${code}+${more}`;
  });
}

/**
 * The set that texts of `formatSolidRuns` stand for, in any order.
 * @param heightCoding - The reading they were written in; it is stored beside them.
 * @throws {GridError} `zone-invalid` with the reason, `polar-unsupported`.
 */
export function parseSolidRuns(texts: readonly string[], heightCoding: HeightCoding): SolidZoneSet {
  const runs = new SolidRuns();
  for (const text of texts) {
    const found = RUN.exec(text);
    if (found === null) {
      throw new GridError(
        'zone-invalid',
        `Cannot parse run "${text.slice(0, 48)}": must be a 3D code, and "+" with a count from 1 where more zones follow`,
      );
    }
    const { zone, floorLayer, level } = beidou3d.parse(found[1]!, heightCoding);
    const thickness = LAYER_THICKNESS[heightCoding][level]!;
    const top = floorLayer + (Number(found[2] ?? 0) + 1) * thickness;
    if (top >= LAYER_LIMIT + thickness) {
      throw new GridError('zone-invalid', `Cannot parse run "${text}": it passes the highest layer`);
    }
    const words = wordsOf(BigUint64Array.of(zone));
    runs.addWords(words[HIGH_WORD]!, words[1 - HIGH_WORD]!, level, floorLayer, top);
  }
  return toSolidZoneSet(sortRuns(runs), heightCoding);
}
