/** Random secrets and their fingerprints. A token of 256 random bits needs no slow hash: it cannot be guessed. */
import { createHash, randomBytes } from 'node:crypto';

/** A new token: random bits as 43 characters of base64url, the first no dash: `--token -x` would be read as another option. */
export function newSecret(): string {
  for (;;) {
    const secret = randomBytes(32).toString('base64url');
    if (!secret.startsWith('-')) return secret;
  }
}

/** SHA-256 of a token as 64 hex digits: the only form of it that is kept. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** A short random id for a token or seat, which may be shown: 64 bits as 16 hex digits. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}
