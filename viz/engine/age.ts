/** When a reading stops being news: the same rule for figures, zones, things and feeds. */

/** Older than this many periods: grey. */
export const STALE_PERIODS = 2;
/** Older than this many: not shown as a value any more. */
export const EXPIRED_PERIODS = 6;

export type Freshness = 'live' | 'stale' | 'expired' | 'none';

/**
 * @param newest - Newest phenomenonTime, UTC ms, or null when there is none.
 * @param now - Server time, UTC ms. @param periodMs - Declared period; null counts as a minute.
 */
export function freshness(newest: number | null, now: number, periodMs: number | null): Freshness {
  if (newest === null) return 'none';
  const age = now - newest;
  const period = periodMs ?? 60_000;
  if (age > period * EXPIRED_PERIODS) return 'expired';
  return age > period * STALE_PERIODS ? 'stale' : 'live';
}
