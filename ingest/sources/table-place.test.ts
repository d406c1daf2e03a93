import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { encodeOutcomes } from '../encode.ts';
import {
  type DecodeContext,
  datasetSchema,
  type EventItem,
  type FeatureItem,
  type Item,
  mappingSchema,
  NO_ZONE,
  type RawRecord,
  type RecordOutcome,
} from '../model/index.ts';
import { EXAMPLE_CONTEXT, EXAMPLE_RECEIVED_AT } from './example-context.ts';
import { table } from './table.ts';
import { coordinateText, readRows } from './table-rows.ts';

/** Dingxi in every reference: the plane coordinates are PROJ 9.5.1's, to 0.1 mm. */
const LON = 104.6263;
const LAT = 35.5806;
const DINGXI_BEIDOU = 0x6085e1d23342dc07n;
const EAST = '466128.2518';
const NORTH = '3939072.3650';

/** Decodes by a mapping of cases or features with this `position`. */
function decode(
  bytes: string | Uint8Array,
  position: object,
  { dataset = {}, ...change }: { dataset?: object; [member: string]: unknown } = {},
): readonly RecordOutcome[] {
  const mapping = mappingSchema.parse({
    id: 'm',
    dataset: 'example-archive',
    format: 'csv',
    position,
    ...(change.features === undefined
      ? {
          events: {
            key: ['编号'],
            eventType: 'case',
            category: '类别',
            start: { columns: ['时间'], formats: ['iso'] },
          },
        }
      : {}),
    ...change,
  });
  const base = EXAMPLE_CONTEXT.dataset('example-archive');
  const declared = datasetSchema.parse({ ...base, ...dataset });
  const context: DecodeContext = { ...EXAMPLE_CONTEXT, mapping: () => mapping, dataset: () => declared };
  const raw: RawRecord = {
    sourceId: 'table',
    mappingId: 'm',
    receivedAt: EXAMPLE_RECEIVED_AT,
    bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
    origin: { transport: 'file', principal: 'p', delivery: 'd', fileName: 'f', chunk: 0, firstRow: 1 },
  };
  return table.decode(raw, context);
}

/** What the index gets of decoded rows. */
function encoded(outcomes: readonly RecordOutcome[], context: DecodeContext = EXAMPLE_CONTEXT) {
  return encodeOutcomes([
    {
      position: 1,
      receivedAt: EXAMPLE_RECEIVED_AT,
      sourceId: 'table',
      origin: { transport: 'file', principal: 'p', delivery: 'd', fileName: 'f', chunk: 0, firstRow: 1 },
      byteLength: 1,
      outcomes,
      context,
      redelivery: false,
    },
  ]);
}

const HEADER = '编号,类别,时间,X坐标,Y坐标,高程\n';
const row = (x: string, y: string, height = ''): string =>
  `1,井盖,2026-11-22T08:00:00Z,${x},${y},${height}\n`;
const PLANE = { northing: 'X坐标', easting: 'Y坐标', height: '高程' };
const SEA = { above: 'sea-level', undulationM: -38.5 };
/** The one item of a row; throws where the row was refused. */
function itemOf<T extends Item>(outcomes: readonly RecordOutcome[], row = 0): T {
  const item = outcomes[row]?.items[0];
  if (item === undefined) throw new Error(`Row ${row} is refused: ${JSON.stringify(outcomes[row])}`);
  return item as T;
}
const messages = (outcomes: readonly RecordOutcome[]) =>
  outcomes.map((outcome) => outcome.rejections[0]?.message ?? 'kept');

describe('table: plane coordinates', () => {
  it('table takes a survey file in zone 35 to the BeiDou code of the place, with its ellipsoidal height', () => {
    const bytes = iconv.encode(HEADER + row(NORTH, `35${EAST}`, '1938.50'), 'gb18030');
    const position = { ...PLANE, reference: 'gk3-35', heightReference: SEA };
    const outcomes = decode(bytes, position, { encoding: 'gb18030' });
    const item = itemOf<EventItem>(outcomes);
    expect(item.position).toEqual({
      lonDeg: expect.closeTo(LON, 8),
      latDeg: expect.closeTo(LAT, 8),
      datum: 'cgcs2000',
      heightM: 1900,
    });
    const { events } = encoded(outcomes);
    expect(events[0]).toMatchObject({ heightM: 1900 });
    // The whole way, to 4 cm: a neighbour of 1.5 cm may be hit by the rounding of the file.
    expect(Number(BigInt.asUintN(64, (events[0]?.beidou ?? 0n) ^ DINGXI_BEIDOU))).toBeLessThan(64);
  });

  it.each([
    ['EPSG:4523', `35${EAST}`],
    ['EPSG:4544', EAST],
    ['gk3-cm105', EAST],
    ['gk6-cm105', EAST],
    ['gk6-18', `18${EAST}`],
    [{ zoneWidthDeg: 3, zone: 35, prefixed: true }, `35${EAST}`],
    [{ centralMeridianDeg: 105, falseEastingM: 0, falseNorthingM: -3_939_000 }, '-33871.7482'],
  ])('table reads the same place by %j', (reference, easting) => {
    const northing = typeof reference === 'object' && 'falseNorthingM' in reference ? '72.3650' : NORTH;
    const outcomes = decode(HEADER + row(northing, easting), { ...PLANE, height: undefined, reference });
    expect(itemOf<EventItem>(outcomes).position).toEqual({
      lonDeg: expect.closeTo(LON, 8),
      latDeg: expect.closeTo(LAT, 8),
      datum: 'cgcs2000',
    });
  });

  it('table refuses rows one by one, and says what to declare', () => {
    const rows = [
      row(NORTH, `35${EAST}`),
      row(`35${EAST}`, NORTH),
      row(NORTH, `36${EAST}`),
      row(NORTH, EAST),
      row(NORTH, ''),
      row('', ''),
      row(NORTH, '35466128,25'.replace(',', '.').concat('m')),
      row('9939072.3', `35${EAST}`),
    ];
    const outcomes = decode(HEADER + rows.join(''), { ...PLANE, height: undefined, reference: 'gk3-35' });
    const said = messages(outcomes);
    expect(outcomes.map((outcome) => outcome.rejections[0]?.code ?? 'kept')).toEqual([
      'kept',
      ...Array.from({ length: 4 }, () => 'position-invalid'),
      'kept',
      'position-invalid',
      'position-invalid',
    ]);
    expect(said[1]).toContain('easting and northing look swapped');
    expect(said[2]).toContain('declare gk3-36');
    expect(said[3]).toContain('declare gk3-cm105');
    expect(said[4]).toContain('easting and northing must be numbers of metres');
    expect(said[7]).toContain('within 3 degrees of the meridian 105 E');
    expect(itemOf<EventItem>(outcomes, 5).positionMethod).toBe('none');
  });

  it('table judges the rule "inside" in CGCS2000, and the rule on constant coordinates by the columns', () => {
    const rules = [{ rule: 'inside', bbox: [104.6, 35.5, 104.7, 35.6], action: 'refuse' }];
    const position = { ...PLANE, height: undefined, reference: 'gk3-cm105' };
    const outcomes = decode(HEADER + row(NORTH, EAST) + row('3839072.3', EAST), position, { rules });
    expect(outcomes.map((outcome) => outcome.rejections[0]?.code)).toEqual([undefined, 'rule-refused']);
    const mapping = mappingSchema.parse({
      id: 'm',
      dataset: 'd',
      format: 'csv',
      position,
      features: { key: ['编号'], featureType: 'x' },
    });
    const read = readRows(mapping, new TextEncoder().encode(HEADER + row(NORTH, EAST)));
    const first = 'rows' in read ? read.rows[0] : undefined;
    expect(first !== undefined && 'cells' in first ? coordinateText(mapping, first) : '').toBe(
      `${EAST}, ${NORTH}`,
    );
  });

  it('table refuses a chunk whose header lacks a declared column of the position', () => {
    const text = '编号,类别,时间,X坐标\n1,a,2026-11-22T08:00:00Z,3939072\n';
    const outcomes = decode(text, { ...PLANE, reference: 'gk3-35', heightReference: 'ellipsoidal' });
    expect(outcomes[0]?.rejections[0]).toMatchObject({ code: 'missing-field', where: 'Y坐标' });
  });
});

describe('table: references in degrees', () => {
  const lonLat = { lon: 'Y坐标', lat: 'X坐标' };

  it('table leaves a place in the datum of the dataset where the mapping declares no reference', () => {
    const outcomes = decode(HEADER + row('35.5806', '104.6263'), lonLat, { dataset: { datum: 'gcj02' } });
    expect(itemOf<EventItem>(outcomes).position).toEqual({
      lonDeg: LON,
      latDeg: LAT,
      datum: 'gcj02',
    });
  });

  it('table converts by the reference of the mapping, whatever the datum of the dataset', () => {
    const byMapping = decode(HEADER + row('35.5806', '104.6263'), { ...lonLat, reference: 'bd09' });
    const byDataset = decode(HEADER + row('35.5806', '104.6263'), lonLat, { dataset: { datum: 'bd09' } });
    const [one, two] = [encoded(byMapping).events[0], encoded(byDataset).events[0]];
    expect(one?.beidou).toBe(two?.beidou);
    expect(one?.lonDeg).toBe(two?.lonDeg);
    expect(one?.lonDeg).not.toBeCloseTo(LON, 3);
  });

  it('table says that longitude and latitude look swapped', () => {
    const outcomes = decode(HEADER + row('104.6263', '35.5806'), lonLat);
    expect(messages(outcomes)[0]).toContain('latitude -90..90. The two look swapped');
  });
});

describe('table: heights', () => {
  const lonLat = { lon: 'Y坐标', lat: 'X坐标', height: '高程' };
  const heightOf = (height: string, position: object, dataset: object = {}) => {
    const outcomes = decode(HEADER + row('35.5806', '104.6263', height), position, { dataset });
    return outcomes[0]?.rejections[0]?.message ?? itemOf<EventItem>(outcomes).position?.heightM;
  };

  it('table stores heights above the ellipsoid, by the reference of the mapping or else of the dataset', () => {
    expect(heightOf('1900', { ...lonLat, heightReference: 'ellipsoidal' })).toBe(1900);
    expect(heightOf('1938.5', { ...lonLat, heightReference: SEA })).toBe(1900);
    expect(heightOf('1938.5', { ...lonLat, heightReference: 'sea-level:-38.5' })).toBe(1900);
    expect(heightOf('-2', { ...lonLat, heightReference: { above: 'ground', groundHeightM: 1860 } })).toBe(
      1858,
    );
    expect(heightOf('1938.5', lonLat, { heightReference: SEA })).toBe(1900);
    expect(heightOf('1900', { ...lonLat, heightReference: 'ellipsoidal' }, { heightReference: SEA })).toBe(
      1900,
    );
    expect(heightOf('', { ...lonLat, heightReference: SEA })).toBeUndefined();
  });

  it('table refuses heights that are no numbers or out of range', () => {
    const position = { ...lonLat, heightReference: SEA };
    expect(heightOf('1938m', position)).toContain('Height in "高程" is "1938m"');
    expect(heightOf('190000', position)).toContain('-12000..100000');
  });
});

describe('table: geometries', () => {
  const feature = (geometry: object): string =>
    JSON.stringify({ type: 'Feature', properties: { id: 1 }, geometry });
  const features = { key: ['id'], featureType: 'well' };
  const read = (geometry: object, position: object = {}, dataset: object = {}) =>
    decode(feature(geometry), { geometry: true, ...position }, { format: 'geojson', features, dataset });
  const geometryOf = (outcomes: readonly RecordOutcome[]) => itemOf<FeatureItem>(outcomes).geometry;

  it('table converts every vertex of a plane geometry once, easting before northing', () => {
    const [e, n] = [Number(EAST), Number(NORTH)];
    const ring = [
      [e, n],
      [e + 100, n],
      [e + 100, n + 100],
      [e, n],
    ];
    const outcomes = read({ type: 'Polygon', coordinates: [ring] }, { reference: 'EPSG:4544' });
    const item = itemOf<FeatureItem>(outcomes);
    expect(item.datum).toBe('cgcs2000');
    const outer = item.geometry?.type === 'Polygon' ? item.geometry.coordinates[0] : undefined;
    expect(outer?.[0]).toEqual([expect.closeTo(LON, 8), expect.closeTo(LAT, 8)]);
    // 100 m east at 35.58 N is 0.0011 degree.
    expect(outer![1]![0]! - outer![0]![0]!).toBeCloseTo(0.0011, 4);
    expect(outer?.[3]).toEqual(outer?.[0]);
    const point = encoded(read({ type: 'Point', coordinates: [e, n] }, { reference: 'EPSG:4544' }))
      .features[0];
    expect(point?.beidou).not.toBe(NO_ZONE);
    expect(point?.lonDeg).toBeCloseTo(LON, 8);
  });

  it('table converts once: a feature with a reference is not moved again by the datum of its dataset', () => {
    const dataset = { datum: 'gcj02' };
    const point = { type: 'Point', coordinates: [Number(EAST), Number(NORTH)] };
    const declared = datasetSchema.parse({ ...EXAMPLE_CONTEXT.dataset('example-archive'), ...dataset });
    const context: DecodeContext = { ...EXAMPLE_CONTEXT, dataset: () => declared };
    const [converted] = encoded(read(point, { reference: 'gk3-cm105' }, dataset), context).features;
    expect(converted?.lonDeg).toBeCloseTo(LON, 8);
    const degrees = { type: 'Point', coordinates: [LON, LAT] };
    const [moved] = encoded(read(degrees, {}, dataset), context).features;
    expect(Math.abs((moved?.lonDeg ?? LON) - LON)).toBeGreaterThan(0.001);
  });

  it('table refuses a geometry with one vertex outside the zone, or with degrees under a plane reference', () => {
    const line = {
      type: 'LineString',
      coordinates: [
        [466_128, 3_939_072],
        [3_939_072, 466_128],
      ],
    };
    expect(messages(read(line, { reference: 'gk3-cm105' }))[0]).toContain('look swapped');
    const degrees = { type: 'Point', coordinates: [LON, LAT] };
    expect(messages(read(degrees, { reference: 'gk3-cm105' }))[0]).toContain('within 3 degrees');
    expect(messages(read({ type: 'Point', coordinates: [466_128, 3_939_072] }))[0]).toContain('-180..180');
  });

  it('table keeps the heights of a geometry only where their reference is declared', () => {
    const raised = { type: 'Point', coordinates: [LON, LAT, 1938.5, 7] };
    expect(geometryOf(read(raised))).toEqual({ type: 'Point', coordinates: [LON, LAT] });
    expect(geometryOf(read(raised, {}, { heightReference: SEA }))).toEqual({
      type: 'Point',
      coordinates: [LON, LAT, 1900],
    });
    const line = {
      type: 'LineString',
      coordinates: [
        [LON, LAT, 1],
        [LON, LAT],
      ],
    };
    expect(geometryOf(read(line, { heightReference: 'ground:1860' }))).toEqual({
      type: 'LineString',
      coordinates: [
        [LON, LAT, 1861],
        [LON, LAT],
      ],
    });
    expect(
      messages(read({ type: 'Point', coordinates: [LON, LAT, 1e9] }, { heightReference: SEA }))[0],
    ).toContain('Geometry holds a height of');
  });
});
