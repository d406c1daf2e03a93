/**
 * A Frigate server as seen on `frigate/events`: `new` when an object is first tracked, `update` while it moves, `end` when it
 * has left.
 *
 * @source Frigate documentation, integrations/mqtt: fields, float seconds, boxes in pixels of the detect frame.
 */
import { rounded, unit } from '../city/random.ts';
import type { Camera } from './camera.ts';
import { type Track, trackBox, tracksBetween } from './tracks.ts';

export const FRIGATE_TOPIC = 'frigate/events';

/** What the server publishes for one camera for the time `(instant - spanMs, instant]`: JSON texts. */
export function frigateEvents(
  seed: number,
  camera: Camera,
  instant: number,
  spanMs: number,
): readonly string[] {
  const since = instant - spanMs;
  return tracksBetween(seed, camera, since, instant).flatMap((track) => {
    const types: ('new' | 'update' | 'end')[] = [];
    if (track.start > since) types.push('new');
    if (track.end <= instant) {
      if (track.end > since) types.push('end');
    } else if (types.length === 0) types.push('update');
    return types.map((type) => {
      const now = type === 'end' ? track.end : type === 'new' ? track.start : instant;
      return JSON.stringify({
        type,
        before: trackedObject(camera, track, Math.max(track.start, now - spanMs), false),
        after: trackedObject(camera, track, now, type === 'end'),
      });
    });
  });
}

function trackedObject(camera: Camera, track: Track, instant: number, ended: boolean) {
  const box = trackBox(camera, track, instant) ?? [0, 0, 1, 1];
  const width = box[2] - box[0];
  const height = box[3] - box[1];
  const speed = Math.hypot(track.to[0] - track.from[0], track.to[1] - track.from[1]);
  const kmPerHour = rounded((speed / Math.max(0.001, (track.end - track.start) / 1000)) * 3.6, 2);
  return {
    id: `${(track.start / 1000).toFixed(6)}-${suffix(camera.key, track.ordinal)}`,
    camera: camera.alias,
    frame_time: instant / 1000,
    label: track.label,
    sub_label: null,
    top_score: rounded(track.score, 6),
    false_positive: false,
    start_time: track.start / 1000,
    end_time: ended ? track.end / 1000 : null,
    score: rounded(Math.max(0.5, track.score - 0.05 * unit(camera.key, track.ordinal, instant)), 6),
    box,
    area: width * height,
    ratio: rounded(width / height, 6),
    region: [0, 0, camera.pose.widthPx, camera.pose.heightPx],
    current_zones: [],
    entered_zones: [],
    has_snapshot: false,
    has_clip: false,
    active: true,
    stationary: false,
    motionless_count: 0,
    position_changes: 1,
    current_estimated_speed: kmPerHour,
    average_estimated_speed: kmPerHour,
    velocity_angle: track.to[1] > track.from[1] ? 0 : 180,
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Six letters, as Frigate appends to the start time; from camera and track, so unique where starts coincide. */
function suffix(key: number, ordinal: number): string {
  return Array.from(
    { length: 6 },
    (_, index) => LETTERS[Math.floor(unit(key, ordinal, 20 + index) * LETTERS.length)],
  ).join('');
}
