/**
 * OpenTrafficCam tracks (`.ottrk`): one file of a clip's detections with their track ids, JSON, plain or bzip2. Each
 * detection is a record and an event of its own, keyed `<file stem>/<track>/<frame>`.
 *
 * The file does not say whether `x, y` is a corner or the centre of the box. The camera's declaration does, in its
 * property `ottrk-anchor`: `corner` (upper left) or `centre`; without it the file is refused.
 *
 * @source github.com/OpenTrafficCam/OTVision, formats 1.0 to 1.2.
 */
import { placeDetection } from '../locate/ground-projection.ts';
import type {
  DatasetDeclaration,
  DecodeContext,
  RawRecord,
  RecordOutcome,
  ThingDeclaration,
} from '../model/index.ts';
import { quote } from '../quality/datastream-plan.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { bunzip2, isBzip2 } from './bunzip2.ts';
import { cameraByAlias, finite, secondsToMs, shortText, unknownDataset } from './camera-kit.ts';
import { onvifText as idText } from './onvif-kit.ts';
import { defineSource, isObject, readJson, refusal, refusedMessage, refusedRecord } from './source-kit.ts';

/** Unpacked length of one file: a clip of 15 minutes has some 40 MB. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** Detections of one file: 15 minutes at 20 frames a second with 30 road users in view are 540,000. */
export const MAX_DETECTIONS = 1_000_000;

export const ottrk = defineSource({
  id: 'ottrk',
  title: 'OpenTrafficCam tracks',
  topics: [],
  decode,
  examples: [
    {
      name: 'two detections of one track, corner by declaration',
      bytes:
        '{"metadata":{"video":{"filename":"crossing","filetype":".mp4","width":800,"height":600}},"data":{"detections":[{"class":"car","confidence":0.9,"x":300,"y":200,"w":80,"h":50,"frame":1,"occurrence":1577836800.0,"track-id":15},{"class":"car","confidence":0.91,"x":304,"y":201,"w":80,"h":50,"frame":2,"occurrence":1577836800.05,"track-id":15}]}}',
      gives: { items: 2 },
    },
    {
      name: 'the same format, packed with bzip2',
      bytes:
        'hex:425a6839314159265359bde899020000651b8010077fd0000a2fefdfea200091114f29a1a69907a988d000341a9e894cd06a34d36a69b5311e936890ab5ed0f859e6738ed34a63b1af83720201209039ef83204203229966be8b1328a7b6bd81669603455a287258000af80899a4b7cc3b1a3151a53bab510df31d2dced7be82b532dad1c65b73f6ee049d70ac5e2cd5c1b82354cfb4a973551618d0c710560e4d9291480bfa01011d0788fe2ee48a70a1217bd13204',
      gives: { items: 1 },
    },
    {
      name: 'packed and cut off',
      bytes: 'hex:425a6839314159265359bde899020000651b8010',
      gives: { refuses: 'malformed' },
    },
    {
      name: 'a clip of a camera nobody declared',
      bytes: '{"metadata":{"video":{"filename":"other","filetype":".mp4"}},"data":{"detections":[{}]}}',
      gives: { refuses: 'unknown-thing' },
    },
    {
      name: 'a box of text',
      bytes:
        '{"metadata":{"video":{"filename":"crossing","filetype":".mp4","width":800,"height":600}},"data":{"detections":[{"class":"car","x":"300","y":200,"w":80,"h":50,"frame":1,"occurrence":1577836800.0,"track-id":15}]}}',
      gives: { refuses: 'not-a-number' },
    },
    { name: 'no detections', bytes: '{"metadata":{}}', gives: { refuses: 'missing-field' } },
  ],
});

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  const bytes = isBzip2(raw.bytes) ? bunzip2(raw.bytes, MAX_UNPACKED_BYTES) : raw.bytes;
  if (typeof bytes === 'string') return refusedMessage('malformed', `File is not bzip2: ${bytes}`);
  const document = readJson(bytes);
  if ('refused' in document) return document.refused;
  const { metadata, data } = isObject(document.json) ? document.json : {};
  const video = isObject(metadata) && isObject(metadata.video) ? metadata.video : {};
  const detections = isObject(data) ? data.detections : undefined;
  if (!Array.isArray(detections) || detections.length === 0) {
    return refusedMessage('missing-field', '"data.detections" is missing or empty: it must be a list');
  }
  if (detections.length > MAX_DETECTIONS) {
    return refusedMessage(
      'too-many-readings',
      `File holds ${detections.length} detections: it must hold at most ${MAX_DETECTIONS}`,
    );
  }
  const stem = shortText(video.filename);
  if (stem === undefined) return refusedMessage('missing-field', '"metadata.video.filename" is missing');
  const all = detections.length;
  const alias = `${stem}${typeof video.filetype === 'string' ? video.filetype.slice(0, 10) : ''}`;
  const speaker = cameraByAlias(alias, raw, context);
  if ('refused' in speaker) return [refusedRecord({ ...speaker.refused, readings: all })];
  const camera = speaker.thing;
  const dataset = context.dataset(camera.dataset);
  if (dataset === undefined) return [refusedRecord({ ...unknownDataset(camera), readings: all })];
  const place = { thing: camera.id, dataset: dataset.id };
  const toFoot = footReader(camera, video);
  if (typeof toFoot === 'string') return [refusedRecord(refusal('missing-field', toFoot, all, place))];
  return detections.map((detection: unknown, i) =>
    readDetection(detection, `/data/detections/${i}`, stem, camera, dataset, toFoot, raw.receivedAt),
  );
}

type FootReader = (x: number, y: number, w: number, h: number) => { u: number; v: number };

/** Bottom centre of a box in pixels of the pose's picture, by the declared anchor; a sentence where it cannot be told. */
function footReader(camera: ThingDeclaration, video: Record<string, unknown>): FootReader | string {
  const anchor = camera.properties['ottrk-anchor'];
  if (anchor !== 'corner' && anchor !== 'centre') {
    return `Property "ottrk-anchor" of "${camera.id}" is "${anchor ?? ''}": it must be corner or centre`;
  }
  // The pose may be declared for another size of the same picture.
  const scaleX = (camera.pose?.widthPx ?? 1) / (finite(video.width) || camera.pose?.widthPx || 1);
  const scaleY = (camera.pose?.heightPx ?? 1) / (finite(video.height) || camera.pose?.heightPx || 1);
  return anchor === 'corner'
    ? (x, y, w, h) => ({ u: (x + w / 2) * scaleX, v: (y + h) * scaleY })
    : (x, y, _w, h) => ({ u: x * scaleX, v: (y + h / 2) * scaleY });
}

function readDetection(
  detection: unknown,
  where: string,
  stem: string,
  camera: ThingDeclaration,
  dataset: DatasetDeclaration,
  toFoot: FootReader,
  receivedAt: number,
): RecordOutcome {
  const place = { where, thing: camera.id, dataset: dataset.id };
  if (!isObject(detection)) {
    return refusedRecord(
      refusal('malformed', `Detection is ${quote(detection)}: it must be an object`, 1, place),
    );
  }
  const track = idText(detection['track-id']);
  const category = shortText(detection.class);
  const frame = finite(detection.frame);
  if (track === undefined || category === undefined || frame === undefined) {
    const message = 'Detection must have "track-id", "class" and "frame"';
    return refusedRecord(refusal('missing-field', message, 1, place));
  }
  const [x, y, w, h] = [detection.x, detection.y, detection.w, detection.h].map(finite);
  if (x === undefined || y === undefined || w === undefined || h === undefined) {
    return refusedRecord(refusal('not-a-number', 'Box must be four finite numbers x, y, w, h', 1, place));
  }
  const time = secondsToMs(detection.occurrence);
  if (time === undefined) {
    const message = `"occurrence" is ${quote(detection.occurrence)}: it must be POSIX seconds`;
    return refusedRecord(refusal('time-invalid', message, 1, place));
  }
  const fault = timeRangeFault(dataset.timeRange, time, receivedAt);
  if (fault !== undefined) return refusedRecord(refusal('time-out-of-range', fault, 1, place));
  const score = finite(detection.confidence);
  return {
    dataset: dataset.id,
    items: [
      {
        kind: 'event',
        dataset: dataset.id,
        key: `${stem}/${track}/${frame}`,
        eventType: 'detection',
        category,
        thing: camera.id,
        start: time,
        updated: time,
        attributes: {
          track,
          frame,
          ...(score === undefined ? {} : { score }),
          ...(detection['interpolated-detection'] === true ? { interpolated: true } : {}),
        },
        ...placeDetection(camera, toFoot(x, y, w, h)),
      },
    ],
    rejections: [],
  };
}
