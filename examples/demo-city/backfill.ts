/** The past that every fixed sensor sends once, from its own memory, so that trends and comparisons have something behind them. */
import { HOUR_MS, MINUTE_MS } from './city/clock.ts';
import { type CityMessage, observationTopic, sampleJson } from './emitter.ts';
import type { CityPlan } from './plan.ts';

export const BACKFILL_SPAN_MS = 6 * HOUR_MS;
export const BACKFILL_STEP_MS = 10 * MINUTE_MS;

/**
 * One message for each sensor that stands still: an array of its readings at 10-minute steps, oldest first, with their own
 * times, all before `until`. Counts and sums are over the ten minutes.
 */
export function* backfill(plan: CityPlan, until: number): Generator<CityMessage> {
  const last = Math.floor((until - 1) / BACKFILL_STEP_MS) * BACKFILL_STEP_MS;
  for (const sensor of plan.sensors) {
    if (sensor.at === undefined) continue;
    const samples: Record<string, unknown>[] = [];
    for (let time = last - BACKFILL_SPAN_MS + BACKFILL_STEP_MS; time <= last; time += BACKFILL_STEP_MS) {
      samples.push(sampleJson(sensor, sensor.read(time, BACKFILL_STEP_MS)));
    }
    yield {
      principal: sensor.id,
      topic: observationTopic(sensor.id),
      payload: JSON.stringify(samples),
      time: last,
    };
  }
}
