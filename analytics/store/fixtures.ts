/** Batches for tests and benches: what the doors would hand over, without doors. Not part of the room's names. */
import { createHash } from 'node:crypto';
import { beidou2d, h3 } from '../../grid/index.ts';
import {
  BEIDOU_POINT_LEVEL,
  type DatastreamKey,
  type Declaration,
  declarationSchema,
  H3_POINT_LEVEL,
  type LoadBatch,
  type LocatedEvent,
  type LocatedFeature,
  NO_ZONE,
  type ObservationColumns,
  QUALITY,
  type RecordSummary,
  type StoredRejection,
} from '../../ingest/model/index.ts';

/** 2026-03-01T08:00:00Z */
export const T0 = Date.UTC(2026, 2, 1, 8);

export interface ReadingInput {
  readonly dataset?: string;
  readonly thing: string;
  readonly property?: string;
  readonly time: number;
  readonly result: number;
  readonly lonLat?: readonly [number, number] | null;
  readonly serverTime?: boolean;
  /** resultTime after `time`, ms; default 0. */
  readonly delayMs?: number;
  readonly record?: number;
  readonly heightM?: number;
}

export interface BatchInput {
  readonly from: number;
  readonly to?: number;
  readonly head?: number;
  readonly declarations?: readonly Declaration[];
  readonly readings?: readonly ReadingInput[];
  readonly events?: readonly LocatedEvent[];
  readonly features?: readonly LocatedFeature[];
  readonly rejections?: readonly StoredRejection[];
  /** Default: one record for all. */
  readonly records?: readonly RecordSummary[];
}

const CENTRE = [104.6263, 35.5806] as const;

export function makeBatch(input: BatchInput): LoadBatch {
  const readings = input.readings ?? [];
  const streams = new Map<string, number>();
  const datastreams: DatastreamKey[] = [];
  const n = readings.length;
  const observations: ObservationColumns = {
    n,
    datastream: new Uint32Array(n),
    record: new Uint32Array(n),
    phenomenonTime: new Float64Array(n),
    resultDelayMs: new Uint32Array(n),
    result: new Float64Array(n),
    h3: new BigUint64Array(n),
    beidou: new BigUint64Array(n),
    heightM: new Float32Array(n),
    quality: new Uint8Array(n),
  };
  readings.forEach((reading, row) => {
    const key = {
      dataset: reading.dataset ?? 'air',
      thing: reading.thing,
      property: reading.property ?? 'pm25',
    };
    const text = `${key.dataset}|${key.thing}|${key.property}`;
    let stream = streams.get(text);
    if (stream === undefined) {
      stream = datastreams.length;
      streams.set(text, stream);
      datastreams.push(key);
    }
    const lonLat = reading.lonLat === undefined ? CENTRE : reading.lonLat;
    observations.datastream[row] = stream;
    observations.record[row] = reading.record ?? 0;
    observations.phenomenonTime[row] = reading.time;
    observations.resultDelayMs[row] = reading.delayMs ?? 0;
    observations.result[row] = reading.result;
    observations.h3[row] = lonLat === null ? NO_ZONE : h3.encode(lonLat[0], lonLat[1], H3_POINT_LEVEL);
    observations.beidou[row] =
      lonLat === null ? NO_ZONE : beidou2d.encode(lonLat[0], lonLat[1], BEIDOU_POINT_LEVEL);
    observations.heightM[row] = reading.heightM ?? Number.NaN;
    observations.quality[row] = reading.serverTime === true ? QUALITY.serverTime : 0;
  });
  const to = input.to ?? input.from + 1;
  return {
    from: input.from,
    to,
    head: input.head ?? to,
    newestReceivedAt: T0,
    declarations: input.declarations ?? [],
    datastreams,
    observations,
    events: input.events ?? [],
    features: input.features ?? [],
    rejections: input.rejections ?? [],
    records: input.records ?? [makeRecord({ position: input.from })],
  };
}

export function makeRecord(record: Partial<RecordSummary>): RecordSummary {
  return {
    position: 0,
    dataset: 'air',
    sourceId: 'jingwei-json',
    delivery: '',
    refused: 0,
    held: 0,
    redelivery: false,
    ...record,
  };
}

type EventInput = Partial<LocatedEvent> & {
  readonly key: string;
  readonly lonLat?: readonly [number, number] | null;
};

export function makeEvent({ lonLat, ...event }: EventInput): LocatedEvent {
  const place = lonLat === undefined ? CENTRE : lonLat;
  const whole: Omit<LocatedEvent, 'contentHash'> = {
    record: 0,
    dataset: 'hotline',
    eventType: 'case',
    category: 'noise',
    start: T0,
    updated: T0,
    status: 'open',
    attributes: '{"caller":"Li","street":"Yongding"}',
    h3: place === null ? NO_ZONE : h3.encode(place[0], place[1], H3_POINT_LEVEL),
    beidou: place === null ? NO_ZONE : beidou2d.encode(place[0], place[1], BEIDOU_POINT_LEVEL),
    ...(place === null ? {} : { lonDeg: place[0], latDeg: place[1] }),
    positionMethod: place === null ? 'none' : 'own',
    quality: 0,
    ...event,
  };
  return { contentHash: hash({ ...whole, updated: 0, record: 0 }), ...whole };
}

type FeatureInput = Partial<LocatedFeature> & {
  readonly key: string;
  readonly lonLat?: readonly [number, number] | null;
};

export function makeFeature({ lonLat, ...feature }: FeatureInput): LocatedFeature {
  const place = lonLat === undefined ? CENTRE : lonLat;
  const whole: Omit<LocatedFeature, 'contentHash'> = {
    record: 0,
    dataset: 'schools',
    featureType: 'school',
    name: 'First school',
    layer: 'surface',
    attributes: '{"pupils":600}',
    h3: place === null ? NO_ZONE : h3.encode(place[0], place[1], H3_POINT_LEVEL),
    beidou: place === null ? NO_ZONE : beidou2d.encode(place[0], place[1], BEIDOU_POINT_LEVEL),
    ...(place === null ? {} : { lonDeg: place[0], latDeg: place[1] }),
    positionMethod: place === null ? 'none' : 'own',
    quality: 0,
    cover: [],
    validFrom: T0,
    ...feature,
  };
  return { contentHash: hash({ ...whole, validFrom: 0, record: 0 }), ...whole };
}

export function makeRejection(rejection: Partial<StoredRejection>): StoredRejection {
  return {
    position: 0,
    record: 0,
    receivedAt: T0,
    sourceId: 'jingwei-json',
    principal: 'station-1',
    origin: 'things/station-1/observations',
    code: 'out-of-range',
    message: 'pm25 is -4, wanted 0 to 5000',
    disposition: 'refused',
    dataset: 'air',
    readings: 1,
    byteLength: 40,
    ...rejection,
  };
}

export function dataset(id: string, more: Record<string, unknown> = {}): Declaration {
  return declarationSchema.parse({
    kind: 'dataset',
    body: {
      id,
      titleEn: id,
      titleZh: id,
      publisherEn: 'Bureau',
      publisherZh: '局',
      licence: 'test',
      periodMs: 60_000,
      ...more,
    },
  });
}

export function thing(id: string, datasetId: string, more: Record<string, unknown> = {}): Declaration {
  return declarationSchema.parse({
    kind: 'thing',
    body: { id, dataset: datasetId, nameEn: id, nameZh: id, category: 'air-station', ...more },
  });
}

function hash(content: unknown): string {
  const text = JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
