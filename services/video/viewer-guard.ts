import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaContext, MediaServer } from './media-server.ts';
import { RTMP_APP, SECRET_HEADER } from './messages.ts';

/** What may wait for one viewer before it is dropped, bytes: some seconds of video. */
const MAX_VIEWER_BACKLOG_BYTES = 4 * 1024 * 1024;

/**
 * Guards the loopback port viewers are served from: only requests of our own proxy, only for streams that are live (the
 * package would answer 200 and hang), no WebSockets, and no viewer that takes less than it is sent.
 */
export function guardViewers(options: {
  readonly server: MediaServer;
  readonly context: MediaContext;
  readonly secret: string;
  onDropped(): void;
}): void {
  const { context, server, secret } = options;
  const { httpServer } = server.httpServer;
  const serve = httpServer.listeners('request');
  httpServer.removeAllListeners('request');
  httpServer.removeAllListeners('upgrade');
  httpServer.on('upgrade', (_request, socket) => socket.destroy());
  httpServer.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const status = statusFor(request);
    if (status !== 200) {
      response.writeHead(status).end();
      return;
    }
    for (const listener of serve) listener.call(httpServer, request, response);
  });

  server.on('prePlay', (session) => {
    const { res } = session;
    if (res === undefined) return;
    const send = session.sendBuffer;
    session.sendBuffer = (buffer) => {
      if (res.destroyed) return;
      if (res.writableLength <= MAX_VIEWER_BACKLOG_BYTES) send(buffer);
      else {
        options.onDropped();
        res.destroy();
      }
    };
  });

  // A stream that ended ends for its viewers too; they would wait for ever.
  server.on('donePublish', (session) => {
    for (const viewer of session.broadcast.subscribers.values()) viewer.close();
  });

  function statusFor(request: IncomingMessage): number {
    if (!secretFits(request.headers[SECRET_HEADER], secret)) return 403;
    if (request.method !== 'GET') return 405;
    const name = /^\/live\/([a-zA-Z0-9_-]+)\.flv$/.exec(request.url ?? '')?.[1];
    const broadcast = name === undefined ? undefined : context.broadcasts.get(`/${RTMP_APP}/${name}`);
    return broadcast?.getPublishStatus() === 'publishing' ? 200 : 404;
  }
}

function secretFits(given: string | string[] | undefined, secret: string): boolean {
  if (typeof given !== 'string' || given.length !== secret.length) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(secret));
}
