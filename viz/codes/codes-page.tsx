import { type FormEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { heightLayer, isGridError, parseCoordinateReference } from '../../grid/index.ts';
import { type County, countyAt } from '../engine/county.ts';
import { type Store, useStore } from '../engine/store.ts';
import { Glyph } from '../frame/glyphs.tsx';
import { storeLanguage, useText } from '../i18n/index.ts';
import type { CityAnswer } from '../schema/api.ts';
import { CodeTable } from './code-table.tsx';
import { flatCodes, solidCodes } from './codes-at.ts';
import { CodesMap } from './codes-map.tsx';
import { CODE_TABS, type CodesState, type CodeTab } from './codes-state.ts';
import { isPlace, type PlaceProblem, readPlace } from './read-place.ts';

/** One types or clicks a place and sees its codes at all levels of every grid, in words and on the map. */
export function CodesPage({
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
    <div className="board codes-board">
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
          <ViewButtons state={state} />
        </nav>
      </header>
      <aside className="rail rail-left">
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
    </div>
  );
}

function ViewButtons({ state }: { readonly state: Store<CodesState> }): ReactElement {
  const t = useText();
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-label={t.top.language}
        data-testid="language"
        onClick={() => {
          const lang = t.lang === 'en' ? 'zh' : 'en';
          storeLanguage(lang);
          state.set((s) => ({ ...s, lang }));
        }}
      >
        {t.otherLanguage}
      </button>
      <button
        type="button"
        className="quiet icon"
        aria-label={t.top.theme}
        title={t.top.theme}
        onClick={() => state.set((s) => ({ ...s, theme: s.theme === 'dark' ? 'light' : 'dark' }))}
      >
        <Glyph name="sun" />
      </button>
    </>
  );
}

function PlaceForm({
  city,
  counties,
  state,
}: {
  readonly city: CityAnswer;
  readonly counties: readonly County[];
  readonly state: Store<CodesState>;
}): ReactElement {
  const t = useText();
  const { reference, heightM, coding, place } = useStore(state);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<PlaceProblem | null>(null);
  const [height, setHeight] = useState(String(heightM));
  const shownHeight = useRef(heightM);
  useEffect(() => {
    // A height that came with a typed place shows in its own field.
    if (shownHeight.current !== heightM) setHeight(String(heightM));
    shownHeight.current = heightM;
  }, [heightM]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a place chosen on the map answers what was typed wrongly.
  useEffect(() => setProblem(null), [place]);
  const heightWrong = !isHeight(height);
  const find = (event: FormEvent): void => {
    event.preventDefault();
    const read = readPlace(typed, {
      reference: parseCoordinateReference(reference),
      heightCoding: coding,
      counties,
    });
    if (!isPlace(read)) {
      setProblem(read);
      return;
    }
    setProblem(null);
    state.set((s) => {
      const tab: CodeTab = read.named?.dggrs ?? s.tab;
      return {
        ...s,
        place: { lonDeg: read.lonDeg, latDeg: read.latDeg },
        heightM: read.heightM ?? s.heightM,
        tab,
        level: read.named ? { ...s.level, [tab]: read.named.level } : s.level,
      };
    });
  };
  return (
    <form className="panel codes-form" onSubmit={find}>
      <label>
        {t.codes.place}
        <input
          name="place"
          value={typed}
          onChange={(e) => setTyped(e.target.value)}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== null}
          aria-describedby="place-note"
          data-testid="place"
        />
      </label>
      <p
        id="place-note"
        className={problem ? 'codes-problem' : 'codes-hint'}
        aria-live="polite"
        data-testid="place-note"
      >
        {problem === null
          ? t.codes.placeHint
          : problem.reason === 'refused'
            ? problem.message
            : t.codes.problems[problem.reason]}
      </p>
      <button type="submit" className="primary">
        {t.codes.find}
      </button>
      <label>
        {t.codes.reference}
        <select
          value={reference}
          onChange={(e) => state.set((s) => ({ ...s, reference: e.target.value }))}
          data-testid="reference"
        >
          {Object.entries(t.codes.references).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          {planesAt(city.centre[0]).map((id) => (
            <option key={id} value={id}>
              {t.codes.plane(id)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.codes.height}
        <input
          name="height"
          inputMode="decimal"
          value={height}
          aria-invalid={heightWrong}
          onChange={(e) => {
            setHeight(e.target.value);
            if (isHeight(e.target.value)) {
              shownHeight.current = Number(e.target.value);
              state.set((s) => ({ ...s, heightM: Number(e.target.value) }));
            }
          }}
          data-testid="height"
        />
      </label>
      {heightWrong ? <p className="codes-problem">{t.codes.heightProblem}</p> : null}
      <label>
        {t.codes.coding}
        <select
          value={coding}
          onChange={(e) =>
            state.set((s) => ({ ...s, coding: e.target.value === 'clause6' ? 'clause6' : 'annexC' }))
          }
          data-testid="coding"
        >
          {Object.entries(t.codes.codings).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Where place={place} counties={counties} />
    </form>
  );
}

function Where({
  place,
  counties,
}: {
  readonly place: CodesState['place'];
  readonly counties: readonly County[];
}): ReactElement {
  const t = useText();
  const county = place && countyAt(counties, place.lonDeg, place.latDeg);
  return (
    <dl className="codes-where" aria-live="polite">
      <dt>{t.codes.position}</dt>
      <dd data-testid="position">
        {place ? (
          <>
            <b>{county ? county.name[t.lang] : t.map.outside}</b>
            <span>{place.lonDeg.toFixed(8)}°</span>
            <span>{place.latDeg.toFixed(8)}°</span>
          </>
        ) : (
          t.codes.centre
        )}
      </dd>
    </dl>
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

/** Plane systems a city of that longitude uses, by their ids. */
function planesAt(lonDeg: number): readonly string[] {
  return [
    `gk3-${Math.round(lonDeg / 3)}`,
    `gk3-cm${Math.round(lonDeg / 3) * 3}`,
    `gk6-${Math.floor(lonDeg / 6) + 1}`,
  ].filter((id) => {
    try {
      parseCoordinateReference(id);
      return true;
    } catch (error) {
      if (isGridError(error)) return false;
      throw error;
    }
  });
}

function isHeight(text: string): boolean {
  if (text.trim() === '' || !Number.isFinite(Number(text))) return false;
  try {
    heightLayer(Number(text));
    return true;
  } catch (error) {
    if (isGridError(error)) return false;
    throw error;
  }
}
