/**
 * Development only: serves the built boards and an invented city over the same HTTP and live frames as the product.
 * `node --import tsx viz/dev/mock-server.ts [port]` prints its address; tests call `startMockServer`.
 */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type WebSocket, WebSocketServer } from 'ws';
import { GRIDS } from '../../grid/index.ts';
import {
  encodeLiveFrame,
  type LiveHeader,
  type LiveSubscription,
  type ThingAnswer,
  type ZoneDossier,
} from '../schema/index.ts';
import {
  CARDS,
  cityAnswer,
  makeEvent,
  makeFeatures,
  makeFigures,
  makeStatus,
  makeThings,
  random,
  zonesOf,
} from './mock-city.ts';

const DIST = fileURLToPath(new URL('../../dist/viz/', import.meta.url));
const BOARD = fileURLToPath(new URL('../dashboards/overview.json', import.meta.url));
const FRAME_MS = 250;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** As strict as the product can be: no inline script, no eval, no other origin. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

export interface MockServer {
  readonly url: string;
  readonly port: number;
  /** Ends the session, as an expired cookie would. */
  signOut(): void;
  close(): Promise<void>;
}

export interface MockOptions {
  readonly port?: number;
  /** Served instead of the overview's own bundle folder. */
  readonly dist?: string;
  readonly signedIn?: boolean;
}

export async function startMockServer(options: MockOptions = {}): Promise<MockServer> {
  const dist = options.dist ?? DIST;
  let signedIn = options.signedIn ?? true;
  const city = mockState();
  const server = createServer((req, res) => {
    res.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    const url = new URL(req.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/')) return serveFile(dist, url.pathname, res);
    if (url.pathname === '/api/v1/login')
      return void body(req).then((text) => {
        signedIn = (JSON.parse(text) as { password?: string }).password === 'right';
        json(res, signedIn ? {} : { title: 'Wrong' }, signedIn ? 200 : 401);
      });
    if (!signedIn) return json(res, { title: 'Sign in' }, 401);
    const answer = city.answer(url);
    return json(res, answer ?? { title: 'Not found' }, answer ? 200 : 404);
  });
  const sockets = new WebSocketServer({ server, path: '/api/v1/live' });
  sockets.on('connection', (socket) => city.live(socket));
  await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    signOut() {
      signedIn = false;
    },
    close: () =>
      new Promise((done) => {
        for (const socket of sockets.clients) socket.terminate();
        sockets.close();
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function mockState(): { answer(url: URL): unknown; live(socket: WebSocket): void } {
  const rand = random(3);
  const began = Date.now();
  let things = makeThings(began);
  const features = makeFeatures();
  let count = 0;
  let events = Array.from({ length: 120 }, (_, i) =>
    makeEvent(count++, began - (120 - i) * 41_000, things, rand),
  ).reverse();
  const provenance = (): object => ({
    datasets: ['demo-air'],
    demo: true,
    inventedPose: true,
    newestPhenomenonTime: Date.now(),
    position: position(),
    answeredFrom: 'latest',
  });
  const step = (): number => Math.floor((Date.now() - began) / 1000);
  const position = (): number => 1_204_331 + Math.floor((Date.now() - began) / 5);
  const tick = (): void => {
    const now = Date.now();
    things = things.map((t, i) => drift(t, i, now, rand));
    if (rand() < 0.12) events = [makeEvent(count++, now - 1500, things, rand), ...events].slice(0, 300);
  };
  let last = 0;
  const moved = (): void => {
    if (Date.now() - last < FRAME_MS) return;
    last = Date.now();
    tick();
  };
  return {
    answer(url) {
      const now = Date.now();
      const path = url.pathname.replace('/api/v1/', '');
      if (path === 'session') return { user: 'wall-1', role: 'operator', kiosk: true };
      if (path === 'city') return cityAnswer(now);
      if (path === 'boards/overview') return JSON.parse(withDefaults(readFileSync(BOARD, 'utf8')));
      if (path === 'indicators') return { indicators: CARDS };
      if (path === 'figures') return { figures: makeFigures(now, step()), provenance: provenance() };
      if (path === 'things') return { things, provenance: provenance() };
      if (path === 'events') {
        const type = url.searchParams.get('type');
        return {
          events: events.filter((e) => type === null || e.eventType === type),
          provenance: provenance(),
        };
      }
      if (path === 'features') return { features, provenance: provenance() };
      if (path === 'video/streams') return { streams: [] };
      const zone = /^zones\/(h3|beidou2d)\/(\w+)$/.exec(path);
      if (zone) return dossier(zone[1] as 'h3', zone[2] as string);
      return null;
    },
    live(socket) {
      let wanted: LiveSubscription | null = null;
      let seq = 0;
      let sentEvents = count;
      const send = (header: Partial<LiveHeader> & Pick<LiveHeader, 'type' | 'full'>, columns = {}): void => {
        if (socket.readyState !== socket.OPEN) return;
        const now = Date.now();
        socket.send(
          encodeLiveFrame(
            {
              seq: ++seq,
              position: position(),
              head: position(),
              serverTime: now,
              committedAt: now - 30,
              ...header,
            },
            columns,
          ),
        );
      };
      const sendZones = (): void => {
        if (!wanted?.zones) return;
        const { dggrs, level, property } = wanted.zones;
        const zones = zonesOf(things, dggrs, level, property);
        send(
          { type: 'zones', full: true, zones: wanted.zones },
          {
            id: BigUint64Array.from(zones.map((z) => z.id)),
            mean: Float32Array.from(zones.map((z) => z.mean)),
            count: Uint32Array.from(zones.map((z) => z.count)),
            newest: Float64Array.from(zones.map((z) => z.newest)),
          },
        );
      };
      const sendThings = (): void => {
        const buses = things.filter((t) => t.category === 'bus' && t.lonLat);
        send(
          { type: 'things', full: false, ids: buses.map((b) => b.id) },
          {
            index: Uint32Array.from(buses.map((_, i) => i)),
            lon: Float64Array.from(buses.map((b) => b.lonLat?.[0] ?? 0)),
            lat: Float64Array.from(buses.map((b) => b.lonLat?.[1] ?? 0)),
            newest: Float64Array.from(buses.map((b) => b.newestPhenomenonTime ?? 0)),
          },
        );
      };
      const status = (type: 'hello' | 'status'): void =>
        send({ type, full: true, status: makeStatus(Date.now(), things) });
      status('hello');
      socket.on('message', (data) => {
        wanted = JSON.parse(String(data)) as LiveSubscription;
        sendZones();
      });
      let turn = 0;
      const timer = setInterval(() => {
        moved();
        sendZones();
        sendThings();
        if (count > sentEvents)
          send({ type: 'events', full: false, events: events.slice(0, count - sentEvents) });
        sentEvents = count;
        if (++turn % 4 === 0) {
          status('status');
          send({ type: 'figures', full: true, figures: makeFigures(Date.now(), step()) });
        }
      }, FRAME_MS);
      socket.on('close', () => clearInterval(timer));
      socket.on('error', () => clearInterval(timer));
    },
  };

  function dossier(dggrs: 'h3' | 'beidou2d', id: string): ZoneDossier | null {
    const grid = GRIDS[dggrs];
    const { zone, level } = grid.parse(id);
    const inside = (lonLat: readonly [number, number] | null): boolean =>
      lonLat !== null && grid.encode(lonLat[0], lonLat[1], level) === zone;
    const own = things.filter((t) => inside(t.lonLat));
    const ownEvents = events.filter((e) => inside(e.lonLat));
    const ownFeatures = features.filter((f) => inside(f.lonLat));
    const centre = grid.centre(zone, level);
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const t = Array.from({ length: 24 }, (_, i) => hour - (23 - i) * 3_600_000);
    const properties = [
      ...new Map(own.flatMap((x) => x.latest.map((l) => [l.property, l] as const))).values(),
    ];
    return {
      dggrs,
      id,
      level,
      centre,
      boundary: grid.boundary(zone, level),
      areaM2: grid.areaM2(zone, level),
      beidou: GRIDS.beidou2d.format(GRIDS.beidou2d.encode(centre[0], centre[1], 4), 4),
      h3: GRIDS.h3.format(GRIDS.h3.encode(centre[0], centre[1], 7), 7),
      counts: {
        things: own.length,
        observations: own.length * 1440,
        events: ownEvents.length,
        features: ownFeatures.length,
      },
      span: { from: t[0]!, to: hour + 3_600_000 },
      countsBy: { things: [], observations: [], events: [], features: [] },
      things: own.slice(0, 50),
      events: ownEvents.slice(0, 50),
      features: ownFeatures.slice(0, 50),
      series: properties.map((l, k) => {
        const mean = t.map((_, i) =>
          i > 5 && i < 9 && k === 0 ? null : Math.max(0, l.value * (1 + 0.3 * Math.sin(i / 4 + k))),
        );
        return {
          property: l.property,
          unit: l.unit,
          bucketMs: 3_600_000,
          t,
          mean,
          min: mean.map((v) => (v === null ? null : v * 0.8)),
          max: mean.map((v) => (v === null ? null : v * 1.2)),
          count: mean.map((v) => (v === null ? 0 : 60)),
        };
      }),
      listLimit: 50,
      provenance: provenance() as ZoneDossier['provenance'],
    };
  }
}

/** Devices that report go on reporting; buses move. */
function drift(thing: ThingAnswer, i: number, now: number, rand: () => number): ThingAnswer {
  const { newestPhenomenonTime: newest, periodMs, lonLat } = thing;
  if (newest === null || periodMs === null || now - newest > periodMs * 3) return thing;
  const due = now - newest > periodMs;
  if (thing.category === 'bus' && lonLat) {
    const a = i * 2.4 + now / 60_000;
    const place = [lonLat[0] + Math.cos(a) * 0.00004, lonLat[1] + Math.sin(a) * 0.00003] as const;
    return { ...thing, lonLat: place, newestPhenomenonTime: due ? now : newest };
  }
  if (!due) return thing;
  const still = thing.category === 'street-light';
  return {
    ...thing,
    newestPhenomenonTime: now,
    latest: thing.latest.map((l) => ({
      ...l,
      value: still ? l.value : Math.max(0, l.value * (1 + (rand() - 0.5) * 0.06)),
      phenomenonTime: now,
    })),
  };
}

/** The product validates boards and fills their defaults; here that is done by hand. */
function withDefaults(text: string): string {
  const board = JSON.parse(text) as { map: { layers: { visible?: boolean }[] } };
  for (const layer of board.map.layers) layer.visible ??= true;
  return JSON.stringify(board);
}

function serveFile(dist: string, pathname: string, res: ServerResponse): void {
  const path = join(dist, normalize(pathname === '/' ? '/index.html' : pathname));
  if (!path.startsWith(dist) || !existsSync(path) || !statSync(path).isFile()) {
    res.writeHead(404).end();
    return;
  }
  res.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  createReadStream(path).pipe(res);
}

function json(res: ServerResponse, value: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function body(req: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of req) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMockServer({ port: Number(process.argv[2] ?? 0) });
  console.log(url);
}
