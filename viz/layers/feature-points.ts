/** Registered places (schools, hospitals, enterprises) by shape. */
import { IconLayer } from '@deck.gl/layers';
import type { FeatureAnswer } from '../schema/api.ts';
import { iconName } from './icon-atlas.ts';
import type { LayerFactory } from './scene.ts';
import { shapeFor } from './shapes.ts';
import { subset } from './subset.ts';
import { markPixels } from './thing-points.ts';

export const featurePoints: LayerFactory<'feature-points'> = (declaration, scene) => {
  const wanted = new Set(declaration.featureTypes);
  const features = subset(declaration.id, scene.features, (all) =>
    all.filter((f) => f.lonLat !== null && (wanted.size === 0 || wanted.has(f.featureType))),
  );
  return [
    new IconLayer<FeatureAnswer>({
      id: declaration.id,
      data: features as FeatureAnswer[],
      iconAtlas: scene.atlas.image as unknown as string,
      iconMapping: scene.atlas.mapping,
      getPosition: (f) => f.lonLat as [number, number],
      getIcon: (f) => iconName(shapeFor(f.featureType), 'plain'),
      getSize: (f) => markPixels(shapeFor(f.featureType), scene.zoom, scene.wall) * 0.85,
      sizeUnits: 'pixels',
      alphaCutoff: 0.02,
      parameters: { depthCompare: 'always' },
      updateTriggers: { getSize: [Math.round(scene.zoom * 4), scene.wall] },
    }),
  ];
};
