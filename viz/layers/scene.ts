/** What a layer is drawn from: one moment of the board. */
import type { Layer } from '@deck.gl/core';
import type { ZoneTable } from '../engine/zone-table.ts';
import type { EventAnswer, FeatureAnswer, ThingAnswer } from '../schema/api.ts';
import type { LayerDeclaration } from '../schema/board.ts';
import type { MapPalette } from '../theme/tokens.ts';
import type { IconAtlas } from './icon-atlas.ts';
import type { ZonePaint } from './zone-paint.ts';

export interface Scene {
  readonly zones: ZoneTable;
  readonly paint: ZonePaint;
  readonly things: readonly ThingAnswer[];
  readonly events: readonly EventAnswer[];
  readonly features: readonly FeatureAnswer[];
  readonly palette: MapPalette;
  readonly atlas: IconAtlas;
  /** Zoom as the eye has it (`seenZoom`). */
  readonly zoom: number;
  /** Server time, UTC ms, in whole periods of the redraw: what is stale follows from it. */
  readonly now: number;
  /** Root font size over 16: marks grow with the wall. */
  readonly wall: number;
  /** The link is lost: everything is drawn as stale. */
  readonly lost: boolean;
  /** Period by dataset, ms. */
  readonly periodOf: (dataset: string) => number | null;
  /** An event picked in the list. */
  readonly event: string | null;
}

/** Makes the deck.gl layers of one declaration. Ids are stable, so deck keeps what did not change. */
export type LayerFactory<T extends LayerDeclaration['type']> = (
  declaration: Extract<LayerDeclaration, { readonly type: T }>,
  scene: Scene,
) => readonly Layer[];
