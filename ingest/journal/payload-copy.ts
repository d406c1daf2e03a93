/** Payloads of many small messages, copied: a buffer of its own for each costs more than reading and decoding it. */

/** Bytes of a slab that copies share; a copy that is kept keeps its whole slab. */
const SLAB_BYTES = 32 * 1024;
/** Larger payloads have a buffer of their own. */
const SHARED_BYTES = 2048;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/**
 * A copy of `bytes`, which nobody else writes to. Its buffer may be shared with other copies: copy it again before it is
 * posted to another thread, which would clone them all.
 */
export function copyPayload(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > SHARED_BYTES) return new Uint8Array(bytes);
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const copy = new Uint8Array(slab, used, length);
  copy.set(bytes);
  used += length;
  return copy;
}
