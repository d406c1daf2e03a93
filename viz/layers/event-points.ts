/** Events where they happened: shape by kind, faded when closed, ringed when picked in the list. */
import { IconLayer, ScatterplotLayer } from '@deck.gl/layers';
import type { EventAnswer } from '../schema/api.ts';
import { iconName } from './icon-atlas.ts';
import type { LayerFactory } from './scene.ts';
import { shapeFor } from './shapes.ts';
import { subset } from './subset.ts';
import { markPixels } from './thing-points.ts';

export const eventPoints: LayerFactory<'event-points'> = (declaration, scene) => {
  const wanted = new Set(declaration.eventTypes);
  // Oldest first: the newest lies on top.
  const events = subset(declaration.id, scene.events, (all) =>
    all.filter((e) => e.lonLat !== null && (wanted.size === 0 || wanted.has(e.eventType))).reverse(),
  );
  const picked = events.filter((e) => e.id === scene.event);
  return [
    new IconLayer<EventAnswer>({
      id: declaration.id,
      data: events as EventAnswer[],
      iconAtlas: scene.atlas.image as unknown as string,
      iconMapping: scene.atlas.mapping,
      getPosition: (e) => e.lonLat as [number, number],
      getIcon: (e) => iconName(shapeFor(e.eventType), scene.lost ? 'stale' : 'plain'),
      getSize: (e) =>
        markPixels(shapeFor(e.eventType), scene.zoom, scene.wall) *
        (e.eventType === 'detection' ? 0.85 : 1.1),
      getColor: (e) => [0, 0, 0, e.status === 'closed' ? 110 : 255],
      sizeUnits: 'pixels',
      alphaCutoff: 0.02,
      parameters: { depthCompare: 'always' },
      updateTriggers: { getIcon: scene.lost, getSize: [Math.round(scene.zoom * 4), scene.wall] },
    }),
    new ScatterplotLayer<EventAnswer>({
      id: `${declaration.id}-picked`,
      data: picked,
      getPosition: (e) => e.lonLat as [number, number],
      filled: false,
      stroked: true,
      radiusUnits: 'pixels',
      lineWidthUnits: 'pixels',
      getRadius: 16 * scene.wall,
      getLineWidth: 2 * scene.wall,
      getLineColor: [...scene.palette.text, 255],
      parameters: { depthCompare: 'always' },
      updateTriggers: { getRadius: scene.wall, getLineWidth: scene.wall, getLineColor: scene.palette },
    }),
  ];
};
