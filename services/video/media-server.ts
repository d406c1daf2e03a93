/**
 * The parts of node-media-server 4.4.3 that the video process uses. The package ships no types; what is named here was read
 * in its source, and the version is pinned.
 */

import type { Server as HttpServer, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Socket, Server as TcpServer } from 'node:net';

/** One stream path with its publisher and viewers. */
export interface Broadcast {
  streamPath: string;
  publisher: MediaSession | null;
  readonly subscribers: Map<string, MediaSession>;
  /** How long a path waits for its publisher to come back, ms. */
  publishGraceMs: number;
  getPublishStatus(): 'publishing' | 'reconnecting' | 'idle';
  /** Unregisters the path when nobody is on it. */
  _destroyIfEmpty(): void;
}

/** RTMP parser of one connection. */
export interface RtmpParser {
  inPackets: Map<number, unknown>;
  parserPacket: { header: { length: number } };
  onPacketCallback: (packet: unknown) => void;
  /** Error text, or null. */
  parserData(data: Buffer): string | null;
  packetAlloc(): void;
}

/** A publisher or viewer. */
export interface MediaSession {
  readonly id: string;
  readonly ip: string;
  readonly protocol: string;
  readonly streamApp: string;
  readonly streamName: string;
  readonly streamQuery: { readonly key?: unknown };
  readonly createTime: number;
  readonly inBytes: number;
  readonly videoCodec: unknown;
  readonly audioCodec: unknown;
  readonly videoWidth: unknown;
  readonly videoHeight: unknown;
  broadcast: Broadcast;
  /** RTMP only. */
  readonly socket?: Socket;
  readonly rtmp?: RtmpParser;
  /** HTTP-FLV only. */
  readonly res?: ServerResponse;
  sendBuffer: (buffer: Buffer) => void;
  close(): void;
}

/** Module-global state of the package: one server a process. */
export interface MediaContext {
  readonly sessions: Map<string, MediaSession>;
  readonly broadcasts: Map<string, Broadcast>;
}

export interface MediaServer {
  readonly rtmpServer: { readonly tcpServer: TcpServer };
  readonly httpServer: { readonly httpServer: HttpServer };
  on(event: 'prePublish' | 'prePlay' | 'donePublish', listener: (session: MediaSession) => void): void;
}

interface Logger {
  log(message: string, level?: string): void;
}

/**
 * Loads the package and builds its servers without starting them: `run()` would call `process.exit(1)` on a taken port and
 * write a store below the working directory.
 */
export function loadMediaServer(onLog: (level: string, message: string) => void): {
  readonly server: MediaServer;
  readonly context: MediaContext;
  newBroadcast(): Broadcast;
} {
  const require = createRequire(import.meta.url);
  const logger: Logger = require('node-media-server/src/core/logger.js');
  logger.log = (message, level = 'info') => onLog(level, message);
  const NodeMediaServer: new (config: object) => MediaServer = require('node-media-server');
  const BroadcastServer: new (
    path: string,
  ) => Broadcast = require('node-media-server/src/server/broadcast_server.js');
  const context: MediaContext = require('node-media-server/src/core/context.js');
  // The ports only say that these servers are wanted; the video process lets them listen itself.
  const server = new NodeMediaServer({
    bind: '127.0.0.1',
    rtmp: { port: 1 },
    http: { port: 1 },
    webadmin: { enable: false },
  });
  return { server, context, newBroadcast: () => new BroadcastServer('') };
}
