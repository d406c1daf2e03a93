import { HOUR_MS, localTime, MINUTE_MS } from '../city/clock.ts';
import { apportion } from '../city/counties.ts';
import { offset } from '../city/geometry.ts';
import { between, clamp, drift, normal, rounded, textKey } from '../city/random.ts';
import { inversion, sunshine, temperatureC, trafficRhythm } from '../city/rhythm.ts';
import { aftermath, rainMmPerHour } from '../city/storm.ts';
import { type FleetContext, type Sensor, sensorId } from './sensor.ts';

const SITES = [
  ['县政府', 'County Hall'],
  ['工业园', 'Industrial Park'],
  ['西大桥', 'West Bridge'],
  ['东街', 'East Street'],
  ['南山公园', 'Nanshan Park'],
  ['火车站', 'Railway Station'],
  ['北苑', 'North Garden'],
  ['新城区', 'New District'],
] as const;

const DATASTREAMS = [
  { property: 'pm25', min: 0, max: 1000, warnAbove: 75 },
  { property: 'pm10', min: 0, max: 2000, warnAbove: 150 },
  { property: 'so2', min: 0, max: 1000, warnAbove: 150 },
  { property: 'no2', min: 0, max: 1000, warnAbove: 200 },
  { property: 'co', min: 0, max: 100, warnAbove: 10 },
  { property: 'o3', min: 0, max: 1000, warnAbove: 200 },
  { property: 'air-temperature', min: -45, max: 50 },
  { property: 'relative-humidity', min: 0, max: 100 },
  { property: 'wind-speed', min: 0, max: 60 },
] as const;

/** Air stations: evening and winter inversions hold the dirt near the ground, traffic adds to it, rain washes it out. */
export function airStations({ seed, count }: FleetContext): readonly Sensor[] {
  return [...apportion(count)].flatMap(([county, share]) =>
    Array.from({ length: share }, (_, index): Sensor => {
      const id = sensorId('air', county, index + 1);
      const key = textKey(id) ^ seed;
      const at = offset([county.lonDeg, county.latDeg], 2200 * normal(key, 1), 2200 * normal(key, 2));
      const [siteZh, siteEn] = SITES[index % SITES.length]!;
      const dirt = between(0.75, 1.35, key, 3) * (siteEn === 'Industrial Park' ? 1.3 : 1);
      return {
        id,
        kind: 'air-station',
        dataset: 'demo-air',
        nameEn: `${county.nameEn} ${siteEn} air station`,
        nameZh: `${county.nameZh}${siteZh}空气站`,
        county,
        at,
        periodMs: MINUTE_MS,
        datastreams: DATASTREAMS,
        properties: { county: county.code },
        read: (instant) => readAir(seed, key, at[0], at[1], county.heightM, dirt, instant),
      };
    }),
  );
}

function readAir(
  seed: number,
  key: number,
  lon: number,
  lat: number,
  heightM: number,
  dirt: number,
  instant: number,
) {
  const wash = Math.min(1, aftermath(seed, lon, lat, instant, 0, 25 * MINUTE_MS));
  const rain = rainMmPerHour(seed, lon, lat, instant);
  const trapped = inversion(instant);
  const traffic = trafficRhythm(instant);
  const weather = 1 + 0.35 * drift(seed ^ 0xa12, instant, 9 * HOUR_MS) + 0.15 * drift(key, instant, HOUR_MS);
  const noise = (salt: number) => 1 + 0.03 * normal(key, salt, instant);
  const load = dirt * weather * trapped;
  const sun = sunshine(instant);
  const temperature =
    temperatureC(instant) - (heightM - 1900) * 0.0065 - 4 * wash + 1.5 * drift(key ^ 7, instant, 3 * HOUR_MS);
  const { hour } = localTime(instant);
  const humidity = 58 - 1.6 * (temperatureC(instant) - temperatureC(instant - hour * HOUR_MS)) + 35 * wash;
  const wind = 1.6 + 1.8 * sun + 5 * Math.min(1, rain / 30) + 0.8 * drift(key ^ 9, instant, 20 * MINUTE_MS);
  const keep = (value: number, digits: number, max: number) => rounded(clamp(value, 0, max), digits);
  return {
    time: instant,
    results: {
      pm25: keep(26 * load * (1 - 0.55 * wash) * noise(1), 1, 900),
      pm10: keep((55 * load + 25 * traffic) * (1 - 0.75 * wash) * noise(2), 1, 1800),
      so2: keep(9 * load * (1 - 0.3 * wash) * noise(3), 1, 900),
      no2: keep((14 * load + 30 * traffic) * noise(4), 1, 900),
      co: keep((0.5 * load + 0.4 * traffic) * noise(5), 2, 90),
      o3: keep((28 + 95 * sun) * (1 - 0.3 * traffic) * (1 - 0.2 * wash) * noise(6), 1, 900),
      'air-temperature': rounded(clamp(temperature, -44, 49), 1),
      'relative-humidity': keep(humidity + 4 * drift(key ^ 8, instant, 2 * HOUR_MS), 1, 100),
      'wind-speed': keep(wind * noise(7), 1, 59),
    },
  };
}
