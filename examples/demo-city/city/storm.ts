/**
 * The storms of the demonstration: a rain band crosses the city from west to east in 45 minutes, and a new one starts every
 * 90 minutes (plus a phase by seed). Far quicker than weather is, so that whoever looks for some minutes sees rain, rising
 * rivers, or the falling levels and open cases after it.
 */

import { HOUR_MS, MINUTE_MS } from './clock.ts';
import { CITY_BOUNDS } from './counties.ts';
import { between, clamp, mix, unit } from './random.ts';

/** From the start of one storm to the start of the next, ms. Sixteen of them make a day. */
export const STORM_CYCLE_MS = 90 * MINUTE_MS;
/** From the western to the eastern edge, ms. */
export const STORM_CROSSING_MS = 45 * MINUTE_MS;
/** How long the band rains on one place (standard deviation of the passage), ms. */
const PASSAGE_MS = 5 * MINUTE_MS;
/** Rain at the heart of the strongest storm, mm/h: a rainstorm of the orange warning. */
export const PEAK_MM_PER_HOUR = 70;
const LON_SPAN = CITY_BOUNDS[2] - CITY_BOUNDS[0];
const STORM = 0x5707;

export interface Storm {
  /** Ordinal since 1970; names the storm. */
  readonly index: number;
  readonly startedAt: number;
  /** 0.65 .. 1. */
  readonly strength: number;
  /** Latitude along which the heart of the storm moves. */
  readonly trackLatDeg: number;
  /** Longitude of the band now; beyond the bounds before and after the crossing. */
  readonly frontLonDeg: number;
  /** True while the band is over the city. */
  readonly crossing: boolean;
}

/** Milliseconds by which this seed's storms start after each 90-minute boundary; whole minutes. */
export function stormPhaseMs(seed: number): number {
  return (mix(seed, STORM) % 90) * MINUTE_MS;
}

/** The storm that started last before (or at) the instant. */
export function stormAt(seed: number, instant: number): Storm {
  const phase = stormPhaseMs(seed);
  const index = Math.floor((instant - phase) / STORM_CYCLE_MS);
  return stormOf(seed, index, instant);
}

function stormOf(seed: number, index: number, instant: number): Storm {
  const startedAt = index * STORM_CYCLE_MS + stormPhaseMs(seed);
  const share = (instant - startedAt) / STORM_CROSSING_MS;
  return {
    index,
    startedAt,
    strength: between(0.65, 1, seed, STORM, index, 1),
    trackLatDeg: between(34.7, 35.5, seed, STORM, index, 2),
    frontLonDeg: CITY_BOUNDS[0] + LON_SPAN * share,
    crossing: share >= 0 && share <= 1,
  };
}

/** When the storm's band is over that longitude, epoch ms. */
function passesAt(storm: Storm, lonDeg: number): number {
  return storm.startedAt + ((lonDeg - CITY_BOUNDS[0]) / LON_SPAN) * STORM_CROSSING_MS;
}

/** How much of the storm a place gets, 0 .. 1: less with the distance from its track. */
function lateral(storm: Storm, latDeg: number): number {
  const away = (latDeg - storm.trackLatDeg) / 0.6;
  return storm.strength * Math.exp(-0.5 * away * away);
}

/** Rain intensity at a place and instant, mm/h, >= 0. */
export function rainMmPerHour(seed: number, lonDeg: number, latDeg: number, instant: number): number {
  let sum = 0;
  for (const storm of recent(seed, instant)) {
    const away = (instant - passesAt(storm, lonDeg)) / PASSAGE_MS;
    if (Math.abs(away) < 4) sum += lateral(storm, latDeg) * Math.exp(-0.5 * away * away);
  }
  const rain = PEAK_MM_PER_HOUR * sum;
  return rain < 0.2 ? 0 : rain;
}

/** Rain that fell at a place in `(instant - spanMs, instant]`, mm: Simpson's rule in steps of at most a minute. */
export function rainfallMm(
  seed: number,
  lonDeg: number,
  latDeg: number,
  instant: number,
  spanMs: number,
): number {
  const steps = 2 * Math.ceil(spanMs / (2 * MINUTE_MS));
  const step = spanMs / steps;
  let sum = 0;
  for (let index = 0; index <= steps; index += 1) {
    const weight = index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * rainMmPerHour(seed, lonDeg, latDeg, instant - index * step);
  }
  return (sum * step) / 3 / HOUR_MS;
}

/**
 * What the rain has left at a place, 0 .. about 1: nothing before the band, a peak `delayMs` after it, then a slow fall.
 * Rivers use it with a delay, wet roads and washed air without.
 */
export function aftermath(
  seed: number,
  lonDeg: number,
  latDeg: number,
  instant: number,
  delayMs: number,
  fallMs: number,
): number {
  let sum = 0;
  for (const storm of recent(seed, instant)) {
    const since = instant - passesAt(storm, lonDeg) + PASSAGE_MS;
    if (since <= 0) continue;
    const rise = clamp(since / (PASSAGE_MS * 2 + delayMs), 0, 1);
    const smooth = rise * rise * (3 - 2 * rise);
    const fall = Math.exp(-Math.max(0, since - PASSAGE_MS * 2 - delayMs) / fallMs);
    sum += lateral(storm, latDeg) * smooth * fall;
  }
  return Math.min(1.2, sum);
}

/** True while the power of a street is out: a strong passage cuts some streets off for a while. */
export function powerCut(
  seed: number,
  streetKey: number,
  lonDeg: number,
  latDeg: number,
  instant: number,
): boolean {
  const storm = stormAt(seed, instant);
  const since = instant - passesAt(storm, lonDeg);
  const lasts = between(8, 30, seed, streetKey, storm.index, 3) * MINUTE_MS;
  return since > 0 && since < lasts && unit(seed, streetKey, storm.index, 4) < 0.12 * lateral(storm, latDeg);
}

/** The storm of now and the two before, whose water is still running off, and the one whose edge already rains. */
function recent(seed: number, instant: number): readonly Storm[] {
  const { index } = stormAt(seed, instant);
  return [index + 1, index, index - 1, index - 2].map((one) => stormOf(seed, one, instant));
}
