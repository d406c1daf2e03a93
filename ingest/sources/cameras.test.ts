import { describe, expect, it } from 'vitest';
import {
  datasetSchema,
  type EventItem,
  type RawRecord,
  type RecordOutcome,
  type Source,
} from '../model/index.ts';
import { bunzip2 } from './bunzip2.ts';
import { EXAMPLE_CONTEXT, EXAMPLE_GATEWAY, EXAMPLE_RECEIVED_AT } from './example-context.ts';
import { frigate } from './frigate.ts';
import { onvifEj } from './onvif-ej.ts';
import { onvifMj } from './onvif-mj.ts';
import { ottrk } from './ottrk.ts';

const decode = (
  source: Source,
  payload: unknown,
  topic?: string,
  principal = EXAMPLE_GATEWAY,
  context = EXAMPLE_CONTEXT,
): readonly RecordOutcome[] => {
  const raw: RawRecord = {
    sourceId: source.id,
    receivedAt: EXAMPLE_RECEIVED_AT,
    bytes: payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload)),
    origin:
      topic === undefined
        ? { transport: 'http', principal, requestId: 'r', contentType: 'application/json' }
        : { transport: 'mqtt', principal, clientId: 'c', topic, qos: 1, packetId: 1, dup: false },
  };
  return source.decode(raw, context);
};
const items = (outcomes: readonly RecordOutcome[]) =>
  outcomes.flatMap((outcome) => outcome.items) as EventItem[];
const codes = (outcomes: readonly RecordOutcome[]) =>
  outcomes.flatMap((outcome) => outcome.rejections.map((rejection) => rejection.code));

const after = {
  id: '1607123955.475377-mxklsc',
  camera: 'front_door',
  label: 'person',
  start_time: 1607123955.475377,
  frame_time: 1607123962.082975,
  end_time: null as number | null,
  box: [350, 200, 450, 400],
};
const version = (type: string, rest: object = {}) =>
  decode(frigate, { type, after: { ...after, ...rest } }, 'frigate/events');

describe('frigate', () => {
  it('frigate reads new, update and end as versions of one event, the later known later', () => {
    const [first] = items(version('new', { frame_time: 1607123956 }));
    const [second] = items(version('update'));
    const [last] = items(version('end', { end_time: 1607123970.5 }));
    expect(new Set([first?.key, second?.key, last?.key])).toEqual(new Set([after.id]));
    expect([first?.updated, second?.updated, last?.updated]).toEqual([
      1607123956000, 1607123962083, 1607123970500,
    ]);
    expect([first?.status, last?.status, last?.end]).toEqual(['open', 'closed', 1607123970500]);
    expect(last?.start).toBe(1607123955475);
  });

  it('frigate places boxes in pixels and in shares of the picture alike', () => {
    const [pixels] = items(version('new'));
    const share = { ...after, box: undefined, data: { box: [350 / 800, 200 / 600, 100 / 800, 200 / 600] } };
    const [shares] = items(decode(frigate, [share]));
    expect(pixels?.positionMethod).toBe('camera-ground');
    expect(shares?.position?.lonDeg).toBeCloseTo(pixels?.position?.lonDeg ?? Number.NaN, 12);
    expect(shares?.position?.latDeg).toBeCloseTo(pixels?.position?.latDeg ?? Number.NaN, 12);
    expect(items(version('new', { box: null }))[0]?.positionMethod).toBe('camera');
  });

  it('frigate keeps that there was a name or a plate, and never which', () => {
    const personal = { sub_label: ['Ada Lovelace', 0.9], recognized_license_plate: 'ABC12345' };
    const outcomes = version('new', personal);
    expect(items(outcomes)[0]?.attributes).toMatchObject({ hasSubLabel: true, hasPlate: true });
    expect(JSON.stringify(outcomes)).not.toMatch(/Ada|ABC12345/);
    expect(items(version('new', { sub_label: null }))[0]?.attributes).toMatchObject({ hasSubLabel: false });
  });

  it('frigate lets only the gateway that a camera names speak for it, under its alias', () => {
    expect(codes(decode(frigate, { type: 'new', after }, 'frigate/events', 'gateway-2'))).toEqual([
      'unknown-thing',
    ]);
    const byId = { type: 'new', after: { ...after, camera: 'cam-2' } };
    expect(items(decode(frigate, byId, 'frigate/events'))).toHaveLength(1);
    expect(codes(decode(frigate, byId, 'frigate/events', 'gateway-2'))).toEqual(['unknown-thing']);
  });

  it('frigate judges each event of a list by itself', () => {
    const outcomes = decode(frigate, [after, { ...after, id: 7 }, 'x', { ...after, start_time: 1e9 }]);
    expect(outcomes.map((outcome) => outcome.rejections[0]?.code ?? 'kept')).toEqual([
      'kept',
      'missing-field',
      'malformed',
      'time-out-of-range',
    ]);
  });
});

const TOPIC = 'cam-1/onvif-mj/VideoAnalytics/P1/M1';
const frame = (object: object, rest: object = {}) => ({
  Frame: { '@UtcTime': '2026-11-22T08:00:00Z', '@Source': 'M1', Object: object, ...rest },
});
const mj = (payload: unknown) => decode(onvifMj, payload, TOPIC, 'cam-1');

describe('onvif-mj', () => {
  it('onvifMj puts a box in -1..1 where Frigate would put the same box in pixels', () => {
    // 1280 x 720: the box from (600, 300) to (680, 500), its foot at (640, 500).
    const unit = { '@left': -0.0625, '@right': 0.0625, '@top': 1 / 6, '@bottom': 1 - 1000 / 720 };
    const pixels = { '@left': '600', '@right': '680', '@top': '300', '@bottom': '500' };
    const Transformation = { Translate: { '@x': -1, '@y': 1 }, Scale: { '@x': 2 / 1280, '@y': -2 / 720 } };
    const shape = (BoundingBox: object) => ({ '@ObjectId': 1, Appearance: { Shape: { BoundingBox } } });
    const [a] = items(mj(frame(shape(unit))));
    const [b] = items(mj(frame(shape(pixels), { Transformation })));
    expect(a?.positionMethod).toBe('camera-ground');
    expect(b?.position?.latDeg).toBeCloseTo(a?.position?.latDeg ?? Number.NaN, 12);
    expect(b?.position?.lonDeg).toBeCloseTo(a?.position?.lonDeg ?? Number.NaN, 12);
    // The camera looks north: what it sees stands north of it.
    expect(a?.position?.latDeg).toBeGreaterThan(35.58);
  });

  it('onvifMj counts an object once an hour: one key within it, another in the next', () => {
    const at = (time: string) => items(mj(frame({ '@ObjectId': '15' }, { '@UtcTime': time })))[0];
    expect(at('2026-11-22T07:10:00Z')?.key).toBe('cam-1/M1/15/2026-11-22T07');
    expect(at('2026-11-22T07:59:59.900')?.key).toBe(at('2026-11-22T07:10:00Z')?.key);
    expect(at('2026-11-22T08:00:00Z')?.key).toBe('cam-1/M1/15/2026-11-22T08');
  });

  it('onvifMj takes the likeliest class and says person for Human', () => {
    const Class = {
      Type: [
        { '@Likelihood': 0.2, '#text': 'Animal' },
        { '@Likelihood': '0.7', '#text': 'Human' },
        { '@Likelihood': 0.1, '#text': 'Vehicle' },
      ],
    };
    const [found] = items(mj(frame({ '@ObjectId': 1, Appearance: { Class } })));
    expect([found?.category, found?.attributes.score]).toEqual(['person', 0.7]);
    expect(items(mj(frame({ '@ObjectId': 1 })))[0]?.category).toBe('unknown');
    expect(items(mj(frame({ '@ObjectId': 1, Appearance: { Class: { Type: 'Bus' } } })))[0]?.category).toBe(
      'bus',
    );
  });

  it('onvifMj keeps good objects of a frame and refuses the others', () => {
    const far = { '@ObjectId': 2, Appearance: { GeoLocation: { '@lon': 104, '@lat': 'north' } } };
    expect(codes(mj(frame([{ '@ObjectId': 1 }, far, {}])))).toEqual(['position-invalid', 'missing-field']);
    const own = { '@ObjectId': 3, Appearance: { GeoLocation: { '@lon': '104.5', '@lat': 35.5 } } };
    expect(items(mj(frame(own)))[0]).toMatchObject({
      positionMethod: 'own',
      position: { lonDeg: 104.5, latDeg: 35.5 },
    });
  });

  it('onvifMj keeps an elevation, which ONVIF counts from sea level, only by a declared undulation', () => {
    const raised = {
      '@ObjectId': 3,
      Appearance: { GeoLocation: { '@lon': 104.5, '@lat': 35.5, '@elevation': 1938.5 } },
    };
    const heightBy = (declared: object): number | undefined => {
      const dataset = datasetSchema.parse({ ...EXAMPLE_CONTEXT.dataset('example-live'), ...declared });
      const context = { ...EXAMPLE_CONTEXT, dataset: () => dataset };
      return items(decode(onvifMj, frame(raised), TOPIC, 'cam-1', context))[0]?.position?.heightM;
    };
    expect(heightBy({})).toBeUndefined();
    expect(heightBy({ heightReference: { above: 'sea-level', undulationM: -38.5 } })).toBe(1900);
  });
});

describe('onvif-ej', () => {
  const ej = (payload: unknown, topic: string) =>
    decode(onvifEj, payload, `cam-1/onvif-ej/${topic}`, 'cam-1');
  const UtcTime = '2026-11-22T08:00:00.120Z';

  it('onvifEj reads the topic: rule events are detections, what a device says of itself is an alarm', () => {
    const [line] = items(
      ej({ UtcTime, Data: { ObjectId: '15' } }, 'RuleEngine/LineDetector/Crossed/&1/2/GateEast'),
    );
    expect(line).toMatchObject({
      key: 'cam-1/RuleEngine/LineDetector/Crossed/1/2/GateEast/2026-11-22T08:00:00.120Z',
      eventType: 'detection',
      category: 'RuleEngine/LineDetector/Crossed',
      attributes: { 'data.ObjectId': '15' },
    });
    const [motion] = items(ej({ UtcTime, Data: { State: 'true' } }, 'VideoSource/MotionAlarm/&1'));
    expect(motion).toMatchObject({ eventType: 'alarm', status: 'open' });
    expect(items(ej({ UtcTime, Data: { State: false } }, 'VideoSource/MotionAlarm/&1'))[0]?.status).toBe(
      'closed',
    );
  });

  it('onvifEj keeps that a plate was read, and never which', () => {
    const outcomes = ej(
      { UtcTime, Data: { PlateNumber: 'ABC12345', Likelihood: '0.9' } },
      'RuleEngine/Plate/&1',
    );
    expect(items(outcomes)[0]?.attributes).toEqual({ 'data.PlateNumber': true, 'data.Likelihood': '0.9' });
    expect(JSON.stringify(outcomes)).not.toContain('ABC12345');
  });
});

describe('ottrk', () => {
  const file = (detection: object = {}) => ({
    metadata: { video: { filename: 'crossing', filetype: '.mp4', width: 400, height: 300 } },
    data: {
      detections: [
        {
          class: 'car',
          x: 150,
          y: 100,
          w: 40,
          h: 25,
          frame: 3,
          occurrence: 1577836800.1,
          'track-id': 15,
          ...detection,
        },
      ],
    },
  });

  it('ottrk scales a smaller picture to the pose and reads corners by declaration', () => {
    const [item] = items(decode(ottrk, file()));
    // The foot in the 800 x 600 picture of the pose: x + w / 2 and y + h, doubled.
    const asFrigate = { ...after, camera: 'cam-3', box: [0, 0, 680, 250] };
    const [same] = items(decode(frigate, [asFrigate]));
    expect(item?.key).toBe('crossing/15/3');
    expect(item?.position).toEqual(same?.position);
  });

  it('ottrk refuses a file of a camera that does not say what x and y are', () => {
    const thing = { ...EXAMPLE_CONTEXT.thing('cam-3')!, properties: {} };
    const context = { ...EXAMPLE_CONTEXT, thingByAlias: () => thing };
    const raw: RawRecord = {
      sourceId: 'ottrk',
      receivedAt: EXAMPLE_RECEIVED_AT,
      bytes: new TextEncoder().encode(JSON.stringify(file())),
      origin: { transport: 'http', principal: EXAMPLE_GATEWAY, requestId: 'r', contentType: 'x' },
    };
    expect(ottrk.decode(raw, context)[0]?.rejections[0]?.message).toContain('"ottrk-anchor"');
  });

  it('bunzip2 gives up on what unpacks to more than it may', () => {
    const packed = Buffer.from(
      '425a6839314159265359bde899020000651b8010077fd0000a2fefdfea200091114f29a1a69907a988d000341a9e894cd06a34d36a69b5311e936890ab5ed0f859e6738ed34a63b1af83720201209039ef83204203229966be8b1328a7b6bd81669603455a287258000af80899a4b7cc3b1a3151a53bab510df31d2dced7be82b532dad1c65b73f6ee049d70ac5e2cd5c1b82354cfb4a973551618d0c710560e4d9291480bfa01011d0788fe2ee48a70a1217bd13204',
      'hex',
    );
    expect(bunzip2(packed, 1000)).toBeInstanceOf(Uint8Array);
    expect(bunzip2(packed, 100)).toContain('over 100 bytes');
    expect(typeof bunzip2(packed.subarray(0, 60), 1000)).toBe('string');
  });
});
