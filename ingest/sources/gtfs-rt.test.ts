import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { transit_realtime } from 'gtfs-realtime-bindings';
import { describe, expect, it } from 'vitest';
import type { RawRecord, Reading } from '../model/index.ts';
import { EXAMPLE_CONTEXT, EXAMPLE_GATEWAY, EXAMPLE_RECEIVED_AT } from './example-context.ts';
import { gtfsRt } from './gtfs-rt.ts';

const { transit_realtime: proto } = createRequire(import.meta.url)('gtfs-realtime-bindings') as {
  transit_realtime: typeof transit_realtime;
};
const HEADER_S = 1_699_405_559;

const decode = (bytes: Uint8Array, principal = EXAMPLE_GATEWAY) => {
  const topic = 'gtfs-rt/feed-1';
  const origin = {
    transport: 'mqtt',
    principal,
    clientId: 'c',
    topic,
    qos: 1,
    packetId: 1,
    dup: false,
  } as const;
  const raw: RawRecord = { sourceId: 'gtfs-rt', receivedAt: EXAMPLE_RECEIVED_AT, bytes, origin };
  return gtfsRt.decode(raw, EXAMPLE_CONTEXT);
};
const feed = (vehicles: readonly object[], header: object = {}) =>
  proto.FeedMessage.encode(
    proto.FeedMessage.fromObject({
      header: { gtfsRealtimeVersion: '2.0', timestamp: HEADER_S, ...header },
      entity: vehicles.map((vehicle, i) => ({ id: `e${i}`, vehicle })),
    }),
  ).finish();
const vehicle = (rest: object = {}) => ({
  vehicle: { id: '7' },
  position: { latitude: 35.5, longitude: 104.5 },
  timestamp: HEADER_S - 10,
  ...rest,
});

describe('gtfs-rt', () => {
  it('gtfsRt converts metres a second, and gives only what the feed gives', () => {
    const moving = vehicle({ position: { latitude: 35.5, longitude: 104.5, speed: 10, bearing: 0 } });
    const [first, second] = decode(feed([moving, vehicle()]));
    expect(first?.items.map((item) => [(item as Reading).property, (item as Reading).result])).toEqual([
      ['presence', 1],
      ['speed', 36],
      ['bearing', 0],
    ]);
    expect(first?.items[0]).toMatchObject({
      thing: 'feed-1:7',
      phenomenonTime: (HEADER_S - 10) * 1000,
      resultTime: HEADER_S * 1000,
      position: { lonDeg: 104.5, latDeg: 35.5, datum: 'wgs84' },
    });
    expect(second?.items).toHaveLength(1);
  });

  it('gtfsRt falls back to the time of the feed, then to the arrival', () => {
    const [ofFeed] = decode(feed([vehicle({ timestamp: undefined })]));
    expect(ofFeed?.items[0]).toMatchObject({ phenomenonTime: HEADER_S * 1000 });
    const [ofArrival] = decode(feed([vehicle({ timestamp: undefined })], { timestamp: undefined }));
    expect(ofArrival?.items[0]).not.toHaveProperty('phenomenonTime');
  });

  it('gtfsRt refuses vehicles of another gateway, and each faulty entity alone', () => {
    expect(decode(feed([vehicle()]), 'gateway-2')[0]?.rejections[0]?.code).toBe('topic-not-allowed');
    const outcomes = decode(
      feed([
        vehicle(),
        vehicle({ vehicle: { id: '8' } }),
        vehicle({ vehicle: {} }),
        vehicle({ position: { latitude: 35.5, longitude: 200 } }),
        vehicle({ position: { latitude: Number.NaN, longitude: 104 } }),
        vehicle({ timestamp: 1 }),
        vehicle({ position: { latitude: 35.5, longitude: 104.5, speed: 1000 } }),
      ]),
    );
    expect(outcomes.map((outcome) => outcome.rejections[0]?.code ?? 'kept')).toEqual([
      'kept',
      'unknown-thing',
      'missing-field',
      'position-invalid',
      'position-invalid',
      'time-out-of-range',
      'out-of-range',
    ]);
    expect(outcomes[6]?.items).toHaveLength(1);
  });

  it('gtfsRt takes an empty feed for what it is', () => {
    expect(decode(feed([]))).toEqual([]);
  });

  const errors = new URL('../../../shared/data/gtfs-caltrain/rt-errors/', import.meta.url);
  it.skipIf(!existsSync(errors))(
    'gtfsRt meets the broken feeds of others (needs the gtfs-caltrain files)',
    () => {
      expect(decode(readFileSync(new URL('invalid.pb', errors)))[0]?.rejections[0]?.code).toBe('malformed');
      const names = readdirSync(errors).filter((name) => name.startsWith('E026'));
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const message = JSON.parse(readFileSync(new URL(name, errors), 'utf8'));
        for (const { vehicle: broken } of message.entity)
          if (broken !== undefined) broken.vehicle = { id: '7' };
        const bytes = proto.FeedMessage.encode(proto.FeedMessage.fromObject(message)).finish();
        const codes = decode(bytes).flatMap((outcome) =>
          outcome.rejections.map((rejection) => rejection.code),
        );
        expect(codes, name).toContain('position-invalid');
      }
    },
  );
});
