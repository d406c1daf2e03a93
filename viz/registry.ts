/** What a declaration's `type` becomes: one table for layers, one for panels. */
import type { ComponentType } from 'react';
import type { Desk } from './engine/desk.ts';
import type { Store } from './engine/store.ts';
import type { ViewState } from './engine/view-state.ts';
import { cameraViews } from './layers/camera-views.ts';
import { eventPoints } from './layers/event-points.ts';
import { featurePoints } from './layers/feature-points.ts';
import type { LayerFactory } from './layers/scene.ts';
import { thingPoints } from './layers/thing-points.ts';
import { zoneFill } from './layers/zone-fill.ts';
import { EventsPanel } from './panels/events.tsx';
import { FeedsPanel } from './panels/feeds.tsx';
import { FiguresPanel } from './panels/figures.tsx';
import { VideoPanel } from './panels/video.tsx';
import type { LayerDeclaration, PanelDeclaration } from './schema/board.ts';

export const LAYERS: { readonly [T in LayerDeclaration['type']]: LayerFactory<T> } = {
  'zone-fill': zoneFill,
  'thing-points': thingPoints,
  'event-points': eventPoints,
  'feature-points': featurePoints,
  'camera-views': cameraViews,
};

export interface PanelProps<T extends PanelDeclaration['type']> {
  readonly panel: Extract<PanelDeclaration, { readonly type: T }>;
  readonly desk: Desk;
  readonly view: Store<ViewState>;
}

export const PANELS: { readonly [T in PanelDeclaration['type']]: ComponentType<PanelProps<T>> } = {
  figures: FiguresPanel,
  events: EventsPanel,
  feeds: FeedsPanel,
  video: VideoPanel,
};
