/**
 * ONVIF events as JSON over MQTT: `{thing}/onvif-ej/{LocalTopic}/&{source values}`, a line that was crossed, a field that
 * was entered. One message is one record.
 *
 * The key is `<thing>/<LocalTopic>/<sources>/<UtcTime>`: an event has no id of its own, and what happens at one instant at
 * one source is one event. Which object it was stays in the attributes.
 *
 * @source ONVIF Core 9.1 (event topics and payloads over MQTT).
 */
import { placeDetection } from '../locate/ground-projection.ts';
import type { DecodeContext, EventItem, RawRecord, RecordOutcome } from '../model/index.ts';
import { quote } from '../quality/datastream-plan.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { MAX_TEXT, unknownDataset } from './camera-kit.ts';
import { cameraOfTopic, onvifText, onvifTime } from './onvif-kit.ts';
import {
  defineSource,
  isObject,
  readJson,
  refusal,
  refusedMessage,
  refusedRecord,
  topicOf,
} from './source-kit.ts';

/** Simple items kept of one event. */
const MAX_ITEMS = 20;
/** Items whose value names a person or a vehicle: that there was one is kept, not what it was. */
const PERSONAL = /plate|face|person|likeness|cardholder|credential|user/i;

export const onvifEj = defineSource({
  id: 'onvif-ej',
  title: 'ONVIF events (JSON)',
  topics: ['+/onvif-ej/#'],
  decode,
  examples: [
    {
      name: 'a line that was crossed',
      topic: 'cam-1/onvif-ej/RuleEngine/LineDetector/Crossed/&1/2/GateEast',
      bytes:
        '{"UtcTime":"2026-11-22T08:00:00.120Z","Source":{"VideoSource":"1","AnalyticsConfiguration":"2","Rule":"GateEast"},"Data":{"ObjectId":"15"}}',
      gives: { items: 1 },
    },
    {
      name: 'a property event with a state',
      topic: 'cam-1/onvif-ej/VideoSource/MotionAlarm/&1',
      bytes: '{"UtcTime":"2026-11-22T08:00:00Z","Source":{"Source":"1"},"Data":{"State":true}}',
      gives: { items: 1 },
    },
    {
      name: 'no time',
      topic: 'cam-1/onvif-ej/VideoSource/MotionAlarm/&1',
      bytes: '{"Source":{"Source":"1"},"Data":{"State":true}}',
      gives: { refuses: 'time-invalid' },
    },
    {
      name: 'a camera of somebody else',
      topic: 'cam-2/onvif-ej/VideoSource/MotionAlarm/&1',
      principal: 'cam-1',
      bytes: '{"UtcTime":"2026-11-22T08:00:00Z","Data":{"State":true}}',
      gives: { refuses: 'topic-not-allowed' },
    },
    {
      name: 'a property that was deleted',
      topic: 'cam-1/onvif-ej/VideoSource/MotionAlarm/&1',
      bytes: '',
      gives: { refuses: 'missing-field' },
    },
  ],
});

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  const speaker = cameraOfTopic(raw, context);
  if ('refused' in speaker) return [refusedRecord(speaker.refused)];
  const camera = speaker.thing;
  const dataset = context.dataset(camera.dataset);
  if (dataset === undefined) return [refusedRecord(unknownDataset(camera))];
  const place = { thing: camera.id, dataset: dataset.id };
  if (raw.bytes.length === 0) {
    return [
      refusedRecord(refusal('missing-field', 'Property was deleted: there is nothing to store', 0, place)),
    ];
  }
  const document = readJson(raw.bytes);
  if ('refused' in document) return document.refused;
  const { json } = document;
  if (!isObject(json))
    return refusedMessage('malformed', `Event is ${quote(json)}: it must be an object`, place);
  const time = onvifTime(json.UtcTime);
  if (time === undefined) {
    const message = `"UtcTime" is ${quote(json.UtcTime)}: it must be ISO 8601`;
    return [refusedRecord(refusal('time-invalid', message, 1, { where: '/UtcTime', ...place }))];
  }
  const fault = timeRangeFault(dataset.timeRange, time, raw.receivedAt);
  if (fault !== undefined) {
    return [refusedRecord(refusal('time-out-of-range', fault, 1, { where: '/UtcTime', ...place }))];
  }
  const { topic, sources } = localTopic(topicOf(raw) ?? '');
  const state = isObject(json.Data) ? stateOf(json.Data) : undefined;
  const item: EventItem = {
    kind: 'event',
    dataset: dataset.id,
    key: `${camera.id}/${topic}/${sources}/${new Date(time).toISOString()}`,
    // An object that broke a rule is a detection; what the device says of itself (tamper, motion, loss) is an alarm.
    eventType: topic.startsWith('RuleEngine/') ? 'detection' : 'alarm',
    category: topic,
    thing: camera.id,
    start: time,
    updated: time,
    ...(state === undefined ? {} : { status: state ? 'open' : 'closed' }),
    attributes: { ...simpleItems('source', json.Source), ...simpleItems('data', json.Data) },
    ...placeDetection(camera, undefined),
  };
  return [{ dataset: dataset.id, items: [item], rejections: [] }];
}

/** `cam/onvif-ej/RuleEngine/LineDetector/Crossed/&1/2/GateEast`: the LocalTopic and what comes after the ampersand. */
function localTopic(topic: string): { topic: string; sources: string } {
  const levels = topic.split('/').slice(2);
  const at = levels.findIndex((level) => level.startsWith('&'));
  const local = at < 0 ? levels : levels.slice(0, at);
  const sources = at < 0 ? [] : levels.slice(at);
  return {
    topic: local.join('/').slice(0, MAX_TEXT) || 'event',
    sources: sources.join('/').slice(1, MAX_TEXT),
  };
}

/** `true` while the property holds: the members that ONVIF's own property events use. */
function stateOf(data: Record<string, unknown>): boolean | undefined {
  for (const name of ['State', 'IsMotion', 'IsInside', 'IsTamper', 'Active']) {
    const value = data[name];
    if (value === true || value === 'true' || value === '1' || value === 1) return true;
    if (value === false || value === 'false' || value === '0' || value === 0) return false;
  }
  return undefined;
}

function simpleItems(prefix: string, value: unknown): Record<string, string | boolean> {
  const items: Record<string, string | boolean> = {};
  if (!isObject(value)) return items;
  for (const [name, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    const text = typeof member === 'boolean' ? String(member) : onvifText(member);
    const key = `${prefix}.${name.slice(0, 60)}`;
    if (text !== undefined) items[key] = PERSONAL.test(name) ? true : text;
  }
  return items;
}
