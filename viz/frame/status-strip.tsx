import type { ReactElement } from 'react';
import { age, duration, integer } from '../engine/format.ts';
import { useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import { useBoard, useNow } from './board-context.ts';

/** Where the board stands in the journal: what it shows, how old the last commit is, how far behind. */
export function StatusStrip(): ReactElement {
  const { desk } = useBoard();
  const t = useText();
  const link = useStore(desk.link);
  const now = useNow(desk);
  const behind = Math.max(0, link.head - link.position);
  const known = link.seq > 0;
  return (
    <footer className={`strip${link.lostAt === null ? '' : ' lost'}`}>
      <h2 className="visually-hidden">{t.strip.status}</h2>
      <span className="strip-live">
        <i className="strip-cursor" aria-hidden="true" />
        {link.phase === 'live' ? t.strip.live : t.strip.stopped}
      </span>
      <Item label={t.strip.position} value={known ? integer(link.position) : '—'} />
      <span className="strip-item">{behind === 0 ? t.strip.level : t.strip.behind(integer(behind))}</span>
      <Item label={t.strip.commit} value={known ? age(link.committedAt, now, t.lang) : '—'} />
      <Item label={t.strip.lag} value={link.status ? lagText(link.status.lagMs, t.lang) : '—'} />
      <span className="strip-gap" />
      <Item label={t.strip.rate} value={link.status ? integer(link.status.messagesPerSecond) : '—'} />
      <Item label={t.strip.refused} value={link.status ? integer(link.status.refusedLastHour) : '—'} />
    </footer>
  );
}

const lagText = (ms: number, lang: 'en' | 'zh'): string =>
  ms < 1000 ? `${Math.round(ms)}\u2009${lang === 'zh' ? '毫秒' : 'ms'}` : duration(ms, lang);

function Item({ label, value }: { readonly label: string; readonly value: string }): ReactElement {
  return (
    <span className="strip-item">
      {label} <b>{value}</b>
    </span>
  );
}
