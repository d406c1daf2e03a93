/**
 * Jingwei JSON, the format of our own devices: `things/{thingId}/observations` carries an object or an array of
 * `{ time?, resultTime?, location?, results: { property: number } }`, or the short form `{ property: number }`.
 *
 * Each entry is a record, each member of `results` a reading. An entry's faulty time or place refuses its readings; a
 * faulty reading is refused alone. WGS 84 degrees, heights above the ellipsoid (or as the dataset declares), units as declared on the Datastream.
 */
import { ellipsoidalHeightM } from '../locate/height.ts';
import type {
  DatasetDeclaration,
  DecodeContext,
  EpochMs,
  Item,
  RawRecord,
  Reading,
  RecordOutcome,
  Rejection,
  SourcePosition,
} from '../model/index.ts';
import { checkValue, quote, type ThingPlan, thingPlan } from '../quality/datastream-plan.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { readIsoInstant } from '../quality/time-text.ts';
import {
  defineSource,
  isObject,
  readJson,
  refusal,
  refusedMessage,
  refusedRecord,
  speakerById,
  topicOf,
} from './source-kit.ts';

/** Entries of one message. A device that was off line sends more messages, not a longer one. */
export const MAX_ENTRIES = 1000;
/** Readings of one message: bounds the work one packet can cause. */
export const MAX_READINGS = 10_000;

const RESERVED = new Set(['time', 'resultTime', 'location']);
/** Epoch milliseconds a number may name: the years 1 to 9999. A device that sends seconds lands in 1970 and is out of range. */
const MAX_EPOCH_MS = 253_402_300_800_000;

export const jingweiJson = defineSource({
  id: 'jingwei-json',
  title: 'Jingwei JSON observations',
  topics: ['things/+/observations'],
  decode,
  examples: [
    {
      name: 'an object with its own time and two results',
      topic: 'things/air-1/observations',
      bytes: '{"time":"2026-11-22T16:00:00+08:00","results":{"pm25":41.2,"co":300}}',
      gives: { items: 2 },
    },
    {
      name: 'the short form without a time',
      topic: 'things/air-1/observations',
      bytes: '{"pm25":41.2}',
      gives: { items: 1 },
    },
    {
      name: 'a moving Thing with its place, twice',
      topic: 'things/bus-1/observations',
      bytes:
        '[{"time":1795334400000,"location":[104.61,35.58],"results":{"speed":31}},{"time":1795334410000,"location":[104.62,35.58,1900],"results":{"speed":28.5}}]',
      gives: { items: 2 },
    },
    {
      name: 'text where a number belongs',
      topic: 'things/air-1/observations',
      bytes: '{"results":{"pm25":"41.2"}}',
      gives: { refuses: 'not-a-number' },
    },
    {
      name: 'a bare NaN',
      topic: 'things/air-1/observations',
      bytes: '{"results":{"pm25":NaN}}',
      gives: { refuses: 'not-a-number' },
    },
    {
      name: 'cut off in the middle',
      topic: 'things/air-1/observations',
      bytes: '{"results":{"pm25":4',
      gives: { refuses: 'malformed' },
    },
    {
      name: 'a property the Thing does not observe',
      topic: 'things/air-1/observations',
      bytes: '{"results":{"pm2.5":41}}',
      gives: { refuses: 'unknown-property' },
    },
    {
      name: 'latitude 91',
      topic: 'things/bus-1/observations',
      bytes: '{"location":[104.6,91],"results":{"speed":30}}',
      gives: { refuses: 'position-invalid' },
    },
    {
      name: 'a time of last year from a live device',
      topic: 'things/air-1/observations',
      bytes: '{"time":"2025-11-22T08:00:00Z","results":{"pm25":41}}',
      gives: { refuses: 'time-out-of-range' },
    },
    {
      name: 'a time without a zone',
      topic: 'things/air-1/observations',
      bytes: '{"time":"2026-11-22T16:00:00","results":{"pm25":41}}',
      gives: { refuses: 'time-invalid' },
    },
    {
      name: 'more than the air can hold',
      topic: 'things/air-1/observations',
      bytes: '{"results":{"pm25":-1}}',
      gives: { refuses: 'out-of-range' },
    },
    {
      name: 'a Thing nobody declared',
      topic: 'things/air-99/observations',
      bytes: '{"results":{"pm25":1}}',
      gives: { refuses: 'unknown-thing' },
    },
    {
      name: 'a Thing of somebody else',
      topic: 'things/air-1/observations',
      principal: 'bus-1',
      bytes: '{"results":{"pm25":1}}',
      gives: { refuses: 'topic-not-allowed' },
    },
    {
      name: 'an entry without results',
      topic: 'things/air-1/observations',
      bytes: '{"time":"2026-11-22T08:00:00Z"}',
      gives: { refuses: 'missing-field' },
    },
  ],
});

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  const document = readJson(raw.bytes);
  if ('refused' in document) return document.refused;
  const many = Array.isArray(document.json);
  const entries = many ? (document.json as readonly unknown[]) : [document.json];
  if (entries.length === 0)
    return refusedMessage('missing-field', 'Message is an empty list: it must hold an entry');
  if (entries.length > MAX_ENTRIES) {
    return refusedMessage(
      'too-many-readings',
      `Message holds ${entries.length} entries: it must hold at most ${MAX_ENTRIES}`,
    );
  }
  const results = entries.map(resultsOf);
  let readings = 0;
  for (const result of results) readings += result?.keys.length ?? 0;
  if (readings > MAX_READINGS) {
    return refusedMessage(
      'too-many-readings',
      `Message holds ${readings} readings: it must hold at most ${MAX_READINGS}`,
    );
  }
  const plan = planOf(raw, context, readings);
  if ('refused' in plan) return [refusedRecord(plan.refused)];
  return entries.map((entry, i) => readEntry(entry, results[i], many ? `/${i}` : '', plan, raw.receivedAt));
}

/** Plans of those who spoke under one context, by topic and principal: a device sends the same two with every message. */
let spoken: { readonly context: DecodeContext; readonly plans: Map<string, [string, ThingPlan]> } | undefined;
const MAX_SPOKEN = 16_384;

/** The plan of the Thing that the message is of, or why the sender may not speak for it. */
function planOf(
  raw: RawRecord,
  context: DecodeContext,
  readings: number,
): ThingPlan | { readonly refused: Rejection } {
  const topic = topicOf(raw);
  if (spoken?.context !== context) spoken = { context, plans: new Map() };
  const known = topic === undefined ? undefined : spoken.plans.get(topic);
  if (known !== undefined && known[0] === raw.origin.principal) return known[1];
  const speaker = speakerById(thingIdOf(raw), raw, context, readings);
  if ('refused' in speaker) return speaker;
  const plan = thingPlan(speaker.thing, context);
  if (plan === undefined) {
    const { id, dataset } = speaker.thing;
    const message = `Dataset "${dataset}" of "${id}" is not declared`;
    return { refused: refusal('unknown-dataset', message, readings, { thing: id, dataset }) };
  }
  if (topic !== undefined) {
    if (spoken.plans.size >= MAX_SPOKEN) spoken.plans.clear();
    spoken.plans.set(topic, [raw.origin.principal, plan]);
  }
  return plan;
}

/** Through MQTT the topic names the Thing; through HTTP and files a device can only speak for itself. */
function thingIdOf(raw: RawRecord): string {
  const topic = topicOf(raw);
  return topic === undefined ? raw.origin.principal : (topic.split('/')[1] ?? '');
}

interface Results {
  readonly keys: readonly string[];
  readonly values: Record<string, unknown>;
  /** JSON pointer of the object that holds them, within the entry. */
  readonly at: string;
}

/** The results of an entry, in the long or the short form; undefined where there are none. */
function resultsOf(entry: unknown): Results | undefined {
  if (!isObject(entry)) return undefined;
  if (Object.hasOwn(entry, 'results')) {
    const values = entry.results;
    return isObject(values) ? { keys: Object.keys(values), values, at: '/results' } : undefined;
  }
  return { keys: Object.keys(entry).filter((key) => !RESERVED.has(key)), values: entry, at: '' };
}

function readEntry(
  entry: unknown,
  results: Results | undefined,
  at: string,
  plan: ThingPlan,
  receivedAt: EpochMs,
): RecordOutcome {
  const thing = plan.thing.id;
  const dataset = plan.dataset.id;
  if (!isObject(entry)) {
    const place = { where: at, thing, dataset };
    return refusedRecord(refusal('malformed', `Entry is ${quote(entry)}: it must be an object`, 0, place));
  }
  if (results === undefined || results.keys.length === 0) {
    const found = Object.hasOwn(entry, 'results') ? quote(entry.results) : 'missing';
    const message = `"results" is ${results === undefined ? found : 'empty'}: it must hold at least one reading`;
    return refusedRecord(refusal('missing-field', message, 0, { where: at, thing, dataset }));
  }
  const head = readHead(entry, plan, receivedAt);
  if ('code' in head) {
    const { code, message, member } = head;
    return refusedRecord(
      refusal(code, message, results.keys.length, { where: `${at}/${member}`, thing, dataset }),
    );
  }
  const items: Item[] = [];
  const rejections: Rejection[] = [];
  for (const key of results.keys) {
    const datastream = plan.datastreams.get(key);
    const checked =
      datastream === undefined
        ? ({ code: 'unknown-property', message: `"${thing}" observes no "${key.slice(0, 128)}"` } as const)
        : checkValue(datastream, results.values[key]);
    if (typeof checked === 'number') {
      items.push(readingOf(thing, key, checked, head));
    } else {
      const where = `${at}${results.at}/${key.slice(0, 128).replaceAll('~', '~0').replaceAll('/', '~1')}`;
      rejections.push(refusal(checked.code, checked.message, 1, { where, thing, dataset }));
    }
  }
  return { dataset, items, rejections };
}

/** Member by member: spreading costs more than reading the message. */
function readingOf(thing: string, property: string, result: number, head: Head): Reading {
  const { phenomenonTime, resultTime, position } = head;
  const reading: { -readonly [K in keyof Reading]: Reading[K] } = {
    kind: 'observation',
    thing,
    property,
    result,
  };
  if (phenomenonTime !== undefined) reading.phenomenonTime = phenomenonTime;
  if (resultTime !== undefined) reading.resultTime = resultTime;
  if (position !== undefined) reading.position = position;
  return reading;
}

/** What all readings of an entry share. */
type Head = Pick<Reading, 'phenomenonTime' | 'resultTime' | 'position'>;
interface HeadFault {
  readonly code: Rejection['code'];
  readonly message: string;
  readonly member: string;
}

function readHead(entry: Record<string, unknown>, plan: ThingPlan, receivedAt: EpochMs): Head | HeadFault {
  const head: { phenomenonTime?: EpochMs; resultTime?: EpochMs; position?: SourcePosition } = {};
  for (const member of ['time', 'resultTime'] as const) {
    if (!Object.hasOwn(entry, member)) continue;
    const instant = readInstant(entry[member]);
    if (instant === undefined) {
      const message = `"${member}" is ${quote(entry[member])}: it must be ISO 8601 with a zone, or epoch milliseconds`;
      return { code: 'time-invalid', message, member };
    }
    head[member === 'time' ? 'phenomenonTime' : 'resultTime'] = instant;
  }
  if (head.phenomenonTime !== undefined) {
    const fault = timeRangeFault(plan.dataset.timeRange, head.phenomenonTime, receivedAt);
    if (fault !== undefined) return { code: 'time-out-of-range', message: fault, member: 'time' };
  }
  if (Object.hasOwn(entry, 'location')) {
    const position = readLocation(entry.location, plan.dataset);
    if (typeof position === 'string')
      return { code: 'position-invalid', message: position, member: 'location' };
    head.position = position;
  }
  return head;
}

function readInstant(value: unknown): EpochMs | undefined {
  if (typeof value === 'string') return readIsoInstant(value);
  return typeof value === 'number' && Math.abs(value) < MAX_EPOCH_MS ? value : undefined;
}

/** `[lon, lat]` or `[lon, lat, height]`; a sentence where it is neither. Heights are ellipsoidal unless the dataset says otherwise. */
function readLocation(value: unknown, dataset: DatasetDeclaration): SourcePosition | string {
  const wanted = 'it must be [longitude, latitude] or [longitude, latitude, height]';
  if (!Array.isArray(value)) return `"location" is ${quote(value)}: ${wanted}`;
  if (value.length < 2 || value.length > 3) return `"location" has ${value.length} members: ${wanted}`;
  const odd = value.find((member) => typeof member !== 'number' || !Number.isFinite(member));
  if (odd !== undefined) return `"location" holds ${quote(odd)}: ${wanted}`;
  const [lonDeg, latDeg, heightM] = value as [number, number, number?];
  if (Math.abs(lonDeg) > 180) return `Longitude is ${lonDeg}: it must be -180..180`;
  if (Math.abs(latDeg) > 90) return `Latitude is ${latDeg}: it must be -90..90`;
  if (heightM === undefined) return { lonDeg, latDeg, datum: 'wgs84' };
  const ellipsoidalM = ellipsoidalHeightM(dataset.heightReference ?? 'ellipsoidal', heightM);
  return ellipsoidalM === undefined
    ? `Height is ${heightM} m: it must be -12000..100000 above the ellipsoid`
    : { lonDeg, latDeg, datum: 'wgs84', heightM: ellipsoidalM };
}
