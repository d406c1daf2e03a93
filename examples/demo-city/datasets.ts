import type { DeclarationInput } from '../../ingest/model/index.ts';

/** Everything this city says is a demonstration, and free to use. */
const LICENCE = 'demo data, CC0';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The datasets of the city with their owner departments; each says DEMO, and that its places are invented. */
export function datasets(): readonly DeclarationInput[] {
  return [
    dataset('demo-air', 'Air quality', '空气质量', ENVIRONMENT, MINUTE_MS),
    dataset('demo-water', 'River levels and discharge', '河道水位流量', WATER, MINUTE_MS),
    dataset('demo-rain', 'Rainfall', '雨量', WATER, MINUTE_MS),
    dataset('demo-lights', 'Street lights', '路灯', HOUSING, MINUTE_MS),
    dataset('demo-traffic', 'Traffic counts', '交通流量', TRAFFIC_POLICE, 30_000),
    dataset('demo-bus', 'Bus positions', '公交车辆位置', BUS_COMPANY, 5000),
    dataset('demo-cameras', 'Camera detections', '视频感知事件', POLICE, MINUTE_MS),
    dataset('demo-schools', 'Schools', '学校', EDUCATION, 365 * DAY_MS),
    dataset('demo-hospitals', 'Hospitals', '医疗机构', HEALTH, 365 * DAY_MS),
    dataset('demo-enterprises', 'Enterprises', '企业', MARKET, 90 * DAY_MS),
    dataset('demo-hotline', '12345 hotline cases', '12345热线工单', HOTLINE, 10 * MINUTE_MS),
  ];
}

type Department = readonly [en: string, zh: string];
const ENVIRONMENT: Department = ['Bureau of Ecology and Environment', '生态环境局'];
const WATER: Department = ['Water Bureau', '水务局'];
const HOUSING: Department = ['Bureau of Housing and Urban-Rural Development', '住建局'];
const TRAFFIC_POLICE: Department = ['Traffic Police', '交警支队'];
const BUS_COMPANY: Department = ['Bus Company', '公交公司'];
const POLICE: Department = ['Public Security Bureau', '公安局'];
const EDUCATION: Department = ['Education Bureau', '教育局'];
const HEALTH: Department = ['Health Commission', '卫健委'];
const MARKET: Department = ['Market Supervision Bureau', '市场监管局'];
const HOTLINE: Department = ['12345 Hotline', '12345热线'];

function dataset(
  id: string,
  titleEn: string,
  titleZh: string,
  [publisherEn, publisherZh]: Department,
  periodMs: number,
): DeclarationInput {
  return {
    kind: 'dataset',
    body: {
      id,
      titleEn: `${titleEn} (demonstration)`,
      titleZh: `${titleZh}（演示）`,
      publisherEn,
      publisherZh,
      licence: LICENCE,
      attribution: 'Simulated city; no real measurement, place or person',
      periodMs,
      demo: true,
      inventedPose: true,
      timezone: 'Asia/Shanghai',
      datum: 'wgs84',
    },
  };
}
