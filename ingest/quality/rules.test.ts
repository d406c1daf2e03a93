import { describe, expect, it } from 'vitest';
import { type Declaration, declarationSchema, mappingSchema } from '../model/index.ts';
import { EXAMPLE_CONTEXT } from '../sources/example-context.ts';
import { declarationProblems } from './declaration-problems.ts';
import { DeliveryJudge } from './delivery-rules.ts';
import { judgeRow, readNumber } from './row-rules.ts';

const mapping = (rest: object) =>
  mappingSchema.parse({
    id: 'm',
    dataset: 'example-archive',
    format: 'csv',
    events: {
      key: ['id'],
      eventType: 'case',
      category: 'type',
      start: { columns: ['opened'], formats: ['M/D/YYYY H:mm'] },
      end: { columns: ['closed'], formats: ['M/D/YYYY H:mm'] },
    },
    ...rest,
  });

describe('judgeRow', () => {
  const judge = (rule: object, cells: Record<string, string>, lonLat?: readonly [number, number]) => {
    const row = { text: (column: string) => cells[column], lonLat };
    const verdict = judgeRow(mapping({ rules: [rule] }), row, 'America/New_York', 3);
    return 'flagged' in verdict ? verdict.flagged : verdict.rejected;
  };

  it('judgeRow flags, refuses and holds, as declared', () => {
    const late = { closed: '3/13/2025 9:00', opened: '3/13/2025 10:00' };
    const rule = { rule: 'not-before', column: 'closed', other: 'opened' };
    expect(judge({ ...rule, action: 'flag' }, late)).toBe(true);
    expect(judge({ ...rule, action: 'refuse' }, late)).toMatchObject({ code: 'rule-refused', readings: 3 });
    expect(judge({ ...rule, action: 'hold' }, late)).toMatchObject({
      code: 'rule-held',
      disposition: 'held',
    });
    expect(judge({ ...rule, action: 'flag' }, { ...late, closed: '3/13/2025 10:00' })).toBe(false);
    // As texts 9:00 comes after 10:00: times are compared, not texts.
    expect(judge({ ...rule, action: 'flag' }, { closed: '3/13/2025 10:00', opened: '3/13/2025 9:00' })).toBe(
      false,
    );
  });

  it('judgeRow has nothing to say where a value is missing or unreadable', () => {
    const rule = { rule: 'not-greater', column: 'PM2.5', other: 'PM10', action: 'flag' };
    expect(judge(rule, { 'PM2.5': '9', PM10: '10' })).toBe(false);
    expect(judge(rule, { 'PM2.5': '11', PM10: '10' })).toBe(true);
    expect(judge(rule, { 'PM2.5': '11' })).toBe(false);
    expect(judge(rule, { 'PM2.5': 'x', PM10: '1' })).toBe(false);
  });

  it('judgeRow requires columns and keeps rows inside a box; rows without a place pass', () => {
    expect(judge({ rule: 'required', column: 'name', action: 'refuse' }, {})).toMatchObject({
      where: 'name',
    });
    const box = { rule: 'inside', bbox: [-74.3, 40.4, -73.6, 41], action: 'refuse' };
    expect(judge(box, {}, [0, 0])).toMatchObject({ code: 'rule-refused' });
    expect(judge(box, {}, [-74, 40.7])).toBe(false);
    expect(judge(box, {})).toBe(false);
  });

  it('readNumber reads numbers and nothing else', () => {
    for (const [text, value] of [
      ['1', 1],
      ['-0.5', -0.5],
      ['.5', 0.5],
      ['1e3', 1000],
      ['+7.', 7],
    ] as const)
      expect(readNumber(text), text).toBe(value);
    for (const text of ['', ' 1', '1 ', '1,000', '0x10', 'NaN', 'Infinity', '1e999', '--1', '1.2.3', '.'])
      expect(readNumber(text), text).toBeUndefined();
  });
});

describe('DeliveryJudge', () => {
  const judge = (coordinates: readonly (string | undefined)[], ...actions: string[]) => {
    const deliveryRules = actions.map((action) => ({ rule: 'constant-coordinate', action }));
    const judged = new DeliveryJudge(mapping({ deliveryRules }));
    for (const coordinate of coordinates) judged.add(coordinate);
    return judged.verdict();
  };
  const same = Array.from({ length: 30 }, () => '-2.36, 53.4');

  it('DeliveryJudge holds a delivery that has one coordinate in more than the declared share of its rows', () => {
    expect(judge(same, 'hold')).toEqual({
      disposition: 'held',
      message:
        'Delivery has the same coordinate (-2.36, 53.4) in 30 of 30 located rows (100 %): at most 50 % may share one',
    });
    expect(judge(same, 'flag', 'refuse', 'hold')?.disposition).toBe('refused');
    expect(judge(same)).toBeUndefined();
  });

  it('DeliveryJudge lets small deliveries, half shares and rows without a place pass', () => {
    expect(judge(same.slice(0, 19), 'hold')).toBeUndefined();
    const others = Array.from({ length: 30 }, (_, i) => `${i}, 1`);
    expect(judge([...same, ...others], 'hold')).toBeUndefined();
    expect(judge([...same, ...others, same[0]], 'hold')).toBeDefined();
    expect(
      judge([...same.slice(0, 19), ...Array.from({ length: 99 }, () => undefined)], 'hold'),
    ).toBeUndefined();
  });
});

describe('declarationProblems', () => {
  const problems = (declaration: object) =>
    declarationProblems(declarationSchema.parse(declaration) as Declaration, EXAMPLE_CONTEXT);
  const thing = (datastream: object) => ({
    kind: 'thing',
    body: {
      id: 't',
      dataset: 'example-live',
      nameEn: 't',
      nameZh: 't',
      category: 'air-station',
      datastreams: [{ periodMs: 1000, ...datastream }],
    },
  });

  it('declarationProblems refuses units and properties that cannot be read, when they are declared', () => {
    expect(problems(thing({ property: 'co', unit: 'ug/m3' }))).toEqual([]);
    expect(problems(thing({ property: 'co', unit: 'ppm' }))).toEqual([
      'Unit "ppm" of "t/co" cannot be converted to "mg/m3"',
    ]);
    expect(problems(thing({ property: 'co', unit: 'Cel' }))).toHaveLength(1);
    expect(problems(thing({ property: 'co', min: 600 }))).toHaveLength(1);
  });

  it('declarationProblems refuses time formats that nobody can read, and ranges that hold nothing', () => {
    const good = mapping({});
    expect(problems({ kind: 'mapping', body: good })).toEqual([]);
    const start = { columns: ['opened'], formats: ['HH:mm'] };
    expect(problems({ kind: 'mapping', body: { ...good, events: { ...good.events, start } } })).toHaveLength(
      1,
    );
    const dataset = EXAMPLE_CONTEXT.dataset('example-live');
    expect(problems({ kind: 'dataset', body: dataset })).toEqual([]);
    const timeRange = { mode: 'archive', from: '2020-01-01T00:00:00Z', to: '2020-01-01T00:00:00Z' };
    expect(problems({ kind: 'dataset', body: { ...dataset, timeRange } })).toHaveLength(1);
  });
});
