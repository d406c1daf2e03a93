import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poseSchema, thingSchema } from '../model/index.ts';
import { groundOffset, moveBy, placeDetection } from './ground-projection.ts';

const pose = poseSchema.parse({
  headingDeg: 0,
  tiltDeg: 45,
  mountHeightM: 10,
  hfovDeg: 90,
  widthPx: 1000,
  heightPx: 1000,
  rangeM: 100,
});
const camera = thingSchema.parse({
  id: 'cam',
  dataset: 'd',
  nameEn: 'cam',
  nameZh: 'cam',
  category: 'camera',
  position: { lonDeg: 104.6, latDeg: 35.6 },
  pose,
});

describe('groundOffset', () => {
  it('groundOffset meets cases that can be worked out by hand', () => {
    // The axis at 45 degrees meets the ground as far away as the camera is high.
    const axis = groundOffset(pose, 500, 500);
    expect(axis?.northM).toBeCloseTo(10, 9);
    expect(axis?.eastM).toBeCloseTo(0, 9);
    // The upper edge looks along the horizon, the lower one straight down.
    expect(groundOffset(pose, 500, 0)).toBeUndefined();
    expect(groundOffset(pose, 500, 1000)?.distanceM).toBeCloseTo(0, 9);
    // The right edge of the middle row: the ray (1, 0, 1) in the camera's frame.
    const side = groundOffset(pose, 1000, 500);
    expect(side?.eastM).toBeCloseTo(10 / Math.SQRT1_2, 9);
    expect(side?.northM).toBeCloseTo(10, 9);
    // Turned to the east, north becomes east and right becomes south.
    const turned = groundOffset({ ...pose, headingDeg: 90 }, 1000, 500);
    expect(turned?.eastM).toBeCloseTo(10, 9);
    expect(turned?.northM).toBeCloseTo(-10 / Math.SQRT1_2, 9);
  });

  it('groundOffset inverts a forward projection of random ground points', () => {
    const poses = fc.record({
      heading: fc.double({ min: 0, max: 359, noNaN: true }),
      tilt: fc.double({ min: -20, max: 90, noNaN: true }),
      height: fc.double({ min: 1, max: 100, noNaN: true }),
      hfov: fc.double({ min: 10, max: 150, noNaN: true }),
      east: fc.double({ min: -200, max: 200, noNaN: true }),
      north: fc.double({ min: -200, max: 200, noNaN: true }),
    });
    fc.assert(
      fc.property(poses, ({ heading, tilt, height, hfov, east, north }) => {
        const [h, t] = [(heading * Math.PI) / 180, (tilt * Math.PI) / 180];
        const forward = east * Math.sin(h) + north * Math.cos(h);
        const right = east * Math.cos(h) - north * Math.sin(h);
        // World to camera: depth along the axis, down in the picture.
        const depth = forward * Math.cos(t) + height * Math.sin(t);
        fc.pre(depth > 0.5);
        const f = 640 / Math.tan((hfov * Math.PI) / 360);
        const u = 640 + (f * right) / depth;
        const v = 360 + (f * (height * Math.cos(t) - forward * Math.sin(t))) / depth;
        const hit = groundOffset(
          {
            ...pose,
            headingDeg: heading,
            tiltDeg: tilt,
            mountHeightM: height,
            hfovDeg: hfov,
            widthPx: 1280,
            heightPx: 720,
          },
          u,
          v,
        );
        expect(hit?.eastM).toBeCloseTo(east, 4);
        expect(hit?.northM).toBeCloseTo(north, 4);
      }),
    );
  });
});

describe('placeDetection', () => {
  it('placeDetection falls back to the camera itself beyond its range, above the horizon and without a box or pose', () => {
    const near = placeDetection(camera, { u: 500, v: 500 });
    expect(near.positionMethod).toBe('camera-ground');
    expect(near.position?.precisionM).toBeLessThan(2);
    for (const foot of [{ u: 500, v: 60 }, { u: 500, v: -10 }, undefined]) {
      const far = placeDetection(camera, foot);
      expect(far.positionMethod).toBe('camera');
      expect(far.position).toMatchObject({ lonDeg: 104.6, latDeg: 35.6, precisionM: 100 });
    }
    for (const huge of [1e308, -1e308, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const heading of [0, 90]) {
        const turned = { ...camera, pose: { ...pose, headingDeg: heading } };
        for (const foot of [
          { u: huge, v: 500 },
          { u: 500, v: huge },
          { u: huge, v: huge },
        ]) {
          const { position } = placeDetection(turned, foot);
          expect(Number.isFinite(position?.lonDeg) && Number.isFinite(position?.latDeg)).toBe(true);
        }
      }
    }
    const { pose: _pose, ...blind } = camera;
    expect(placeDetection(blind, { u: 1, v: 1 }).positionMethod).toBe('camera');
    const { position: _position, ...lost } = camera;
    expect(placeDetection(lost, { u: 1, v: 1 })).toEqual({ positionMethod: 'none' });
  });

  it('moveBy goes as far as it says, on the ellipsoid and across the antimeridian', () => {
    const [lon, lat] = moveBy(104.6, 35.6, 0, 1000);
    expect(lon).toBe(104.6);
    // One minute of meridian arc at 35.6 degrees is 1849.0 m.
    expect((lat - 35.6) * 60).toBeCloseTo(1000 / 1849.0, 3);
    expect(moveBy(179.9999, 0, 50, 0)[0]).toBeLessThan(-179.99);
    expect(moveBy(0, 90, 50, 50)).toEqual([0, 90]);
  });
});
