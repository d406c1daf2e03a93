/**
 * The video process: node-media-server behind guards. Its state is module-global and it may end the process, so it runs
 * alone, started and watched by `video-process.ts`.
 */
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { loadMediaServer } from './media-server.ts';
import { type FromChild, REPORT_MS, type ToChild } from './messages.ts';
import { drop, guardPublishers } from './publisher-guard.ts';
import { StreamWatch } from './stream-facts.ts';
import { streamKeyFits } from './stream-key.ts';
import { guardViewers } from './viewer-guard.ts';

/** RTMP connections at once, publishers and strangers. */
const MAX_RTMP_CONNECTIONS = 256;

function send(message: FromChild): void {
  process.send?.(message);
}

async function start(options: Extract<ToChild, { kind: 'start' }>): Promise<void> {
  let keyHashes = options.keyHashes;
  const figures = { publishersRefused: 0, viewersDropped: 0, connectionsCut: 0 };
  const log = (level: 'info' | 'warn' | 'error', message: string) => send({ kind: 'log', level, message });
  const { server, context, newBroadcast } = loadMediaServer((level, message) => {
    if (level === 'warn' || level === 'error') log(level, message.slice(0, 500));
  });
  guardPublishers({
    server,
    context,
    newBroadcast,
    keyHash: (stream) => (Object.hasOwn(keyHashes, stream) ? keyHashes[stream] : undefined),
    onRefused(session, why) {
      figures.publishersRefused++;
      log('warn', `Publisher ${session.ip} of "${session.streamName.slice(0, 64)}" refused: ${why}`);
    },
    onCut(session, why) {
      figures.connectionsCut++;
      log('info', `RTMP connection ${session.ip} cut: ${why.slice(0, 200)}`);
    },
  });
  guardViewers({ server, context, secret: options.secret, onDropped: () => figures.viewersDropped++ });
  const { tcpServer } = server.rtmpServer;
  tcpServer.maxConnections = MAX_RTMP_CONNECTIONS;
  const httpPort = await listen(server.httpServer.httpServer, 0, '127.0.0.1');
  const rtmpPort = await listen(tcpServer, options.rtmpPort, options.rtmpHost);
  send({ kind: 'listening', rtmpPort, httpPort });

  const watch = new StreamWatch(context);
  const report = () =>
    send({
      kind: 'facts',
      streams: watch.facts(performance.now()),
      figures: { ...figures, residentBytes: process.memoryUsage.rss() },
    });
  setInterval(report, REPORT_MS);
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') process.exit(0);
    if (message.kind !== 'keys') return;
    const before = keyHashes;
    keyHashes = message.keyHashes;
    for (const { publisher } of context.broadcasts.values())
      if (publisher !== null && before[publisher.streamName] !== keyHashes[publisher.streamName])
        if (!streamKeyFits(publisher.streamQuery.key, keyHashes[publisher.streamName])) drop(publisher);
  });
}

function listen(server: TcpServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    // The package's own listener on 'error' would end the process.
    server.removeAllListeners('error');
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      server.on('error', (error) => send({ kind: 'log', level: 'error', message: error.message }));
      resolve((server.address() as AddressInfo).port);
    });
  });
}

// Without its server nobody needs this process.
process.on('disconnect', () => process.exit(0));
// Signals of the terminal go to the whole group: the server decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit(0));
process.once('message', (message: ToChild) => {
  if (message.kind !== 'start') process.exit(0);
  start(message).catch((error: NodeJS.ErrnoException) => {
    process.send?.(
      { kind: 'failed', code: error.code ?? 'unknown', message: error.message } satisfies FromChild,
      () => process.exit(1),
    );
  });
});
