import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Access, CommitDelta, Queries, Store } from '../../analytics/index.ts';
import type { LiveStatus } from '../../viz/schema/index.ts';
import { LiveClient } from './live-client.ts';
import { MAX_SUBSCRIPTION_BYTES, parseSubscription } from './subscription.ts';
import { type ZoneSubject, ZoneView } from './zone-view.ts';

export const LIVE_PATH = '/api/v1/live';
/** Screens at once: a city has tens; each costs some 100 kB. */
const MAX_CLIENTS = 200;
const FIGURES_EVERY_MS = 1_000;
/** A screen calls the server lost after 5 s of silence. */
const STATUS_EVERY_MS = 2_000;
/** A revoked session or token loses its stream within this. */
const RECHECK_EVERY_MS = 30_000;

export interface LiveOptions {
  readonly server: Server;
  /** Who is behind an upgrade request; undefined answers 401. Called again for as long as the stream is open. */
  authenticate(request: IncomingMessage): Access | undefined | Promise<Access | undefined>;
  readonly store: Store;
  readonly queries: Queries;
  /** Journal head and rate of arrival, for lag and status. */
  arrivals(): { readonly head: number; readonly messagesPerSecond: number };
  readonly log: { warn(fields: object, message: string): void; debug(fields: object, message: string): void };
  readonly clock?: () => number;
}

export interface Live {
  /** After an index commit. */
  publish(delta: CommitDelta): void;
  close(): void;
  metrics(): { readonly clients: number; readonly views: number; readonly refused: number };
}

/**
 * The live stream on `/api/v1/live`: follows the index commit, so that a screen equals the database, and never slows it:
 * publishing only marks what changed; each client is written to at its own pace.
 */
export function attachLive(options: LiveOptions): Live {
  const clock = options.clock ?? Date.now;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SUBSCRIPTION_BYTES,
    perMessageDeflate: false,
  });
  const clients = new Map<LiveClient, { socket: WebSocket; request: IncomingMessage }>();
  const views = new Map<string, ZoneView>();
  let committed = { position: options.store.position, committedAt: clock(), newestReceivedAt: clock() };
  let refused = 0;
  let figuresRunning = false;

  const moment = () => ({
    position: committed.position,
    head: Math.max(options.arrivals().head, committed.position),
    committedAt: committed.committedAt,
  });

  function viewOf(client: LiveClient, subject: ZoneSubject): ZoneView {
    const key = `${client.accessKey}|${subject.dggrs}|${subject.level}|${subject.property}`;
    const view = views.get(key) ?? new ZoneView(options.queries, client.access, subject);
    views.set(key, view);
    return view;
  }

  function dropUnusedViews(): void {
    const used = new Set([...clients.keys()].map((client) => client.view));
    for (const [key, view] of views) if (!used.has(view)) views.delete(key);
  }

  function statusFor(client: LiveClient): LiveStatus {
    const feeds = options.queries.feeds(client.access);
    const { head, messagesPerSecond } = options.arrivals();
    return {
      demo: options.queries.datasets(client.access).some((dataset) => dataset.demo),
      lagMs: head > committed.position ? Math.max(0, clock() - committed.newestReceivedAt) : 0,
      feeds,
      messagesPerSecond,
      refusedLastHour: options.queries.refusedLastHour(client.access),
    };
  }

  function open(socket: WebSocket, request: IncomingMessage, access: Access): void {
    const { subject: _, ...rights } = access;
    const client = new LiveClient({
      socket,
      access,
      accessKey: JSON.stringify(rights),
      queries: options.queries,
      moment,
      clock,
      // Whatever a screen asks for, its fault ends its own stream and nothing else.
      onFault(error) {
        options.log.warn({ error: String(error) }, 'A live client could not be served');
        socket.close(1011, 'The server made a mistake');
      },
    });
    clients.set(client, { socket, request });
    socket.on('message', (bytes, binary) => {
      const subscription = binary ? undefined : parseSubscription(String(bytes));
      if (subscription === undefined) {
        socket.close(1008, 'Not a subscription: see LiveSubscription in the API');
        return;
      }
      client.subscribe(
        subscription,
        subscription.zones === null ? undefined : viewOf(client, subscription.zones),
      );
      dropUnusedViews();
      sendFigures([client]).catch((error: unknown) =>
        options.log.warn({ error: String(error) }, 'The live stream stumbled'),
      );
    });
    socket.on('error', (error) => options.log.debug({ error: error.message }, 'A live client failed'));
    socket.on('close', () => {
      client.close();
      clients.delete(client);
      dropUnusedViews();
    });
    client.sendStatus('hello', statusFor(client));
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refuse = (status: string) => {
      refused += 1;
      // The HTTP server keeps no time limits on an upgraded socket: left half open it would count as a connection for ever.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== LIVE_PATH)
      return refuse('404 Not Found');
    if (!sameOrigin(request)) return refuse('403 Forbidden');
    if (clients.size >= MAX_CLIENTS) return refuse('503 Service Unavailable');
    const access = await options.authenticate(request);
    if (access === undefined) return refuse('401 Unauthorized');
    if (socket.destroyed) return;
    sockets.handleUpgrade(request, socket, head, (opened) => open(opened, request, access));
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => {
      options.log.warn({ error: String(error) }, 'A live upgrade failed');
      socket.destroy();
    });
  };
  options.server.on('upgrade', onUpgrade);

  /** Figures are computed once for all clients with the same rights. */
  async function sendFigures(to: Iterable<LiveClient>): Promise<void> {
    const wanting = [...to].filter((client) => client.subscription.figures);
    const byRights = groupByKey(wanting);
    for (const group of byRights.values()) {
      const answer = await options.queries.figures(group[0]!.access, {});
      for (const client of group) client.sendFigures(answer.figures);
    }
  }

  const every = (ms: number, run: () => void | Promise<void>) =>
    setInterval(() => {
      Promise.resolve(run()).catch((error: unknown) =>
        options.log.warn({ error: String(error) }, 'The live stream stumbled'),
      );
    }, ms);
  const timers = [
    every(FIGURES_EVERY_MS, async () => {
      if (figuresRunning || clients.size === 0) return;
      figuresRunning = true;
      try {
        await sendFigures(clients.keys());
      } finally {
        figuresRunning = false;
      }
    }),
    every(STATUS_EVERY_MS, () => {
      for (const client of clients.keys()) {
        client.sendStatus('status', statusFor(client));
        client.sweep();
      }
    }),
    every(RECHECK_EVERY_MS, async () => {
      for (const { socket, request } of clients.values()) {
        if ((await options.authenticate(request)) === undefined) socket.close(4401, 'The session has ended');
      }
    }),
  ];

  return {
    publish(delta) {
      committed = {
        position: delta.position,
        committedAt: delta.committedAt,
        newestReceivedAt: delta.newestReceivedAt ?? committed.newestReceivedAt,
      };
      for (const view of views.values()) view.note(delta);
      for (const client of clients.keys()) client.note(delta);
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      options.server.off('upgrade', onUpgrade);
      for (const { socket } of clients.values()) socket.close(1001, 'The server is stopping');
      sockets.close();
    },
    metrics: () => ({ clients: clients.size, views: views.size, refused }),
  };
}

/** Browsers name their origin; a page of another site may not open the stream with this one's cookie. */
function sameOrigin(request: IncomingMessage): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === request.headers.host;
  } catch {
    return false;
  }
}

function groupByKey(clients: readonly LiveClient[]): Map<string, LiveClient[]> {
  const groups = new Map<string, LiveClient[]>();
  for (const client of clients)
    groups.set(client.accessKey, [...(groups.get(client.accessKey) ?? []), client]);
  return groups;
}
