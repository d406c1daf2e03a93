import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createQueries, openStore, type Queries, type Store } from '../../analytics/index.ts';
import { accessOf } from '../auth/index.ts';
import { attachLive, type Live } from './attach-live.ts';

const IDENTITY = {
  subject: 'wall',
  role: 'operator',
  kiosk: true,
  via: 'session',
  credential: '',
} as const;
const NOTHING = { zones: null, things: false, events: false, figures: false };

let server: Server;
let store: Store;
let live: Live;
let warnings: string[];

beforeEach(async () => {
  store = await openStore({ path: ':memory:', rollupIntervalMs: 0 });
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  warnings = [];
});
afterEach(async () => {
  live.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
});

const port = () => (server.address() as AddressInfo).port;

function attach(more: Partial<Queries> = {}): void {
  live = attachLive({
    server,
    store,
    queries: { ...createQueries(store), ...more },
    arrivals: () => ({ head: 0, messagesPerSecond: 0 }),
    authenticate: (request) =>
      request.headers.authorization === 'Bearer good' ? accessOf(IDENTITY) : undefined,
    log: { warn: (_fields, message) => warnings.push(message), debug: () => undefined },
  });
}

/** Opens a stream, sends the subscription, and tells the code with which the server closes it. */
async function closeCode(subscription: unknown): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port()}/api/v1/live`, {
    headers: { authorization: 'Bearer good' },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send(JSON.stringify(subscription));
  return closed;
}

describe('attachLive', () => {
  it('refuses a level that the grid does not keep points at', async () => {
    attach();
    const zones = { dggrs: 'beidou2d', level: 11, property: 'pm25' };
    expect(await closeCode({ ...NOTHING, zones })).toBe(1008);
    expect(await closeCode({ ...NOTHING, zones: { ...zones, dggrs: 'h3', level: 13 } })).toBe(1008);
  });

  it('ends only the stream whose frame could not be made', async () => {
    attach({
      zoneColumns() {
        throw new Error('our own mistake');
      },
      figures: () => Promise.reject(new Error('our own mistake')),
    });
    const zones = { dggrs: 'h3', level: 7, property: 'pm25' };
    expect(await closeCode({ ...NOTHING, zones, figures: true })).toBe(1011);
    expect(warnings).toHaveLength(2);
  });

  it('keeps no connection of a stranger who was refused and does not hang up', async () => {
    attach();
    const ended = new Promise<void>((resolve) => {
      const socket = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true });
      socket.once('end', resolve).resume();
      socket.write(
        'GET /api/v1/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
    });
    await ended;
    const open = () =>
      new Promise<number>((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    await expect.poll(open, { timeout: 2000 }).toBe(0);
  });
});
