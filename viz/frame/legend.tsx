import type { Map as BaseMap } from 'maplibre-gl';
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import { wallFactor } from '../engine/level.ts';
import { classColours } from '../engine/scale.ts';
import { useStore } from '../engine/store.ts';
import { writtenUnit } from '../engine/units.ts';
import { useText } from '../i18n/index.ts';
import { cssColour, readMapPalette } from '../theme/tokens.ts';
import { useBoard, useLocal } from './board-context.ts';

/** Fixed steps with their unit, the looks of "no data" and "stale", scale bar, and what the outlines are. */
export function Legend({ map, level }: { readonly map: BaseMap; readonly level: number }): ReactElement {
  const { board, view, city, desk } = useBoard();
  const t = useText();
  const local = useLocal();
  const { zoneLayer, theme } = useStore(view);
  useStore(desk.zonesChanged);
  const { key } = desk.zones;
  const coarsened = key !== null && key.level < level;
  const layer = board.map.layers.find((l) => l.id === zoneLayer);
  return (
    <section className="legend" aria-label={t.map.legend}>
      {layer?.type === 'zone-fill' ? (
        <>
          <p className="legend-title">
            {local(layer.title)}
            <small>
              {writtenUnit(city.properties.find((p) => p.id === layer.property)?.unit ?? '', t.lang)}
            </small>
          </p>
          <Steps breaks={layer.breaks} scale={layer.scale} theme={theme} />
          <p className="legend-states">
            <span>
              <i className="swatch stale" /> {t.map.stale}
            </span>
            <span>
              <i className="swatch hatch" /> {t.map.noData}
            </span>
            <span className="legend-note">
              {t.map.breaks} · {coarsened ? t.map.coarsened(key.level) : t.map.level(level)} ·{' '}
              {t.map.drawn(String(desk.zones.length))}
            </span>
          </p>
        </>
      ) : null}
      <div className="legend-foot">
        <ScaleBar map={map} />
        {city.outlinesSchematic ? <span className="legend-note">{t.map.schematic}</span> : null}
      </div>
    </section>
  );
}

function Steps({
  breaks,
  scale,
  theme,
}: {
  readonly breaks: readonly number[];
  readonly scale: 'sequential' | 'diverging' | 'aqi';
  readonly theme: string;
}): ReactElement {
  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes the tokens that are read.
  const colours = useMemo(
    () => classColours(scale, breaks.length + 1, readMapPalette()),
    [breaks, scale, theme],
  );
  return (
    <ol className="steps">
      {colours.map((rgb, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a class is its index.
        <li key={i}>
          <i style={{ background: cssColour(rgb) }} />
          {i > 0 ? <span>{breaks[i - 1]}</span> : null}
        </li>
      ))}
    </ol>
  );
}

/** A round length under 8 rem, for the map's centre. */
function ScaleBar({ map }: { readonly map: BaseMap }): ReactElement {
  const read = (): { readonly metres: number; readonly pixels: number } => {
    const perPixel =
      (40_075_016.7 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
    const most = perPixel * 8 * 16 * wallFactor();
    const power = 10 ** Math.floor(Math.log10(most));
    const metres = power * ([5, 2, 1].find((f) => f * power <= most) ?? 1);
    return { metres, pixels: metres / perPixel };
  };
  const [bar, setBar] = useState(read);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` only reads the map.
  useEffect(() => {
    const moved = (): void => setBar(read());
    map.on('moveend', moved);
    map.on('resize', moved);
    moved();
    return () => {
      map.off('moveend', moved);
      map.off('resize', moved);
    };
  }, [map]);
  return (
    <span className="scale-bar">
      <i style={{ width: `${bar.pixels}px` }} />
      {bar.metres >= 1000 ? `${bar.metres / 1000}\u2009km` : `${bar.metres}\u2009m`}
    </span>
  );
}
