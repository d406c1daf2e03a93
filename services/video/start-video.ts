import type { IncomingMessage, ServerResponse } from 'node:http';
import { proxyFlv } from './flv-proxy.ts';
import type { StreamFacts } from './messages.ts';
import { STREAM_NAME } from './messages.ts';
import { hashStreamKey } from './stream-key.ts';
import { type VideoLog, VideoProcess } from './video-process.ts';

export interface VideoOptions {
  /** Address RTMP is listened on. */
  readonly host: string;
  /** TCP port of RTMP; 0 picks a free one. */
  readonly rtmpPort: number;
  /** Key by stream name; only these streams can be published. Made by `generateStreamKey`. */
  readonly keys: Readonly<Record<string, string>>;
  readonly log: VideoLog;
}

/** How the video process is. */
export interface VideoHealth {
  readonly running: boolean;
  readonly pid: number | null;
  readonly restarts: number;
  /** Memory of the video process, bytes; null while it does not run or has not reported. */
  readonly residentBytes: number | null;
}

/** Live video: cameras push RTMP, viewers get HTTP-FLV through `proxyFlv`. */
export interface Video {
  /** RTMP port listened on. Publish to `rtmp://{host}:{port}/live/{stream}?key={key}`. */
  readonly port: number;
  /** The live streams, at most a second old. */
  streams(): Promise<readonly StreamFacts[]>;
  /** Pipes one stream to a viewer whom the caller has authorised. */
  proxyFlv(req: IncomingMessage, res: ServerResponse, streamName: string): Promise<void>;
  /** Replaces all keys; a publisher whose key is no longer the stream's is cut. */
  setKeys(keys: Readonly<Record<string, string>>): void;
  health(): VideoHealth;
  /** Figures for `/metrics`, by name. */
  metrics(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/**
 * Starts the video process and keeps it running.
 *
 * @throws {VideoError} `port-taken` when the RTMP port is in use, `not-startable` otherwise.
 * @throws {RangeError} For a stream name that could not be published.
 */
export async function startVideo(options: VideoOptions): Promise<Video> {
  let keyHashes = hashAll(options.keys);
  const process = new VideoProcess({
    rtmpHost: options.host,
    rtmpPort: options.rtmpPort,
    log: options.log,
    keyHashes: () => keyHashes,
  });
  await process.start();
  return {
    get port() {
      return process.rtmpPort;
    },
    streams: async () => process.streams,
    proxyFlv: (req, res, streamName) => proxyFlv(process.viewerDoor, req, res, streamName),
    setKeys(keys) {
      keyHashes = hashAll(keys);
      process.sendKeys(keyHashes);
    },
    health: () => ({
      running: process.viewerDoor !== undefined,
      pid: process.pid ?? null,
      restarts: process.restarts,
      residentBytes: process.figures?.residentBytes ?? null,
    }),
    metrics: () => ({
      running: process.viewerDoor === undefined ? 0 : 1,
      restarts: process.restarts,
      streams: process.streams.length,
      viewers: process.streams.reduce((sum, stream) => sum + stream.viewers, 0),
      bitsPerSecond: process.streams.reduce((sum, stream) => sum + stream.bitsPerSecond, 0),
      ...process.figures,
    }),
    close: () => process.stop(),
  };
}

function hashAll(keys: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(keys).map(([stream, key]) => {
      if (!STREAM_NAME.test(stream))
        throw new RangeError(
          `Cannot publish a stream named "${stream}": wanted 1 to 64 letters, digits, "-", "_"`,
        );
      return [stream, hashStreamKey(key)];
    }),
  );
}
