/**
 * From a pixel to the ground: pinhole camera, no lens distortion, flat ground at the foot of the mast. Angles in degrees,
 * metres; the answer is in the datum of the camera's own position.
 */
import type { CameraPose, PositionMethod, SourcePosition, ThingDeclaration } from '../model/index.ts';

/** WGS 84 ellipsoid (NIMA TR8350.2): semi-major axis in metres, first eccentricity squared. */
const A_M = 6_378_137;
const E2 = 0.006_694_379_990_14;
const RAD = Math.PI / 180;

/** A detector's box is taken to be wrong by this share of the picture's height at its lower edge. */
const EDGE_ERROR = 0.01;
/** No projected point is said to be better than this, metres. */
const BEST_PRECISION_M = 1;

/** A detection's place and how it was obtained. */
export interface DetectionPlace {
  readonly position?: SourcePosition;
  readonly positionMethod: PositionMethod;
}

/** Metres on the ground from the foot of the camera's mast. */
export interface GroundOffset {
  readonly eastM: number;
  readonly northM: number;
  readonly distanceM: number;
}

/**
 * Where the ray through a pixel meets the ground; undefined at and above the horizon.
 *
 * @param u - Pixels from the left edge of the picture, any real number.
 * @param v - Pixels from the upper edge.
 */
export function groundOffset(pose: CameraPose, u: number, v: number): GroundOffset | undefined {
  const focalPx = pose.widthPx / 2 / Math.tan((pose.hfovDeg / 2) * RAD);
  const right = (u - pose.widthPx / 2) / focalPx;
  const down = (v - pose.heightPx / 2) / focalPx;
  const tilt = pose.tiltDeg * RAD;
  const fall = Math.sin(tilt) + down * Math.cos(tilt);
  // A ray that falls less than a millionth of its length meets the ground beyond any range.
  if (!(fall > 1e-6)) return undefined;
  const scale = pose.mountHeightM / fall;
  const forwardM = scale * (Math.cos(tilt) - down * Math.sin(tilt));
  const rightM = scale * right;
  const heading = pose.headingDeg * RAD;
  return {
    eastM: forwardM * Math.sin(heading) + rightM * Math.cos(heading),
    northM: forwardM * Math.cos(heading) - rightM * Math.sin(heading),
    distanceM: Math.hypot(forwardM, rightM),
  };
}

/** Moves a position by metres east and north along the ellipsoid's radii; good to centimetres within a kilometre. */
export function moveBy(
  lonDeg: number,
  latDeg: number,
  eastM: number,
  northM: number,
): readonly [lonDeg: number, latDeg: number] {
  const sin = Math.sin(latDeg * RAD);
  const w = 1 - E2 * sin * sin;
  const meridianM = (A_M * (1 - E2)) / (w * Math.sqrt(w));
  const parallelM = (A_M / Math.sqrt(w)) * Math.cos(latDeg * RAD);
  const lat = Math.max(-90, Math.min(90, latDeg + northM / meridianM / RAD));
  // At a pole every longitude is the same place.
  const lon = parallelM < 1 ? lonDeg : lonDeg + eastM / parallelM / RAD;
  return [lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon, lat];
}

/**
 * The place of what a camera saw: the bottom centre of its box on the ground. At or above the horizon, beyond the pose's
 * range, or without a box or a pose it is the camera's own place, as vague as the camera sees far.
 *
 * @param foot - Bottom centre of the box in pixels of the pose's picture; undefined when the message has no box.
 */
export function placeDetection(
  camera: ThingDeclaration,
  foot: { readonly u: number; readonly v: number } | undefined,
): DetectionPlace {
  const { position, pose } = camera;
  if (position === undefined) return { positionMethod: 'none' };
  const { lonDeg: cameraLon, latDeg: cameraLat, datum } = position;
  const own = (precisionM: number | undefined): DetectionPlace => ({
    position: {
      lonDeg: cameraLon,
      latDeg: cameraLat,
      datum,
      ...(precisionM === undefined ? {} : { precisionM }),
    },
    positionMethod: 'camera',
  });
  if (pose === undefined) return own(position.precisionM);
  const hit = foot === undefined ? undefined : groundOffset(pose, foot.u, foot.v);
  // Written so that a distance that is no number is far away too: boxes come from outside.
  if (foot === undefined || hit === undefined || !(hit.distanceM <= pose.rangeM)) return own(pose.rangeM);
  const [lonDeg, latDeg] = moveBy(cameraLon, cameraLat, hit.eastM, hit.northM);
  const farther = groundOffset(pose, foot.u, foot.v - EDGE_ERROR * pose.heightPx);
  const spreadM = farther === undefined ? pose.rangeM : farther.distanceM - hit.distanceM;
  const precisionM = Math.min(pose.rangeM, Math.max(BEST_PRECISION_M, spreadM) + (position.precisionM ?? 0));
  return { position: { lonDeg, latDeg, datum, precisionM }, positionMethod: 'camera-ground' };
}
