/** Passwords: scrypt with its parameters beside the hash, so that they can be raised later without locking anyone out. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MiB and about 60 ms a guess: OWASP's second recommendation for scrypt (N = 2^15, r = 8, p = 3) at a third of the time. */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Hashes computed at once: each holds 32 MiB, and a flood of logins must not hold more. */
const MAX_AT_ONCE = 2;
/** Logins that may wait for their turn; above it the caller is told to come back. */
const MAX_WAITING = 50;

/** Shortest password taken, characters. */
export const PASSWORD_MIN = 8;
/** Longest password taken, characters: scrypt hashes it all, so there is a bound. */
export const PASSWORD_MAX = 256;

/** Too many logins at once. */
export class PasswordBusyError extends Error {
  readonly code = 'busy';
  constructor() {
    super('Cannot check the password now: too many logins are waiting');
    this.name = 'PasswordBusyError';
  }
}

/**
 * Hashes a password with a fresh salt.
 *
 * @returns `scrypt$N$r$p$salt$hash`, salt and hash in base64url.
 * @throws {PasswordBusyError} When too many wait already.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  const { N, r, p } = COST;
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * Checks a password in constant time. `stored` undefined (no such user) costs the same and is false.
 *
 * @throws {PasswordBusyError} When too many wait already.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parsed = stored === undefined ? undefined : parse(stored);
  const salt = parsed?.salt ?? Buffer.alloc(SALT_BYTES);
  const key = await derive(password, salt, parsed?.cost ?? COST);
  const wanted = parsed?.key ?? Buffer.alloc(KEY_BYTES);
  return timingSafeEqual(key, wanted) && parsed !== undefined;
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

function parse(stored: string): { cost: Cost; salt: Buffer; key: Buffer } | undefined {
  const [scheme, n, r, p, salt, key] = stored.split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return undefined;
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== KEY_BYTES || !Object.values(cost).every((v) => Number.isInteger(v) && v > 0))
    return undefined;
  return { cost, salt: Buffer.from(salt, 'base64url'), key: bytes };
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (running >= MAX_AT_ONCE) {
    if (waiting.length >= MAX_WAITING) throw new PasswordBusyError();
    // The one that ends hands its place on, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { ...cost, maxmem: 256 * cost.N * cost.r };
      scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
