/** A stand-in for the server in tests: the few HTTP routes the city calls and a small MQTT 5 broker that checks tokens. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

export interface Published {
  readonly principal: string;
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
}

export interface StandIn {
  readonly url: string;
  readonly mqttUrl: string;
  /** Declarations by `kind/id`. */
  readonly declared: Map<string, unknown>;
  readonly tokens: Map<string, string>;
  readonly published: Published[];
  readonly requests: string[];
  connections(): number;
  /** While true, messages are taken and not acknowledged. */
  silent: boolean;
  /** Cuts every connection and refuses new ones until `resume`. */
  pauseMqtt(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

export const CLI_TOKEN = 'stand-in-token';

export async function startStandIn(): Promise<StandIn> {
  const declared = new Map<string, unknown>();
  const tokens = new Map<string, string>();
  const published: Published[] = [];
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  const http = createServer((req, res) => {
    void answer(req, res);
  });
  let tcp = await listenTcp(0);
  const mqttPort = (tcp.address() as AddressInfo).port;
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    declared,
    tokens,
    published,
    requests,
    connections: () => sockets.size,
    silent: false,
    async pauseMqtt() {
      const closed = closeServer(tcp);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async resume() {
      tcp = await listenTcp(mqttPort);
    },
    async close() {
      http.closeAllConnections();
      await Promise.all([closeServer(http), standIn.pauseMqtt()]);
    },
  };
  return standIn;

  async function listenTcp(port: number): Promise<TcpServer> {
    const server = createTcpServer(serve);
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    return server;
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const route = `${req.method} ${req.url?.split('?')[0]}`;
    requests.push(route);
    const send = (status: number, body: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (route === 'GET /readyz') return send(200, { ready: true });
    if (req.headers.authorization !== `Bearer ${CLI_TOKEN}`) return send(401, { title: 'no' });
    if (route === 'GET /api/v1/declarations') return send(200, [...declared.values()]);
    if (route === 'POST /api/v1/declarations') {
      const list: { kind: string; body: { id: string } }[] = JSON.parse(text);
      for (const one of list) declared.set(`${one.kind}/${one.body.id}`, one);
      return send(200, { position: declared.size, changed: list.length });
    }
    if (route === 'POST /api/v1/devices') return send(...makeDevices(JSON.parse(text)));
    return send(404, { title: 'Not found' });
  }

  function makeDevices(list: { id: string; rotate?: boolean }[]): [number, unknown] {
    const existing = list.filter(({ id, rotate }) => tokens.has(id) && rotate !== true);
    if (existing.length > 0) return [409, { existing: existing.map(({ id }) => id) }];
    for (const { id } of list) {
      made += 1;
      tokens.set(id, `token-${made}`);
    }
    return [201, list.map(({ id }) => ({ id, token: tokens.get(id) }))];
  }

  function serve(socket: Socket): void {
    const reader = parser({ protocolVersion: 5 });
    let principal = '';
    sockets.add(socket);
    const write = (packet: Packet) => socket.write(generate(packet, { protocolVersion: 5 }));
    reader.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') {
        principal = packet.username ?? '';
        const good = tokens.get(principal) === packet.password?.toString();
        write({ cmd: 'connack', reasonCode: good ? 0 : 0x86, sessionPresent: false });
        if (!good) socket.end();
      } else if (packet.cmd === 'publish') {
        published.push({ principal, topic: packet.topic, payload: String(packet.payload), qos: packet.qos });
        const messageId = packet.messageId;
        if (!standIn.silent && messageId !== undefined) write({ cmd: 'puback', messageId, reasonCode: 0 });
      } else if (packet.cmd === 'pingreq') write({ cmd: 'pingresp' });
      else if (packet.cmd === 'disconnect') socket.end();
    });
    socket.on('data', (chunk) => reader.parse(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  }
}

function closeServer(server: Server | TcpServer): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}
