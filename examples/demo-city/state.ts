/** The state of the whole city at an instant: a pure function of seed and time, for tests, benches and anyone who wonders. */

import { type LocalTime, localTime, sunElevationDeg } from './city/clock.ts';
import { inversion, temperatureC, trafficRhythm } from './city/rhythm.ts';
import { type Storm, stormAt } from './city/storm.ts';
import { type CityPlan, planCity } from './plan.ts';
import { casesOpened, LONGEST_CASE_MS } from './records/hotline.ts';
import type { Sample, Sensor } from './sensors/sensor.ts';

export interface CityState {
  readonly seed: number;
  readonly instant: number;
  readonly local: LocalTime;
  readonly sunElevationDeg: number;
  /** Share of the strongest traffic, 0 .. 1. */
  readonly traffic: number;
  /** Factor on what is trapped near the ground. */
  readonly inversion: number;
  readonly temperatureC: number;
  readonly storm: Storm;
  /** What every device would say now; counts and sums are over its period at rate 1. */
  readonly readings: readonly { readonly sensor: Sensor; readonly sample: Sample }[];
  readonly totals: CityTotals;
}

export interface CityTotals {
  readonly vehiclesPerHour: number;
  readonly lampsLit: number;
  readonly lampsFaulty: number;
  /** River stations above their warning level. */
  readonly stationsOverWarning: number;
  readonly gaugesRaining: number;
  /** Mean over the stations, ug/m3. */
  readonly pm25: number;
  readonly casesOpen: number;
}

const plans = new Map<number, CityPlan>();

/** The city of that seed at that instant (epoch ms). */
export function cityState(seed: number, instant: number): CityState {
  let plan = plans.get(seed);
  if (plan === undefined) {
    plan = planCity(seed);
    plans.set(seed, plan);
  }
  const readings = plan.sensors.map((sensor) => ({ sensor, sample: sensor.read(instant, sensor.periodMs) }));
  return {
    seed,
    instant,
    local: localTime(instant),
    sunElevationDeg: sunElevationDeg(instant),
    traffic: trafficRhythm(instant),
    inversion: inversion(instant),
    temperatureC: temperatureC(instant),
    storm: stormAt(seed, instant),
    readings,
    totals: totalsOf(seed, instant, readings),
  };
}

function totalsOf(seed: number, instant: number, readings: CityState['readings']): CityTotals {
  const values = (property: string) => readings.flatMap(({ sample }) => sample.results[property] ?? []);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
  const pm25 = values('pm25');
  const open = casesOpened(seed, instant - LONGEST_CASE_MS, instant).filter(({ closed }) => closed > instant);
  return {
    vehiclesPerHour: sum(values('vehicle-count')) * 120,
    lampsLit: sum(values('lamp-lit')),
    lampsFaulty: sum(values('lamp-fault')),
    stationsOverWarning: readings.filter(({ sensor, sample }) => {
      const stream = sensor.datastreams.find(({ property }) => property === 'water-level');
      const level = sample.results['water-level'];
      return level !== undefined && stream?.warnAbove !== undefined && level > stream.warnAbove;
    }).length,
    gaugesRaining: values('rainfall').filter((value) => value > 0).length,
    pm25: sum(pm25) / pm25.length,
    casesOpen: open.length,
  };
}
