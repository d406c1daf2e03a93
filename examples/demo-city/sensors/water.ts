import { HOUR_MS, MINUTE_MS } from '../city/clock.ts';
import { nearestCounty } from '../city/counties.ts';
import { along, type LonLat } from '../city/geometry.ts';
import { between, clamp, drift, normal, rounded, textKey } from '../city/random.ts';
import { RIVERS, type River } from '../city/rivers.ts';
import { aftermath } from '../city/storm.ts';
import type { FleetContext, Sensor } from './sensor.ts';

/** River stations: level over the gauge's zero, and discharge by a rating curve. Storms arrive with a delay, more of it downstream. */
export function waterStations({ seed, count }: FleetContext): readonly Sensor[] {
  return shares(count).flatMap(({ river, share }) =>
    Array.from({ length: share }, (_, index) => station(seed, river, index, share)),
  );
}

function station(seed: number, river: River, index: number, share: number): Sensor {
  const id = `water-${river.id}-${String(index + 1).padStart(2, '0')}`;
  const key = textKey(id) ^ seed;
  const downstream = (index + between(0.3, 0.7, key, 1)) / share;
  const { at } = along(river.line, downstream * river.line.lengthM);
  const county = nearestCounty(...at);
  const [siteZh, siteEn] = river.stations[index % river.stations.length]!;
  const gauge: Gauge = {
    seed,
    key,
    at,
    baseM: between(0.8, 1.6, key, 2),
    riseM: between(1.5, 2.6, key, 3),
    dryFlow: river.dryFlow * (0.35 + 0.65 * downstream),
    delayMs: (6 + 14 * downstream) * MINUTE_MS,
  };
  return {
    id,
    kind: 'water-station',
    dataset: 'demo-water',
    nameEn: `${river.nameEn} ${siteEn}, ${county.nameEn}`,
    nameZh: `${river.nameZh}${siteZh}水位站（${county.nameZh}）`,
    county,
    at,
    periodMs: MINUTE_MS,
    datastreams: [
      {
        property: 'water-level',
        min: -1,
        max: 15,
        warnAbove: rounded(gauge.baseM + between(0.9, 2.1, key, 4), 2),
      },
      { property: 'water-flow', min: 0, max: 5000 },
    ],
    properties: { county: county.code, river: river.nameZh },
    read: (instant) => readGauge(gauge, instant),
  };
}

interface Gauge {
  readonly seed: number;
  readonly key: number;
  readonly at: LonLat;
  /** Level of a dry day and what the strongest storm adds, metres. */
  readonly baseM: number;
  readonly riseM: number;
  /** Discharge of a dry day, m3/s. */
  readonly dryFlow: number;
  readonly delayMs: number;
}

function readGauge({ seed, key, at, baseM, riseM, dryFlow, delayMs }: Gauge, instant: number) {
  const swell = aftermath(seed, at[0], at[1], instant, delayMs, 50 * MINUTE_MS);
  const level =
    baseM + riseM * swell + 0.05 * drift(key, instant, 2 * HOUR_MS) + 0.004 * normal(key, instant);
  // Rating curve Q ~ h^1.7 through the dry-day point.
  const flow = dryFlow * (level / baseM) ** 1.7;
  return {
    time: instant,
    results: {
      'water-level': rounded(clamp(level, 0, 14), 3),
      'water-flow': rounded(clamp(flow, 0, 4900), 2),
    },
  };
}

function shares(count: number): readonly { readonly river: River; readonly share: number }[] {
  const given = RIVERS.map((river) => ({ river, share: Math.floor(river.weight * count) }));
  let left = count - given.reduce((sum, { share }) => sum + share, 0);
  for (const one of given) {
    if (left <= 0) break;
    one.share += 1;
    left -= 1;
  }
  return given;
}
