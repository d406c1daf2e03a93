/** 64-bit content hash as two u32, filled by `hashMessage`; reused by the caller, so that no message allocates one. */
export interface Hash64 {
  lo: number;
  hi: number;
}

/**
 * Hash of a message's topic and bytes by which a redelivery is recognised, together with its client and packet id. Two
 * lanes of MurmurHash3 (x86, 32 bit) with different seeds: not for security (a client can only fool itself).
 *
 * @source MurmurHash3, A. Appleby, public domain.
 */
export function hashMessage(topic: string, bytes: Uint8Array, out: Hash64): void {
  let a = 0x9747b28c;
  let b = 0x5bd1e995;
  for (let i = 0; i < topic.length; i++) {
    const unit = topic.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 15);
  }
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    a = mix(a, word);
    b = mix(b, Math.imul(word, 0x27d4eb2f) ^ (word >>> 16));
  }
  let rest = 0;
  for (let i = bytes.length - 1; i >= whole; i--) rest = (rest << 8) | bytes[i]!;
  a = mix(a, rest);
  b = mix(b, rest ^ 0x61c88647);
  out.lo = finish(a ^ bytes.length);
  out.hi = finish(b ^ Math.imul(bytes.length, 0x9e3779b1) ^ topic.length);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
