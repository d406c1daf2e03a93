import { type ReactElement, useId, useState } from 'react';
import { freshness } from '../engine/age.ts';
import { lostAtOf } from '../engine/desk.ts';
import { age, duration, figureParts, number } from '../engine/format.ts';
import { useSelect, useStore } from '../engine/store.ts';
import { writtenUnit } from '../engine/units.ts';
import { useBoard, useLocal, useNow } from '../frame/board-context.ts';
import { Glyph } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { PanelProps } from '../registry.ts';
import type { Figure, FigureState, IndicatorCard } from '../schema/api.ts';
import { FigureCard } from './figure-card.tsx';
import { Spark } from './spark.tsx';

/** Key figures, in the order the board declares. */
export function FiguresPanel({ panel, desk }: PanelProps<'figures'>): ReactElement {
  const local = useLocal();
  const cards = useStore(desk.cards);
  const figures = useStore(desk.figures);
  return (
    <section className="panel figures" aria-label={local(panel.title)}>
      <h2>{local(panel.title)}</h2>
      {panel.indicators.map((id) => (
        <KeyFigure
          key={id}
          id={id}
          card={cards.get(id) ?? null}
          figure={figures ? (figures.get(id) ?? null) : undefined}
        />
      ))}
    </section>
  );
}

/** The state shown: what the server said, unless the figure has grown old since. */
export function shownState(figure: Figure, card: IndicatorCard | null, now: number): FigureState {
  if (figure.state === 'refused' || figure.state === 'error') return figure.state;
  if (figure.value === null) return figure.state === 'expired' ? 'expired' : 'empty';
  const fresh = freshness(figure.newestPhenomenonTime, now, card?.periodMs ?? null);
  if (fresh === 'expired' || figure.state === 'expired') return 'expired';
  if (fresh === 'stale' || figure.state === 'stale') return 'stale';
  return figure.state;
}

/** @param props.figure - Undefined while the first answer is awaited, null when the server knows no such figure. */
function KeyFigure({
  id,
  figure,
  card,
}: {
  readonly id: string;
  readonly figure: Figure | null | undefined;
  readonly card: IndicatorCard | null;
}): ReactElement {
  const { desk } = useBoard();
  const t = useText();
  const local = useLocal();
  const now = useNow(desk);
  const lostAt = useSelect(desk.link, lostAtOf);
  const [open, setOpen] = useState(false);
  const cardId = useId();
  const title = card ? local(card.title) : id;
  if (figure === undefined)
    return (
      <article className="figure skeleton" aria-busy="true" aria-label={`${title}: ${t.stateLong.loading}`}>
        <span className="figure-title">{title}</span>
        <span className="skeleton-bar" />
      </article>
    );
  const state = figure ? shownState(figure, card, now) : 'empty';
  const grey = lostAt !== null || state === 'stale';
  return (
    <article
      className={`figure state-${state}${grey ? ' grey' : ''}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the figure's card must open by keyboard, and the figure is no button.
      tabIndex={0}
      aria-describedby={open ? cardId : undefined}
      onPointerEnter={() => setOpen(true)}
      onPointerLeave={() => setOpen(false)}
      onFocus={() => setOpen(true)}
      onBlur={() => setOpen(false)}
      onKeyDown={(e) => {
        if (e.key === 'Escape' && open) {
          setOpen(false);
          e.stopPropagation();
        }
      }}
    >
      <div className="figure-head">
        <span className="figure-title">{title}</span>
        {figure?.demo ? <span className="tag small">{t.badge.demo}</span> : null}
      </div>
      <FigureBody figure={figure} card={card} state={state} now={now} />
      {open && card ? <FigureCard id={cardId} card={card} figure={figure} now={now} /> : null}
    </article>
  );
}

function FigureBody({
  figure,
  card,
  state,
  now,
}: {
  readonly figure: Figure | null;
  readonly card: IndicatorCard | null;
  readonly state: FigureState;
  readonly now: number;
}): ReactElement {
  const t = useText();
  if (!figure || state === 'empty') return <p className="figure-none">{t.stateLong.empty}</p>;
  if (state === 'refused' || state === 'error')
    return (
      <p className="figure-none">
        {state === 'refused' ? <Glyph name="lock" /> : null}
        {t.stateLong[state]}
      </p>
    );
  const digits = card?.digits ?? 0;
  const beyond = state === 'expired' || figure.value === null ? null : limitWord(figure.value, card);
  const hours = duration(figure.sparkBucketMs * figure.spark.length, t.lang);
  const limits = [card?.warnAbove, card?.warnBelow].filter((v): v is number => typeof v === 'number');
  return (
    <>
      <div className="figure-row">
        <FigureValue figure={figure} card={card} state={state} />
        <Spark values={figure.spark} limits={limits} label={t.figure.spark(hours)} />
      </div>
      {beyond ? <Beyond word={beyond} /> : null}
      <div className="figure-foot">
        <Change figure={figure} digits={digits} />
        <span className="figure-age">
          {state === 'partial' && figure.of !== null
            ? `${t.stateLong.reporting(figure.n, figure.of)} · `
            : ''}
          {figure.newestPhenomenonTime === null
            ? t.state.empty
            : state === 'stale'
              ? t.stateLong.stale(age(figure.newestPhenomenonTime, now, t.lang))
              : t.figure.age(age(figure.newestPhenomenonTime, now, t.lang))}
        </span>
      </div>
    </>
  );
}

function FigureValue({
  figure,
  card,
  state,
}: {
  readonly figure: Figure;
  readonly card: IndicatorCard | null;
  readonly state: FigureState;
}): ReactElement {
  const t = useText();
  if (state === 'expired' || figure.value === null)
    return (
      <span className="figure-value" title={t.stateLong.expired}>
        —
      </span>
    );
  const parts = figureParts(figure.value, card?.digits ?? 0, t.lang);
  return (
    <span className="figure-value">
      {parts.digits}
      <small>
        {parts.scale}
        {parts.scale ? '\u2009' : ''}
        {writtenUnit(card?.unit ?? '', t.lang)}
      </small>
    </span>
  );
}

/** Shape and word for a value beyond its limit. */
function Beyond({ word }: { readonly word: 'above' | 'below' }): ReactElement {
  const t = useText();
  return (
    <span className="figure-beyond">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 3l10.5 18h-21z" />
      </svg>
      {t.figure[word]}
    </span>
  );
}

/** Beyond which limit a value is, if any. */
export function limitWord(value: number, card: IndicatorCard | null): 'above' | 'below' | null {
  if (card?.warnAbove != null && value > card.warnAbove) return 'above';
  if (card?.warnBelow != null && value < card.warnBelow) return 'below';
  return null;
}

function Change({ figure, digits }: { readonly figure: Figure; readonly digits: number }): ReactElement {
  const t = useText();
  if (figure.value === null || figure.previous === null)
    return <span className="figure-change">{t.figure.noComparison}</span>;
  const delta = figure.value - figure.previous;
  const text = number(Math.abs(delta), digits, t.lang);
  const direction = Number(Math.abs(delta).toFixed(digits)) === 0 ? 'same' : delta > 0 ? 'up' : 'down';
  return (
    <span className="figure-change">
      <Glyph name={direction} />
      {t.figure.change(direction, text)}
    </span>
  );
}
