import type { ReactElement } from 'react';
import { lostAtOf, statusOf } from '../engine/desk.ts';
import { age } from '../engine/format.ts';
import { useSelect } from '../engine/store.ts';
import { useBoard, useLocal, useNow } from '../frame/board-context.ts';
import { StateMark } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { PanelProps } from '../registry.ts';
import type { LiveStatus } from '../schema/api.ts';

type Feed = LiveStatus['feeds'][number];

/** What needs a look comes first; the rest keeps the order of the catalogue. */
const rank = (feed: Feed): number => (feed.state === 'live' || feed.state === 'zero' ? 1 : 0);

/** A demonstration says so in its tag; a title that says it too would only be cut short. */
const plainTitle = (title: string, demo: boolean): string =>
  demo ? title.replace(/\s*[(（](demonstration|demo|演示)[)）]$/i, '') : title;

/** One row a dataset: is it coming in, from how many, how old is the newest. */
export function FeedsPanel({ panel, desk }: PanelProps<'feeds'>): ReactElement {
  const { city } = useBoard();
  const t = useText();
  const local = useLocal();
  const now = useNow(desk);
  const status = useSelect(desk.link, statusOf);
  const lostAt = useSelect(desk.link, lostAtOf);
  const feeds = status ? [...status.feeds].sort((a, b) => rank(a) - rank(b)) : [];
  const fresh = feeds.filter((f) => rank(f) === 1).length;
  return (
    <section className={`panel feeds${lostAt === null ? '' : ' grey'}`} aria-label={local(panel.title)}>
      <h2>
        {local(panel.title)}
        {status ? <span className="panel-count">{t.stateLong.partial(fresh, feeds.length)}</span> : null}
        {status?.demo ? <span className="tag small">{t.badge.demo}</span> : null}
      </h2>
      {status ? null : <p className="panel-none">{t.feeds.waiting}</p>}
      {status && feeds.length === 0 ? <p className="panel-none">{t.feeds.none}</p> : null}
      <ul className="feed-list">
        {feeds.map((feed) => {
          const dataset = city.datasets.find((d) => d.id === feed.dataset);
          const abnormal = rank(feed) === 0;
          return (
            <li
              key={feed.dataset}
              className={abnormal ? 'abnormal' : ''}
              title={dataset ? local(dataset.publisher) : ''}
            >
              <StateMark state={feed.state} />
              <span className="feed-name">
                {dataset ? plainTitle(local(dataset.title), dataset.demo) : feed.dataset}
              </span>
              {abnormal ? <span className="feed-state">{t.state[feed.state]}</span> : null}
              <span className="feed-things">
                {feed.things > 0 ? t.feeds.things(feed.thingsFresh, feed.things) : t.feeds.records}
              </span>
              <span className="feed-age">
                {feed.newestPhenomenonTime === null ? '—' : age(feed.newestPhenomenonTime, now, t.lang)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
