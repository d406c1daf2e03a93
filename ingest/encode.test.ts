import { describe, expect, it } from 'vitest';
import { GRIDS } from '../grid/index.ts';
import { encodeOutcomes } from './encode.ts';
import { MAX_COVER_ZONES } from './locate/cover.ts';
import { pointOn } from './locate/geometry.ts';
import {
  type EventItem,
  type Geometry,
  type Item,
  NO_ZONE,
  QUALITY,
  type RecordOutcome,
  type Rejection,
  thingSchema,
} from './model/index.ts';
import { contextOf, EXAMPLE_CONTEXT, EXAMPLE_RECEIVED_AT } from './sources/example-context.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';

const entry = (outcomes: readonly RecordOutcome[], rest: Partial<DecodedEntry> = {}): DecodedEntry => ({
  position: 7,
  receivedAt: EXAMPLE_RECEIVED_AT,
  sourceId: 'jingwei-json',
  origin: { transport: 'mqtt', principal: 'p', clientId: 'c', topic: 't/x', qos: 1, packetId: 1, dup: false },
  byteLength: 10,
  outcomes,
  context: EXAMPLE_CONTEXT,
  redelivery: false,
  ...rest,
});
const kept = (...items: Item[]): RecordOutcome => ({ dataset: 'example-live', items, rejections: [] });
const encode = (...entries: DecodedEntry[]) => encodeOutcomes(entries);

describe('encodeOutcomes: observations', () => {
  it('encodeOutcomes stores the height of a fixed Thing above the ellipsoid', () => {
    const heightBy = (position: object): number | undefined => {
      const thing = thingSchema.parse({ ...EXAMPLE_CONTEXT.thing('air-1'), position });
      const context = contextOf([EXAMPLE_CONTEXT.dataset('example-live')!], [thing]);
      const reading = { kind: 'observation', thing: 'air-1', property: 'pm25', result: 41 } as const;
      return encodeOutcomes([entry([kept(reading)], { context })]).observations.heightM[0];
    };
    const place = { lonDeg: 104.61, latDeg: 35.58, heightM: 1938.5 };
    expect(heightBy(place)).toBe(1938.5);
    expect(heightBy({ ...place, heightReference: { above: 'sea-level', undulationM: -38.5 } })).toBe(1900);
  });

  it('encodeOutcomes gives readings of fixed Things the codes of their place, of moving ones their own', () => {
    const { observations, datastreams } = encode(
      entry([
        kept(
          { kind: 'observation', thing: 'air-1', property: 'pm25', result: 41 },
          { kind: 'observation', thing: 'air-1', property: 'co', result: 0.3 },
        ),
        kept({
          kind: 'observation',
          thing: 'bus-1',
          property: 'speed',
          result: 30,
          phenomenonTime: EXAMPLE_RECEIVED_AT - 1500,
          position: { lonDeg: 104.6263, latDeg: 35.5806, heightM: 1900, datum: 'wgs84' },
        }),
        kept({ kind: 'observation', thing: 'bus-1', property: 'speed', result: 31 }),
      ]),
    );
    expect(observations.n).toBe(4);
    expect(observations.h3[0]).toBe(GRIDS.h3.encode(104.61, 35.58, 12));
    expect(observations.beidou[1]).toBe(GRIDS.beidou2d.encode(104.61, 35.58, 10));
    expect(observations.h3[2]).toBe(GRIDS.h3.encode(104.6263, 35.5806, 12));
    // The worked example of the BeiDou code for Dingxi.
    expect(observations.beidou[2]).toBe(0x6085e1d23342dc07n);
    expect([observations.h3[3], observations.beidou[3]]).toEqual([NO_ZONE, NO_ZONE]);
    expect([...observations.record]).toEqual([0, 0, 1, 2]);
    expect([...observations.datastream]).toEqual([0, 1, 2, 2]);
    expect(datastreams[2]).toEqual({ dataset: 'example-live', thing: 'bus-1', property: 'speed' });
    expect([...observations.resultDelayMs]).toEqual([0, 0, 1500, 0]);
    expect(observations.heightM[2]).toBe(1900);
    expect(observations.heightM[0]).toBeNaN();
    expect([...observations.quality]).toEqual([
      QUALITY.serverTime,
      QUALITY.serverTime,
      0,
      QUALITY.serverTime,
    ]);
  });

  it('encodeOutcomes gives each of many moving readings its own place, also where some share one', () => {
    const positions = Array.from({ length: 50 }, (_, i) => ({
      lonDeg: 104 + i / 100,
      latDeg: 35 + (i % 7) / 100,
      datum: 'wgs84' as const,
    }));
    const reading = (i: number): Item => ({
      kind: 'observation',
      thing: i % 5 === 0 ? 'air-1' : 'bus-1',
      property: i % 5 === 0 ? 'pm25' : 'speed',
      result: i,
      ...(i % 5 === 0 ? {} : { position: positions[Math.floor(i / 3) % 50]! }),
    });
    const rows = Array.from({ length: 200 }, (_, i) => reading(i));
    const { observations } = encode(entry([kept(...rows.slice(0, 90))]), entry([kept(...rows.slice(90))]));
    rows.forEach((row, i) => {
      const { lonDeg, latDeg } = (row.kind === 'observation' && row.position) || {
        lonDeg: 104.61,
        latDeg: 35.58,
      };
      expect(observations.h3[i]).toBe(GRIDS.h3.encode(lonDeg, latDeg, 12));
      expect(observations.beidou[i]).toBe(GRIDS.beidou2d.encode(lonDeg, latDeg, 10));
    });
  });

  it('encodeOutcomes follows a Thing that is moved between two entries of one batch', () => {
    const before = EXAMPLE_CONTEXT.thing('air-1')!;
    const after = { ...before, position: { lonDeg: 104.7, latDeg: 35.6, datum: 'wgs84' as const } };
    const reading = kept({ kind: 'observation', thing: 'air-1', property: 'pm25', result: 1 });
    const moved = contextOf([EXAMPLE_CONTEXT.dataset('example-live')!], [after]);
    const { observations, datastreams } = encode(entry([reading]), entry([reading], { context: moved }));
    expect(observations.h3[0]).toBe(GRIDS.h3.encode(104.61, 35.58, 12));
    expect(observations.h3[1]).toBe(GRIDS.h3.encode(104.7, 35.6, 12));
    expect(datastreams).toHaveLength(1);
  });

  it('encodeOutcomes keeps polar and unlocated readings in no zone, and takes GCJ-02 to CGCS2000', () => {
    const at = (lonDeg: number, latDeg: number, datum: 'wgs84' | 'gcj02') =>
      kept({
        kind: 'observation',
        thing: 'bus-1',
        property: 'speed',
        result: 1,
        position: { lonDeg, latDeg, datum },
      });
    const { observations } = encode(entry([at(10, 89, 'wgs84'), at(104.6263, 35.5806, 'gcj02')]));
    expect(observations.beidou[0]).toBe(NO_ZONE);
    expect(observations.h3[0]).not.toBe(NO_ZONE);
    // The offset of GCJ-02 at Dingxi is some 200 to 600 m, far more than a cell.
    expect(observations.h3[1]).not.toBe(GRIDS.h3.encode(104.6263, 35.5806, 12));
    const parent = (zone: bigint) => GRIDS.h3.parent(zone, 12, 5);
    expect(parent(observations.h3[1]!)).toBe(parent(GRIDS.h3.encode(104.6263, 35.5806, 12)));
  });

  it('encodeOutcomes gives arrays that own their buffers', () => {
    const { observations } = encode(
      entry([kept({ kind: 'observation', thing: 'air-1', property: 'co', result: 1 })]),
    );
    for (const column of Object.values(observations)) {
      if (ArrayBuffer.isView(column)) expect(column.buffer.byteLength).toBe(column.byteLength);
    }
  });
});

const event = (rest: Partial<EventItem> = {}): EventItem => ({
  kind: 'event',
  dataset: 'example-archive',
  key: 'a',
  eventType: 'case',
  category: 'Noise',
  start: 1000,
  attributes: { b: 1, a: 'x' },
  positionMethod: 'own',
  position: { lonDeg: 104.6, latDeg: 35.6, datum: 'wgs84', precisionM: 50 },
  ...rest,
});

describe('encodeOutcomes: events and features', () => {
  it('encodeOutcomes hashes the content of an event, not when it was known or in which order it was written', () => {
    const hash = (rest: Partial<EventItem>) => encode(entry([kept(event(rest))])).events[0]?.contentHash;
    const first = hash({});
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(hash({ updated: 5 })).toBe(first);
    expect(hash({ attributes: { a: 'x', b: 1 } })).toBe(first);
    for (const rest of [{ status: 'open' as const }, { end: 5 }, { category: 'x' }, { attributes: {} }])
      expect(hash(rest)).not.toBe(first);
    expect(hash({ position: { lonDeg: 104.6, latDeg: 35.61, datum: 'wgs84' } })).not.toBe(first);
  });

  it('encodeOutcomes keeps an event without a place, and marks a vague one', () => {
    const { position: _gone, ...bare } = event({ key: 'b' });
    const { events } = encode(entry([kept(event()), kept(bare)]));
    expect(events[0]).toMatchObject({
      quality: QUALITY.coarsePlace,
      attributes: '{"a":"x","b":1}',
      updated: EXAMPLE_RECEIVED_AT,
    });
    expect(events[1]).toMatchObject({ h3: NO_ZONE, beidou: NO_ZONE, positionMethod: 'none' });
    expect(events[1]).not.toHaveProperty('lonDeg');
  });

  const feature = (geometry?: Geometry): Item => ({
    kind: 'feature',
    dataset: 'example-archive',
    key: 'f',
    featureType: 'park',
    layer: 'surface',
    attributes: {},
    ...(geometry === undefined ? {} : { geometry }),
  });
  const square = (size: number): Geometry => ({
    type: 'Polygon',
    coordinates: [
      [
        [104, 35],
        [104 + size, 35],
        [104 + size, 35 + size],
        [104, 35 + size],
        [104, 35],
      ],
    ],
  });

  it('encodeOutcomes covers areas of any size by at most 256 zones a grid, at the finest level that allows', () => {
    for (const size of [1e-5, 1e-3, 0.1, 3]) {
      const { cover } = encode(entry([kept(feature(square(size)))])).features[0]!;
      expect(cover.map((part) => part.grid)).toEqual(['h3', 'beidou']);
      for (const { zones } of cover) {
        expect(zones.length).toBeGreaterThan(0);
        expect(zones.length).toBeLessThanOrEqual(MAX_COVER_ZONES);
      }
    }
    const [h3] = encode(entry([kept(feature(square(0.1)))])).features[0]!.cover;
    expect(() => GRIDS.h3.cover(square(0.1), h3!.level + 1, MAX_COVER_ZONES)).toThrow();
  });

  it('encodeOutcomes covers no point and keeps a feature without a geometry', () => {
    const { features } = encode(
      entry([kept(feature({ type: 'Point', coordinates: [104, 35] })), kept(feature())]),
    );
    expect(features[0]).toMatchObject({ cover: [], lonDeg: 104, latDeg: 35, positionMethod: 'own' });
    expect(features[1]).toMatchObject({ cover: [], h3: NO_ZONE, positionMethod: 'none' });
  });

  it('pointOn stands inside areas whose centroid lies outside them', () => {
    expect(pointOn(square(1))).toEqual([104.5, 35.5]);
    // A U open to the north: the centroid lies in the gap.
    const u: Geometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [5, 0],
          [5, 5],
          [4, 5],
          [4, 1],
          [1, 1],
          [1, 5],
          [0, 5],
          [0, 0],
        ],
      ],
    };
    const [lon, lat] = pointOn(u);
    expect(lat).toBeGreaterThan(1);
    expect(lon < 1 || lon > 4).toBe(true);
    const holed: Geometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [4, 0],
          [4, 4],
          [0, 4],
          [0, 0],
        ],
        [
          [1, 1],
          [3, 1],
          [3, 3],
          [1, 3],
          [1, 1],
        ],
      ],
    };
    expect(pointOn(holed)[0]).toBeCloseTo(0.5, 12);
    expect(
      pointOn({
        type: 'LineString',
        coordinates: [
          [0, 0],
          [1, 1],
          [9, 9],
        ],
      }),
    ).toEqual([1, 1]);
  });
});

describe('encodeOutcomes: accounts', () => {
  it('encodeOutcomes writes one summary an outcome and says where each rejection came from', () => {
    const no = (disposition: 'refused' | 'held', readings: number): Rejection => ({
      code: 'out-of-range',
      message: 'Value is too much',
      disposition,
      readings,
    });
    const file = {
      transport: 'file',
      principal: 'p',
      delivery: 'd-1',
      fileName: 'a.csv',
      chunk: 1,
      firstRow: 101,
    } as const;
    const { records, rejections } = encode(
      entry([{ dataset: 'x', items: [], rejections: [no('refused', 2), no('held', 3)] }, kept()], {
        origin: file,
      }),
      entry([{ dataset: 'y', items: [], rejections: [] }], { redelivery: true }),
      entry([{ dataset: 'z', items: [], rejections: [no('refused', 0)] }]),
    );
    expect(records.map((r) => [r.dataset, r.delivery, r.refused, r.held, r.redelivery])).toEqual([
      ['x', 'd-1', 2, 3, false],
      ['example-live', 'd-1', 0, 0, false],
      ['y', '', 0, 0, true],
      ['z', '', 0, 0, false],
    ]);
    expect(rejections.map((r) => [r.record, r.origin, r.dataset])).toEqual([
      [0, 'File a.csv, record 101', 'x'],
      [0, 'File a.csv, record 101', 'x'],
      [3, 'Topic t/x', 'z'],
    ]);
  });

  it('encodeOutcomes never throws for a Thing that is not declared', () => {
    const { observations, datastreams } = encode(
      entry([kept({ kind: 'observation', thing: 'ghost', property: 'pm25', result: 1 })]),
    );
    expect(observations.h3[0]).toBe(NO_ZONE);
    expect(datastreams[0]?.thing).toBe('ghost');
  });
});
