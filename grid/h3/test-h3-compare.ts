/** Compares the batch encoder with `h3-js`, position by position, on `h3TestPoints`. Shared by the suite and the long run. */
import { latLngToCell } from 'h3-js';
import { HIGH_WORD, wordsOf } from '../no-zone.ts';
import { decodeH3Batch, encodeH3Batch } from './h3-batch.ts';
import type { H3BatchStats } from './h3-encode.ts';
import { writeIndex } from './h3-index.ts';
import { h3TestPoints } from './test-h3-points.ts';

export interface Comparison extends H3BatchStats {
  /** Positions whose cell is another one than that of `h3-js`, the first ones as text. */
  different: number;
  readonly examples: string[];
  /** Cells whose decoded centre lies in another cell. */
  astray: number;
}

/** Compares `perLevel` positions at each level 0..15. */
export function compareWithH3js(perLevel: number, seed: number, into?: Comparison): Comparison {
  const all: Comparison = into ?? { points: 0, decidedByH3js: 0, different: 0, examples: [], astray: 0 };
  const theirs = new Uint32Array(2);
  for (let level = 0; level <= 15; level += 1) {
    const { lonDeg, latDeg } = h3TestPoints(perLevel, seed * 16 + level, level);
    const zones = encodeH3Batch(lonDeg, latDeg, level, new BigUint64Array(perLevel), all);
    const ours = wordsOf(zones);
    for (let n = 0; n < perLevel; n += 1) {
      const text = latLngToCell(latDeg[n]!, lonDeg[n]!, level);
      writeIndex(theirs, 0, text);
      const same =
        theirs[HIGH_WORD] === ours[2 * n + HIGH_WORD]! &&
        theirs[1 - HIGH_WORD] === ours[2 * n + 1 - HIGH_WORD]!;
      if (same) continue;
      all.different += 1;
      if (all.examples.length < 10) {
        all.examples.push(
          `level ${level}: ${lonDeg[n]}, ${latDeg[n]} is ${text}, not ${zones[n]!.toString(16)}`,
        );
      }
    }
    const centres = decodeH3Batch(zones, level);
    const back = wordsOf(encodeH3Batch(centres.lonDeg, centres.latDeg, level));
    for (let n = 0; n < perLevel; n += 1) {
      if (back[2 * n] !== ours[2 * n] || back[2 * n + 1] !== ours[2 * n + 1]) all.astray += 1;
    }
  }
  return all;
}
