import type { ReactElement } from 'react';
import { postJson } from '../engine/api-client.ts';
import { type Link, lostAtOf, statusOf } from '../engine/desk.ts';
import { clockDate, clockTime, duration } from '../engine/format.ts';
import { useSelect } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { useBoard, useLocal, useNow } from './board-context.ts';
import { Glyph } from './glyphs.tsx';
import { LookButtons } from './look-buttons.tsx';

export function TopBar(): ReactElement {
  const { city, board, session, view } = useBoard();
  const t = useText();
  const local = useLocal();
  return (
    <header className="top-bar">
      <h1 className="top-title">
        {t.cityBrain(local(city.name))}
        <span className="top-board">{local(board.title)}</span>
      </h1>
      <LiveBadge />
      {city.demo ? (
        <span className="tag" title={t.badge.demoHint}>
          {t.badge.demo}
        </span>
      ) : null}
      <span className="top-gap" />
      <FeedHealth />
      <nav className="top-actions">
        <a className="quiet" href={`./codes.html?lang=${t.lang}`} data-testid="codes-link">
          {t.codes.open}
        </a>
        <LookButtons state={view} />
        <button
          type="button"
          className="quiet icon"
          aria-label={t.top.keys}
          title={`${t.top.keys} (?)`}
          onClick={() => view.set((v) => ({ ...v, help: true }))}
        >
          <Glyph name="keys" />
        </button>
      </nav>
      {session.kiosk ? (
        <span className="top-person">{t.top.seat}</span>
      ) : (
        <button type="button" className="quiet top-person" title={t.top.signOut} onClick={signOut}>
          {t.top.person(session.user, t.role[session.role] ?? session.role)}
        </button>
      )}
    </header>
  );
}

function signOut(): void {
  void postJson('api/v1/logout', {}).finally(() => location.reload());
}

/** A stall longer than this is said beside LIVE, ms. */
const LAG_SHOWN_MS = 5000;
const lagOf = (link: Link): number => link.status?.lagMs ?? 0;

/** LIVE with the city's time; CONNECTING and NO SERVER are other shapes and words, not other colours alone. */
function LiveBadge(): ReactElement {
  const { desk, city } = useBoard();
  const t = useText();
  const phase = useSelect(desk.link, (l) => l.phase);
  const lagMs = useSelect(desk.link, lagOf);
  const now = useNow(desk);
  return (
    <span className={`badge badge-${phase}`} data-testid="badge">
      <span className="badge-dot" aria-hidden="true" />
      <span className="badge-word">{t.badge[phase]}</span>
      {phase === 'live' && lagMs > LAG_SHOWN_MS ? (
        <span className="badge-lag">{t.badge.behind(duration(lagMs, t.lang))}</span>
      ) : null}
      <time className="badge-time" dateTime={new Date(now).toISOString()}>
        <span className="badge-date">{clockDate(now, city.timezone)}</span> {clockTime(now, city.timezone)}
      </time>
    </span>
  );
}

function FeedHealth(): ReactElement | null {
  const { desk } = useBoard();
  const t = useText();
  const status = useSelect(desk.link, statusOf);
  const lostAt = useSelect(desk.link, lostAtOf);
  if (!status) return null;
  const timed = status.feeds.filter((f) => f.state !== 'refused');
  const fresh = timed.filter((f) => f.state === 'live' || f.state === 'zero').length;
  return (
    <span className={`top-feeds${lostAt === null ? '' : ' grey'}`} title={t.top.feedsHint}>
      {t.top.feeds(fresh, timed.length)}
    </span>
  );
}
