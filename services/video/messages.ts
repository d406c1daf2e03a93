/** What the server and its video process say to each other. Plain data, over the process's IPC channel. */

/** One live stream. */
export interface StreamFacts {
  readonly name: string;
  /** When its publisher began, UTC ms. */
  readonly since: number;
  /** `h264`, `hevc`, ...; null until the publisher has said so. */
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  /** Pixels; null until known. */
  readonly width: number | null;
  readonly height: number | null;
  /** What came in over the last seconds. */
  readonly bitsPerSecond: number;
  readonly viewers: number;
}

/** Counters of one run of the process, and its memory. */
export interface ChildFigures {
  readonly publishersRefused: number;
  readonly viewersDropped: number;
  /** Broken or hostile RTMP connections cut. */
  readonly connectionsCut: number;
  readonly residentBytes: number;
}

/** To the video process. */
export type ToChild =
  | {
      readonly kind: 'start';
      readonly rtmpHost: string;
      /** 0 picks a free one. */
      readonly rtmpPort: number;
      /** Viewers' requests carry it: the loopback port is open to every local user. */
      readonly secret: string;
      readonly keyHashes: Readonly<Record<string, string>>;
    }
  /** SHA-256 (hex) of the key by stream name; replaces all. */
  | { readonly kind: 'keys'; readonly keyHashes: Readonly<Record<string, string>> }
  | { readonly kind: 'stop' };

/** From the video process. */
export type FromChild =
  | { readonly kind: 'listening'; readonly rtmpPort: number; readonly httpPort: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'facts'; readonly streams: readonly StreamFacts[]; readonly figures: ChildFigures }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

/** The only RTMP application: streams are published to `rtmp://host:port/live/{name}?key={key}`. */
export const RTMP_APP = 'live';
/** Names a stream may have. */
export const STREAM_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
/** Header that carries the secret of the loopback port. */
export const SECRET_HEADER = 'x-jingwei-video';
/** How often the process reports; silence for longer than `SILENCE_MS` means it hangs. */
export const REPORT_MS = 1_000;
