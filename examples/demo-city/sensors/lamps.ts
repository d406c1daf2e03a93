import { localTime, MINUTE_MS, sunElevationDeg } from '../city/clock.ts';
import { apportion } from '../city/counties.ts';
import { along } from '../city/geometry.ts';
import { between, normal, rounded, textKey, unit } from '../city/random.ts';
import { powerCut } from '../city/storm.ts';
import { townOf } from '../city/streets.ts';
import { type FleetContext, type Sensor, sensorId } from './sensor.ts';

const SPACING_M = 38;
const DATASTREAMS = [
  { property: 'lamp-power', min: 0, max: 400 },
  { property: 'lamp-lit', min: 0, max: 1 },
  { property: 'lamp-fault', min: 0, max: 1, warnAbove: 0.5 },
] as const;

/** Street lights, one device a lamp: lit from dusk to dawn, some broken each night, some streets dark after a storm. */
export function streetLights({ seed, count }: FleetContext): readonly Sensor[] {
  return [...apportion(count)].flatMap(([county, share]) => {
    const { streets } = townOf(seed, county);
    return Array.from({ length: share }, (_, index): Sensor => {
      const street = streets[index % streets.length]!;
      const pole = Math.floor(index / streets.length);
      const id = sensorId('lamp', county, index + 1, 3);
      const key = textKey(id) ^ seed;
      // Poles run outwards from the middle of the street, left and right in turn.
      const side = pole % 2 === 0 ? 1 : -1;
      const { at } = along(street.line, street.line.lengthM / 2 + side * SPACING_M * (pole + 0.5));
      return {
        id,
        kind: 'street-light',
        dataset: 'demo-lights',
        nameEn: `${county.nameEn} ${street.nameEn} lamp ${pole + 1}`,
        nameZh: `${county.nameZh}${street.nameZh}${pole + 1}号灯`,
        county,
        at,
        periodMs: MINUTE_MS,
        datastreams: DATASTREAMS,
        properties: { county: county.code, street: street.nameZh },
        read: (instant) => readLamp(seed, key, street.key, at[0], at[1], instant),
      };
    });
  });
}

function readLamp(seed: number, key: number, streetKey: number, lon: number, lat: number, instant: number) {
  // A fault lasts from noon to noon, so one night is one draw.
  const night = Math.floor(localTime(instant - 12 * 3_600_000).day);
  const dark = sunElevationDeg(instant, lon, lat) < between(-3, -1.5, key, 1);
  const broken = unit(key, 2, night) < 0.025;
  const stuckOn = unit(key, 3, night) < 0.006;
  const cut = powerCut(seed, streetKey, lon, lat, instant);
  const lit = !cut && !broken && (dark || stuckOn);
  const faulty = broken || cut || (stuckOn && !dark);
  const rated = unit(key, 4) < 0.5 ? 120 : 150;
  const power = lit ? rated * (1 + 0.02 * normal(key, 5, instant)) : cut ? 0 : 1.2;
  return {
    time: instant,
    results: { 'lamp-power': rounded(power, 1), 'lamp-lit': lit ? 1 : 0, 'lamp-fault': faulty ? 1 : 0 },
  };
}
