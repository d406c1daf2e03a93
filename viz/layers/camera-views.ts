/** Cameras: where they stand, where they look, and from street zoom on what they see. */
import type { ThingAnswer } from '../schema/api.ts';
import type { LayerFactory } from './scene.ts';
import { subset } from './subset.ts';
import { thingIcons } from './thing-points.ts';
import { FILL, layerOpacity, type ZoneMeshData, ZoneMeshLayer } from './zone-mesh-layer.ts';

/** Below this zoom a field of view is under a few pixels: only the turned mark is drawn. */
const VIEW_ZOOM = 12;
/** Corners of a sector: the camera and five points of the arc, which is what the zone mesh draws. */
const CORNERS = 6;
const METRES_PER_DEGREE = 111_320;

export interface View {
  readonly headingDeg: number;
  readonly hfovDeg: number;
  readonly rangeM: number;
}

/** The sector a camera sees on flat ground, as offsets from where it stands: degrees, the camera first. */
export function viewSector(latDeg: number, view: View): readonly (readonly [number, number])[] {
  const perLon = METRES_PER_DEGREE * Math.cos((latDeg * Math.PI) / 180);
  return Array.from({ length: CORNERS }, (_, i) => {
    if (i === 0) return [0, 0];
    const bearing = ((view.headingDeg + view.hfovDeg * ((i - 1) / (CORNERS - 2) - 0.5)) * Math.PI) / 180;
    return [
      (Math.sin(bearing) * view.rangeM) / perLon,
      (Math.cos(bearing) * view.rangeM) / METRES_PER_DEGREE,
    ];
  });
}

function sectors(cameras: readonly ThingAnswer[], colour: readonly [number, number, number]): ZoneMeshData {
  const centres = new Float64Array(cameras.length * 3);
  const corners = new Float32Array(cameras.length * CORNERS * 2);
  const fills = new Uint8ClampedArray(cameras.length * 4);
  cameras.forEach((camera, row) => {
    const [lon, lat] = camera.lonLat as readonly [number, number];
    centres.set([lon, lat, 0], row * 3);
    corners.set(viewSector(lat, camera.pose as View).flat(), row * CORNERS * 2);
    fills.set([...colour, FILL.value], row * 4);
  });
  return {
    length: cameras.length,
    attributes: {
      getCentre: { value: centres, size: 3 },
      getCornersA: { value: corners, size: 4, stride: 48, offset: 0 },
      getCornersB: { value: corners, size: 4, stride: 48, offset: 16 },
      getCornersC: { value: corners, size: 4, stride: 48, offset: 32 },
      getFill: { value: fills, size: 4 },
    },
  };
}

export const cameraViews: LayerFactory<'camera-views'> = (declaration, scene) => {
  const cameras = subset(declaration.id, scene.things, (all) =>
    all.filter((t) => t.lonLat !== null && (t.pose !== null || t.category === 'camera')),
  );
  const marks = thingIcons(declaration.id, cameras, scene, true);
  const posed = cameras.filter((c) => c.pose !== null);
  if (scene.zoom < VIEW_ZOOM || posed.length === 0) return [marks];
  const views = new ZoneMeshLayer({
    id: `${declaration.id}-sectors`,
    data: sectors(posed, scene.palette.view),
    opacity: layerOpacity(0.28),
    hatchPixels: 7 * scene.wall,
    gapPixels: 0,
    parameters: { depthCompare: 'always', cullMode: 'none' },
  });
  return [views, marks];
};
