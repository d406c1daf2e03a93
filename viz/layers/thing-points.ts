/** Devices by shape; grey when silent beyond their period, with the alarm's triangle when beyond a limit. */
import { IconLayer } from '@deck.gl/layers';
import { freshness } from '../engine/age.ts';
import type { ThingAnswer } from '../schema/api.ts';
import { iconName, type Look } from './icon-atlas.ts';
import type { LayerFactory, Scene } from './scene.ts';
import { type ShapeName, shapeFor } from './shapes.ts';
import { subset } from './subset.ts';

export function thingLook(thing: ThingAnswer, now: number, lost: boolean): Look {
  if (lost || freshness(thing.newestPhenomenonTime, now, thing.periodMs) !== 'live') return 'stale';
  return thing.latest.some((l) => l.warn) ? 'warn' : 'plain';
}

/** Marks grow with zoom; the many small ones (lights) stay dots until streets can be told apart. */
export function markPixels(shape: ShapeName, zoom: number, wall: number): number {
  const near = Math.min(1, Math.max(0, (zoom - 7.5) / 6));
  const base = shape === 'street-light' ? 4 + 10 * near : 11 + 11 * near;
  return base * wall;
}

/** Cameras turn with their heading: the shape looks north when it is 0. */
const angleOf = (thing: ThingAnswer): number => (thing.pose ? -thing.pose.headingDeg : 0);

/** @param flat - Marks lie on the ground and turn with the map, for what has a heading. */
export function thingIcons(
  id: string,
  things: readonly ThingAnswer[],
  scene: Scene,
  flat = false,
): IconLayer<ThingAnswer> {
  return new IconLayer<ThingAnswer>({
    id,
    data: things as ThingAnswer[],
    iconAtlas: scene.atlas.image as unknown as string,
    iconMapping: scene.atlas.mapping,
    getPosition: (t) => t.lonLat as [number, number],
    getIcon: (t) => iconName(shapeFor(t.category), thingLook(t, scene.now, scene.lost)),
    getSize: (t) => markPixels(shapeFor(t.category), scene.zoom, scene.wall),
    getAngle: angleOf,
    sizeUnits: 'pixels',
    billboard: !flat,
    alphaCutoff: 0.02,
    parameters: { depthCompare: 'always' },
    updateTriggers: {
      getIcon: [scene.now, scene.lost],
      getSize: [Math.round(scene.zoom * 4), scene.wall],
    },
  });
}

/** Lights first, so that the few stations lie above the many lights. */
const depth = (thing: ThingAnswer): number => (thing.category === 'street-light' ? 0 : 1);

export const thingPoints: LayerFactory<'thing-points'> = (declaration, scene) => {
  const wanted = new Set(declaration.categories);
  const things = subset(declaration.id, scene.things, (all) =>
    all
      .filter((t) => t.lonLat !== null && t.pose === null && (wanted.size === 0 || wanted.has(t.category)))
      .sort((a, b) => depth(a) - depth(b)),
  );
  return [thingIcons(declaration.id, things, scene)];
};
