import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as NodeSocket, WebSocketServer } from 'ws';
import { encodeLiveFrame, type LiveHeader } from '../schema/index.ts';
import { type LinkPhase, type LiveClient, openLive } from './live-client.ts';

const frame = (seq: number): Uint8Array =>
  encodeLiveFrame({
    type: 'status',
    seq,
    position: 0,
    head: 0,
    serverTime: 0,
    committedAt: 0,
    full: true,
  } satisfies Omit<LiveHeader, 'columns'>);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(port = 0): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await new Promise((done) => server.once('listening', done));
  closing.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return server;
}

function follow(
  port: number,
  silenceMs: number,
): { client: LiveClient; phases: LinkPhase[]; frames: number[] } {
  const phases: LinkPhase[] = [];
  const frames: number[] = [];
  const client = openLive({
    url: `ws://127.0.0.1:${port}`,
    onFrame: (f) => frames.push(f.header.seq),
    onPhase: (p) => {
      if (phases.at(-1) !== p) phases.push(p);
    },
    WebSocket: NodeSocket as unknown as typeof WebSocket,
    silenceMs,
  });
  closing.push(() => client.close());
  return { client, phases, frames };
}

const until = async (what: () => boolean): Promise<void> => {
  const end = performance.now() + 8000;
  while (!what()) {
    if (performance.now() > end) throw new Error('Waited 8 s in vain');
    await new Promise((done) => setTimeout(done, 10));
  }
};

describe('openLive', () => {
  it('says lost when an open connection falls silent, comes back, and subscribes again', async () => {
    const server = await serve();
    const asked: string[] = [];
    let connections = 0;
    server.on('connection', (socket) => {
      connections++;
      socket.on('message', (text) => asked.push(String(text)));
      socket.send(frame(1)); // then nothing more: a hung server
    });
    const { client, phases, frames } = follow((server.address() as AddressInfo).port, 150);
    client.subscribe({ zones: null, things: true, events: false, figures: false });
    await until(() => connections >= 2 && frames.length >= 2 && asked.length >= 2);
    expect(phases.slice(0, 4)).toEqual(['connecting', 'live', 'lost', 'live']);
    expect(asked[0]).toBe(asked[1]);
  });

  it('heals when the server went away and a new one listens on the same port', async () => {
    const first = await serve();
    first.on('connection', (socket) => socket.send(frame(1)));
    const { port } = first.address() as AddressInfo;
    const { phases, frames } = follow(port, 5000);
    await until(() => frames.length === 1);
    for (const socket of first.clients) socket.terminate();
    await new Promise<void>((done) => first.close(() => done()));
    await until(() => phases.at(-1) === 'lost');
    const second = await serve(port);
    second.on('connection', (socket) => socket.send(frame(2)));
    await until(() => phases.at(-1) === 'live');
    expect(frames).toEqual([1, 2]);
  });
});
