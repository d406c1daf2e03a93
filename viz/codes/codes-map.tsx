import type { Layer } from '@deck.gl/core';
import { PathLayer, PolygonLayer, ScatterplotLayer } from '@deck.gl/layers';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { beidou3d, GRIDS, isGridError } from '../../grid/index.ts';
import { wallFactor } from '../engine/level.ts';
import { type MapStage, openMapStage } from '../engine/map-stage.ts';
import { type Store, useStore } from '../engine/store.ts';
import { flightMs } from '../frame/map-tools.tsx';
import { useText } from '../i18n/index.ts';
import type { CityAnswer } from '../schema/api.ts';
import { type MapPalette, readMapPalette } from '../theme/tokens.ts';
import { solidAt } from './codes-at.ts';
import type { CodesState } from './codes-state.ts';

/** Closest zoom: a cell of 12 cm still shows. */
const ZOOM_MAX = 23;

interface Look {
  readonly palette: MapPalette;
  readonly wall: number;
}

/** The map of the page: a click chooses the place; the chosen level's zone and its neighbours are outlined. */
export function CodesMap({
  city,
  state,
}: {
  readonly city: CityAnswer;
  readonly state: Store<CodesState>;
}): ReactElement {
  const t = useText();
  const container = useRef<HTMLDivElement>(null);
  const look = useRef<Look | null>(null);
  const [stage, setStage] = useState<MapStage | null>(null);
  const { place, tab, level, heightM, coding, theme } = useStore(state);
  const shownLevel = level[tab];

  // biome-ignore lint/correctness/useExhaustiveDependencies: the stage lives as long as the page; what changes is read from the store.
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    look.current = { palette: readMapPalette(), wall: wallFactor() };
    const opened = openMapStage({
      container: element,
      city,
      palette: look.current.palette,
      wall: look.current.wall,
      camera: null,
      padding: { top: 24, bottom: 24, left: 24, right: 24 },
      maxZoom: ZOOM_MAX,
      draw: () => ({
        layers: drawCodes(state.get(), look.current as Look),
        seq: 0,
        position: 0,
        zones: state.get().place ? 1 : 0,
      }),
    });
    opened.map.getCanvas().setAttribute('aria-label', t.codes.centre);
    opened.map.on('click', ({ lngLat }) => {
      const { lng, lat } = lngLat.wrap();
      state.set((s) => ({ ...s, place: { lonDeg: lng, latDeg: lat } }));
    });
    const resized = new ResizeObserver(() => {
      if (look.current) look.current = { ...look.current, wall: wallFactor() };
      opened.invalidate();
    });
    resized.observe(element);
    const ending = state.watch(opened.invalidate);
    opened.invalidate();
    setStage(opened);
    return () => {
      ending();
      resized.disconnect();
      opened.close();
    };
  }, [city, state]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes the tokens that are read here.
  useEffect(() => {
    if (!stage) return;
    look.current = { palette: readMapPalette(), wall: wallFactor() };
    stage.restyle(look.current.palette, look.current.wall);
    stage.invalidate();
  }, [stage, theme]);

  useEffect(() => {
    if (!stage || !place) return;
    const box = boxToShow(place, tab, shownLevel);
    if (box)
      stage.map.fitBounds(box, {
        padding: Math.min(stage.map.getContainer().clientHeight / 3.2, 320),
        pitch: tab === 'beidou3d' ? 50 : 0,
        duration: flightMs(),
        maxZoom: ZOOM_MAX - 0.5,
      });
  }, [stage, place, tab, shownLevel]);

  useEffect(() => {
    if (stage && (heightM || coding)) stage.invalidate();
  }, [stage, heightM, coding]);

  return <div className="map" ref={container} data-testid="codes-map" />;
}

type Box = [[number, number], [number, number]];

function boxToShow(
  place: NonNullable<CodesState['place']>,
  tab: CodesState['tab'],
  level: number,
): Box | null {
  const grid = GRIDS[tab === 'h3' ? 'h3' : 'beidou2d'];
  try {
    const ring = grid.boundary(grid.encode(place.lonDeg, place.latDeg, level), level);
    const lons = ring.map(([lon]) => lon);
    // The map projection ends before the poles.
    const lats = ring.map(([, lat]) => Math.max(-85, Math.min(85, lat)));
    return [
      [Math.min(...lons), Math.min(...lats)],
      [Math.max(...lons), Math.max(...lats)],
    ];
  } catch (error) {
    if (isGridError(error)) return null;
    throw error;
  }
}

/** The zone of the chosen level, its neighbours faintly, and the place. */
function drawCodes(state: CodesState, { palette, wall }: Look): readonly Layer[] {
  const { place, tab } = state;
  if (!place) return [];
  const position: [number, number] = [place.lonDeg, place.latDeg];
  const dot = new ScatterplotLayer({
    id: 'place',
    data: [position],
    getPosition: (p: [number, number]) => p,
    getRadius: 5 * wall,
    radiusUnits: 'pixels',
    getFillColor: [...palette.text, 255],
    getLineColor: [...palette.halo, 255],
    getLineWidth: 2 * wall,
    lineWidthUnits: 'pixels',
    stroked: true,
    parameters: { depthCompare: 'always' },
    updateTriggers: { getFillColor: palette, getLineColor: palette, getRadius: wall, getLineWidth: wall },
  });
  try {
    return [
      ...(tab === 'beidou3d' ? box(state, place, palette, wall) : flat(state, place, palette, wall)),
      dot,
    ];
  } catch (error) {
    if (isGridError(error)) return [dot];
    throw error;
  }
}

type Ring = readonly (readonly [number, number])[];

function flat(
  { tab, level }: CodesState,
  place: NonNullable<CodesState['place']>,
  palette: MapPalette,
  wall: number,
): readonly Layer[] {
  const grid = GRIDS[tab === 'h3' ? 'h3' : 'beidou2d'];
  const shown = level[tab];
  const zone = grid.encode(place.lonDeg, place.latDeg, shown);
  const around = grid.neighbours(zone, shown).map((each) => grid.boundary(each, shown));
  const own = grid.boundary(zone, shown);
  return [
    outlines('around', around, palette.minor, 90, 1 * wall),
    outlines('zone-edge', [own], palette.halo, 255, 5 * wall),
    outlines('zone', [own], palette.text, 255, 2 * wall),
  ];
}

function outlines(
  id: string,
  rings: readonly Ring[],
  colour: readonly [number, number, number],
  alpha: number,
  width: number,
): Layer {
  return new PathLayer({
    id,
    data: rings as Ring[],
    getPath: (ring: Ring) => ring as [number, number][],
    getColor: [...colour, alpha] as [number, number, number, number],
    getWidth: width,
    widthUnits: 'pixels',
    jointRounded: true,
    parameters: { depthCompare: 'always' },
    updateTriggers: { getColor: [colour, alpha], getWidth: width },
  });
}

/** The box of a 3D zone over the map, whose plane stands for the chosen height. */
function box(
  { level, heightM, coding }: CodesState,
  place: NonNullable<CodesState['place']>,
  palette: MapPalette,
  wall: number,
): readonly Layer[] {
  const zone = solidAt(place.lonDeg, place.latDeg, heightM, level.beidou3d, coding);
  const [west, south, floorM, east, north, topM] = beidou3d.bounds(zone, coding);
  const floor = floorM - heightM;
  const corners: [number, number, number][] = [
    [west, south, floor],
    [east, south, floor],
    [east, north, floor],
    [west, north, floor],
  ];
  return [
    new PolygonLayer({
      id: 'box',
      data: [corners],
      getPolygon: (ring: [number, number, number][]) => ring,
      getElevation: topM - floorM,
      extruded: true,
      wireframe: true,
      getFillColor: [...(palette.sequential[4] ?? palette.text), 70],
      getLineColor: [...palette.text, 255],
      updateTriggers: { getElevation: topM - floorM, getFillColor: palette, getLineColor: palette },
      material: false,
    }),
    outlines(
      'box-foot',
      [[...corners, corners[0]!].map(([x, y]) => [x, y] as const)],
      palette.text,
      255,
      2 * wall,
    ),
  ];
}
