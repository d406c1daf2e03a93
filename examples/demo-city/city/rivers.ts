/** The rivers of the demonstration as schematic lines, source to mouth, WGS 84. */
import { type LonLat, type Path, path } from './geometry.ts';

export interface River {
  readonly id: string;
  readonly nameEn: string;
  readonly nameZh: string;
  /** Share of the level stations that stand on it. */
  readonly weight: number;
  readonly line: Path;
  /** Discharge of a dry day at the mouth, m3/s. */
  readonly dryFlow: number;
  readonly stations: readonly (readonly [zh: string, en: string])[];
}

const NAMES = [
  ['西大桥', 'West Bridge'],
  ['东大桥', 'East Bridge'],
  ['水文站', 'Gauge House'],
  ['一号桥', 'Bridge No. 1'],
  ['峡口', 'Gorge Mouth'],
  ['滨河公园', 'Riverside Park'],
  ['二号桥', 'Bridge No. 2'],
  ['橡胶坝', 'Rubber Dam'],
  ['汇合口', 'Confluence'],
  ['电站尾水', 'Tailwater'],
  ['渡口', 'Old Ferry'],
  ['三号桥', 'Bridge No. 3'],
] as const;

export const RIVERS: readonly River[] = [
  river('wei', 'Wei River', '渭河', 0.3, 9, [
    [104.12, 35.1],
    [104.21, 35.135],
    [104.36, 35.1],
    [104.5, 35.04],
    [104.63, 34.995],
    [104.76, 34.9],
    [104.88, 34.78],
  ]),
  river('tao', 'Tao River', '洮河', 0.3, 60, [
    [103.86, 34.52],
    [104.03, 34.435],
    [104.08, 34.6],
    [103.98, 34.85],
    [103.9, 35.1],
    [103.865, 35.385],
    [103.8, 35.55],
    [103.62, 35.75],
  ]),
  river('guanchuan', 'Guanchuan River', '关川河', 0.16, 2, [
    [104.55, 35.48],
    [104.605, 35.585],
    [104.68, 35.72],
    [104.74, 35.9],
  ]),
  river('zhang', 'Zhang River', '漳河', 0.12, 4, [
    [104.3, 34.72],
    [104.47, 34.848],
    [104.62, 34.87],
    [104.76, 34.895],
  ]),
  river('niugu', 'Niugu River', '牛谷河', 0.12, 1.5, [
    [105.1, 35.27],
    [105.24, 35.208],
    [105.38, 35.11],
    [105.5, 34.98],
  ]),
];

function river(
  id: string,
  nameEn: string,
  nameZh: string,
  weight: number,
  dryFlow: number,
  points: readonly LonLat[],
): River {
  return { id, nameEn, nameZh, weight, dryFlow, line: path(points), stations: NAMES };
}
