import { describe, expect, it } from 'vitest';
import { datasetSchema, type RawRecord, type Reading, thingSchema } from '../model/index.ts';
import { contextOf, EXAMPLE_CONTEXT, EXAMPLE_RECEIVED_AT } from './example-context.ts';
import { jingweiJson, MAX_ENTRIES, MAX_READINGS } from './jingwei-json.ts';

const raw = (payload: unknown, topic = 'things/air-1/observations'): RawRecord => ({
  sourceId: 'jingwei-json',
  receivedAt: EXAMPLE_RECEIVED_AT,
  bytes: new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  origin: {
    transport: 'mqtt',
    principal: topic.split('/')[1] ?? '',
    clientId: 'c',
    topic,
    qos: 1,
    packetId: 1,
    dup: false,
  },
});
const decode = (payload: unknown, topic?: string) => jingweiJson.decode(raw(payload, topic), EXAMPLE_CONTEXT);
const codes = (payload: unknown, topic?: string) =>
  decode(payload, topic).flatMap((outcome) => outcome.rejections.map((rejection) => rejection.code));

describe('jingwei-json', () => {
  it('jingweiJson keeps the good readings of an entry and refuses the others one by one', () => {
    const [outcome] = decode({ results: { pm25: 41, co: 'x', noise: 3, a: null } });
    expect(outcome?.items).toHaveLength(1);
    expect(outcome?.rejections.map(({ code, where, readings }) => [code, where, readings])).toEqual([
      ['not-a-number', '/results/co', 1],
      ['unknown-property', '/results/noise', 1],
      ['unknown-property', '/results/a', 1],
    ]);
  });

  it('jingweiJson converts declared units exactly: 300 ug/m3 of CO is 0.3 mg/m3', () => {
    expect(decode({ co: 300 })[0]?.items).toEqual([
      { kind: 'observation', thing: 'air-1', property: 'co', result: 0.3 },
    ]);
  });

  it('jingweiJson reads heights as ellipsoidal, or by what the dataset declares', () => {
    const heightBy = (declared: object): number | undefined => {
      const dataset = datasetSchema.parse({ ...EXAMPLE_CONTEXT.dataset('example-live'), ...declared });
      const context = contextOf([dataset], [EXAMPLE_CONTEXT.thing('bus-1')!]);
      const payload = { location: [104.61, 35.58, 1938.5], results: { speed: 31 } };
      const [outcome] = jingweiJson.decode(raw(payload, 'things/bus-1/observations'), context);
      return (outcome?.items[0] as Reading | undefined)?.position?.heightM;
    };
    expect(heightBy({})).toBe(1938.5);
    expect(heightBy({ heightReference: 'sea-level:-38.5' })).toBe(1900);
  });

  it('jingweiJson refuses every value that is no finite number, and says which', () => {
    for (const value of ['"12.3"', 'null', 'true', '[1]', '{}', '1e999', '-1e999', '""'])
      expect(codes(`{"results":{"pm25":${value}}}`), value).toEqual(['not-a-number']);
    for (const text of ['{"pm25":NaN}', '{"pm25":-Infinity}', '[{"pm25":1},{"pm25":NaN}]']) {
      const [rejection] = decode(text)[0]?.rejections ?? [];
      expect(rejection?.code).toBe('not-a-number');
      expect(rejection?.message).toMatch(/bare word "(NaN|Infinity)"/);
    }
    expect(codes('{"pm25":NaN')).toEqual(['malformed']);
    expect(codes('{"NaN":1}')).toEqual(['unknown-property']);
    expect(codes('{"a\\"NaN":NaN}')).toEqual(['not-a-number']);
  });

  it('jingweiJson refuses the whole entry for a faulty time or place, counted by its readings', () => {
    for (const [fault, code] of [
      [{ time: 'yesterday' }, 'time-invalid'],
      [{ time: null }, 'time-invalid'],
      [{ resultTime: '2026-11-22' }, 'time-invalid'],
      [{ time: EXAMPLE_RECEIVED_AT / 1000 }, 'time-out-of-range'],
      [{ time: EXAMPLE_RECEIVED_AT + 5 * 60_000 + 1 }, 'time-out-of-range'],
      [{ time: EXAMPLE_RECEIVED_AT - 7 * 86_400_000 - 1 }, 'time-out-of-range'],
      [{ location: [104, 91] }, 'position-invalid'],
      [{ location: [181, 35] }, 'position-invalid'],
      [{ location: ['104', '35'] }, 'position-invalid'],
      [{ location: [104] }, 'position-invalid'],
      [{ location: { lon: 104, lat: 35 } }, 'position-invalid'],
    ] as const) {
      const [outcome] = decode({ ...fault, results: { pm25: 1, co: 2 } });
      expect(outcome?.items, JSON.stringify(fault)).toEqual([]);
      expect(outcome?.rejections.map((rejection) => [rejection.code, rejection.readings])).toEqual([
        [code, 2],
      ]);
    }
  });

  it('jingweiJson judges an archive by its own range, not by the clock', () => {
    const dataset = datasetSchema.parse({
      id: 'old',
      titleEn: 'old',
      titleZh: 'old',
      publisherEn: 'x',
      publisherZh: 'x',
      licence: 'x',
      periodMs: 3_600_000,
      timeRange: { mode: 'archive', from: '2013-01-01T00:00:00Z', to: '2014-01-01T00:00:00Z' },
    });
    const thing = thingSchema.parse({
      id: 'air-1',
      dataset: 'old',
      nameEn: 'x',
      nameZh: 'x',
      category: 'air-station',
      datastreams: [{ property: 'pm25', periodMs: 3_600_000 }],
    });
    const context = contextOf([dataset], [thing]);
    const at = (time: string) => jingweiJson.decode(raw({ time, pm25: 1 }), context)[0];
    expect(at('2013-06-01T00:00:00Z')?.items).toHaveLength(1);
    expect(at('2026-11-22T08:00:00Z')?.rejections[0]?.code).toBe('time-out-of-range');
  });

  it('jingweiJson bounds entries and readings of one message', () => {
    const many = Array.from({ length: MAX_ENTRIES }, () => ({ pm25: 1 }));
    expect(codes(many)).toEqual([]);
    expect(codes([...many, { pm25: 1 }])).toEqual(['too-many-readings']);
    const wide = Object.fromEntries(Array.from({ length: MAX_READINGS + 1 }, (_, i) => [`p${i}`, 1]));
    expect(codes(wide)).toEqual(['too-many-readings']);
  });

  it('jingweiJson gives each entry of a list its own account', () => {
    const outcomes = decode([{ pm25: 1 }, 7, { results: {} }, { results: [] }, { pm25: -1 }, {}]);
    expect(outcomes.map((outcome) => outcome.rejections[0]?.code ?? 'kept')).toEqual([
      'kept',
      'malformed',
      'missing-field',
      'missing-field',
      'out-of-range',
      'missing-field',
    ]);
    expect(outcomes[4]?.rejections[0]?.where).toBe('/4/pm25');
  });

  it('jingweiJson is not led astray by names of object members', () => {
    expect(codes('{"results":{"__proto__":1,"constructor":2,"toString":3}}')).toEqual([
      'unknown-property',
      'unknown-property',
      'unknown-property',
    ]);
    expect(codes({ pm25: 1 }, 'things/constructor/observations')).toEqual(['unknown-thing']);
  });
});
