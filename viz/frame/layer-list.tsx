import { type ReactElement, useState } from 'react';
import { useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import type { LayerDeclaration } from '../schema/board.ts';
import { useBoard, useLocal } from './board-context.ts';
import { isShown } from './draw-board.ts';
import { Glyph, Mark } from './glyphs.tsx';

/** Grid, one zone fill at a time, and the marks that may be switched. */
export function LayerList({ level }: { readonly level: number }): ReactElement {
  const { board, view } = useBoard();
  const t = useText();
  const local = useLocal();
  const chosen = useStore(view);
  const [open, setOpen] = useState(() => innerWidth > 900);
  const fills = board.map.layers.filter((l) => l.type === 'zone-fill');
  const marks = board.map.layers.filter((l) => l.type !== 'zone-fill');
  if (!open)
    return (
      <button type="button" className="layer-list closed" onClick={() => setOpen(true)} aria-expanded="false">
        <Glyph name="layers" /> {t.map.expand}
      </button>
    );
  return (
    <section className="layer-list" aria-label={t.map.layers}>
      <div className="layer-grid">
        <fieldset className="segments">
          <legend className="visually-hidden">{t.map.grid}</legend>
          {(['h3', 'beidou2d'] as const).map((grid) => (
            <button
              key={grid}
              type="button"
              aria-pressed={chosen.dggrs === grid}
              data-testid={`grid-${grid}`}
              onClick={() =>
                view.set((v) => ({ ...v, dggrs: grid, selected: v.dggrs === grid ? v.selected : null }))
              }
            >
              {t.map[grid]}
            </button>
          ))}
        </fieldset>
        <span className="layer-level">{t.map.level(level)}</span>
        <button
          type="button"
          className="quiet icon"
          aria-label={t.map.collapse}
          title={t.map.collapse}
          onClick={() => setOpen(false)}
        >
          <Glyph name="close" />
        </button>
      </div>
      <fieldset>
        <legend>{t.map.zones}</legend>
        {fills.map((layer) => (
          <label key={layer.id}>
            <input
              type="radio"
              name="zone-layer"
              checked={chosen.zoneLayer === layer.id}
              onChange={() => view.set((v) => ({ ...v, zoneLayer: layer.id }))}
            />
            <span>{local(layer.title)}</span>
          </label>
        ))}
        <label>
          <input
            type="radio"
            name="zone-layer"
            checked={chosen.zoneLayer === null}
            onChange={() => view.set((v) => ({ ...v, zoneLayer: null }))}
          />
          <span>{t.map.noZones}</span>
        </label>
      </fieldset>
      <fieldset>
        <legend>{t.map.marks}</legend>
        {marks.map((layer) => (
          <label key={layer.id}>
            <input
              type="checkbox"
              checked={isShown(layer, chosen)}
              onChange={() =>
                view.set((v) => {
                  const toggled = new Set(v.toggled);
                  if (!toggled.delete(layer.id)) toggled.add(layer.id);
                  return { ...v, toggled };
                })
              }
            />
            <span>{local(layer.title)}</span>
            <span className="layer-marks">
              {kindsOf(layer).map((kind) => (
                <Mark key={kind} kind={kind} />
              ))}
            </span>
          </label>
        ))}
      </fieldset>
    </section>
  );
}

/** The marks a layer draws, for its line in the list. */
function kindsOf(layer: LayerDeclaration): readonly string[] {
  if (layer.type === 'thing-points') return layer.categories;
  if (layer.type === 'event-points') return layer.eventTypes;
  if (layer.type === 'feature-points') return layer.featureTypes;
  return layer.type === 'camera-views' ? ['camera'] : [];
}
