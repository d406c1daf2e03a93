import { type ReactElement, useEffect, useRef, useState } from 'react';
import { freshness } from '../engine/age.ts';
import { getJson } from '../engine/api-client.ts';
import { copyText } from '../engine/copy-text.ts';
import { countyAt } from '../engine/county.ts';
import { lostAtOf } from '../engine/desk.ts';
import { eventTitle } from '../engine/event-title.ts';
import {
  age,
  areaText,
  groupedBeidou,
  integer,
  type Lang,
  likelyDigits,
  lonLatText,
  minuteTime,
  number,
} from '../engine/format.ts';
import { useSelect, useStore } from '../engine/store.ts';
import { writtenUnit } from '../engine/units.ts';
import { useBoard, useLocal, useNow } from '../frame/board-context.ts';
import { Glyph, Mark } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { EventAnswer, FeatureAnswer, SeriesAnswer, ThingAnswer, ZoneDossier } from '../schema/api.ts';
import { Spark } from './spark.tsx';

/** How often an open dossier is read again, ms. */
const AGAIN_MS = 10_000;
/** Rows of a kind shown before "n more". */
const ROWS = 12;

/** Everything in one zone, by kind: slides over the right rail. */
export function Dossier({
  dggrs,
  id,
  onClose,
}: {
  readonly dggrs: 'h3' | 'beidou2d';
  readonly id: string;
  readonly onClose: () => void;
}): ReactElement {
  const { desk } = useBoard();
  const t = useText();
  const local = useLocal();
  const counties = useStore(desk.counties);
  const lostAt = useSelect(desk.link, lostAtOf);
  const [answer, setAnswer] = useState<ZoneDossier | null>(null);
  const [failed, setFailed] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    let gone = false;
    setAnswer(null);
    setFailed(false);
    const read = (): void => {
      getJson<ZoneDossier>(`api/v1/zones/${dggrs}/${encodeURIComponent(id)}?hours=24`)
        .then((a) => {
          if (gone) return;
          setAnswer(a);
          setFailed(false);
        })
        .catch(() => {
          if (!gone) setFailed(true);
        });
    };
    read();
    const timer = setInterval(read, AGAIN_MS);
    heading.current?.focus();
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [dggrs, id]);
  const county = answer ? countyAt(counties, answer.centre[0], answer.centre[1]) : null;
  return (
    <aside
      className={`dossier${lostAt === null ? '' : ' grey'}`}
      aria-label={t.dossier.title}
      data-testid="dossier"
    >
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {county ? local(county.name) : t.dossier.title}
          <small>
            {t.map[dggrs]}
            {answer ? ` · ${t.map.level(answer.level)} · ${areaText(answer.areaM2)}` : ''}
          </small>
        </h2>
        {answer?.provenance.demo ? <span className="tag small">{t.badge.demo}</span> : null}
        <button type="button" className="quiet icon" onClick={onClose} aria-label={t.dossier.close}>
          <Glyph name="close" />
        </button>
      </header>
      {answer ? (
        <DossierBody answer={answer} />
      ) : failed ? (
        <p className="panel-none">{t.dossier.error}</p>
      ) : (
        <div className="dossier-wait" aria-busy="true">
          <span className="skeleton-bar" />
          <span className="skeleton-bar" />
          <span className="skeleton-bar" />
        </div>
      )}
    </aside>
  );
}

function DossierBody({ answer }: { readonly answer: ZoneDossier }): ReactElement {
  const t = useText();
  const cameras = answer.things.filter((x) => x.category === 'camera' || x.pose !== null);
  const others = answer.things.filter((x) => x.category !== 'camera' && x.pose === null);
  const { counts } = answer;
  const empty = counts.things + counts.events + counts.features + counts.observations === 0;
  return (
    <div className="dossier-body">
      <dl className="dossier-ids">
        <Copyable name={t.map.beidou2d} value={answer.beidou} shown={groupedBeidou(answer.beidou)} />
        <Copyable name="H3" value={answer.h3} shown={answer.h3} />
        <Copyable
          name={t.dossier.centre}
          value={`${answer.centre[0].toFixed(6)},${answer.centre[1].toFixed(6)}`}
          shown={lonLatText(answer.centre[0], answer.centre[1])}
        />
      </dl>
      <dl className="dossier-counts">
        <Count name={t.dossier.things} n={counts.things} />
        <Count name={t.dossier.events} n={counts.events} />
        <Count name={t.dossier.features} n={counts.features} />
        <Count name={t.dossier.observations} n={counts.observations} />
      </dl>
      {empty ? <p className="panel-none">{t.dossier.nothing}</p> : null}
      {answer.series.length > 0 ? (
        <section>
          <h3>
            {t.dossier.series} <small>{t.dossier.gap}</small>
          </h3>
          {answer.series.map((series) => (
            <SeriesRow key={series.property} series={series} />
          ))}
          <SeriesAxis from={answer.series[0]?.t[0]} />
        </section>
      ) : null}
      <Kind
        title={t.dossier.things}
        rows={others.map((x) => <ThingRow key={x.id} thing={x} />)}
        total={counts.things - cameras.length}
      />
      <Kind
        title={t.dossier.cameras}
        rows={cameras.map((x) => <ThingRow key={x.id} thing={x} />)}
        total={cameras.length}
      />
      <Kind
        title={t.dossier.events}
        rows={answer.events.map((x) => <EventRow key={x.id} event={x} />)}
        total={counts.events}
      />
      <Kind
        title={t.dossier.features}
        rows={answer.features.map((x) => <FeatureRow key={x.id} feature={x} />)}
        total={counts.features}
      />
    </div>
  );
}

function Count({ name, n }: { readonly name: string; readonly n: number }): ReactElement {
  const t = useText();
  return (
    <div>
      <dt>{name}</dt>
      <dd>{number(n, 0, t.lang)}</dd>
    </div>
  );
}

function Copyable({
  name,
  value,
  shown,
}: {
  readonly name: string;
  readonly value: string;
  readonly shown: string;
}): ReactElement {
  const t = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{shown}</code>
        <button
          type="button"
          className="quiet icon small"
          aria-label={`${t.dossier.copy} ${name}`}
          onClick={() => void copyText(value).then(setCopied)}
        >
          <Glyph name={copied ? 'check' : 'copy'} />
          {copied ? <span className="copied">{t.dossier.copied}</span> : null}
        </button>
      </dd>
    </div>
  );
}

function SeriesRow({ series }: { readonly series: SeriesAnswer }): ReactElement {
  const { city } = useBoard();
  const t = useText();
  const local = useLocal();
  const property = city.properties.find((p) => p.id === series.property);
  const name = property ? local(property.name) : series.property;
  const last = series.mean.findLast((v) => v !== null) ?? null;
  const unit = writtenUnit(series.unit, t.lang);
  return (
    <figure className="series">
      <figcaption>
        <span>{name}</span>
        <b>
          {last === null ? '—' : number(last, likelyDigits(last), t.lang)}
          <small>{unit ? `\u2009${unit}` : ''}</small>
        </b>
      </figcaption>
      <Spark
        values={series.mean}
        min={series.min}
        max={series.max}
        label={`${name}, ${t.dossier.series}, ${rangeText(series, t.lang)}`}
      />
      <small className="series-range">{rangeText(series, t.lang)}</small>
    </figure>
  );
}

/** The time that every line above spans. */
function SeriesAxis({ from }: { readonly from: number | undefined }): ReactElement {
  const { city } = useBoard();
  const t = useText();
  return (
    <span className="series-axis">
      <span>{from === undefined ? '' : minuteTime(from, city.timezone)}</span>
      <span>{t.dossier.to}</span>
    </span>
  );
}

/** Lowest to highest value of the series: what the line's height stands for. */
function rangeText(series: SeriesAnswer, lang: Lang): string {
  const low = series.min.filter((v) => v !== null);
  const high = series.max.filter((v) => v !== null);
  if (low.length === 0 || high.length === 0) return '';
  const [a, b] = [Math.min(...low), Math.max(...high)];
  const digits = Math.max(likelyDigits(a), likelyDigits(b));
  return `${number(a, digits, lang)} – ${number(b, digits, lang)}`;
}

function Kind({
  title,
  rows,
  total,
}: {
  readonly title: string;
  readonly rows: readonly ReactElement[];
  readonly total: number;
}): ReactElement | null {
  const t = useText();
  if (rows.length === 0) return null;
  const hidden = Math.max(total, rows.length) - Math.min(rows.length, ROWS);
  return (
    <section>
      <h3>
        {title} <span className="panel-count">{integer(Math.max(total, rows.length))}</span>
      </h3>
      <ul className="kind-list">{rows.slice(0, ROWS)}</ul>
      {hidden > 0 ? <p className="kind-more">{t.dossier.more(integer(hidden))}</p> : null}
    </section>
  );
}

function ThingRow({ thing }: { readonly thing: ThingAnswer }): ReactElement {
  const { desk, city } = useBoard();
  const t = useText();
  const local = useLocal();
  const now = useNow(desk);
  const fresh = freshness(thing.newestPhenomenonTime, now, thing.periodMs);
  return (
    <li className={fresh === 'live' ? '' : 'grey'}>
      <Mark kind={thing.category} />
      <span className="kind-name">{local(thing.name)}</span>
      <span className="kind-age">
        {thing.newestPhenomenonTime === null ? t.state.empty : age(thing.newestPhenomenonTime, now, t.lang)}
      </span>
      {fresh === 'live' || fresh === 'stale' ? (
        <span className="kind-values">
          {thing.latest.map((l) => {
            const property = city.properties.find((p) => p.id === l.property);
            const unit = writtenUnit(l.unit, t.lang);
            return (
              <span key={l.property} className={l.warn ? 'warn' : ''}>
                {l.warn ? '▲ ' : ''}
                {property ? local(property.name) : l.property}{' '}
                <b>{number(l.value, likelyDigits(l.value), t.lang)}</b>
                {unit ? `\u2009${unit}` : ''}
              </span>
            );
          })}
        </span>
      ) : null}
    </li>
  );
}

function EventRow({ event }: { readonly event: EventAnswer }): ReactElement {
  const { desk } = useBoard();
  const t = useText();
  const now = useNow(desk);
  return (
    <li>
      <Mark kind={event.eventType} faded={event.status === 'closed'} />
      <span className="kind-name">{eventTitle(event, t)}</span>
      <span className="kind-age">{age(event.start, now, t.lang)}</span>
      {event.status ? <span className="kind-values">{t.events[event.status]}</span> : null}
    </li>
  );
}

function FeatureRow({ feature }: { readonly feature: FeatureAnswer }): ReactElement {
  const t = useText();
  return (
    <li>
      <Mark kind={feature.featureType} />
      <span className="kind-name">{feature.name ?? feature.id}</span>
      <span className="kind-age">{t.featureType[feature.featureType] ?? feature.featureType}</span>
    </li>
  );
}
