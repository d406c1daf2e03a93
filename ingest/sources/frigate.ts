/**
 * Frigate detections: `frigate/events` over MQTT (`new`, `update`, `end` are versions of one event, keyed by its id) and
 * the REST shape (an array or one event) from files and HTTP.
 *
 * The place is the bottom centre of the box on the ground (`locate/ground-projection.ts`). Names, plates and faces are
 * personal data: whether there was one is kept, what it was is not.
 *
 * @source github.com/blakeblackshear/frigate, docs/docs/integrations/mqtt.md and the `/api/events` answers.
 */
import { placeDetection } from '../locate/ground-projection.ts';
import type { CameraPose, DecodeContext, EventItem, RawRecord, RecordOutcome } from '../model/index.ts';
import { quote } from '../quality/datastream-plan.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { cameraByAlias, finite, fourNumbers, secondsToMs, shortText, unknownDataset } from './camera-kit.ts';
import { defineSource, isObject, readJson, refusal, refusedMessage, refusedRecord } from './source-kit.ts';

/** Events of one REST answer; Frigate itself gives 100 unless asked for more. */
export const MAX_EVENTS = 10_000;
const VERSIONS = new Set(['new', 'update', 'end']);

export const frigate = defineSource({
  id: 'frigate',
  title: 'Frigate events',
  topics: ['frigate/events'],
  decode,
  examples: [
    {
      name: 'an update over MQTT, box in pixels',
      topic: 'frigate/events',
      bytes:
        '{"type":"update","before":{},"after":{"id":"1607123955.475377-mxklsc","camera":"front_door","label":"person","frame_time":1607123962.082975,"start_time":1607123955.475377,"end_time":null,"score":0.88,"box":[432,196,544,554],"sub_label":["A Name",0.79],"recognized_license_plate":"ABC12345"}}',
      gives: { items: 1 },
    },
    {
      name: 'an answer of the REST interface, box as shares of the picture',
      bytes:
        '[{"id":"event-1","label":"person","camera":"front_door","start_time":1780677009.365581,"end_time":1780677039.365581,"data":{"score":0.92,"box":[0.2,0.15,0.45,0.75]}},{"id":"event-2","label":"car","camera":"front_door","start_time":1780677009.3,"end_time":null}]',
      gives: { items: 2 },
    },
    {
      name: 'a camera nobody declared',
      topic: 'frigate/events',
      bytes: '{"type":"new","after":{"id":"1-a","camera":"attic","label":"cat","start_time":1607123955}}',
      gives: { refuses: 'unknown-thing' },
    },
    {
      name: 'no id',
      topic: 'frigate/events',
      bytes: '{"type":"new","after":{"camera":"front_door","label":"cat","start_time":1607123955}}',
      gives: { refuses: 'missing-field' },
    },
    {
      name: 'a start in text',
      topic: 'frigate/events',
      bytes: '{"type":"new","after":{"id":"1-a","camera":"front_door","label":"cat","start_time":"now"}}',
      gives: { refuses: 'time-invalid' },
    },
    {
      name: 'another message of Frigate',
      topic: 'frigate/events',
      bytes: '{"type":"face","id":"1-a","name":"A Name"}',
      gives: { refuses: 'malformed' },
    },
  ],
});

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  const document = readJson(raw.bytes);
  if ('refused' in document) return document.refused;
  const { json } = document;
  if (isObject(json) && Object.hasOwn(json, 'type')) {
    const version = json.type;
    if (typeof version !== 'string' || !VERSIONS.has(version) || !isObject(json.after)) {
      return refusedMessage(
        'malformed',
        `Message has type ${quote(version)}: it must be new, update or end, with the state "after"`,
      );
    }
    return [readEvent(json.after, '/after', raw, context)];
  }
  if (!Array.isArray(json)) return [readEvent(json, '', raw, context)];
  if (json.length === 0)
    return refusedMessage('missing-field', 'Message is an empty list: it must hold an event');
  if (json.length > MAX_EVENTS) {
    return refusedMessage(
      'too-many-readings',
      `Message holds ${json.length} events: it must hold at most ${MAX_EVENTS}`,
    );
  }
  return json.map((event, i) => readEvent(event, `/${i}`, raw, context));
}

function readEvent(event: unknown, where: string, raw: RawRecord, context: DecodeContext): RecordOutcome {
  if (!isObject(event)) {
    return refusedRecord(
      refusal('malformed', `Event is ${quote(event)}: it must be an object`, 1, { where }),
    );
  }
  const id = shortText(event.id);
  const alias = shortText(event.camera);
  const label = shortText(event.label);
  if (id === undefined || alias === undefined || label === undefined) {
    const member = id === undefined ? 'id' : alias === undefined ? 'camera' : 'label';
    const message = `"${member}" is ${quote(event[member])}: it must be a text`;
    return refusedRecord(refusal('missing-field', message, 1, { where: `${where}/${member}` }));
  }
  const speaker = cameraByAlias(alias, raw, context);
  if ('refused' in speaker) return refusedRecord({ ...speaker.refused, where: `${where}/camera` });
  const camera = speaker.thing;
  const dataset = context.dataset(camera.dataset);
  if (dataset === undefined) return refusedRecord(unknownDataset(camera));
  const place = { thing: camera.id, dataset: dataset.id };
  const start = secondsToMs(event.start_time);
  if (start === undefined) {
    const message = `"start_time" is ${quote(event.start_time)}: it must be POSIX seconds`;
    return refusedRecord(refusal('time-invalid', message, 1, { where: `${where}/start_time`, ...place }));
  }
  const end = secondsToMs(event.end_time);
  const updated = end ?? secondsToMs(event.frame_time) ?? start;
  // A long event of a live camera is judged by its newest version, an archived one by its beginning.
  const judged = dataset.timeRange.mode === 'live' ? updated : start;
  const fault = timeRangeFault(dataset.timeRange, judged, raw.receivedAt);
  if (fault !== undefined) return refusedRecord(refusal('time-out-of-range', fault, 1, { where, ...place }));
  const item: EventItem = {
    kind: 'event',
    dataset: dataset.id,
    key: id,
    eventType: 'detection',
    category: label,
    thing: camera.id,
    start,
    ...(end === undefined ? {} : { end }),
    updated,
    status: end === undefined ? 'open' : 'closed',
    attributes: attributesOf(event),
    ...placeDetection(camera, footOf(event, camera.pose)),
  };
  return { dataset: dataset.id, items: [item], rejections: [] };
}

/** Bottom centre of the box in pixels: `box` is [x1, y1, x2, y2] in pixels, `data.box` [x, y, w, h] in shares. */
function footOf(event: Record<string, unknown>, pose: CameraPose | undefined) {
  const corners = fourNumbers(event.box);
  if (corners !== undefined) return { u: (corners[0] + corners[2]) / 2, v: corners[3] };
  const share = isObject(event.data) ? fourNumbers(event.data.box) : undefined;
  if (share === undefined || pose === undefined) return undefined;
  return { u: (share[0] + share[2] / 2) * pose.widthPx, v: (share[1] + share[3]) * pose.heightPx };
}

function attributesOf(event: Record<string, unknown>): EventItem['attributes'] {
  const data = isObject(event.data) ? event.data : {};
  const attributes: Record<string, string | number | boolean> = {
    hasSubLabel: present(event.sub_label),
    hasPlate: present(event.recognized_license_plate) || present(data.recognized_license_plate),
  };
  const score = finite(event.score) ?? finite(data.score);
  const topScore = finite(event.top_score) ?? finite(data.top_score);
  if (score !== undefined) attributes.score = score;
  if (topScore !== undefined) attributes.topScore = topScore;
  const speed = finite(event.current_estimated_speed) ?? finite(data.average_estimated_speed);
  if (speed !== undefined) attributes.estimatedSpeed = speed;
  for (const [name, member] of [
    ['stationary', 'stationary'],
    ['falsePositive', 'false_positive'],
    ['hasClip', 'has_clip'],
    ['hasSnapshot', 'has_snapshot'],
  ] as const) {
    if (typeof event[member] === 'boolean') attributes[name] = event[member];
  }
  const zones = event.current_zones ?? event.zones;
  if (Array.isArray(zones) && zones.length > 0) {
    attributes.zones = zones
      .filter((zone) => typeof zone === 'string')
      .join(' ')
      .slice(0, 200);
  }
  return attributes;
}

/** Frigate gives sub-labels and plates as null, a text or [text, score]. */
function present(value: unknown): boolean {
  return typeof value === 'string' ? value.length > 0 : Array.isArray(value) && value.length > 0;
}
