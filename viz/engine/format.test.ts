import { describe, expect, it } from 'vitest';
import {
  age,
  areaText,
  clockTime,
  duration,
  figureParts,
  groupedBeidou,
  integer,
  lonLatText,
  number,
} from './format.ts';

describe('format', () => {
  it('figureParts: 万 and 亿 in Chinese, k and M in English, smaller values in full', () => {
    expect(figureParts(12_480, 0, 'zh')).toEqual({ digits: '1.2', scale: '万' });
    expect(figureParts(312_480_000, 0, 'zh')).toEqual({ digits: '3.1', scale: '亿' });
    expect(figureParts(12_480, 0, 'en')).toEqual({ digits: '12.5', scale: 'k' });
    expect(figureParts(3_120_000, 0, 'en')).toEqual({ digits: '3.1', scale: 'M' });
    expect(figureParts(9_999, 0, 'zh')).toEqual({ digits: '9999', scale: '' });
    expect(figureParts(0, 1, 'en')).toEqual({ digits: '0.0', scale: '' });
  });
  it('number writes a true minus, and none before a zero that was rounded', () => {
    expect(number(-4.06, 1, 'en')).toBe('\u22124.1');
    expect(number(-0.04, 1, 'en')).toBe('0.0');
    expect(integer(1_204_331)).toBe('1\u2009204\u2009331');
  });
  it('age and duration name the largest whole unit in words', () => {
    expect(age(0, 12_400, 'en')).toBe('12\u2009s');
    expect(age(0, 3 * 86_400_000, 'zh')).toBe('3\u2009天前');
    expect(age(5000, 0, 'en')).toBe('now');
    expect(duration(90 * 60_000, 'en')).toBe('1\u2009h');
    expect(duration(59_999, 'zh')).toBe('59\u2009秒');
  });
  it("clockTime is the city's wall clock, whatever the machine's zone", () => {
    expect(clockTime(Date.UTC(2026, 10, 22, 16, 3, 27), 'Asia/Shanghai')).toBe('00:03:27');
  });
  it('lonLatText, groupedBeidou and areaText', () => {
    expect(lonLatText(104.61234, -35.5)).toBe('104.6123°E 35.5000°S');
    expect(groupedBeidou('N48I461')).toBe('N48I\u200946\u20091');
    expect(groupedBeidou('N48I46175CD')).toBe('N48I\u200946\u20091\u200975\u2009CD');
    expect(areaText(36_129_062)).toBe('36.1\u2009km²');
    expect(areaText(15_047)).toBe('1.5\u2009ha');
  });
});
