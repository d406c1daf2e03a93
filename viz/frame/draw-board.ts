/** One moment of the board as deck.gl layers, in the order the board declares them. */
import type { Layer } from '@deck.gl/core';
import { PathLayer } from '@deck.gl/layers';
import { ringOf } from '../engine/grids.ts';
import type { Drawing } from '../engine/map-stage.ts';
import type { ViewState } from '../engine/view-state.ts';
import { silentZones } from '../engine/zone-period.ts';
import type { IconAtlas } from '../layers/icon-atlas.ts';
import type { Scene } from '../layers/scene.ts';
import type { ZonePaint } from '../layers/zone-paint.ts';
import { LAYERS } from '../registry.ts';
import type { LayerDeclaration } from '../schema/board.ts';
import type { MapPalette } from '../theme/tokens.ts';
import type { BoardContextValue } from './board-context.ts';

/** Staleness is judged in steps of this length, ms: marks need not be redrawn each second for it. */
export const STALE_STEP_MS = 5000;

export interface DrawInput extends BoardContextValue {
  readonly paint: ZonePaint;
  readonly palette: MapPalette;
  readonly atlas: IconAtlas;
  readonly wall: number;
  readonly zoom: number;
}

/** Is the layer drawn, given what the board declares and what the person switched. */
export function isShown(layer: LayerDeclaration, view: ViewState): boolean {
  if (layer.type === 'zone-fill') return layer.id === view.zoneLayer;
  return layer.visible !== view.toggled.has(layer.id);
}

export function drawBoard(input: DrawInput): Drawing {
  const { desk, board, city } = input;
  const view = input.view.get();
  const link = desk.link.get();
  const now = Math.floor(desk.clock.now() / STALE_STEP_MS) * STALE_STEP_MS;
  const key = desk.zones.key;
  if (key)
    input.paint.lookForSilent(
      `${key.dggrs} ${key.level} ${key.property} ${now} ${desk.things.get().length}`,
      () => silentZones(desk.things.get(), key, now),
    );
  const periods = new Map(city.datasets.map((d) => [d.id, d.periodMs]));
  const scene: Scene = {
    zones: desk.zones,
    paint: input.paint,
    things: desk.things.get(),
    events: desk.events.get() ?? [],
    features: desk.features.get(),
    palette: input.palette,
    atlas: input.atlas,
    zoom: input.zoom,
    now,
    wall: input.wall,
    lost: link.lostAt !== null,
    periodOf: (dataset) => periods.get(dataset) ?? null,
    event: view.event,
  };
  const shown = board.map.layers.filter((layer) => isShown(layer, view));
  const zones = shown.filter((l) => l.type === 'zone-fill').flatMap((l) => layersOf(l, scene));
  const marks = shown.filter((l) => l.type !== 'zone-fill').flatMap((l) => layersOf(l, scene));
  return {
    layers: [...zones, ...selection(view, scene), ...marks],
    seq: link.seq,
    position: link.position,
    zones: zones.length > 0 ? desk.zones.length : 0,
  };
}

/** The one place where a declaration's `type` picks its factory. */
function layersOf<T extends LayerDeclaration['type']>(
  declaration: Extract<LayerDeclaration, { readonly type: T }>,
  scene: Scene,
): readonly Layer[] {
  return LAYERS[declaration.type as T](declaration, scene);
}

/** The selected zone: two pixels in the text colour over a dark edge, so that it shows on every fill. */
function selection(view: ViewState, scene: Scene): readonly Layer[] {
  const ring = view.selected && ringOf(view.selected.dggrs, view.selected.id);
  if (!ring) return [];
  const line = (id: string, width: number, colour: readonly [number, number, number]): Layer =>
    new PathLayer({
      id,
      data: [ring],
      getPath: (r: typeof ring) => r as [number, number][],
      getColor: [...colour, 255],
      getWidth: width * scene.wall,
      widthUnits: 'pixels',
      jointRounded: true,
      parameters: { depthCompare: 'always' },
      updateTriggers: { getColor: scene.palette, getWidth: scene.wall },
    });
  return [line('selection-edge', 5, scene.palette.halo), line('selection', 2, scene.palette.text)];
}
