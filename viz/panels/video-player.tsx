import mpegtsModule from 'mpegts.js';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/index.ts';

/** The package is CommonJS and its types describe an ES module: the object itself is what is imported. */
const mpegts = mpegtsModule as unknown as typeof mpegtsModule.default;

/** Pause before a broken stream is opened again, ms. */
const AGAIN_MS = 3000;

/** Plays one FLV stream over HTTP, muted, near its live edge; opens it again by itself when it breaks. */
export default function VideoPlayer({
  name,
  label,
}: {
  readonly name: string;
  readonly label: string;
}): ReactElement {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<'opening' | 'playing' | 'failed'>('opening');
  const supported = mpegts.getFeatureList().mseLivePlayback;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` opens the stream again.
  useEffect(() => {
    const element = video.current;
    if (!element || !supported) return;
    const player = mpegts.createPlayer(
      {
        type: 'flv',
        isLive: true,
        url: new URL(`api/v1/video/streams/${encodeURIComponent(name)}.flv`, document.baseURI).href,
      },
      {
        enableWorker: false,
        liveBufferLatencyChasing: true,
        liveBufferLatencyMaxLatency: 3,
        // Twelve hours on: old buffer is thrown away.
        autoCleanupSourceBuffer: true,
        autoCleanupMaxBackwardDuration: 30,
        autoCleanupMinBackwardDuration: 10,
      },
    );
    let again: ReturnType<typeof setTimeout> | undefined;
    const broke = (): void => {
      setState('failed');
      clearTimeout(again);
      again = setTimeout(() => setAttempt((n) => n + 1), AGAIN_MS);
    };
    player.attachMediaElement(element);
    player.on(mpegts.Events.ERROR, broke);
    player.on(mpegts.Events.LOADING_COMPLETE, broke);
    const playing = (): void => setState('playing');
    element.addEventListener('playing', playing);
    player.load();
    void Promise.resolve(player.play()).catch(() => {});
    return () => {
      clearTimeout(again);
      element.removeEventListener('playing', playing);
      player.destroy();
    };
  }, [name, attempt, supported]);
  return (
    <div className="video-frame">
      <video ref={video} muted playsInline autoPlay aria-label={label} />
      {state === 'playing' ? null : (
        <span className="video-note">
          {supported ? (state === 'failed' ? t.video.failed : t.video.loading) : t.video.unsupported}
        </span>
      )}
    </div>
  );
}
