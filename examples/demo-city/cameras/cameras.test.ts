import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRIGATE_GATEWAY, planCameras } from './camera.ts';
import { frigateEvents } from './frigate.ts';
import { onvifFrame } from './onvif.ts';
import { project } from './projection.ts';
import { trackBox, tracksBetween } from './tracks.ts';

const SEED = 621100;
const NOON = Date.UTC(2026, 10, 22, 4);
const cameras = planCameras(SEED);

interface FrigateObject {
  id: string;
  camera: string;
  start_time: number;
  end_time: number | null;
  frame_time: number;
  box: number[];
}
interface FrigateMessage {
  type: string;
  after: FrigateObject;
}

describe('cameras', () => {
  it('project: a pixel traced back to the ground is the place it came from', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cameras),
        fc.double({ min: 9, max: 60, noNaN: true }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        ({ pose }, aheadM, side) => {
          const rightM = aheadM * side;
          const [x, y] = project(pose, { aheadM, rightM, upM: 0 })!;
          // The slow way round: angles of the ray instead of a matrix.
          const focal = pose.widthPx / 2 / Math.tan((pose.hfovDeg * Math.PI) / 360);
          const below = (pose.tiltDeg * Math.PI) / 180 + Math.atan((y - pose.heightPx / 2) / focal);
          const ahead = pose.mountHeightM / Math.tan(below);
          const slant =
            Math.hypot(ahead, pose.mountHeightM) * Math.cos(Math.atan((y - pose.heightPx / 2) / focal));
          expect(ahead).toBeCloseTo(aheadM, 6);
          expect((slant * (x - pose.widthPx / 2)) / focal).toBeCloseTo(rightM, 6);
        },
      ),
    );
  });

  it('trackBox: every track stays inside the frame with its feet, and moves', () => {
    let seen = 0;
    for (const camera of cameras) {
      for (const track of tracksBetween(SEED, camera, NOON, NOON + 120_000)) {
        seen += 1;
        const boxes = [track.start, (track.start + track.end) / 2, track.end].map(
          (instant) => trackBox(camera, track, instant)!,
        );
        for (const box of boxes) {
          expect(box).toBeDefined();
          expect(box[0]).toBeGreaterThanOrEqual(0);
          expect(box[2]).toBeLessThan(camera.pose.widthPx);
          expect(box[3]).toBeLessThan(camera.pose.heightPx - 1);
        }
        expect(boxes[0]).not.toEqual(boxes[2]);
      }
    }
    expect(seen).toBeGreaterThan(200);
  });

  it('frigateEvents: each object is new once, updated, and ended once, whatever the period', () => {
    const camera = cameras[0]!;
    for (const period of [100, 1000, 7000]) {
      const lives = new Map<string, string[]>();
      for (let instant = NOON; instant < NOON + 600_000; instant += period) {
        for (const text of frigateEvents(SEED, camera, instant, period)) {
          const { type, after }: FrigateMessage = JSON.parse(text);
          expect(after.camera).toBe('cross_01');
          expect(after.frame_time).toBeLessThanOrEqual(instant / 1000);
          expect(type === 'end').toBe(after.end_time !== null);
          const started = after.start_time * 1000 > NOON && after.start_time * 1000 < NOON + 560_000;
          if (started) lives.set(after.id, [...(lives.get(after.id) ?? []), type]);
        }
      }
      expect(lives.size).toBeGreaterThan(40);
      for (const [id, types] of lives) {
        expect(types[0], id).toBe('new');
        expect(types.at(-1), id).toBe('end');
        expect(
          types.slice(1, -1).every((type) => type === 'update'),
          id,
        ).toBe(true);
      }
    }
  });

  it('onvifFrame: normalised boxes with y up, one object number per track', () => {
    const camera = cameras.find(({ protocol }) => protocol === 'onvif')!;
    let frames = 0;
    for (let instant = NOON; instant < NOON + 60_000; instant += 500) {
      const text = onvifFrame(SEED, camera, instant);
      const tracks = tracksBetween(SEED, camera, instant, instant);
      expect(text === undefined).toBe(tracks.length === 0);
      if (text === undefined) continue;
      frames += 1;
      const frame = JSON.parse(text).Frame[0];
      expect(frame['@UtcTime']).toBe(new Date(instant).toISOString());
      expect(frame.Object.map((one: Record<string, unknown>) => one['@ObjectId'])).toEqual(
        tracks.map(({ ordinal }) => ordinal),
      );
      for (const { Appearance } of frame.Object) {
        const box = Appearance.Shape.BoundingBox;
        expect(box['@top']).toBeGreaterThan(box['@bottom']);
        expect(box['@right']).toBeGreaterThan(box['@left']);
        for (const edge of Object.values(box)) expect(Math.abs(Number(edge))).toBeLessThanOrEqual(1);
      }
    }
    expect(frames).toBeGreaterThan(20);
  });

  it('planCameras: twelve behind the gateway with names of their own', () => {
    const aliases = cameras.flatMap(({ alias }) => alias ?? []);
    expect(new Set(aliases).size).toBe(12);
    expect(FRIGATE_GATEWAY).toBe('frigate-anding');
  });
});
