/** What the gateway's tests share: a sink whose disk the test commands, principals, and a raw MQTT connection. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import type { Principal, RawRecord, Receipt, Rejection, Sink } from '../../model/index.ts';
import type { DoorsOptions } from '../../worker/doors.ts';
import { type MqttGateway, startMqttGateway } from './gateway.ts';

/** One call of the sink, waiting for the test to say what the disk did. */
export interface Entry {
  readonly raw: RawRecord;
  readonly rejection: Rejection | undefined;
  readonly full: { length: number; sha256: string } | undefined;
  resolve(outcome?: Receipt['outcome'], rejections?: readonly Rejection[]): void;
  reject(error: Error): void;
}

/** A sink that settles at once when `auto`, else when the test says so. */
export class TestSink implements Sink {
  readonly entries: Entry[] = [];
  auto = true;
  pendingBytes = 0;
  #position = 0;

  accept(raw: RawRecord): Promise<Receipt> {
    return this.#entry(raw, undefined, undefined);
  }

  refuse(raw: RawRecord, rejection: Rejection, full?: { length: number; sha256: string }): Promise<Receipt> {
    return this.#entry(raw, rejection, full);
  }

  topics(): string[] {
    return this.entries.map(({ raw }) => (raw.origin.transport === 'mqtt' ? raw.origin.topic : ''));
  }

  #entry(raw: RawRecord, rejection: Rejection | undefined, full: Entry['full']): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const position = this.#position++;
      const settle = (outcome: Receipt['outcome'], rejections: readonly Rejection[]) =>
        resolve({ position, outcome, records: 1, readings: 1, rejections });
      const usual = rejection === undefined ? [] : [rejection];
      this.entries.push({
        raw,
        rejection,
        full,
        resolve: (outcome = rejection === undefined ? 'accepted' : 'refused', rejections = usual) =>
          settle(outcome, rejections),
        reject,
      });
      if (this.auto) settle(rejection === undefined ? 'accepted' : 'refused', usual);
    });
  }
}

export function principal(id: string, overrides: Partial<Principal> = {}): Principal {
  return {
    id,
    kind: 'device',
    tokenHash: createHash('sha256').update(`token-of-${id}`).digest('hex'),
    publish: ['things/{id}/#'],
    subscribe: ['things/{id}/#'],
    disabled: false,
    ...overrides,
  };
}

export interface Fixture {
  readonly gateway: MqttGateway;
  readonly sink: TestSink;
  readonly log: string[];
  client(id: string, options?: IClientOptions): Promise<MqttClient>;
  raw(): Promise<RawClient>;
  rawConnected(id: string, overrides?: Partial<IConnectPacket>): Promise<RawClient>;
  close(): Promise<void>;
}

/** A gateway on a free port with principals `d1`, `d2` and `gw` (publishes and subscribes to `shared/#`). */
export async function openFixture(overrides: Partial<DoorsOptions['mqtt']> = {}): Promise<Fixture> {
  const sink = new TestSink();
  const log: string[] = [];
  const options = {
    host: '127.0.0.1',
    port: 0,
    maxPacketBytes: 256 * 1024,
    maxTopicLevels: 16,
    maxInFlight: 32,
    maxConnections: 100,
    ...overrides,
  };
  const gateway = await startMqttGateway(options, sink, {
    sourceForTopic: (topic) => (topic.includes('nobody') ? undefined : 'json'),
    clock: () => 1_700_000_000_000,
    log: (event, fields) => log.push(`${event} ${JSON.stringify(fields)}`),
  });
  gateway.setPrincipals([
    principal('d1'),
    principal('d2'),
    principal('gw', { kind: 'gateway', publish: ['shared/#'], subscribe: ['shared/#'] }),
  ]);
  const clients: MqttClient[] = [];
  const raws: RawClient[] = [];
  const raw = async () => {
    const client = await RawClient.open(gateway.port);
    raws.push(client);
    return client;
  };
  return {
    gateway,
    sink,
    log,
    raw,
    async client(id, more = {}) {
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.port}`, {
        username: id,
        password: `token-of-${id}`,
        clientId: `client-${id}`,
        reconnectPeriod: 0,
        ...more,
      });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    async rawConnected(id, connectOverrides = {}) {
      const client = await raw();
      client.send(connectPacket(id, connectOverrides));
      await client.next('connack');
      return client;
    },
    async close() {
      for (const client of clients) client.end(true);
      for (const client of raws) client.socket.destroy();
      await gateway.close();
    },
  };
}

export function connectPacket(id: string, overrides: Partial<IConnectPacket> = {}): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: `raw-${id}`,
    keepalive: 0,
    username: id,
    password: Buffer.from(`token-of-${id}`),
    ...overrides,
  };
}

/** A TCP connection that speaks exactly what the test tells it to. */
export class RawClient {
  readonly socket: Socket;
  readonly packets: Packet[] = [];
  #version = 4;
  #parser = parser({ protocolVersion: 4 });
  #closed = false;
  #wake: () => void = () => undefined;

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () =>
        resolve(new RawClient(socket)),
      );
      socket.once('error', reject);
    });
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#parser.parse(chunk);
      this.#wake();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  #listen(): void {
    this.#parser.on('packet', (packet) => this.packets.push(packet));
    this.#parser.on('error', () => undefined);
  }

  send(packet: Packet): void {
    if (packet.cmd === 'connect') {
      this.#version = packet.protocolVersion ?? 4;
      this.#parser = parser({ protocolVersion: this.#version });
      this.#listen();
    }
    this.write(generate(packet, { protocolVersion: this.#version }));
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  publish(topic: string, payload: string | Buffer, packetId = 0, dup = false): void {
    this.send({
      cmd: 'publish',
      topic,
      payload,
      qos: packetId === 0 ? 0 : 1,
      dup,
      retain: false,
      messageId: packetId,
    });
  }

  /** The next packet of that kind, waiting up to 5 s. */
  async next(cmd: Packet['cmd']): Promise<Packet> {
    await until(
      () => this.#closed || this.packets.some((packet) => packet.cmd === cmd),
      () => this.#sleep(),
    );
    const index = this.packets.findIndex((packet) => packet.cmd === cmd);
    if (index === -1) throw new Error(`Connection closed before ${cmd} came`);
    return this.packets.splice(index, 1)[0]!;
  }

  async closed(): Promise<void> {
    await until(
      () => this.#closed,
      () => this.#sleep(),
    );
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, 20);
    });
  }
}

/** Waits until `condition` holds, at most 8 s. */
export async function until(
  condition: () => boolean,
  sleep: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, 5)),
): Promise<void> {
  const end = performance.now() + 8_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('Condition did not come true within 8 s');
    await sleep();
  }
}

/** Lets everything that is under way on this machine's loopback arrive. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60));
}
