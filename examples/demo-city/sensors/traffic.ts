import { HOUR_MS } from '../city/clock.ts';
import { apportion } from '../city/counties.ts';
import { offset } from '../city/geometry.ts';
import { between, clamp, drift, normal, rounded, textKey, wholeNumber } from '../city/random.ts';
import { trafficRhythm } from '../city/rhythm.ts';
import { rainMmPerHour } from '../city/storm.ts';
import { townOf } from '../city/streets.ts';
import { type FleetContext, type Sensor, sensorId } from './sensor.ts';

const DATASTREAMS = [
  { property: 'vehicle-count', min: 0, max: 5000 },
  { property: 'vehicle-speed', min: 0, max: 150, warnBelow: 12 },
  { property: 'lane-occupancy', min: 0, max: 100, warnAbove: 60 },
] as const;

/** Traffic counters at crossings: vehicles of the period, their mean speed, and how much of the lane they cover. */
export function trafficCounters({ seed, count }: FleetContext): readonly Sensor[] {
  return [...apportion(count)].flatMap(([county, share]) => {
    const { crossings } = townOf(seed, county);
    return Array.from({ length: share }, (_, index): Sensor => {
      const id = sensorId('traffic', county, index + 1);
      const key = textKey(id) ^ seed;
      // 7 and 25 have no common factor, so the first 25 counters stand at 25 different crossings.
      const crossing = crossings[(index * 7) % crossings.length]!;
      const at = offset(crossing.at, between(-12, 12, key, 1), between(-12, 12, key, 2));
      const size = 0.6 + Math.sqrt(county.weight);
      const capacity = between(900, 2200, key, 3) * size;
      return {
        id,
        kind: 'traffic-counter',
        dataset: 'demo-traffic',
        nameEn: `${county.nameEn} ${crossing.nameEn}`,
        nameZh: `${county.nameZh}${crossing.nameZh}`,
        county,
        at,
        periodMs: 30_000,
        datastreams: DATASTREAMS,
        properties: { county: county.code },
        read: (instant, spanMs) => readCounter(seed, key, at[0], at[1], capacity, instant, spanMs),
      };
    });
  });
}

/** Flow follows the rhythm; speed falls with the square of flow over capacity and with rain; occupancy is density times length. */
function readCounter(
  seed: number,
  key: number,
  lon: number,
  lat: number,
  capacity: number,
  instant: number,
  spanMs: number,
) {
  const rain = Math.min(1, rainMmPerHour(seed, lon, lat, instant) / 40);
  const load = clamp(
    trafficRhythm(instant) * (0.85 + 0.15 * drift(key, instant, 0.4 * HOUR_MS)) * (1 + 0.1 * rain),
    0.02,
    1.05,
  );
  const perHour = capacity * 0.85 * load * (1 - 0.2 * rain);
  const speed = 52 * (1 - 0.62 * load * load) * (1 - 0.35 * rain) * (1 + 0.05 * normal(key, 1, instant));
  const held = clamp(speed, 4, 110);
  // Vehicles per km in two lanes, 7.5 m each: per cent of the lane.
  const occupancy = (perHour / held / 2) * 0.75;
  return {
    time: instant,
    results: {
      'vehicle-count': wholeNumber((perHour * spanMs) / HOUR_MS, key, 2, instant),
      'vehicle-speed': rounded(held, 1),
      'lane-occupancy': rounded(clamp(occupancy, 0, 100), 1),
    },
  };
}
