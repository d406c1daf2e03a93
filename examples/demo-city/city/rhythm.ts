/** The daily and weekly rhythms of the city: pure curves over local time. */
import { localTime, sunElevationDeg } from './clock.ts';

/** A bump of height 1 around `centre` (local hours), with `width` hours of standard deviation; wraps at midnight. */
function bump(hour: number, centre: number, width: number): number {
  const away = Math.min(Math.abs(hour - centre), 24 - Math.abs(hour - centre)) / width;
  return Math.exp(-0.5 * away * away);
}

/** Share of the day's strongest traffic, about 0.05 .. 1: peaks 07:30-09:00 and 17:30-19:00, weekends later and flatter. */
export function trafficRhythm(instant: number): number {
  const { hour, weekend } = localTime(instant);
  const day = bump(hour, 13.5, 4.2) * 0.5;
  const morning = bump(hour, 8.25, 0.8) * (weekend ? 0.12 : 0.6);
  const evening = bump(hour, 18.25, 0.9) * (weekend ? 0.3 : 0.65);
  return Math.min(1, 0.05 + (day + morning + evening) * (weekend ? 0.85 : 1));
}

/** How far people are out and about, 0.04 .. 1: what cameras see on foot. */
export function footRhythm(instant: number): number {
  const { hour, weekend } = localTime(instant);
  const value = bump(hour, 12, 3.5) * 0.6 + bump(hour, 7.8, 0.7) * 0.4 + bump(hour, 19, 1.5) * 0.6;
  return Math.min(1, 0.04 + value * (weekend ? 1.15 : 1));
}

/** Factor on emissions trapped near the ground, about 0.6 .. 2.6: evenings and nights of the cold months hold them. */
export function inversion(instant: number): number {
  const { hour, dayOfYear } = localTime(instant);
  // 1 in mid-January, 0 in mid-July.
  const winter = 0.5 + 0.5 * Math.cos((2 * Math.PI * (dayOfYear - 15)) / 365);
  const evening = bump(hour, 21, 2.6) + 0.6 * bump(hour, 7.5, 1.8);
  return 0.6 + 0.7 * winter + evening * (0.35 + 0.75 * winter);
}

/** Air temperature at 1900 m above sea level in clear weather, degrees Celsius. */
export function temperatureC(instant: number): number {
  const { hour, dayOfYear } = localTime(instant);
  const season = 7.5 - 13.5 * Math.cos((2 * Math.PI * (dayOfYear - 15)) / 365);
  return season + 5.5 * Math.cos((2 * Math.PI * (hour - 15)) / 24);
}

/** Sunshine for photochemistry, 0 at night .. 1 at a summer noon. */
export function sunshine(instant: number): number {
  return Math.max(0, Math.sin((sunElevationDeg(instant) * Math.PI) / 180));
}
