import { lazy, type ReactElement, Suspense, useEffect, useState } from 'react';
import { getJson } from '../engine/api-client.ts';
import { lostAtOf } from '../engine/desk.ts';
import { useSelect } from '../engine/store.ts';
import { useLocal } from '../frame/board-context.ts';
import { Glyph } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { PanelProps } from '../registry.ts';
import type { VideoStreamAnswer, VideoStreamsAnswer } from '../schema/api.ts';

const VideoPlayer = lazy(() => import('./video-player.tsx'));

/** How often the list of streams is read, ms. */
const STREAMS_EVERY_MS = 10_000;

/** One live stream; a calm line when there is none. The player is fetched only when there is something to play. */
export function VideoPanel({ panel, desk }: PanelProps<'video'>): ReactElement {
  const t = useText();
  const local = useLocal();
  const lostAt = useSelect(desk.link, lostAtOf);
  const [streams, setStreams] = useState<readonly VideoStreamAnswer[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    const read = (): void => {
      getJson<VideoStreamsAnswer>('api/v1/video/streams')
        .then((a) => {
          if (!gone) setStreams(a.streams);
        })
        .catch(() => {
          if (!gone) setStreams([]);
        });
    };
    read();
    const timer = setInterval(read, STREAMS_EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  const stream = streams.find((s) => s.name === chosen) ?? streams[0];
  const nameOf = (s: VideoStreamAnswer): string => (s.title ? local(s.title) : s.name);
  return (
    <section className={`panel video${lostAt === null ? '' : ' grey'}`} aria-label={local(panel.title)}>
      <h2>
        {local(panel.title)}
        {streams.length > 0 ? <span className="panel-count">{t.video.streams(streams.length)}</span> : null}
      </h2>
      {stream && lostAt === null ? (
        <>
          <Suspense fallback={<div className="video-frame video-wait">{t.video.loading}</div>}>
            <VideoPlayer key={stream.name} name={stream.name} label={nameOf(stream)} />
          </Suspense>
          <div className="video-names">
            {streams.map((s) => (
              <button
                key={s.name}
                type="button"
                className="filter"
                aria-pressed={s.name === stream.name}
                aria-label={t.video.play(nameOf(s))}
                onClick={() => setChosen(s.name)}
              >
                {nameOf(s)}
              </button>
            ))}
            {stream.demo ? <span className="tag small">{t.badge.demo}</span> : null}
          </div>
        </>
      ) : (
        <p className="video-none">
          <Glyph name="video" />
          <span>
            {t.video.none}
            <small>{t.video.noneHint}</small>
          </span>
        </p>
      )}
    </section>
  );
}
