/**
 * A camera's own analytics as ONVIF Profile M metadata in JSON over MQTT: one frame with the objects in it.
 *
 * @source ONVIF Core and Analytics Service specifications: attributes as `@name`, text as `#text`, coordinates normalised to
 * -1..1 with y up, identity transformation.
 */
import { rounded } from '../city/random.ts';
import type { Camera } from './camera.ts';
import { type Label, trackBox, tracksBetween } from './tracks.ts';

/** Topic of a camera's object metadata. */
export function onvifTopic(camera: Camera): string {
  return `${camera.id}/onvif-mj/VideoAnalytics/p0/objects`;
}

/** Class names as `Class/Type` carries them, from ONVIF's lists of object and vehicle types. */
const CLASSES: Readonly<Record<Label, string>> = {
  person: 'Human',
  umbrella: 'Human',
  bicycle: 'Bicycle',
  car: 'Car',
  motorcycle: 'Motorcycle',
  bus: 'Bus',
  truck: 'Truck',
};

/** The frame a camera publishes at an instant: JSON text, or nothing when the frame is empty. */
export function onvifFrame(seed: number, camera: Camera, instant: number): string | undefined {
  const { widthPx, heightPx } = camera.pose;
  const x = (px: number) => rounded(px / (widthPx / 2) - 1, 4);
  const y = (px: number) => rounded(1 - px / (heightPx / 2), 4);
  const objects = tracksBetween(seed, camera, instant, instant).flatMap((track) => {
    const box = trackBox(camera, track, instant);
    if (box === undefined) return [];
    const [left, top, right, bottom] = box;
    return [
      {
        '@ObjectId': track.ordinal,
        Appearance: {
          Shape: {
            BoundingBox: { '@left': x(left), '@top': y(top), '@right': x(right), '@bottom': y(bottom) },
            CenterOfGravity: { '@x': x((left + right) / 2), '@y': y((top + bottom) / 2) },
          },
          Class: { Type: [{ '@Likelihood': rounded(track.score, 2), '#text': CLASSES[track.label] }] },
        },
      },
    ];
  });
  if (objects.length === 0) return undefined;
  return JSON.stringify({
    Frame: [{ '@UtcTime': new Date(instant).toISOString(), '@Source': 'objects', Object: objects }],
  });
}
