/** Local time and daylight of the city: pure arithmetic on UTC instants, no time-zone database and no wall clock. */

/** Asia/Shanghai keeps UTC+8 all year since 1991. Milliseconds. */
export const CITY_OFFSET_MS = 8 * 3_600_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export interface LocalTime {
  /** Days since 1970-01-01 in local time. */
  readonly day: number;
  /** Hour of the day with its fraction, [0, 24). */
  readonly hour: number;
  readonly weekend: boolean;
  /** Day of the year with its fraction, [0, 366). */
  readonly dayOfYear: number;
}

/** The local time of a UTC instant (epoch ms). */
export function localTime(instant: number): LocalTime {
  const local = instant + CITY_OFFSET_MS;
  const day = Math.floor(local / DAY_MS);
  // 1970-01-01 was a Thursday, so day 2 (Saturday) is remainder 2.
  const weekday = (((day + 4) % 7) + 7) % 7;
  const year = new Date(local).getUTCFullYear();
  return {
    day,
    hour: (local - day * DAY_MS) / HOUR_MS,
    weekend: weekday === 0 || weekday === 6,
    dayOfYear: (local - Date.UTC(year, 0, 1)) / DAY_MS,
  };
}

/** Local date and time as a department writes it, without a zone: `2026-11-22 18:05:00`. */
export function localText(instant: number): string {
  return new Date(instant + CITY_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * Elevation of the sun above the horizon over the middle of the city, degrees.
 *
 * @source Cooper's declination and the hour angle from mean solar time; half a degree is enough to light lamps by.
 */
export function sunElevationDeg(instant: number, lonDeg = 104.5, latDeg = 35.1): number {
  const rad = Math.PI / 180;
  const { dayOfYear } = localTime(instant);
  const declination = 23.44 * Math.sin(2 * Math.PI * ((284 + dayOfYear) / 365)) * rad;
  const solarHour = ((instant % DAY_MS) / HOUR_MS + lonDeg / 15 + 24) % 24;
  const hourAngle = (solarHour - 12) * 15 * rad;
  const latitude = latDeg * rad;
  return (
    Math.asin(
      Math.sin(latitude) * Math.sin(declination) +
        Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle),
    ) / rad
  );
}
