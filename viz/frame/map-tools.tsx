import type { Map as BaseMap } from 'maplibre-gl';
import { type ReactElement, useEffect, useState } from 'react';
import { wallFactor } from '../engine/level.ts';
import { useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { useBoard } from './board-context.ts';
import { Glyph } from './glyphs.tsx';

/** How long a camera flight may take, ms; none with reduced motion. */
export const flightMs = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 600);

/** What the lists and tools cover at the map's edges, CSS pixels: the city is shown beside them, not under them. */
export function roomAround(wall: number): { top: number; bottom: number; left: number; right: number } {
  const wide = innerWidth > 900;
  return {
    top: 24 * wall,
    bottom: 24 * wall,
    left: (wide ? 280 : 16) * wall,
    right: (wide ? 64 : 16) * wall,
  };
}

/** The whole city again, north up, flat. */
export function goHome(map: BaseMap, bounds: readonly [number, number, number, number]): void {
  const [west, south, east, north] = bounds;
  map.fitBounds(
    [
      [west, south],
      [east, north],
    ],
    {
      padding: roomAround(wallFactor()),
      duration: flightMs(),
      pitch: 0,
      bearing: 0,
    },
  );
}

/** Zoom, tilt, north, whole city, and the table twin. */
export function MapTools({ map }: { readonly map: BaseMap }): ReactElement {
  const { city, view } = useBoard();
  const t = useText();
  const { table } = useStore(view);
  const [camera, setCamera] = useState({ bearing: map.getBearing(), pitch: map.getPitch() });
  useEffect(() => {
    const turned = (): void => setCamera({ bearing: map.getBearing(), pitch: map.getPitch() });
    map.on('rotate', turned);
    map.on('pitch', turned);
    return () => {
      map.off('rotate', turned);
      map.off('pitch', turned);
    };
  }, [map]);
  const duration = flightMs();
  return (
    <div className="map-tools" role="toolbar" aria-label={t.map.map}>
      <div className="tool-group">
        <Tool name={t.map.zoomIn} glyph="plus" onClick={() => map.zoomIn({ duration })} />
        <Tool name={t.map.zoomOut} glyph="minus" onClick={() => map.zoomOut({ duration })} />
        <Tool name={t.map.home} glyph="home" onClick={() => goHome(map, city.bounds)} />
      </div>
      <div className="tool-group">
        <Tool
          name={t.map.tilt}
          glyph="tilt"
          pressed={camera.pitch > 1}
          onClick={() => map.easeTo({ pitch: camera.pitch > 1 ? 0 : 45, duration })}
        />
        <Tool
          name={t.map.north}
          glyph="north"
          turn={-camera.bearing}
          onClick={() => map.easeTo({ bearing: 0, duration })}
        />
      </div>
      <div className="tool-group">
        <Tool
          name={t.map.tableHint}
          glyph={table ? 'map' : 'table'}
          pressed={table}
          testId="table"
          onClick={() => view.set((v) => ({ ...v, table: !v.table }))}
        />
      </div>
    </div>
  );
}

function Tool({
  name,
  glyph,
  pressed,
  turn,
  testId,
  onClick,
}: {
  readonly name: string;
  readonly glyph: Parameters<typeof Glyph>[0]['name'];
  readonly pressed?: boolean;
  readonly turn?: number;
  readonly testId?: string;
  readonly onClick: () => void;
}): ReactElement {
  return (
    <button
      type="button"
      className="tool"
      aria-label={name}
      title={name}
      aria-pressed={pressed}
      data-testid={testId}
      onClick={onClick}
    >
      <span style={turn === undefined ? undefined : { rotate: `${turn}deg` }}>
        <Glyph name={glyph} />
      </span>
    </button>
  );
}
