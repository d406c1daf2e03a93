/** Slows guessing: failed logins are counted per user and address, and per address alone. Kept in memory. */

/** Failures of one user from one address before it has to wait. */
const FAILURES_PER_PAIR = 5;
/** Failures from one address over all users: an office behind one address keeps room for honest mistakes. */
const FAILURES_PER_ADDRESS = 50;
/** Failures are forgotten after this long, ms. */
const WINDOW_MS = 15 * 60_000;
/** Entries kept at once; above it the oldest are forgotten, so that guessing with made-up names cannot fill memory. */
const MAX_ENTRIES = 20_000;

export interface LoginLimit {
  /** Seconds to wait before the next try; 0 when it may be tried now. */
  waitSeconds(user: string, address: string): number;
  /** Notes a try before its outcome is known, so that tries at once all count. */
  tried(user: string, address: string): void;
  /** Forgets the failures of a user who got in. */
  succeeded(user: string, address: string): void;
}

/** @param now - Clock, UTC ms. */
export function createLoginLimit(now: () => number = Date.now): LoginLimit {
  const entries = new Map<string, { count: number; until: number }>();
  const read = (key: string) => {
    const entry = entries.get(key);
    if (entry && entry.until > now()) return entry;
    entries.delete(key);
    return undefined;
  };
  const add = (key: string, by: number) => {
    const entry = read(key) ?? { count: 0, until: now() + WINDOW_MS };
    entry.count = Math.max(0, entry.count + by);
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
  };
  const pair = (user: string, address: string) => JSON.stringify([user.toLowerCase(), address]);
  return {
    waitSeconds(user, address) {
      const blocked = [
        { entry: read(pair(user, address)), limit: FAILURES_PER_PAIR },
        { entry: read(address), limit: FAILURES_PER_ADDRESS },
      ].filter(({ entry, limit }) => entry !== undefined && entry.count >= limit);
      return Math.max(0, ...blocked.map(({ entry }) => Math.ceil((entry!.until - now()) / 1000)));
    },
    tried(user, address) {
      add(pair(user, address), 1);
      add(address, 1);
    },
    succeeded(user, address) {
      entries.delete(pair(user, address));
      add(address, -1);
    },
  };
}
