/** Cameras: where they stand, where they look, and from street zoom on what they see. */
import { SolidPolygonLayer } from '@deck.gl/layers';
import type { ThingAnswer } from '../schema/api.ts';
import type { LayerFactory } from './scene.ts';
import { subset } from './subset.ts';
import { thingIcons } from './thing-points.ts';

/** Below this zoom a field of view is under a few pixels: only the turned mark is drawn. */
const VIEW_ZOOM = 12;
const STEPS = 12;
const METRES_PER_DEGREE = 111_320;

/** The sector a camera sees on flat ground: closed ring, degrees. */
export function viewSector(
  [lon, lat]: readonly [number, number],
  pose: { readonly headingDeg: number; readonly hfovDeg: number; readonly rangeM: number },
): [number, number][] {
  const perLon = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  const ring: [number, number][] = [[lon, lat]];
  for (let i = 0; i <= STEPS; i++) {
    const bearing = ((pose.headingDeg - pose.hfovDeg / 2 + (pose.hfovDeg * i) / STEPS) * Math.PI) / 180;
    ring.push([
      lon + (Math.sin(bearing) * pose.rangeM) / perLon,
      lat + (Math.cos(bearing) * pose.rangeM) / METRES_PER_DEGREE,
    ]);
  }
  ring.push([lon, lat]);
  return ring;
}

export const cameraViews: LayerFactory<'camera-views'> = (declaration, scene) => {
  const cameras = subset(declaration.id, scene.things, (all) =>
    all.filter((t) => t.lonLat !== null && (t.pose !== null || t.category === 'camera')),
  );
  const posed = subset(`${declaration.id}-sectors`, scene.things, () =>
    cameras.filter((c) => c.pose !== null),
  );
  return [
    new SolidPolygonLayer<ThingAnswer>({
      id: `${declaration.id}-sectors`,
      data: posed as ThingAnswer[],
      visible: scene.zoom >= VIEW_ZOOM,
      getPolygon: (c) => viewSector(c.lonLat as [number, number], c.pose as NonNullable<ThingAnswer['pose']>),
      getFillColor: [...scene.palette.view, 70],
      parameters: { depthCompare: 'always' },
      updateTriggers: { getFillColor: scene.palette },
    }),
    thingIcons(declaration.id, cameras, scene, true),
  ];
};
