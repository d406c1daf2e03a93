/**
 * The map outside React: MapLibre holds the camera and the base map, deck.gl draws over it. Whatever changes only marks the
 * stage dirty; at most once per animation frame the layers are made again.
 */
import { MapLibreOverlay } from '@deck.gl/maplibre';
import { Map as BaseMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { Layer } from '@deck.gl/core';
import type { CityAnswer } from '../schema/api.ts';
import type { MapPalette } from '../theme/tokens.ts';
import { baseStyle } from './base-style.ts';
import type { DrawnState } from './drawn-state.ts';

setWorkerUrl(workerUrl);

/** The layers of one moment, and what they show. */
export interface Drawing {
  readonly layers: readonly Layer[];
  readonly seq: number;
  readonly position: number;
  readonly zones: number;
}

export interface MapStage {
  readonly map: BaseMap;
  /** Something changed: draw again in the next frame. */
  invalidate(): void;
  restyle(palette: MapPalette, wall: number): void;
  close(): void;
}

export function openMapStage(options: {
  readonly container: HTMLElement;
  readonly city: CityAnswer;
  readonly palette: MapPalette;
  readonly wall: number;
  readonly camera: { readonly lon: number; readonly lat: number; readonly zoom: number } | null;
  readonly padding: {
    readonly top: number;
    readonly bottom: number;
    readonly left: number;
    readonly right: number;
  };
  readonly draw: () => Drawing;
  /** Closest zoom; 19 (0.3 m a pixel) unless told. */
  readonly maxZoom?: number;
}): MapStage {
  const { city, container } = options;
  const [west, south, east, north] = city.bounds;
  const bounds: [[number, number], [number, number]] = [
    [west, south],
    [east, north],
  ];
  const map = new BaseMap({
    container,
    style: baseStyle(city.outlines, city.bounds, options.palette, options.wall),
    ...(options.camera
      ? { center: [options.camera.lon, options.camera.lat] as [number, number], zoom: options.camera.zoom }
      : { bounds, fitBoundsOptions: { padding: { ...options.padding } } }),
    attributionControl: false,
    minZoom: 5,
    maxZoom: options.maxZoom ?? 19,
    maxPitch: 60,
    renderWorldCopies: false,
    fadeDuration: 0,
    canvasContextAttributes: { antialias: false },
  });
  const drawn: DrawnState = { seqRendered: 0, position: 0, zones: 0, framesRendered: 0 };
  window.__jingwei = drawn;
  let pending: Drawing | null = null;
  const overlay = new MapLibreOverlay({
    interleaved: false,
    layers: [],
    // Wedges and hexagons have hard edges at wall resolution; multisampling would cost a third of the frame.
    deviceProps: { webgl: { antialias: false } },
    onAfterRender: () => {
      drawn.framesRendered++;
      if (!pending) return;
      drawn.seqRendered = pending.seq;
      drawn.position = pending.position;
      drawn.zones = pending.zones;
    },
    onError: (error: Error) => console.error('Map layer failed', error),
  });
  map.addControl(overlay);

  let frame = 0;
  let closed = false;
  const flush = (): void => {
    frame = 0;
    if (closed) return;
    pending = options.draw();
    overlay.setProps({ layers: [...pending.layers] });
  };
  return {
    map,
    invalidate() {
      if (frame === 0 && !closed) frame = requestAnimationFrame(flush);
    },
    restyle(palette, wall) {
      map.setStyle(baseStyle(city.outlines, city.bounds, palette, wall), { diff: true });
    },
    close() {
      closed = true;
      cancelAnimationFrame(frame);
      map.remove();
      delete window.__jingwei;
    },
  };
}
