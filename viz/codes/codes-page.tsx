import { type ReactElement, useMemo } from 'react';
import type { County } from '../engine/county.ts';
import { type Store, useStore } from '../engine/store.ts';
import { LookButtons } from '../frame/look-buttons.tsx';
import { useText } from '../i18n/index.ts';
import type { CityAnswer, SessionAnswer } from '../schema/api.ts';
import { CodeTable } from './code-table.tsx';
import { flatCodes, solidCodes } from './codes-at.ts';
import { CodesMap } from './codes-map.tsx';
import { CODE_TABS, type CodesState } from './codes-state.ts';
import type { CodingDesk } from './coding-desk.ts';
import { PlaceForm } from './place-form.tsx';
import { TableView } from './table-view.tsx';
import { ViewSwitch } from './view-switch.tsx';

/** Grid codes of a place, made here and shown on the map; or of a whole table, made by the server. */
export function CodesPage({
  city,
  counties,
  session,
  state,
  desk,
}: {
  readonly city: CityAnswer;
  readonly counties: readonly County[];
  readonly session: SessionAnswer;
  readonly state: Store<CodesState>;
  readonly desk: CodingDesk;
}): ReactElement {
  const t = useText();
  const { view } = useStore(state);
  return (
    <div className={`board codes-board view-${view}`}>
      <header className="top-bar">
        <h1 className="top-title">
          {t.cityBrain(city.name[t.lang])}
          <span className="top-board">{t.codes.title}</span>
        </h1>
        <span className="top-gap" />
        <nav className="top-actions">
          <a className="quiet" href={`./?lang=${t.lang}`}>
            {t.codes.back}
          </a>
          <LookButtons state={state} />
        </nav>
      </header>
      {view === 'table' ? (
        <TableView city={city} session={session} state={state} desk={desk} />
      ) : (
        <PlaceView city={city} counties={counties} state={state} />
      )}
    </div>
  );
}

/** One types or clicks a place and sees its codes at all levels of every grid, in words and on the map. */
function PlaceView({
  city,
  counties,
  state,
}: {
  readonly city: CityAnswer;
  readonly counties: readonly County[];
  readonly state: Store<CodesState>;
}): ReactElement {
  const t = useText();
  return (
    <>
      <aside className="rail rail-left">
        <ViewSwitch state={state} />
        <PlaceForm city={city} counties={counties} state={state} />
      </aside>
      <main className="stage">
        <div className="map-area">
          <CodesMap city={city} state={state} />
          <MapNote state={state} schematic={city.outlinesSchematic} />
        </div>
      </main>
      <aside className="rail rail-right">
        <CodesPanel state={state} />
      </aside>
      <footer className="strip codes-strip">{t.codes.standard}</footer>
    </>
  );
}

function CodesPanel({ state }: { readonly state: Store<CodesState> }): ReactElement {
  const t = useText();
  const { tab, place, heightM, coding, level } = useStore(state);
  const rows = useMemo(() => {
    if (!place) return null;
    return tab === 'beidou3d'
      ? solidCodes(place.lonDeg, place.latDeg, heightM, coding)
      : flatCodes(tab, place.lonDeg, place.latDeg);
  }, [tab, place, heightM, coding]);
  return (
    <section className="panel codes-panel" aria-label={t.codes.title}>
      <fieldset className="segments">
        {CODE_TABS.map((id) => (
          <button
            key={id}
            type="button"
            aria-pressed={tab === id}
            data-testid={`tab-${id}`}
            onClick={() => state.set((s) => ({ ...s, tab: id }))}
          >
            {t.codes.tabs[id]}
          </button>
        ))}
      </fieldset>
      {rows === null ? (
        <p className="panel-none">{t.codes.problems.empty}</p>
      ) : (
        <CodeTable
          tab={tab}
          rows={rows}
          level={level[tab]}
          onLevel={(chosen) => state.set((s) => ({ ...s, level: { ...s.level, [tab]: chosen } }))}
        />
      )}
    </section>
  );
}

function MapNote({
  state,
  schematic,
}: {
  readonly state: Store<CodesState>;
  readonly schematic: boolean;
}): ReactElement | null {
  const t = useText();
  const { tab, place } = useStore(state);
  const notes = [
    tab === 'beidou3d' && place ? t.codes.boxNote : null,
    schematic ? t.map.schematic : null,
  ].filter((note) => note !== null);
  if (notes.length === 0) return null;
  return <p className="legend codes-note">{notes.join(' · ')}</p>;
}
