/** What a batch writes for a position its grid refuses: all ones, an id neither grid ever gives. */
export const NO_ZONE = 0xffff_ffff_ffff_ffffn;

/**
 * Most zones one `subZones` call lists. 2^20 ids are 8 MB as integers; who needs more wants a range, not a list.
 */
export const MAX_SUB_ZONES = 1_048_576;

/** Index of the high 32-bit word of an id seen through a `Uint32Array` (1 on every machine V8 runs on, checked anyway). */
export const HIGH_WORD = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;

/** The ids of a `BigUint64Array` as pairs of 32-bit words, sharing its memory: no bigint is made when writing. */
export function wordsOf(ids: BigUint64Array): Uint32Array {
  return new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);
}

/** The layer a 3D batch writes beside `NO_ZONE`: below every layer of the standard. */
export const NO_LAYER = -2_147_483_648;
