import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { RTMP_APP, SECRET_HEADER, STREAM_NAME } from './messages.ts';

/** A stream that sends nothing for this long has ended, ms. */
const SILENCE_MS = 30_000;

/**
 * Answers a viewer with the FLV of one live stream, from the video process. 404 when there is no such stream, 503 when the
 * process does not run. The caller has checked who the viewer is. A viewer that reads too slowly is cut off by the process.
 *
 * @param door - Port and secret of the process; undefined while it does not run.
 * @returns When the viewer is gone or the stream has ended.
 */
export function proxyFlv(
  door: { readonly port: number; readonly secret: string } | undefined,
  req: IncomingMessage,
  res: ServerResponse,
  streamName: string,
): Promise<void> {
  if (!STREAM_NAME.test(streamName)) {
    problem(res, 404, 'There is no such stream');
    return Promise.resolve();
  }
  if (door === undefined) {
    problem(res, 503, 'The video process does not run');
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const upstream = get({
      host: '127.0.0.1',
      port: door.port,
      path: `/${RTMP_APP}/${streamName}.flv`,
      headers: { [SECRET_HEADER]: door.secret },
      agent: false,
      timeout: SILENCE_MS,
    });
    // 'close' of the answer comes for every end: viewer gone, stream ended, process fallen.
    res.once('close', () => {
      upstream.destroy();
      resolve();
    });
    upstream.once('timeout', () => upstream.destroy(new Error('Stream is silent')));
    upstream.on('error', () => {
      if (res.headersSent) res.destroy();
      else problem(res, 503, 'The video process does not answer');
    });
    upstream.once('response', (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume();
        problem(res, answer.statusCode === 404 ? 404 : 503, 'There is no such stream');
        return;
      }
      res.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' });
      if (req.method === 'HEAD') {
        res.end();
        return;
      }
      // An ended stream ends the answer; a broken one breaks it, so that a player can tell.
      answer.once('error', () => res.destroy());
      answer.pipe(res);
    });
  });
}

/** Problem details (RFC 9457). */
function problem(res: ServerResponse, status: number, title: string): void {
  if (res.headersSent || res.destroyed) return;
  res
    .writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
    .end(JSON.stringify({ type: 'about:blank', title, status }));
}
