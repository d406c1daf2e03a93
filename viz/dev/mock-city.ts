/**
 * Development only: an invented city for looking at the boards and for their browser tests. Nothing of it is served by the
 * product, and every dataset in it says DEMO.
 */
import { GRIDS } from '../../grid/index.ts';
import type {
  CityAnswer,
  DatasetAnswer,
  EventAnswer,
  FeatureAnswer,
  Figure,
  IndicatorCard,
  LiveStatus,
  LocalText,
  ThingAnswer,
} from '../schema/index.ts';

const both = (en: string, zh: string): LocalText => ({ en, zh });
const MINUTE = 60_000;

/** mulberry32: seeded, so that a screenshot is the same picture every time. */
export function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const COUNTIES = [
  ['621102', 'Anding', '安定区', 104.61, 35.58],
  ['621121', 'Tongwei', '通渭县', 105.24, 35.21],
  ['621122', 'Longxi', '陇西县', 104.63, 35.0],
  ['621123', 'Weiyuan', '渭源县', 104.21, 35.14],
  ['621124', 'Lintao', '临洮县', 103.86, 35.39],
  ['621125', 'Zhangxian', '漳县', 104.47, 34.85],
  ['621126', 'Minxian', '岷县', 104.03, 34.44],
] as const;

type Point = readonly [number, number];
const CITY_RING: readonly Point[] = [
  [103.6, 35.86],
  [103.9, 35.95],
  [104.2, 35.84],
  [104.55, 36.02],
  [104.95, 35.9],
  [105.12, 35.55],
  [105.55, 35.42],
  [105.62, 35.1],
  [105.2, 34.93],
  [104.95, 34.72],
  [104.62, 34.6],
  [104.5, 34.3],
  [104.05, 34.16],
  [103.74, 34.34],
  [103.85, 34.72],
  [103.98, 34.96],
  [103.58, 35.15],
  [103.48, 35.5],
];

/** The part of a polygon nearer to `a` than to `b`. */
function nearer(ring: readonly Point[], a: Point, b: Point): Point[] {
  const k = 0.82; // Degrees of longitude are shorter here.
  const side = ([x, y]: Point): number =>
    (x - b[0]) ** 2 * k * k + (y - b[1]) ** 2 - ((x - a[0]) ** 2 * k * k + (y - a[1]) ** 2);
  return ring.flatMap((p, i) => {
    const q = ring[(i + 1) % ring.length] as Point;
    const [sp, sq] = [side(p), side(q)];
    const out: Point[] = sp >= 0 ? [p] : [];
    if (sp >= 0 !== sq >= 0) {
      const f = sp / (sp - sq);
      out.push([p[0] + (q[0] - p[0]) * f, p[1] + (q[1] - p[1]) * f]);
    }
    return out;
  });
}

const outlines = {
  type: 'FeatureCollection',
  features: COUNTIES.map(([code, nameEn, nameZh, lon, lat]) => {
    let ring: readonly Point[] = CITY_RING;
    for (const other of COUNTIES)
      if (other[0] !== code) ring = nearer(ring, [lon, lat], [other[3], other[4]]);
    return {
      type: 'Feature',
      properties: { code, nameEn, nameZh },
      geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] },
    };
  }),
};

const dataset = (id: string, en: string, zh: string, periodMs: number): DatasetAnswer => ({
  id,
  title: both(en, zh),
  publisher: both('Demonstration', '演示'),
  licence: 'CC0',
  attribution: null,
  periodMs,
  demo: true,
  inventedPose: true,
});

export const DATASETS = [
  dataset('demo-air', 'Air quality', '空气质量', MINUTE),
  dataset('demo-water', 'River levels', '河道水情', MINUTE),
  dataset('demo-rain', 'Rainfall', '雨量', MINUTE),
  dataset('demo-lights', 'Street lights', '路灯', MINUTE),
  dataset('demo-traffic', 'Traffic counts', '交通流量', 30_000),
  dataset('demo-bus', 'Bus positions', '公交位置', 10_000),
  dataset('demo-cameras', 'Camera detections', '视频识别', MINUTE),
  dataset('demo-schools', 'Schools', '学校', 365 * 1440 * MINUTE),
  dataset('demo-hospitals', 'Hospitals', '医疗机构', 365 * 1440 * MINUTE),
  dataset('demo-enterprises', 'Enterprises', '企业', 90 * 1440 * MINUTE),
  dataset('demo-hotline', '12345 hotline', '12345 热线', 10 * MINUTE),
];

export const cityAnswer = (now: number): CityAnswer => ({
  name: both('Dingxi', '定西'),
  timezone: 'Asia/Shanghai',
  centre: [104.6, 35.1],
  bounds: [103.4, 34.1, 105.7, 36.1],
  outlines,
  outlinesSchematic: true,
  demo: true,
  datasets: DATASETS,
  properties: [
    { id: 'pm25', name: both('PM2.5', 'PM2.5'), unit: 'ug/m3' },
    { id: 'o3', name: both('Ozone', '臭氧'), unit: 'ug/m3' },
    { id: 'rainfall', name: both('Rainfall in the period', '时段雨量'), unit: 'mm' },
    { id: 'water-level', name: both('Water level', '水位'), unit: 'm' },
    { id: 'vehicle-count', name: both('Vehicles counted', '车流量'), unit: '{vehicle}' },
    { id: 'vehicle-speed', name: both('Mean vehicle speed', '平均车速'), unit: 'km/h' },
    { id: 'lamp-lit', name: both('Street light lit', '路灯点亮'), unit: '1' },
    { id: 'speed', name: both('Speed', '速度'), unit: 'km/h' },
  ],
  serverTime: now,
});

const KINDS = [
  // category, dataset, property, unit, count, en, zh, spread in degrees, base value, swing
  ['air-station', 'demo-air', 'pm25', 'ug/m3', 130, 'Air station', '空气站', 0.5, 48, 60],
  ['water-station', 'demo-water', 'water-level', 'm', 24, 'Water station', '水文站', 0.3, 3, 3],
  ['rain-gauge', 'demo-rain', 'rainfall', 'mm', 36, 'Rain gauge', '雨量站', 0.4, 0, 6],
  ['street-light', 'demo-lights', 'lamp-lit', '1', 330, 'Street light', '路灯', 0.05, 1, 0],
  ['traffic-counter', 'demo-traffic', 'vehicle-speed', 'km/h', 60, 'Traffic counter', '流量计', 0.06, 20, 45],
  ['bus', 'demo-bus', 'speed', 'km/h', 46, 'Bus', '公交', 0.12, 10, 35],
  ['camera', 'demo-cameras', '', '', 24, 'Camera', '摄像机', 0.04, 0, 0],
] as const;

/** 650 Things around the county towns; some silent, some never heard of, so that every look is on the screen. */
export function makeThings(now: number): ThingAnswer[] {
  const rand = random(7);
  const normal = (): number => rand() + rand() + rand() - 1.5;
  return KINDS.flatMap(([category, ds, property, unit, count, en, zh, spread, base, swing]) =>
    Array.from({ length: count }, (_, i): ThingAnswer => {
      const town = COUNTIES[Math.floor(rand() * COUNTIES.length)] as (typeof COUNTIES)[number];
      const lon = town[3] + normal() * spread;
      const lat = town[4] + normal() * spread * 0.7;
      const hill = Math.max(0, Math.sin(lon * 4.1) * Math.cos(lat * 5.3));
      const value =
        category === 'street-light' ? (rand() < 0.96 ? 1 : 0) : base + swing * (hill + rand() * 0.25);
      const roll = rand();
      const periodMs = DATASETS.find((d) => d.id === ds)?.periodMs ?? MINUTE;
      const heard = roll < 0.04 ? null : roll < 0.1 ? now - periodMs * 5 : now - rand() * periodMs;
      return {
        id: `${category}-${i + 1}`,
        dataset: ds,
        category,
        name: both(`${town[1]} ${en} ${i + 1}`, `${town[2]}${zh} ${i + 1} 号`),
        lonLat: [lon, lat],
        latest:
          property && heard !== null
            ? [
                {
                  property,
                  value,
                  unit,
                  phenomenonTime: heard,
                  quality: 0,
                  warn: category === 'water-station' && value > 5,
                },
              ]
            : [],
        newestPhenomenonTime: heard,
        periodMs,
        pose:
          category === 'camera' ? { headingDeg: Math.floor(rand() * 360), hfovDeg: 62, rangeM: 150 } : null,
      };
    }),
  );
}

export interface ZoneSum {
  readonly id: bigint;
  readonly mean: number;
  readonly count: number;
  readonly newest: number;
}

export function zonesOf(
  things: readonly ThingAnswer[],
  dggrs: 'h3' | 'beidou2d',
  level: number,
  property: string,
): ZoneSum[] {
  const grid = GRIDS[dggrs];
  const sums = new Map<bigint, { sum: number; count: number; newest: number }>();
  for (const thing of things) {
    const latest = thing.latest.find((l) => l.property === property);
    if (!latest || !thing.lonLat) continue;
    const id = grid.encode(thing.lonLat[0], thing.lonLat[1], level);
    const s = sums.get(id) ?? { sum: 0, count: 0, newest: 0 };
    sums.set(id, {
      sum: s.sum + latest.value,
      count: s.count + 1,
      newest: Math.max(s.newest, latest.phenomenonTime),
    });
  }
  return [...sums].map(([id, s]) => ({ id, mean: s.sum / s.count, count: s.count, newest: s.newest }));
}

const TITLES = {
  case: [
    ['Street flooded at the underpass', '下穿通道积水'],
    ['Heating not warm', '供暖温度不达标'],
    ['Street light out', '路灯不亮'],
    ['Noise from a building site at night', '夜间施工噪声扰民'],
    ['Rubbish not collected', '垃圾清运不及时'],
  ],
  detection: [
    ['person', 'person'],
    ['car', 'car'],
    ['bicycle', 'bicycle'],
    ['truck', 'truck'],
  ],
} as const;

export function makeEvent(
  i: number,
  start: number,
  things: readonly ThingAnswer[],
  rand: () => number,
): EventAnswer {
  const eventType = rand() < 0.55 ? 'detection' : 'case';
  const cameras = things.filter((t) => t.category === 'camera');
  const camera = cameras[Math.floor(rand() * cameras.length)] as ThingAnswer;
  const town = COUNTIES[Math.floor(rand() * COUNTIES.length)] as (typeof COUNTIES)[number];
  const titles = TITLES[eventType];
  const title = titles[Math.floor(rand() * titles.length)] as readonly [string, string];
  const [lon, lat] =
    eventType === 'detection'
      ? (camera.lonLat as Point)
      : [town[3] + (rand() - 0.5) * 0.2, town[4] + (rand() - 0.5) * 0.15];
  return {
    id: `demo-${eventType}/${i}`,
    dataset: eventType === 'detection' ? 'demo-cameras' : 'demo-hotline',
    eventType,
    category: title[0],
    title: eventType === 'case' ? title[1] : title[0],
    thing: eventType === 'detection' ? camera.id : null,
    status: eventType === 'case' ? (rand() < 0.6 ? 'open' : 'closed') : null,
    start,
    end: null,
    updated: start,
    lonLat: rand() < 0.95 ? [lon, lat] : null,
    positionMethod: 'reported',
    precisionM: 30,
    attributes: {},
  };
}

export function makeFeatures(): FeatureAnswer[] {
  const rand = random(11);
  return (['school', 'hospital', 'enterprise'] as const).flatMap((featureType, k) =>
    Array.from({ length: [40, 16, 80][k] as number }, (_, i): FeatureAnswer => {
      const town = COUNTIES[Math.floor(rand() * COUNTIES.length)] as (typeof COUNTIES)[number];
      return {
        id: `${featureType}-${i}`,
        dataset: `demo-${featureType}s`,
        featureType,
        name: `${town[2]}${{ school: '第', hospital: '第', enterprise: '工贸' }[featureType]}${i + 1}${{ school: '小学', hospital: '医院', enterprise: '公司' }[featureType]}`,
        layer: 'surface',
        lonLat: [town[3] + (rand() - 0.5) * 0.1, town[4] + (rand() - 0.5) * 0.08],
        attributes: {},
      };
    }),
  );
}

const card = (
  id: string,
  en: string,
  zh: string,
  unit: string,
  digits: number,
  warnAbove: number | null,
  warnBelow: number | null = null,
): IndicatorCard => ({
  id,
  title: both(en, zh),
  meaning: both(`${en}, over the whole city.`, `全市${zh}。`),
  formula: both('Mean of the newest reading of each device', '各设备最新读数的均值'),
  unit,
  periodMs: MINUTE,
  source: both('Demonstration devices', '演示设备'),
  accessMode: 'device',
  owner: both('Bureau of Ecology and Environment', '生态环境局'),
  warnAbove,
  warnBelow,
  excellentBelow: warnAbove === null ? null : warnAbove / 2,
  excellentAbove: null,
  onWarning: both('Inform the duty officer; check the stations nearby', '通知值班员，核查周边站点'),
  digits,
});

export const CARDS = [
  card('aqi', 'Air quality index', '空气质量指数', '1', 0, 75),
  card('river-over-warning', 'River stations over warning', '超警戒水位站点', '{thing}', 0, 2),
  card('rain-max', 'Heaviest rain', '最大时段雨量', 'mm', 1, 10),
  card('cases-open', 'Open cases', '未办结诉求', '{case}', 0, null),
  card('vehicle-speed-mean', 'Mean vehicle speed', '平均车速', 'km/h', 1, null, 20),
  card('lamps-lit', 'Street lights lit', '路灯亮灯率', '%', 1, null, 95),
];

const LEVELS = [46, 3, 4.2, 12_480, 34.5, 96.3];

export function makeFigures(now: number, step: number): Figure[] {
  return CARDS.map((c, i) => {
    const rand = random(100 + i);
    const level = LEVELS[i] as number;
    const wave = (k: number): number => level * (1 + 0.18 * Math.sin(k / 3 + i) + (rand() - 0.5) * 0.08);
    const spark = Array.from({ length: 24 }, (_, k) => (i === 2 && k > 8 && k < 12 ? null : wave(k)));
    const value = i === 3 ? level + step : i === 1 ? 3 : level * (1 + 0.01 * Math.sin(step / 8 + i));
    const state = i === 4 ? 'stale' : i === 5 ? 'partial' : 'live';
    return {
      id: c.id,
      value,
      state,
      newestPhenomenonTime: now - (state === 'stale' ? 9 * MINUTE : 4000 + i * 3000),
      n: i === 5 ? 7 : 58,
      of: i === 5 ? 9 : 60,
      numerator: i === 5 ? 318 : null,
      denominator: i === 5 ? 330 : null,
      previous: i === 2 ? null : i === 1 ? 1 : wave(20),
      datasets: ['demo-air'],
      demo: true,
      spark,
      sparkBucketMs: 60 * MINUTE,
    };
  });
}

export function makeStatus(now: number, things: readonly ThingAnswer[]): LiveStatus {
  return {
    demo: true,
    lagMs: 38,
    feeds: DATASETS.map((d, i) => {
      const own = things.filter((t) => t.dataset === d.id);
      const late = d.id === 'demo-rain';
      const record = own.length === 0;
      return {
        dataset: d.id,
        newestPhenomenonTime:
          d.id === 'demo-enterprises'
            ? null
            : now - (late ? 14 * MINUTE : record ? (3 + i) * 3_600_000 : 2000 + i * 900),
        periodMs: d.periodMs,
        state: late ? 'stale' : d.id === 'demo-enterprises' ? 'empty' : 'live',
        things: own.length,
        thingsFresh: late
          ? 3
          : own.filter(
              (t) => t.newestPhenomenonTime !== null && now - t.newestPhenomenonTime < d.periodMs * 2,
            ).length,
      };
    }),
    messagesPerSecond: 214,
    refusedLastHour: 3,
  };
}
