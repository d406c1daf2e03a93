import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new stream key: 256 random bits, base64url. There is no default one. */
export function generateStreamKey(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 of a key, hex: what the video process is given instead of the key. */
export function hashStreamKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Does `key` belong to `hash`? Takes the same time whatever is wrong; an absent hash fits nothing. */
export function streamKeyFits(key: unknown, hash: string | undefined): boolean {
  const given = Buffer.from(hashStreamKey(typeof key === 'string' ? key : ''), 'hex');
  const wanted = Buffer.from(hash ?? '', 'hex');
  if (wanted.length !== given.length) return false;
  return timingSafeEqual(given, wanted) && typeof key === 'string' && key !== '';
}
