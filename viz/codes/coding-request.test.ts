import { describe, expect, it } from 'vitest';
import { beidou2d, beidou3d, h3 } from '../../grid/index.ts';
import {
  CODING_GRIDS,
  type CodingForm,
  codingQuery,
  FIRST_FORM,
  levelsOf,
  MAX_CODES,
  partsOf,
  problemOf,
  withChoice,
  withCode,
} from './coding-request.ts';

const solid: CodingForm = { ...FIRST_FORM, codes: [{ dggrs: 'beidou3d', level: 8 }] };
const text = (form: CodingForm, name = 'a.csv', reference = 'cgcs2000') =>
  codingQuery(form, name, reference).toString();

describe('codingQuery', () => {
  it('asks for the codes of the form, and for nothing that is the default', () => {
    expect(text(FIRST_FORM, '设施 表.csv')).toBe(
      `name=${encodeURIComponent('设施 表.csv').replace('%20', '+')}&code=beidou2d%3A6&code=h3%3A9`,
    );
  });

  it('tells the datum and the columns that were named', () => {
    const form = { ...FIRST_FORM, columns: { lon: ' Y坐标 ', lat: 'X坐标', height: 'h', code: 'c' } };
    const q = codingQuery(form, 'a.csv', 'gk3-35');
    expect(Object.fromEntries(q)).toMatchObject({ datum: 'gk3-35', lon: 'Y坐标', lat: 'X坐标' });
    expect([q.has('height'), q.getAll('code')]).toEqual([false, ['beidou2d:6', 'h3:9']]);
    expect(text(form, 'a.geojson')).not.toMatch(/lon=|lat=/);
  });

  it('tells what heights are above, with a true minus too', () => {
    const above = { ...solid, heightAbove: 'sea-level', heightOffset: '\u221232.5' } as const;
    expect(Object.fromEntries(codingQuery(above, 'a.csv', 'cgcs2000'))).toMatchObject({
      heightReference: 'sea-level:-32.5',
      heightCoding: 'annexC',
    });
    expect(text({ ...solid, heightAbove: 'ellipsoidal', heightOffset: '7' })).toContain(
      'heightReference=ellipsoidal&',
    );
  });

  it('asks to decode one column', () => {
    const form: CodingForm = {
      ...FIRST_FORM,
      direction: 'decode',
      decodes: 'beidou3d',
      heightCoding: 'clause6',
      columns: { ...FIRST_FORM.columns, lon: 'x', code: '网格码' },
    };
    expect(Object.fromEntries(codingQuery(form, 'a.xlsx', 'gcj02'))).toEqual({
      name: 'a.xlsx',
      direction: 'decode',
      dggrs: 'beidou3d',
      heightCoding: 'clause6',
      code: '网格码',
    });
  });
});

describe('problemOf', () => {
  const file = { name: '设施.CSV' };
  it.each([
    [FIRST_FORM, null, 'file'],
    [FIRST_FORM, { name: 'a.pdf' }, 'kind'],
    [FIRST_FORM, { name: 'csv' }, 'kind'],
    [FIRST_FORM, file, null],
    [{ ...FIRST_FORM, codes: [] }, file, 'codes'],
    [solid, file, 'height'],
    [{ ...solid, heightAbove: 'ground' }, file, 'offset'],
    [{ ...solid, heightAbove: 'ground', heightOffset: '1e9' }, file, 'offset'],
    [{ ...solid, heightAbove: 'ground', heightOffset: '1860' }, file, null],
    [{ ...solid, heightAbove: 'ellipsoidal' }, file, null],
    [{ ...solid, direction: 'decode' }, file, null],
  ] as const)('of form %# is what is still missing', (form, given, problem) => {
    expect(problemOf(form as CodingForm, given)).toBe(problem);
  });
});

describe('the rows of codes', () => {
  it('have levels of their grid', () => {
    const grids = { beidou2d, beidou3d, h3 };
    for (const id of CODING_GRIDS) {
      const levels = levelsOf(id);
      expect([levels[0], levels.at(-1)]).toEqual([grids[id].minLevel, grids[id].maxLevel]);
    }
  });

  it('never ask twice for the same column', () => {
    let form = FIRST_FORM;
    for (let i = form.codes.length; i < MAX_CODES; i += 1) form = withCode(form);
    const names = form.codes.map(({ dggrs, level }) => `${dggrs}_${level}`);
    expect(new Set(names).size).toBe(MAX_CODES);
    const changed = withChoice(FIRST_FORM, 1, { dggrs: 'beidou2d', level: 6 });
    expect(changed.codes).toEqual([
      { dggrs: 'beidou2d', level: 6 },
      { dggrs: 'beidou2d', level: 5 },
    ]);
    expect(withChoice(FIRST_FORM, 1, { dggrs: 'beidou2d', level: 15 }).codes[1]?.level).toBe(10);
  });
});

describe('partsOf', () => {
  it('names the columns that a form reads of a file', () => {
    expect(partsOf(FIRST_FORM, 'a.csv')).toEqual(['lon', 'lat']);
    expect(partsOf(solid, 'a.csv')).toEqual(['lon', 'lat', 'height']);
    expect(partsOf(solid, 'a.geojson')).toEqual(['height']);
    expect(partsOf({ ...solid, direction: 'decode' }, 'a.csv')).toEqual(['code']);
  });
});
