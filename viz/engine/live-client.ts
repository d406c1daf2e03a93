/** The live stream's client: one WebSocket, watched for silence, opened again with growing pauses until it is back. */
import type { LiveSubscription } from '../schema/api.ts';
import { decodeLiveFrame, type LiveFrame } from '../schema/live-frame.ts';

/** Status frames come at least every 2 s; without any frame for this long the server counts as lost. */
export const SILENCE_MS = 5000;
/** Pauses before each try, ms; the last one repeats. */
export const BACKOFF_MS: readonly number[] = [250, 500, 1000, 2000, 4000, 8000];
/** A connection that has neither opened nor failed by then is given up. */
const OPEN_MS = 9000;

export type LinkPhase = 'connecting' | 'live' | 'lost';

export interface LiveClientOptions {
  readonly url: string;
  readonly onFrame: (frame: LiveFrame) => void;
  /** `live` after the first frame of a connection, `lost` when it ends or falls silent. */
  readonly onPhase: (phase: LinkPhase) => void;
  readonly WebSocket?: typeof WebSocket;
  /** `SILENCE_MS` unless given. */
  readonly silenceMs?: number;
}

export interface LiveClient {
  /** What the server should send; said again by itself after a reconnect. */
  subscribe(subscription: LiveSubscription): void;
  close(): void;
}

export function openLive(options: LiveClientOptions): LiveClient {
  const Socket = options.WebSocket ?? WebSocket;
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  let socket: WebSocket | null = null;
  let wanted: LiveSubscription | null = null;
  let attempt = 0;
  let closed = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const lose = (from: WebSocket): void => {
    if (from !== socket || closed) return;
    socket = null;
    clearTimeout(silence);
    from.onopen = from.onmessage = from.onclose = from.onerror = null;
    from.close();
    options.onPhase('lost');
    const pause = BACKOFF_MS[Math.min(attempt++, BACKOFF_MS.length - 1)] as number;
    // A fifth of jitter: fifty walls must not come back in the same instant.
    retry = setTimeout(connect, pause * (0.9 + 0.2 * Math.random()));
  };

  const watch = (from: WebSocket, limitMs: number): void => {
    clearTimeout(silence);
    silence = setTimeout(() => lose(from), limitMs);
  };

  const connect = (): void => {
    if (closed) return;
    const next = new Socket(options.url);
    socket = next;
    next.binaryType = 'arraybuffer';
    watch(next, OPEN_MS);
    next.onopen = () => {
      watch(next, silenceMs);
      if (wanted) next.send(JSON.stringify(wanted));
    };
    next.onmessage = (event) => {
      watch(next, silenceMs);
      if (!(event.data instanceof ArrayBuffer)) return;
      attempt = 0;
      options.onPhase('live');
      options.onFrame(decodeLiveFrame(event.data));
    };
    next.onclose = () => lose(next);
    next.onerror = () => lose(next);
  };

  options.onPhase('connecting');
  connect();
  return {
    subscribe(subscription) {
      wanted = subscription;
      if (socket?.readyState === Socket.OPEN) socket.send(JSON.stringify(subscription));
    },
    close() {
      closed = true;
      clearTimeout(silence);
      clearTimeout(retry);
      if (socket) {
        socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
        socket.close();
      }
      socket = null;
    },
  };
}
