/**
 * ONVIF Profile M metadata as JSON over MQTT: `{thing}/onvif-mj/VideoAnalytics/{profile}/{module}`, frames of objects with
 * a class, a box and perhaps a place of their own. Each object of a frame is a record.
 *
 * A frame does not say when an object was first seen, so an object is counted once in every hour (UTC) in which it was
 * seen: the key is `<thing>/<frame source>/<ObjectId>/<hour>`, later frames supersede earlier ones, and `start` is the
 * newest sighting within the hour. A camera that restarts its count within an hour merges two objects of one id.
 *
 * @source ONVIF Analytics Service 5.1 (scene description), ONVIF Core 9 (JSON over MQTT).
 */
import { type DetectionPlace, placeDetection } from '../locate/ground-projection.ts';
import { ellipsoidalHeightM } from '../locate/height.ts';
import type {
  CameraPose,
  DatasetDeclaration,
  DecodeContext,
  RawRecord,
  RecordOutcome,
  ThingDeclaration,
} from '../model/index.ts';
import { quote } from '../quality/datastream-plan.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { unknownDataset } from './camera-kit.ts';
import { asList, cameraOfTopic, onvifNumber, onvifText, onvifTime } from './onvif-kit.ts';
import { defineSource, isObject, readJson, refusal, refusedMessage, refusedRecord } from './source-kit.ts';

/** Objects of one message: a crowded square has some hundred in a frame. */
export const MAX_OBJECTS = 10_000;

/** ONVIF class names to the words Frigate and our boards use; any other is kept in lower case. */
const CATEGORIES: Readonly<Record<string, string>> = {
  human: 'person',
  humanface: 'face',
  licenseplate: 'license-plate',
};

export const onvifMj = defineSource({
  id: 'onvif-mj',
  title: 'ONVIF Profile M metadata (JSON)',
  topics: ['+/onvif-mj/#'],
  decode,
  examples: [
    {
      name: 'a frame with a person in pixels and a vehicle with its own place',
      topic: 'cam-1/onvif-mj/VideoAnalytics/P1/M1',
      bytes:
        '{"Frame":[{"@UtcTime":"2026-11-22T08:00:00.120Z","@Source":"M1","Transformation":{"Translate":{"@x":-1,"@y":1},"Scale":{"@x":0.0015625,"@y":-0.002777}},"Object":[{"@ObjectId":15,"Appearance":{"Shape":{"BoundingBox":{"@left":600,"@top":300,"@right":680,"@bottom":500},"CenterOfGravity":{"@x":640,"@y":400}},"Class":{"Type":[{"@Likelihood":0.8,"#text":"Human"},{"@Likelihood":0.1,"#text":"Animal"}]}}},{"@ObjectId":16,"Appearance":{"Class":{"Type":{"@Likelihood":"0.9","#text":"Vehicle"}},"GeoLocation":{"@lon":104.61,"@lat":35.58,"@elevation":1900}}}]}]}',
      gives: { items: 2 },
    },
    {
      name: 'a place beyond the pole',
      topic: 'cam-1/onvif-mj/VideoAnalytics/P1/M1',
      bytes:
        '{"Frame":[{"@UtcTime":"2026-11-22T08:00:00Z","Object":[{"@ObjectId":1,"Appearance":{"GeoLocation":{"@lon":104,"@lat":91}}}]}]}',
      gives: { refuses: 'position-invalid' },
    },
    {
      name: 'an object without an id',
      topic: 'cam-1/onvif-mj/VideoAnalytics/P1/M1',
      bytes: '{"Frame":[{"@UtcTime":"2026-11-22T08:00:00Z","Object":[{}]}]}',
      gives: { refuses: 'missing-field' },
    },
    {
      name: 'a frame of yesteryear',
      topic: 'cam-1/onvif-mj/VideoAnalytics/P1/M1',
      bytes: '{"Frame":[{"@UtcTime":"2008-10-10T12:24:57","Object":[{"@ObjectId":1}]}]}',
      gives: { refuses: 'time-out-of-range' },
    },
    {
      name: 'no frame',
      topic: 'cam-1/onvif-mj/VideoAnalytics/P1/M1',
      bytes: '{"frames":[]}',
      gives: { refuses: 'missing-field' },
    },
  ],
});

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  const document = readJson(raw.bytes);
  if ('refused' in document) return document.refused;
  const frames = isObject(document.json) ? asList(document.json.Frame) : [];
  if (frames.length === 0) return refusedMessage('missing-field', '"Frame" is missing: it must hold a frame');
  const objects = frames.reduce<number>(
    (n, frame) => n + (isObject(frame) ? asList(frame.Object).length : 0),
    0,
  );
  if (objects > MAX_OBJECTS) {
    return refusedMessage(
      'too-many-readings',
      `Message holds ${objects} objects: it must hold at most ${MAX_OBJECTS}`,
    );
  }
  const speaker = cameraOfTopic(raw, context);
  if ('refused' in speaker) return [refusedRecord({ ...speaker.refused, readings: objects })];
  const dataset = context.dataset(speaker.thing.dataset);
  if (dataset === undefined) return [refusedRecord({ ...unknownDataset(speaker.thing), readings: objects })];
  const camera = { thing: speaker.thing, dataset, receivedAt: raw.receivedAt };
  const outcomes = frames.flatMap((frame, i) => readFrame(frame, `/Frame/${i}`, camera));
  return outcomes.length > 0
    ? outcomes
    : refusedMessage('missing-field', 'No frame holds an object', {
        thing: speaker.thing.id,
        dataset: dataset.id,
      });
}

interface Camera {
  readonly thing: ThingDeclaration;
  readonly dataset: DatasetDeclaration;
  readonly receivedAt: number;
}

function readFrame(frame: unknown, where: string, camera: Camera): readonly RecordOutcome[] {
  const place = { thing: camera.thing.id, dataset: camera.dataset.id };
  if (!isObject(frame)) {
    return [
      refusedRecord(
        refusal('malformed', `Frame is ${quote(frame)}: it must be an object`, 0, { where, ...place }),
      ),
    ];
  }
  const objects = asList(frame.Object);
  const time = onvifTime(frame['@UtcTime']);
  const fault =
    time === undefined
      ? `"@UtcTime" is ${quote(frame['@UtcTime'])}: it must be ISO 8601`
      : timeRangeFault(camera.dataset.timeRange, time, camera.receivedAt);
  if (time === undefined || fault !== undefined) {
    const code = time === undefined ? 'time-invalid' : 'time-out-of-range';
    return objects.map(() =>
      refusedRecord(refusal(code, fault ?? '', 1, { where: `${where}/@UtcTime`, ...place })),
    );
  }
  const toUnit = transformation(frame.Transformation);
  const source = onvifText(frame['@Source']) ?? '';
  return objects.map((object, i) => readObject(object, `${where}/Object/${i}`, camera, time, source, toUnit));
}

function readObject(
  object: unknown,
  where: string,
  camera: Camera,
  time: number,
  source: string,
  toUnit: ToUnit,
): RecordOutcome {
  const place = { thing: camera.thing.id, dataset: camera.dataset.id };
  const id = isObject(object) ? onvifText(object['@ObjectId']) : undefined;
  if (!isObject(object) || id === undefined) {
    const message = '"@ObjectId" is missing: it must be a number or a text';
    return refusedRecord(refusal('missing-field', message, 1, { where, ...place }));
  }
  const appearance = isObject(object.Appearance) ? object.Appearance : {};
  const located = locate(appearance, camera, toUnit);
  if (typeof located === 'string') {
    return refusedRecord(
      refusal('position-invalid', located, 1, { where: `${where}/Appearance/GeoLocation`, ...place }),
    );
  }
  const { category, likelihood } = classOf(appearance.Class);
  const hour = new Date(time).toISOString().slice(0, 13);
  return {
    dataset: camera.dataset.id,
    items: [
      {
        kind: 'event',
        dataset: camera.dataset.id,
        key: `${camera.thing.id}/${source}/${id}/${hour}`,
        eventType: 'detection',
        category,
        thing: camera.thing.id,
        start: time,
        updated: time,
        attributes: { objectId: id, source, ...(likelihood === undefined ? {} : { score: likelihood }) },
        ...located,
      },
    ],
    rejections: [],
  };
}

/** Maps a device's picture coordinates to -1..1, y upwards (Analytics 5.1.2.2). */
type ToUnit = (x: number, y: number) => readonly [number, number];

function transformation(value: unknown): ToUnit {
  const part = (name: 'Translate' | 'Scale', axis: '@x' | '@y', otherwise: number): number => {
    const member = isObject(value) ? value[name] : undefined;
    return (isObject(member) ? onvifNumber(member[axis]) : undefined) ?? otherwise;
  };
  const [tx, ty] = [part('Translate', '@x', 0), part('Translate', '@y', 0)];
  const [sx, sy] = [part('Scale', '@x', 1), part('Scale', '@y', 1)];
  return (x, y) => [x * sx + tx, y * sy + ty];
}

function locate(
  appearance: Record<string, unknown>,
  { thing, dataset }: Camera,
  toUnit: ToUnit,
): DetectionPlace | string {
  if (isObject(appearance.GeoLocation)) {
    const lonDeg = onvifNumber(appearance.GeoLocation['@lon']);
    const latDeg = onvifNumber(appearance.GeoLocation['@lat']);
    const heightM = onvifNumber(appearance.GeoLocation['@elevation']);
    if (lonDeg === undefined || latDeg === undefined || Math.abs(lonDeg) > 180 || Math.abs(latDeg) > 90) {
      return `Place is [${lonDeg}, ${latDeg}]: longitude must be -180..180 and latitude -90..90`;
    }
    // tt:GeoLocation counts its elevation from sea level: without a declared reference it is no ellipsoidal height.
    const ellipsoidalM =
      heightM === undefined ? undefined : ellipsoidalHeightM(dataset.heightReference, heightM);
    const height = ellipsoidalM === undefined ? {} : { heightM: ellipsoidalM };
    return { position: { lonDeg, latDeg, datum: 'wgs84', ...height }, positionMethod: 'own' };
  }
  return placeDetection(thing, footOf(appearance.Shape, thing.pose, toUnit));
}

/** Bottom centre of the box in pixels of the pose's picture; -1..1 has its origin in the middle and y upwards. */
function footOf(shape: unknown, pose: CameraPose | undefined, toUnit: ToUnit) {
  const box = isObject(shape) && isObject(shape.BoundingBox) ? shape.BoundingBox : undefined;
  if (box === undefined || pose === undefined) return undefined;
  const left = onvifNumber(box['@left']);
  const right = onvifNumber(box['@right']);
  const top = onvifNumber(box['@top']);
  const bottom = onvifNumber(box['@bottom']);
  if (left === undefined || right === undefined || top === undefined || bottom === undefined)
    return undefined;
  const [x, y1] = toUnit((left + right) / 2, bottom);
  const [, y2] = toUnit(0, top);
  // Lower in the picture is the smaller y, whichever of the two the device called bottom.
  return { u: ((x + 1) / 2) * pose.widthPx, v: ((1 - Math.min(y1, y2)) / 2) * pose.heightPx };
}

/** The likeliest class; `unknown` where the camera named none. Older devices write ClassCandidate instead of Type. */
function classOf(value: unknown): { category: string; likelihood?: number } {
  let best: { category: string; likelihood?: number } = { category: 'unknown' };
  if (!isObject(value)) return best;
  for (const candidate of [...asList(value.Type), ...asList(value.ClassCandidate)]) {
    const name = isObject(candidate) ? onvifText(candidate['#text'] ?? candidate.Type) : onvifText(candidate);
    if (name === undefined) continue;
    const likelihood = isObject(candidate)
      ? onvifNumber(candidate['@Likelihood'] ?? candidate.Likelihood)
      : undefined;
    if (best.category !== 'unknown' && (likelihood ?? 0) <= (best.likelihood ?? 0)) continue;
    const lower = name.toLowerCase();
    const category = Object.hasOwn(CATEGORIES, lower) ? (CATEGORIES[lower] ?? lower) : lower;
    best = { category, ...(likelihood === undefined ? {} : { likelihood }) };
  }
  return best;
}
