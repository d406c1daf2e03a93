/**
 * A QoS 1 publisher that does exactly what MQTT 3.1.1 asks of a client with a persistent session: one packet identifier a
 * message until it is acknowledged, and after a reconnection everything unacknowledged again, in order, with DUP = 1
 * ([MQTT-4.4.0-1], [MQTT-3.3.1-1]). mqtt.js sends again without DUP and loses callbacks when a second disconnection
 * interrupts it, so it cannot judge a server.
 */
import { connect, type Socket } from 'node:net';
import mqttPacket, { type Packet } from 'mqtt-packet';

/** Unacknowledged messages at most: the rest waits here. */
const WINDOW = 512;
const RECONNECT_MS = 100;

interface Waiting {
  readonly topic: string;
  readonly payload: string;
  readonly done: () => void;
}

export class SteadfastPublisher {
  #port: number;
  #id: string;
  #token: string;
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #queue: Waiting[] = [];
  #inFlight = new Map<number, Waiting>();
  #nextId = 1 + Math.floor(Math.random() * 60_000);
  /** Messages sent again. */
  resent = 0;

  constructor(port: number, id: string, token: string) {
    this.#port = port;
    this.#id = id;
    this.#token = token;
    this.#connect();
  }

  /** `done` is called once, when the server has acknowledged. */
  publish(topic: string, payload: string, done: () => void): void {
    this.#queue.push({ topic, payload, done });
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#port, '127.0.0.1');
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    parser.on('packet', (packet) => this.#take(packet));
    socket.on('connect', () =>
      socket.write(
        mqttPacket.generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: false,
          clientId: this.#id,
          keepalive: 60,
          username: this.#id,
          password: Buffer.from(this.#token),
        }),
      ),
    );
    socket.on('data', (bytes) => parser.parse(bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#ready = false;
      setTimeout(() => this.#connect(), RECONNECT_MS);
    });
    this.#socket = socket;
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'connack') {
      if (packet.returnCode !== 0)
        throw new Error(`The server refused ${this.#id} with ${packet.returnCode}`);
      this.#ready = true;
      for (const [messageId, message] of this.#inFlight) {
        this.resent += 1;
        this.#write(messageId, message, true);
      }
      this.#pump();
    } else if (packet.cmd === 'puback') {
      const message = this.#inFlight.get(packet.messageId ?? 0);
      this.#inFlight.delete(packet.messageId ?? 0);
      message?.done();
      this.#pump();
    }
  }

  #pump(): void {
    while (this.#ready && this.#queue.length > 0 && this.#inFlight.size < WINDOW) {
      const message = this.#queue.shift()!;
      const messageId = this.#nextId;
      this.#nextId = messageId === 65_535 ? 1 : messageId + 1;
      this.#inFlight.set(messageId, message);
      this.#write(messageId, message, false);
    }
  }

  #write(messageId: number, message: Waiting, dup: boolean): void {
    const { topic, payload } = message;
    this.#socket?.write(
      mqttPacket.generate({ cmd: 'publish', topic, payload, qos: 1, dup, retain: false, messageId }),
    );
  }
}
