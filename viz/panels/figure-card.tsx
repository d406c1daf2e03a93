import type { ReactElement } from 'react';
import { age, clockTime, duration, integer, number } from '../engine/format.ts';
import { writtenUnit } from '../engine/units.ts';
import { useBoard, useLocal } from '../frame/board-context.ts';
import { useText } from '../i18n/index.ts';
import type { Figure, IndicatorCard } from '../schema/api.ts';

/** The indicator card: what a figure means, where it comes from and who answers for it. */
export function FigureCard({
  id,
  card,
  figure,
  now,
}: {
  readonly id: string;
  readonly card: IndicatorCard;
  readonly figure: Figure | null;
  readonly now: number;
}): ReactElement {
  const { city } = useBoard();
  const t = useText();
  const local = useLocal();
  const unit = writtenUnit(card.unit, t.lang);
  const value = (v: number): string => `${number(v, card.digits, t.lang)}${unit ? `\u2009${unit}` : ''}`;
  const bound = (above: number | null, below: number | null): string =>
    [above === null ? '' : t.card.above(value(above)), below === null ? '' : t.card.below(value(below))]
      .filter(Boolean)
      .join(', ') || t.card.none;
  const newest = figure?.newestPhenomenonTime ?? null;
  const rows: readonly (readonly [string, string])[] = [
    [t.card.formula, local(card.formula)],
    [t.card.source, `${local(card.source)} (${t.card.mode[card.accessMode] ?? card.accessMode})`],
    [t.card.period, duration(card.periodMs, t.lang)],
    [
      t.card.update,
      newest === null ? t.state.empty : `${clockTime(newest, city.timezone)} · ${age(newest, now, t.lang)}`,
    ],
    [t.card.warning, bound(card.warnAbove, card.warnBelow)],
    [t.card.action, local(card.onWarning)],
    [t.card.excellent, bound(card.excellentAbove, card.excellentBelow)],
    [t.card.owner, local(card.owner)],
  ];
  return (
    <div className="figure-card" id={id} role="tooltip">
      <h3>{local(card.title)}</h3>
      <p>{local(card.meaning)}</p>
      {figure?.numerator != null && figure.denominator != null ? (
        <p className="figure-share">
          {t.card.numerator(integer(figure.numerator), integer(figure.denominator))}
        </p>
      ) : null}
      <dl>
        {rows.map(([name, text]) =>
          text ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ) : null,
        )}
      </dl>
    </div>
  );
}
