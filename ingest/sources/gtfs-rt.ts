/**
 * GTFS-realtime vehicle positions: a protobuf FeedMessage on `gtfs-rt/{feedId}`, or from HTTP and files, where the
 * principal names the feed. Each entity is a record; its vehicle is the declared Thing `<feed>:<vehicle id>`.
 *
 * Readings: `presence` = 1 at every report, `speed` (m/s in the feed, by declaration of the Datastream) and `bearing` where
 * the feed gives them. Positions are WGS 84, single precision. Trip updates and alerts are not read, and counted as such.
 *
 * @source gtfs.org/realtime/reference, version 2.0.
 */
import { createRequire } from 'node:module';
import type { transit_realtime } from 'gtfs-realtime-bindings';
import type {
  DecodeContext,
  Item,
  RawRecord,
  RecordOutcome,
  Rejection,
  SourcePosition,
} from '../model/index.ts';
import { checkValue, thingPlan } from '../quality/datastream-plan.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { defineSource, refusal, refusedMessage, refusedRecord, speakerById, topicOf } from './source-kit.ts';

// A CommonJS package whose exports Node cannot name ahead of running it.
const { transit_realtime: proto } = createRequire(import.meta.url)('gtfs-realtime-bindings') as {
  transit_realtime: typeof transit_realtime;
};

/** Entities of one feed: the largest city feeds have some 10,000 vehicles. */
export const MAX_ENTITIES = 50_000;

export const gtfsRt = defineSource({
  id: 'gtfs-rt',
  title: 'GTFS-realtime vehicle positions',
  topics: ['gtfs-rt/+'],
  decode,
  examples: [
    {
      name: 'one vehicle with speed and bearing',
      topic: 'gtfs-rt/feed-1',
      bytes:
        'hex:0a0d0a03322e30100018f7bdabaa0612270a026531222112140dec510e42155238d1421d0000b4422d0000204128edbdabaa0642030a0137',
      gives: { items: 3 },
    },
    {
      name: 'a vehicle nobody declared',
      topic: 'gtfs-rt/feed-1',
      bytes:
        'hex:0a0d0a03322e30100018f7bdabaa0612270a026531222112140dec510e42155238d1421d0000b4422d0000204128edbdabaa0642030a0138',
      gives: { refuses: 'unknown-thing' },
    },
    {
      name: 'latitude 91',
      topic: 'gtfs-rt/feed-1',
      bytes:
        'hex:0a0d0a03322e30100018f7bdabaa0612270a026531222112140d0000b642155238d1421d0000b4422d0000204128edbdabaa0642030a0137',
      gives: { refuses: 'position-invalid' },
    },
    {
      name: 'a trip update',
      topic: 'gtfs-rt/feed-1',
      bytes: 'hex:0a0b0a03322e3018f7bdabaa06120c0a0265311a060a040a027431',
      gives: { refuses: 'missing-field' },
    },
    { name: 'no protobuf', topic: 'gtfs-rt/feed-1', bytes: 'not protobuf', gives: { refuses: 'malformed' } },
  ],
});

type FeedEntity = transit_realtime.IFeedEntity;

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  let feed: transit_realtime.FeedMessage;
  try {
    feed = proto.FeedMessage.decode(raw.bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 120) : 'unreadable';
    return refusedMessage('malformed', `Message is not a GTFS-realtime feed: ${reason}`);
  }
  if (feed.entity.length > MAX_ENTITIES) {
    return refusedMessage(
      'too-many-readings',
      `Feed holds ${feed.entity.length} entities: it must hold at most ${MAX_ENTITIES}`,
    );
  }
  const feedId = topicOf(raw)?.split('/')[1] ?? raw.origin.principal;
  const feedTime = given(feed.header, 'timestamp') ? posixMs(feed.header.timestamp) : undefined;
  return feed.entity.map((entity, i) => readEntity(entity, `entity ${i}`, feedId, feedTime, raw, context));
}

function readEntity(
  entity: FeedEntity,
  where: string,
  feedId: string,
  feedTime: number | undefined,
  raw: RawRecord,
  context: DecodeContext,
): RecordOutcome {
  const { vehicle } = entity;
  const vehicleId = vehicle?.vehicle?.id;
  if (!vehicle || !vehicleId || !vehicle.position) {
    const missing = !vehicle ? 'vehicle' : !vehicleId ? 'vehicle id' : 'position';
    return refusedRecord(refusal('missing-field', `Entity has no ${missing}`, vehicle ? 1 : 0, { where }));
  }
  const values = readValues(vehicle.position);
  const speaker = speakerById(`${feedId}:${vehicleId}`, raw, context, values.length);
  if ('refused' in speaker) return refusedRecord({ ...speaker.refused, where });
  const { thing } = speaker;
  const plan = thingPlan(thing, context);
  const place = { where, thing: thing.id, dataset: thing.dataset };
  if (plan === undefined) {
    const message = `Dataset "${thing.dataset}" of "${thing.id}" is not declared`;
    return refusedRecord(refusal('unknown-dataset', message, values.length, place));
  }
  const position = readPosition(vehicle.position);
  if (typeof position === 'string') {
    return refusedRecord(refusal('position-invalid', position, values.length, place));
  }
  const time = (given(vehicle, 'timestamp') ? posixMs(vehicle.timestamp) : undefined) ?? feedTime;
  const fault = time === undefined ? undefined : timeRangeFault(plan.dataset.timeRange, time, raw.receivedAt);
  if (fault !== undefined) return refusedRecord(refusal('time-out-of-range', fault, values.length, place));
  const items: Item[] = [];
  const rejections: Rejection[] = [];
  for (const [property, value] of values) {
    const datastream = plan.datastreams.get(property);
    const checked =
      datastream === undefined
        ? ({ code: 'unknown-property', message: `"${thing.id}" observes no "${property}"` } as const)
        : checkValue(datastream, value);
    if (typeof checked !== 'number') {
      rejections.push(refusal(checked.code, checked.message, 1, place));
      continue;
    }
    items.push({
      kind: 'observation',
      thing: thing.id,
      property,
      result: checked,
      position,
      ...(time === undefined ? {} : { phenomenonTime: time }),
      ...(feedTime === undefined ? {} : { resultTime: feedTime }),
    });
  }
  return { dataset: thing.dataset, items, rejections };
}

/** What one report says: that the vehicle is there, and how it moves where the feed tells. */
function readValues(
  position: transit_realtime.IPosition,
): readonly (readonly [property: string, value: unknown])[] {
  const values: [string, unknown][] = [['presence', 1]];
  if (given(position, 'speed')) values.push(['speed', position.speed]);
  if (given(position, 'bearing')) values.push(['bearing', position.bearing]);
  return values;
}

/** A coordinate of exactly zero is what vehicles without a fix send: the validator's rule E026 refuses it too. */
function readPosition(position: transit_realtime.IPosition): SourcePosition | string {
  const { latitude, longitude } = position;
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 && longitude !== 0 && latitude !== 0
    ? { lonDeg: longitude, latDeg: latitude, datum: 'wgs84' }
    : `Position is [${longitude}, ${latitude}]: longitude must be -180..180, latitude -90..90, neither exactly 0`;
}

/** Is an optional field in the message? Those that are not read as their default through the prototype. */
function given(message: object, field: string): boolean {
  return Object.hasOwn(message, field);
}

/** POSIX seconds, as a number or a 64-bit object, to milliseconds; undefined where no calendar has such a year. */
function posixMs(value: unknown): number | undefined {
  const seconds = Number(String(value));
  return seconds > 0 && seconds < 253_402_300_800 ? seconds * 1000 : undefined;
}
