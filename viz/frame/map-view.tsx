import { type ReactElement, useEffect, useRef, useState } from 'react';
import { countyAt } from '../engine/county.ts';
import { gridOf } from '../engine/grids.ts';
import { levelAt, seenZoom, wallFactor } from '../engine/level.ts';
import type { MapStage } from '../engine/map-stage.ts';
import { openMapStage } from '../engine/map-stage.ts';
import { createStore, useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { drawIconAtlas, type IconAtlas } from '../layers/icon-atlas.ts';
import { ZonePaint } from '../layers/zone-paint.ts';
import { type MapPalette, readMapPalette } from '../theme/tokens.ts';
import { useBoard } from './board-context.ts';
import { CountyLabels } from './county-labels.tsx';
import { drawBoard, STALE_STEP_MS } from './draw-board.ts';
import { type Hover, HoverTip, markUnder, Readout } from './hover.tsx';
import { LayerList } from './layer-list.tsx';
import { Legend } from './legend.tsx';
import { MapTools, roomAround } from './map-tools.tsx';
import { ZoneTwin } from './zone-twin.tsx';

/** The map with everything that lies on it. */
export function MapView({ onStage }: { readonly onStage: (stage: MapStage | null) => void }): ReactElement {
  const context = useBoard();
  const { desk, view, city, board } = context;
  const t = useText();
  const chosen = useStore(view);
  const container = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<MapStage | null>(null);
  const [level, setLevel] = useState(() => levelAt(board.map.levels, chosen.dggrs, 8));
  const [hover] = useState(() => createStore<Hover | null>(null));
  const look = useRef<{ palette: MapPalette; atlas: IconAtlas; wall: number } | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the stage lives as long as the board; what changes is read from stores.
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const palette = readMapPalette();
    look.current = { palette, atlas: drawIconAtlas(palette), wall: wallFactor() };
    const paint = new ZonePaint();
    const opened: MapStage = openMapStage({
      container: element,
      city,
      palette,
      wall: look.current.wall,
      camera: cameraFromAddress(location.search),
      padding: roomAround(look.current.wall),
      draw: () =>
        drawBoard({
          ...context,
          ...(look.current as NonNullable<typeof look.current>),
          paint,
          zoom: seenZoom(opened.map.getZoom(), (look.current as NonNullable<typeof look.current>).wall),
        }),
    });
    const { map } = opened;
    map.getCanvas().setAttribute('aria-label', t.map.label);
    const follow = (): void => {
      const { dggrs, zoneLayer } = view.get();
      const next = levelAt(board.map.levels, dggrs, seenZoom(map.getZoom(), wallFactor()));
      setLevel(next);
      const layer = board.map.layers.find((l) => l.id === zoneLayer);
      desk.watchZones(layer?.type === 'zone-fill' ? { dggrs, level: next, property: layer.property } : null);
    };
    let watched = '';
    const watchIfChanged = (): void => {
      const { dggrs, zoneLayer } = view.get();
      const key = `${dggrs} ${zoneLayer} ${levelAt(board.map.levels, dggrs, seenZoom(map.getZoom(), wallFactor()))}`;
      if (key === watched) return;
      watched = key;
      follow();
    };
    const endings = [
      ...[desk.zonesChanged, desk.things, desk.events, desk.features].map((s) => s.watch(opened.invalidate)),
      desk.clock.seconds.watch(
        onChangeOf(() => Math.floor(desk.clock.now() / STALE_STEP_MS), opened.invalidate),
      ),
      desk.link.watch(onChangeOf(() => desk.link.get().phase, opened.invalidate)),
      view.watch(() => {
        watchIfChanged();
        opened.invalidate();
      }),
    ];
    map.on('zoom', () => {
      watchIfChanged();
      opened.invalidate();
    });
    map.on('mousemove', (e) =>
      hover.set({ x: e.point.x, y: e.point.y, lon: e.lngLat.lng, lat: e.lngLat.lat, zoom: map.getZoom() }),
    );
    map.on('mouseout', () => hover.set(null));
    map.on('click', (e) => {
      const { dggrs } = view.get();
      const at = { x: e.point.x, y: e.point.y, lon: e.lngLat.lng, lat: e.lngLat.lat, zoom: map.getZoom() };
      const hit = markUnder(context, at);
      const grid = gridOf(dggrs);
      const asked = levelAt(board.map.levels, dggrs, seenZoom(at.zoom, wallFactor()));
      // A grade may allow coarser zones only: what is drawn is what can be opened.
      const { key } = desk.zones;
      const zoneLevel = key?.dggrs === dggrs ? Math.min(asked, key.level) : asked;
      try {
        const id = grid.format(grid.encode(at.lon, at.lat, zoneLevel), zoneLevel);
        view.set((v) => ({
          ...v,
          selected: { dggrs, id },
          event: hit?.kind === 'event' ? hit.event.id : v.event,
        }));
      } catch {
        // Polar BeiDou zones and the like: nothing to select there.
      }
    });
    watchIfChanged();
    opened.invalidate();
    // Sizes follow the wall: a window moved to another screen redraws its marks.
    const resized = new ResizeObserver(() => {
      if (look.current) look.current.wall = wallFactor();
      opened.invalidate();
    });
    resized.observe(element);
    setStage(opened);
    onStage(opened);
    return () => {
      for (const end of endings) end();
      resized.disconnect();
      onStage(null);
      opened.close();
    };
  }, [city, board, desk, view]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes the tokens that are read here.
  useEffect(() => {
    if (!stage) return;
    const palette = readMapPalette();
    look.current = { palette, atlas: drawIconAtlas(palette), wall: wallFactor() };
    stage.restyle(palette, look.current.wall);
    stage.invalidate();
  }, [stage, chosen.theme]);

  return (
    <div className="map-area">
      <div className="map" ref={container} data-testid="map" />
      {stage ? (
        <>
          <CountyLabels map={stage.map} />
          <LayerList level={level} />
          <MapTools map={stage.map} />
          <Legend map={stage.map} level={level} />
          <Readout
            at={hover}
            map={stage.map}
            level={level}
            countyOf={(lon, lat) => countyAt(desk.counties.get(), lon, lat)}
          />
          <HoverTip at={hover} />
        </>
      ) : null}
      {chosen.table ? <ZoneTwin level={level} /> : null}
    </div>
  );
}

/** Stores change many times a second; the map cares only about a part of them. */
function onChangeOf(read: () => string | number, act: () => void): () => void {
  let before = read();
  return () => {
    const now = read();
    if (now === before) return;
    before = now;
    act();
  };
}

/** `view=lon,lat,zoom` in the address. */
function cameraFromAddress(search: string): { lon: number; lat: number; zoom: number } | null {
  const parts = new URLSearchParams(search).get('view')?.split(',').map(Number);
  if (parts?.length !== 3 || !parts.every(Number.isFinite)) return null;
  const [lon, lat, zoom] = parts as [number, number, number];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 ? { lon, lat, zoom } : null;
}
