import { MINUTE_MS } from '../city/clock.ts';
import { apportion, CITY_BOUNDS } from '../city/counties.ts';
import { type LonLat, offset } from '../city/geometry.ts';
import { clamp, normal, rounded, textKey } from '../city/random.ts';
import { rainfallMm } from '../city/storm.ts';
import { type FleetContext, type Sensor, sensorId } from './sensor.ts';

const SITES = [
  ['城关', 'Chengguan'],
  ['东川', 'Dongchuan'],
  ['西坪', 'Xiping'],
  ['南坡', 'Nanpo'],
  ['北山', 'Beishan'],
  ['河湾', 'Hewan'],
  ['柳林', 'Liulin'],
  ['石门', 'Shimen'],
  ['杨家庄', 'Yangjia Village'],
  ['高塬', 'Gaoyuan'],
  ['大坪', 'Daping'],
] as const;

/** Rain gauges: rainfall of the period, spread over town and villages. */
export function rainGauges({ seed, count }: FleetContext): readonly Sensor[] {
  return [...apportion(count)].flatMap(([county, share]) =>
    Array.from({ length: share }, (_, index): Sensor => {
      const id = sensorId('rain', county, index + 1);
      const key = textKey(id) ^ seed;
      const at = inside(offset([county.lonDeg, county.latDeg], 7000 * normal(key, 1), 7000 * normal(key, 2)));
      const [siteZh, siteEn] = SITES[index % SITES.length]!;
      return {
        id,
        kind: 'rain-gauge',
        dataset: 'demo-rain',
        nameEn: `${county.nameEn} ${siteEn} rain gauge`,
        nameZh: `${county.nameZh}${siteZh}雨量站`,
        county,
        at,
        periodMs: MINUTE_MS,
        datastreams: [{ property: 'rainfall', min: 0, max: 120, warnAbove: 0.5 }],
        properties: { county: county.code },
        read: (instant, spanMs) => {
          const catchFactor = 1 + 0.06 * normal(key, 3);
          const fell = rainfallMm(seed, at[0], at[1], instant, spanMs) * catchFactor;
          return { time: instant, results: { rainfall: rounded(clamp(fell, 0, 119), 3) } };
        },
      };
    }),
  );
}

function inside([lon, lat]: LonLat): LonLat {
  return [
    clamp(lon, CITY_BOUNDS[0] + 0.01, CITY_BOUNDS[2] - 0.01),
    clamp(lat, CITY_BOUNDS[1] + 0.01, CITY_BOUNDS[3] - 0.01),
  ];
}
