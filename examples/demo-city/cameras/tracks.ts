/** What passes before a camera: objects on straight ground paths, each a pure function of seed, camera and time slot. */
import { between, clamp, mix, unit } from '../city/random.ts';
import { footRhythm, trafficRhythm } from '../city/rhythm.ts';
import { rainMmPerHour } from '../city/storm.ts';
import type { Camera } from './camera.ts';
import { type Box, boxOf } from './projection.ts';

export type Label = 'person' | 'bicycle' | 'car' | 'motorcycle' | 'bus' | 'truck' | 'umbrella';

/** Width and height in metres of each kind. */
const SIZES: Readonly<Record<Label, readonly [number, number]>> = {
  person: [0.6, 1.7],
  bicycle: [0.8, 1.6],
  car: [1.9, 1.5],
  motorcycle: [0.9, 1.6],
  bus: [2.6, 3.2],
  truck: [2.5, 3],
  umbrella: [1.1, 2],
};
const WHEELS: readonly Label[] = ['car', 'car', 'car', 'car', 'motorcycle', 'truck', 'bus'];
const FEET: readonly Label[] = ['person', 'person', 'person', 'bicycle'];

/** One object may appear per lane and slot; lanes: wheels and feet. */
const SLOT_MS = 8000;
const LANES = 2;
const LONGEST_MS = 14_000;

export interface Track {
  /** Unique per camera, below 2^31. */
  readonly ordinal: number;
  readonly label: Label;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  /** Ground path in metres ahead and to the right. */
  readonly from: readonly [aheadM: number, rightM: number];
  readonly to: readonly [aheadM: number, rightM: number];
}

/** Objects seen at some moment in `[from, to]`, oldest first. */
export function tracksBetween(seed: number, camera: Camera, from: number, to: number): readonly Track[] {
  const tracks: Track[] = [];
  const last = Math.floor(to / SLOT_MS);
  for (let slot = Math.floor((from - LONGEST_MS) / SLOT_MS); slot <= last; slot += 1) {
    for (let lane = 0; lane < LANES; lane += 1) {
      const track = trackOf(seed, camera, slot, lane);
      if (track !== undefined && track.start <= to && track.end >= from) tracks.push(track);
    }
  }
  return tracks;
}

function trackOf(seed: number, camera: Camera, slot: number, lane: number): Track | undefined {
  const { key } = camera;
  const slotStart = slot * SLOT_MS;
  const raining = rainMmPerHour(seed, camera.at[0], camera.at[1], slotStart) > 2;
  const wheels = lane === 0;
  const likely = wheels
    ? 0.12 + 0.75 * trafficRhythm(slotStart)
    : (0.06 + 0.6 * footRhythm(slotStart)) * (raining ? 0.6 : 1);
  if (unit(key, slot, lane, 1) > likely) return undefined;
  const list = wheels ? WHEELS : FEET;
  const drawn = list[mix(key, slot, lane, 2) % list.length]!;
  const start = slotStart + Math.floor(between(0, 4000, key, slot, lane, 3));
  const speed = wheels
    ? between(4, 11, key, slot, lane, 4) * (raining ? 0.7 : 1)
    : between(1, 1.6, key, slot, lane, 4);
  const lasts = between(5000, LONGEST_MS, key, slot, lane, 5);
  const ahead = wheels ? between(14, 40, key, slot, lane, 6) : between(10, 26, key, slot, lane, 6);
  const side = unit(key, slot, lane, 7) < 0.5 ? 1 : -1;
  // Half of 72 degrees has a tangent of 0.73: a path within 0.55 of its distance stays in the frame.
  const reach = ahead * 0.55;
  const travel = Math.min((speed * lasts) / 1000, 2 * reach);
  const begin = between(-reach, reach - travel, key, slot, lane, 8);
  const slant = between(-3, 3, key, slot, lane, 9);
  return {
    ordinal: slot * LANES + lane,
    label: raining && drawn === 'person' ? 'umbrella' : drawn,
    start,
    end: start + Math.floor((travel / speed) * 1000),
    score: between(0.62, 0.96, key, slot, lane, 10),
    from: [ahead - slant, side * begin],
    to: [ahead + slant, side * (begin + travel)],
  };
}

/** The box of a track at an instant, pixels; undefined when it is out of the frame. */
export function trackBox(camera: Camera, track: Track, instant: number): Box | undefined {
  const share = clamp((instant - track.start) / Math.max(1, track.end - track.start), 0, 1);
  const [width, height] = SIZES[track.label];
  return boxOf(
    camera.pose,
    {
      aheadM: track.from[0] + (track.to[0] - track.from[0]) * share,
      rightM: track.from[1] + (track.to[1] - track.from[1]) * share,
      upM: 0,
    },
    width,
    height,
  );
}
