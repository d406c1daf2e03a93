import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import {
  type DecodeContext,
  type EventItem,
  mappingSchema,
  QUALITY,
  type RawRecord,
  type Reading,
  type RecordOutcome,
} from '../model/index.ts';
import { EXAMPLE_CONTEXT, EXAMPLE_RECEIVED_AT } from './example-context.ts';
import { table } from './table.ts';
import { EXAMPLE_MAPPINGS } from './table-examples.ts';

const byId = (id: string) => EXAMPLE_MAPPINGS.find((mapping) => mapping.id === id);

/** Decodes by an example mapping with some members changed. */
function decode(id: string, bytes: string | Uint8Array, change: object = {}): readonly RecordOutcome[] {
  const mapping = mappingSchema.parse({ ...byId(id), ...change });
  const context: DecodeContext = { ...EXAMPLE_CONTEXT, mapping: () => mapping };
  const raw: RawRecord = {
    sourceId: 'table',
    mappingId: id,
    receivedAt: EXAMPLE_RECEIVED_AT,
    bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
    origin: { transport: 'file', principal: 'p', delivery: 'd', fileName: 'f', chunk: 0, firstRow: 1 },
  };
  return table.decode(raw, context);
}
const codes = (outcomes: readonly RecordOutcome[]) =>
  outcomes.map((outcome) => outcome.rejections.map((rejection) => rejection.code).join() || 'kept');

describe('table: observations', () => {
  const HEADER = 'station,date,hour,PM2.5,CO\n';
  const observe = (rows: string, change?: object) => decode('example-observations', HEADER + rows, change);

  it('table gives a reading for each value that is present, and balances both levels', () => {
    const outcomes = observe(
      'North,2026-11-22,15,41,300\nNorth,2026-11-22,14,NA,x\nNorth,2026-11-22,13,NA,\n',
    );
    const readings = outcomes[0]?.items as readonly Reading[];
    expect(readings.map((reading) => [reading.property, reading.result])).toEqual([
      ['pm25', 41],
      ['co', 0.3],
    ]);
    // 15:00 in Dingxi is 07:00 UTC.
    expect(readings[0]?.phenomenonTime).toBe(Date.UTC(2026, 10, 22, 7));
    expect(outcomes[1]?.rejections).toMatchObject([{ code: 'not-a-number', readings: 1, where: 'CO' }]);
    expect(outcomes[2]?.rejections).toMatchObject([{ code: 'missing-field', readings: 0 }]);
  });

  it('table reads codes by their table and no others', () => {
    const observations = byId('example-observations')?.observations;
    const values = [{ column: 'CO', property: 'pm25', codes: { low: 10, high: 100 } }];
    const change = { observations: { ...observations, values } };
    const outcomes = observe('North,2026-11-22,15,1,high\nNorth,2026-11-22,15,1,toString\n', change);
    expect(outcomes[0]?.items[0]).toMatchObject({ result: 100 });
    expect(codes(outcomes)).toEqual(['kept', 'not-a-number']);
  });

  it('table refuses rows of Things that are not in the dataset of the mapping', () => {
    expect(
      codes(
        observe('South,2026-11-22,15,41,300\nconstructor,2026-11-22,15,41,300\ncam-2,2026-11-22,15,1,1\n'),
      ),
    ).toEqual(['unknown-thing', 'unknown-thing', 'unknown-thing']);
  });

  it('table judges times by the range of the dataset', () => {
    expect(codes(observe('North,2025-11-22,15,41,300\n'))).toEqual(['time-out-of-range']);
  });
});

describe('table: events', () => {
  const HEADER = 'id,type,opened,closed,status,agency,lon,lat\n';
  const cases = (rows: string, change?: object) => decode('example-cases', HEADER + rows, change);

  it('table flags a case that was closed before it was opened, and one whose hour the clock showed twice', () => {
    const outcomes = cases(
      '1,Noise,3/14/2025 2:00,3/14/2025 1:00,Closed,NYPD,-73.9,40.7\n' +
        '2,Noise,11/3/2024 1:30,,Open,NYPD,-73.9,40.7\n3,Noise,3/14/2025 2:00,3/14/2025 3:00,Odd,NYPD,-73.9,40.7\n',
    );
    const [late, twice, plain] = outcomes.map((outcome) => outcome.items[0] as EventItem);
    expect([late?.flags, twice?.flags, plain?.flags]).toEqual([QUALITY.flagged, QUALITY.flagged, undefined]);
    expect([late?.status, twice?.status, plain?.status]).toEqual(['closed', 'open', undefined]);
    expect(twice?.start).toBe(Date.UTC(2024, 10, 3, 5, 30));
    expect(plain?.end).toBe(Date.UTC(2025, 2, 14, 7));
  });

  it('table keeps a case without a place, and refuses half a place', () => {
    const outcomes = cases(
      '1,Noise,3/14/2025 2:00,,Open,X,,\n2,Noise,3/14/2025 2:00,,Open,X,-73.9,\n3,N,3/14/2025 2:00,,Open,X,0x1,1\n',
    );
    expect(codes(outcomes)).toEqual(['kept', 'position-invalid', 'position-invalid']);
    expect(outcomes[0]?.items[0]).toMatchObject({ positionMethod: 'none' });
  });

  it('table reads every encoding that is declared, strictly', () => {
    const row = `${HEADER}1,噪声,3/14/2025 2:00,,Open,城管,,\n`;
    const category = (outcomes: readonly RecordOutcome[]) =>
      (outcomes[0]?.items[0] as EventItem | undefined)?.category;
    for (const encoding of ['gb18030', 'gbk', 'big5', 'utf-8']) {
      const bytes = iconv.encode(encoding === 'big5' ? row.replace('噪声', '噪音') : row, encoding);
      expect(category(decode('example-cases', bytes, { encoding })), encoding).toMatch(/噪[声音]/);
    }
    expect(codes(decode('example-cases', iconv.encode(row, 'gb18030')))).toEqual(['malformed']);
  });

  it('table reads quoted fields, a byte order mark and other delimiters', () => {
    const text = `\ufeff${HEADER}1,"Noise, ""loud""\nat night",3/14/2025 2:00,,Open,X,,\n`;
    expect(decode('example-cases', text)[0]?.items[0]).toMatchObject({ category: 'Noise, "loud"\nat night' });
    const tabs = text.replace('"Noise, ""loud""\nat night"', 'Noise').replaceAll(',', '\t');
    expect(codes(decode('example-cases', tabs, { delimiter: '\t' }))).toEqual(['kept']);
  });
});

describe('table: features', () => {
  const school = (rest: object) => ({
    type: 'Feature',
    properties: { id: 1, name: 'First', pupils: 300 },
    geometry: { type: 'Point', coordinates: [104.6, 35.6] },
    ...rest,
  });

  it('table reads a collection, a list, and one feature a line alike', () => {
    const features = [school({}), school({ properties: { id: 2, name: 'Second' } })];
    const texts = [
      JSON.stringify({ type: 'FeatureCollection', features }),
      JSON.stringify(features),
      features.map((feature) => JSON.stringify(feature)).join('\n'),
    ];
    const [first, ...others] = texts.map((text) => decode('example-schools', text));
    for (const other of others) expect(other).toEqual(first);
    expect(first?.[0]?.items[0]).toMatchObject({ key: '1', name: 'First', attributes: { pupils: 300 } });
  });

  it('table refuses geometries that cannot be drawn, and keeps features without one', () => {
    const bad = [
      { type: 'Point', coordinates: [104.6, 91] },
      { type: 'Point', coordinates: ['104.6', '35.6'] },
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 2],
          ],
        ],
      },
      { type: 'Polygon', coordinates: [] },
      { type: 'Circle', coordinates: [0, 0] },
      'POINT (104 35)',
    ];
    const text = JSON.stringify([...bad.map((geometry) => school({ geometry })), school({ geometry: null })]);
    expect(codes(decode('example-schools', text))).toEqual([...bad.map(() => 'position-invalid'), 'kept']);
  });
});
