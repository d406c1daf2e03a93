// Wall clocks of New York and London by their laws, Beijing by its fixed offset; no time zone library.
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// Midnight of the nth Sunday of a month (1-based; -1: the last), as though in UTC.
function sunday(year, month, nth) {
  if (nth > 0) {
    const first = Date.UTC(year, month - 1, 1);
    return first + ((7 - new Date(first).getUTCDay()) % 7) * DAY + (nth - 1) * 7 * DAY;
  }
  const last = Date.UTC(year, month, 0);
  return last - new Date(last).getUTCDay() * DAY;
}

// An instant of a wall clock that reads `local` (as though UTC). `doubtful`: shown twice (the first is taken) or skipped
// (moved on by the hour that is missing).
function withSummer(local, winterOffset, start, end) {
  if (local >= start && local < start + HOUR) return { utc: local - winterOffset, doubtful: true };
  if (local >= end - HOUR && local < end) return { utc: local - winterOffset - HOUR, doubtful: true };
  const summer = local >= start && local < end;
  return { utc: local - winterOffset - (summer ? HOUR : 0), doubtful: false };
}

// Since 2007: second Sunday of March, first Sunday of November, at 02:00 of the wall clock.
export function newYork(local) {
  const year = new Date(local).getUTCFullYear();
  return withSummer(local, -5 * HOUR, sunday(year, 3, 2) + 2 * HOUR, sunday(year, 11, 1) + 2 * HOUR);
}

// Since 1996: last Sundays of March and October, at 01:00 UTC.
export function london(local) {
  const year = new Date(local).getUTCFullYear();
  return withSummer(local, 0, sunday(year, 3, -1) + HOUR, sunday(year, 10, -1) + 2 * HOUR);
}

export const beijing = (local) => ({ utc: local - 8 * HOUR, doubtful: false });
