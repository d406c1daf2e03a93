/**
 * A clock that runs slower while traffic is slow: buses keep timetables on it, so that where a bus is stays a pure function
 * of the instant although its speed changes with the hour and the rain.
 */
import { CITY_OFFSET_MS, DAY_MS, MINUTE_MS } from './clock.ts';
import { trafficRhythm } from './rhythm.ts';
import { STORM_CROSSING_MS, STORM_CYCLE_MS, stormPhaseMs } from './storm.ts';

const WEEK_MS = 7 * DAY_MS;
const MINUTES = WEEK_MS / MINUTE_MS;

/** Travel time gone by, and how fast it goes now. */
export interface TravelClock {
  /** Milliseconds of free-flow driving since 1970 at an instant; never runs backwards. */
  at(instant: number): number;
  /** Travel ms per ms at an instant, 0.4 .. 1. */
  pace(instant: number): number;
}

/** A week repeats exactly (storms start at the same local times each day), so one table of its minutes is the whole clock. */
export function travelClock(seed: number): TravelClock {
  const pace = new Float64Array(MINUTES);
  const before = new Float64Array(MINUTES + 1);
  const phase = stormPhaseMs(seed);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const instant = minute * MINUTE_MS - CITY_OFFSET_MS;
    const intoStorm = (((instant - phase) % STORM_CYCLE_MS) + STORM_CYCLE_MS) % STORM_CYCLE_MS;
    const wet = intoStorm < STORM_CROSSING_MS ? Math.sin((Math.PI * intoStorm) / STORM_CROSSING_MS) : 0;
    pace[minute] = (1 - 0.35 * trafficRhythm(instant)) * (1 - 0.3 * wet);
    before[minute + 1] = before[minute]! + pace[minute]! * MINUTE_MS;
  }
  const locate = (instant: number) => {
    const local = instant + CITY_OFFSET_MS;
    const week = Math.floor(local / WEEK_MS);
    const inWeek = local - week * WEEK_MS;
    const minute = Math.floor(inWeek / MINUTE_MS);
    return { week, minute, rest: inWeek - minute * MINUTE_MS };
  };
  return {
    at(instant) {
      const { week, minute, rest } = locate(instant);
      return week * before[MINUTES]! + before[minute]! + pace[minute]! * rest;
    },
    pace: (instant) => pace[locate(instant).minute]!,
  };
}
