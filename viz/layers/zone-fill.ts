/** Zones coloured by the mean of a property: stale ones grey, silent ones hatched, zero the lowest step. */
import { zonePeriodMs } from '../engine/zone-period.ts';
import type { LayerFactory } from './scene.ts';
import { layerOpacity, ZoneMeshLayer } from './zone-mesh-layer.ts';

export const zoneFill: LayerFactory<'zone-fill'> = (declaration, scene) => {
  if (scene.zones.key?.property !== declaration.property) return [];
  const data = scene.paint.paint(
    scene.zones,
    {
      breaks: declaration.breaks,
      scale: declaration.scale,
      periodMs: zonePeriodMs(scene.things, declaration.property),
    },
    scene.palette,
    scene.now,
    scene.lost,
  );
  if (!data) return [];
  return [
    new ZoneMeshLayer({
      id: 'zone-fill',
      data,
      opacity: layerOpacity(scene.palette.zoneOpacity),
      hatchPixels: 7 * scene.wall,
      gapPixels: 0.7 * scene.wall,
      parameters: { depthCompare: 'always', cullMode: 'none' },
    }),
  ];
};
