import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { heightLayer, isGridError, parseCoordinateReference } from '../../grid/index.ts';
import { type County, countyAt } from '../engine/county.ts';
import { type Store, useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import type { CityAnswer } from '../schema/api.ts';
import type { CodesState, CodeTab } from './codes-state.ts';
import { isPlace, type PlaceProblem, readPlace } from './read-place.ts';
import { ReferenceSelect } from './reference-select.tsx';

/** Where a place is typed, and how what is typed is read. */
export function PlaceForm({
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
      <ReferenceSelect city={city} state={state} />
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
