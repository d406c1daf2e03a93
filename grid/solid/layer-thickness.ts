/** Thickness of a layer of each level in level-10 layers; index is the level. Nested in both readings of the heights. */
import type { HeightCoding } from '../beidou/beidou3d.ts';

export const LAYER_THICKNESS: Readonly<Record<HeightCoding, readonly number[]>> = {
  annexC: [0, ...[25, 22, 21, 17, 13, 12, 9, 6, 3, 0].map((bits) => 2 ** bits)],
  clause6: [0, 29_491_200, 3_686_400, 1_843_200, 122_880, 8_192, 4_096, 512, 64, 8, 1],
};
