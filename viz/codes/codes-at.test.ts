import { describe, expect, it } from 'vitest';
import { flatCodes, solidCodes } from './codes-at.ts';
import { readCodesAddress, writeCodesAddress } from './codes-state.ts';

describe('flatCodes and solidCodes', () => {
  it('give the standard worked example at every level', () => {
    const flat = flatCodes('beidou2d', 104.6263, 35.5806);
    expect(flat.map(({ code }) => code)).toEqual(
      [4, 6, 7, 9, 11, 12, 14, 16, 18, 20].map((length) => 'N48I570748C320556007'.slice(0, length)),
    );
    expect(flatCodes('h3', 104.6263, 35.5806)).toHaveLength(16);
    const annexC = solidCodes(104.6263, 35.5806, 1900, 'annexC');
    expect(annexC[9]).toMatchObject({ level: 10, code: 'N048I00570007408CF30207557600072' });
    expect(annexC[9]!.floorM).toBeCloseTo(1899.9856, 4);
    expect(solidCodes(104.6263, 35.5806, 1900, 'clause6')[9]?.code).toBe('N048I00570007418C030207557600072');
  });

  it('say why there is no zone, and go on with the levels that have one', () => {
    const rows = flatCodes('beidou2d', 12, 89);
    expect(rows.map(({ code }) => code !== null)).toEqual([true, true, ...Array(8).fill(false)]);
    expect(rows[5]?.refusal).toMatch(/polar|88/i);
  });
});

describe('the address', () => {
  it('names what is shown, and reads it again', () => {
    const state = readCodesAddress(
      '?view=table&at=104.6263,35.5806&height=1900&tab=beidou3d&level=8&coding=clause6&reference=gk3-35&theme=light',
      'zh',
    );
    expect(state).toMatchObject({
      view: 'table',
      tab: 'beidou3d',
      heightM: 1900,
      coding: 'clause6',
      reference: 'gk3-35',
    });
    expect(readCodesAddress(writeCodesAddress(state, ''), 'zh')).toEqual(state);
  });

  it('leaves what it does not understand at its default', () => {
    const state = readCodesAddress('?view=cinema&at=x,y&height=high&tab=s2&level=99&reference=mars', 'en');
    expect(state).toMatchObject({
      view: 'place',
      place: null,
      heightM: 0,
      tab: 'beidou2d',
      reference: 'cgcs2000',
    });
    expect(state.level.beidou2d).toBe(6);
  });
});
