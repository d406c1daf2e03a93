import type { CameraPose } from '../../../ingest/model/index.ts';

/** A place before a camera, metres: ahead along its heading, to its right, and above the ground. */
export interface BeforeCamera {
  readonly aheadM: number;
  readonly rightM: number;
  readonly upM: number;
}

/**
 * The pixel at which a pinhole camera sees a place. x grows to the right, y downwards, from the top left corner.
 *
 * @returns Undefined when the place is not in front of the lens.
 */
export function project(pose: CameraPose, place: BeforeCamera): readonly [number, number] | undefined {
  const tilt = (pose.tiltDeg * Math.PI) / 180;
  const focalPx = pose.widthPx / 2 / Math.tan((pose.hfovDeg * Math.PI) / 360);
  const below = pose.mountHeightM - place.upM;
  const depth = place.aheadM * Math.cos(tilt) + below * Math.sin(tilt);
  if (depth <= 0.1) return undefined;
  const down = below * Math.cos(tilt) - place.aheadM * Math.sin(tilt);
  return [pose.widthPx / 2 + (focalPx * place.rightM) / depth, pose.heightPx / 2 + (focalPx * down) / depth];
}

/** Box in pixels, `[left, top, right, bottom]`. */
export type Box = readonly [number, number, number, number];

/** The box around something upright on the ground, cut to the frame; undefined when nothing of it is in the frame. */
export function boxOf(
  pose: CameraPose,
  foot: BeforeCamera,
  widthM: number,
  heightM: number,
): Box | undefined {
  const bottom = project(pose, { ...foot, upM: 0 });
  const top = project(pose, { ...foot, upM: heightM });
  const left = project(pose, { ...foot, upM: 0, rightM: foot.rightM - widthM / 2 });
  const right = project(pose, { ...foot, upM: 0, rightM: foot.rightM + widthM / 2 });
  if (!bottom || !top || !left || !right) return undefined;
  const inX = (x: number) => Math.round(Math.min(pose.widthPx - 1, Math.max(0, x)));
  const inY = (y: number) => Math.round(Math.min(pose.heightPx - 1, Math.max(0, y)));
  const box: Box = [inX(left[0]), inY(top[1]), inX(right[0]), inY(bottom[1])];
  return box[2] > box[0] && box[3] > box[1] ? box : undefined;
}
