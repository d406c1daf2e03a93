/**
 * The 12345 hotline: cases keyed by number, opened at any hour, many more while and after it rains, closed some time later.
 * A delivery is the rows that were new or changed in a span, as a CSV with local times and no zone.
 */

import { CITY_OFFSET_MS, localText, MINUTE_MS } from '../city/clock.ts';
import { COUNTIES, type County } from '../city/counties.ts';
import { type LonLat, offset } from '../city/geometry.ts';
import { between, mix, normal, textKey, unit, wholeNumber } from '../city/random.ts';
import { footRhythm } from '../city/rhythm.ts';
import { aftermath } from '../city/storm.ts';
import { townOf } from '../city/streets.ts';
import { csv } from './csv.ts';

export interface HotlineCase {
  readonly number: string;
  readonly opened: number;
  readonly accepted: number;
  readonly closed: number;
  readonly category: string;
  readonly title: string;
  readonly department: string;
  readonly county: County;
  readonly at: LonLat;
}

type Kind = readonly [category: string, department: string, ...texts: string[]];
const RAIN_KINDS: readonly Kind[] = [
  ['道路积水', '住建局', '路口积水，车辆难以通行', '地下通道积水', '下水道返水'],
  ['停电', '供电公司', '整条街停电', '路灯和居民楼停电'],
  ['树木倒伏', '住建局', '行道树倒伏压住人行道', '树枝掉落影响通行'],
  ['房屋漏雨', '住建局', '屋顶漏雨', '围墙开裂'],
  ['河道水位', '水务局', '河水上涨漫过便道', '便桥被淹'],
];
const DRY_KINDS: readonly Kind[] = [
  ['噪声', '生态环境局', '夜间施工噪声', '商铺外放音响'],
  ['违法停车', '交警支队', '占用消防通道停车', '占道停车'],
  ['供水', '水务局', '家中停水', '水压不足'],
  ['供热', '住建局', '室温不达标', '暖气不热'],
  ['垃圾清运', '住建局', '垃圾桶未及时清运', '建筑垃圾堆放'],
  ['路灯故障', '住建局', '路灯不亮', '路灯闪烁'],
  ['公交服务', '公交公司', '等车时间过长', '站牌损坏'],
  ['市场秩序', '市场监管局', '短斤少两', '价格未公示'],
];

/** Cases opened per minute over the whole city on a quiet day, and what the strongest storm adds. */
const QUIET_PER_MINUTE = 0.7;
const STORM_PER_MINUTE = 5;
/** No case stays open longer: a delivery need look no further back. */
export const LONGEST_CASE_MS = 150 * MINUTE_MS;

/** Cases opened in `(from, to]`, oldest first. */
export function casesOpened(seed: number, from: number, to: number): readonly HotlineCase[] {
  const cases: HotlineCase[] = [];
  for (let minute = Math.floor(from / MINUTE_MS); minute <= Math.floor(to / MINUTE_MS); minute += 1) {
    for (const one of casesOfMinute(seed, minute)) {
      if (one.opened > from && one.opened <= to) cases.push(one);
    }
  }
  return cases.toSorted((a, b) => a.opened - b.opened);
}

function casesOfMinute(seed: number, minute: number): readonly HotlineCase[] {
  const instant = minute * MINUTE_MS;
  return COUNTIES.flatMap((county) => {
    const key = textKey(county.id) ^ seed;
    const wet = aftermath(seed, county.lonDeg, county.latDeg, instant, 2 * MINUTE_MS, 12 * MINUTE_MS);
    const dryMean = QUIET_PER_MINUTE * county.weight * (0.3 + 1.2 * footRhythm(instant));
    const wetMean = STORM_PER_MINUTE * county.weight * Math.max(0, wet - 0.1);
    const dry = wholeNumber(dryMean, key, minute, 1);
    const all = dry + wholeNumber(wetMean, key, minute, 2);
    return Array.from({ length: all }, (_, index) => openCase(seed, county, minute, index, index >= dry));
  });
}

function openCase(seed: number, county: County, minute: number, index: number, wet: boolean): HotlineCase {
  const key = mix(textKey(county.id) ^ seed, minute, index, 3);
  const kinds = wet ? RAIN_KINDS : DRY_KINDS;
  const [category, department, ...texts] = kinds[mix(key, 4) % kinds.length]!;
  // Whole seconds, since a CSV with local times carries no finer.
  const opened = minute * MINUTE_MS + Math.floor(between(0, 60, key, 5)) * 1000;
  const accepted = opened + Math.floor(between(60, 240, key, 6)) * 1000;
  const closed = opened + Math.floor(between(15, 140, key, 7) * 60) * 1000;
  const local = new Date(opened + CITY_OFFSET_MS).toISOString();
  const { streets } = townOf(seed, county);
  const street = streets[mix(key, 8) % streets.length]!;
  const spread = wet ? 900 : 1400;
  return {
    number: `DX${local.slice(0, 16).replace(/[-T:]/g, '')}${county.code.slice(-3)}${String(index).padStart(2, '0')}`,
    opened,
    accepted,
    closed,
    category,
    title: `${street.nameZh}${texts[mix(key, 9) % texts.length]!}`,
    department,
    county,
    at: offset([county.lonDeg, county.latDeg], spread * normal(key, 10), spread * normal(key, 11)),
  };
}

/** Column names of a delivery, in order. */
export const HOTLINE_COLUMNS = [
  '工单编号',
  '受理时间',
  '更新时间',
  '办结时间',
  '类别',
  '状态',
  '诉求内容',
  '区县',
  '承办单位',
  '经度',
  '纬度',
] as const;

/**
 * The delivery for `(from, to]`: a row for each case that was opened, accepted or closed in it, as it stood last.
 *
 * @returns CSV text with a header, or undefined when nothing changed.
 */
export function hotlineDelivery(seed: number, from: number, to: number): string | undefined {
  const rows = casesOpened(seed, from - LONGEST_CASE_MS, to).flatMap((one) => {
    const updated = [one.closed, one.accepted, one.opened].find((instant) => instant <= to);
    if (updated === undefined || updated <= from) return [];
    const done = updated === one.closed;
    const status = done ? '已办结' : updated === one.accepted ? '办理中' : '待办';
    // A few callers give no place: such a case is kept and counted, in no zone.
    const placed = unit(textKey(one.number), seed) > 0.02;
    return [
      [
        one.number,
        localText(one.opened),
        localText(updated),
        done ? localText(one.closed) : '',
        one.category,
        status,
        one.title,
        one.county.nameZh,
        one.department,
        placed ? String(one.at[0]) : '',
        placed ? String(one.at[1]) : '',
      ],
    ];
  });
  return rows.length === 0 ? undefined : csv([HOTLINE_COLUMNS, ...rows]);
}
