import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { countyAt } from '../engine/county.ts';
import { lostAtOf } from '../engine/desk.ts';
import { heldRows } from '../engine/event-list.ts';
import { eventTitle } from '../engine/event-title.ts';
import { age } from '../engine/format.ts';
import { useSelect, useStore } from '../engine/store.ts';
import { useBoard, useLocal, useNow } from '../frame/board-context.ts';
import { Mark } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { PanelProps } from '../registry.ts';
import type { EventAnswer, LocalText } from '../schema/api.ts';

/** New rows come in together at most this often, ms: a busy camera must not make the list crawl. */
const SETTLE_MS = 2000;

/** The rows in the list, and which of them it did not have before. */
interface Shown {
  readonly ids: readonly string[];
  readonly fresh: ReadonlySet<string>;
}
const NOTHING: Shown = { ids: [], fresh: new Set() };

function next(before: Shown, ids: readonly string[]): Shown {
  if (ids.length === before.ids.length && ids.every((id, i) => id === before.ids[i])) return before;
  const held = new Set(before.ids);
  return { ids, fresh: new Set(held.size === 0 ? [] : ids.filter((id) => !held.has(id))) };
}

/** The newest events. While the pointer or the focus is in the list, it stays as it is and says how many wait. */
export function EventsPanel({ panel, desk, view }: PanelProps<'events'>): ReactElement {
  const t = useText();
  const local = useLocal();
  const now = useNow(desk);
  const all = useStore(desk.events);
  const lostAt = useSelect(desk.link, lostAtOf);
  const [kind, setKind] = useState<string | null>(panel.initial ?? null);
  const inUse = useRef(false);
  const scroller = useRef<HTMLUListElement>(null);
  const wanted = useMemo(() => {
    const types = new Set(panel.eventTypes);
    return (all ?? []).filter(
      (e) => (types.size === 0 || types.has(e.eventType)) && (kind === null || e.eventType === kind),
    );
  }, [all, kind, panel.eventTypes]);
  const [shown, setShown] = useState<Shown>(NOTHING);
  const newest = wanted.slice(0, panel.limit).map((e) => e.id);
  const release = (): void => {
    setShown((before) => next(before, newest));
    scroller.current?.scrollTo({ top: 0 });
  };
  const latest = useRef(newest);
  latest.current = newest;
  useEffect(() => {
    const timer = setInterval(() => {
      const still = inUse.current || (scroller.current?.scrollTop ?? 0) > 4;
      if (!still) setShown((before) => next(before, latest.current));
    }, SETTLE_MS);
    return () => clearInterval(timer);
  }, []);
  const any = newest.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first rows and a change of filter show at once; later rows settle.
  useEffect(() => setShown({ ids: latest.current, fresh: new Set() }), [kind, any]);
  const count = useSelect(desk.things, (things) => things.length);
  // biome-ignore lint/correctness/useExhaustiveDependencies: names change only when Things come or go; places change all the time.
  const names = useMemo(() => new Map(desk.things.get().map((x) => [x.id, x.name])), [desk, count]);
  const { rows, waiting } = heldRows(shown.ids, wanted);
  const kinds = panel.eventTypes.length > 0 ? panel.eventTypes : ['case', 'detection', 'alarm'];
  return (
    <section
      className={`panel events${lostAt === null ? '' : ' grey'}`}
      aria-label={local(panel.title)}
      onPointerEnter={() => {
        inUse.current = true;
      }}
      onPointerLeave={() => {
        inUse.current = false;
      }}
      onFocus={() => {
        inUse.current = true;
      }}
      onBlur={() => {
        inUse.current = false;
      }}
    >
      <h2>
        {local(panel.title)}
        {waiting > 0 && inUse.current ? (
          <button type="button" className="chip" onClick={release} data-testid="new-events">
            {t.events.fresh(waiting)}
          </button>
        ) : null}
        <span className="filters">
          {[null, ...kinds].map((k) => (
            <button
              key={k ?? ''}
              type="button"
              className="filter"
              aria-pressed={kind === k}
              onClick={() => setKind(k)}
            >
              {k === null ? t.events.all : (t.eventType[k] ?? k)}
            </button>
          ))}
        </span>
      </h2>
      {all === null ? <p className="panel-none">{t.stateLong.loading}</p> : null}
      {all !== null && rows.length === 0 ? (
        <p className="panel-none">{kind === null ? t.events.none : t.events.noneOf}</p>
      ) : null}
      <ul className="event-list" ref={scroller}>
        {rows.map((event) => (
          <EventRow
            key={event.id}
            event={event}
            fresh={shown.fresh.has(event.id)}
            thing={event.thing === null ? undefined : names.get(event.thing)}
            now={now}
            onPick={() => view.set((v) => ({ ...v, event: event.id, table: false }))}
          />
        ))}
      </ul>
    </section>
  );
}

function EventRow({
  event,
  fresh,
  thing,
  now,
  onPick,
}: {
  readonly event: EventAnswer;
  /** Came in since the list was shown last: fades in once. */
  readonly fresh: boolean;
  /** Name of the Thing it came from. */
  readonly thing: LocalText | undefined;
  readonly now: number;
  readonly onPick: () => void;
}): ReactElement {
  const { desk, flyTo, view } = useBoard();
  const t = useText();
  const local = useLocal();
  const counties = useStore(desk.counties);
  const picked = useSelect(view, (v) => v.event === event.id);
  const county = event.lonLat ? countyAt(counties, event.lonLat[0], event.lonLat[1]) : null;
  const place = [
    county ? local(county.name) : event.lonLat ? '' : t.events.noPlace,
    thing ? local(thing) : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <li className={fresh ? 'fresh' : ''} data-event={event.id}>
      <button
        type="button"
        className={`event${event.status === 'closed' ? ' closed' : ''}`}
        aria-current={picked || undefined}
        title={event.lonLat ? t.events.show : undefined}
        onClick={() => {
          onPick();
          if (event.lonLat) flyTo(event.lonLat, 12.5);
        }}
      >
        <Mark kind={event.eventType} faded={event.status === 'closed'} />
        <span className="event-title">{eventTitle(event, t)}</span>
        <time className="event-age" dateTime={new Date(event.start).toISOString()}>
          {age(event.start, now, t.lang)}
        </time>
        <span className="event-place">{place}</span>
        <span className="event-status">{event.status ? t.events[event.status] : ''}</span>
      </button>
    </li>
  );
}
