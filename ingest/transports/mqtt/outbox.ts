import { generate, type IPublishPacket } from 'mqtt-packet';
import { MAX_OUTBOX_BYTES, MAX_OUTBOX_IN_FLIGHT, MAX_OUTBOX_MESSAGES } from './limits.ts';

/** A stored message as it goes to subscribers. */
export interface Delivery {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly properties: IPublishPacket['properties'];
}

/** Where an outbox writes, and how much waits there. */
export interface OutboxSocket {
  readonly writableLength: number;
  write(bytes: Buffer): unknown;
}

/**
 * What waits for one subscriber, within fixed bounds. A subscriber that does not keep up overflows its outbox and is to be
 * disconnected; nobody waits for it and nothing grows.
 */
export class Outbox {
  readonly #socket: OutboxSocket;
  readonly #mqtt5: boolean;
  readonly #window: number;
  readonly #maxPacketBytes: number;
  readonly #inFlight = new Set<number>();
  #waiting: Delivery[] = [];
  #waitingBytes = 0;
  #lastId = 0;

  /**
   * @param options.receiveMaximum - QoS 1 messages the client takes unacknowledged.
   * @param options.maxPacketBytes - Largest packet the client takes; larger messages are not sent to it [MQTT-3.1.2-25].
   */
  constructor(
    socket: OutboxSocket,
    options: { mqtt5: boolean; receiveMaximum: number; maxPacketBytes: number },
  ) {
    this.#socket = socket;
    this.#mqtt5 = options.mqtt5;
    this.#window = Math.min(options.receiveMaximum, MAX_OUTBOX_IN_FLIGHT);
    this.#maxPacketBytes = options.maxPacketBytes;
  }

  /** Sends, or keeps until the window opens. `overflow`: the subscriber is too slow, close it. */
  offer(delivery: Delivery): 'sent' | 'waits' | 'dropped' | 'overflow' {
    if (this.#socket.writableLength > MAX_OUTBOX_BYTES) return 'overflow';
    if (delivery.qos === 0) return this.#send(delivery);
    if (this.#inFlight.size < this.#window && this.#waiting.length === 0) return this.#send(delivery);
    if (
      this.#waiting.length >= MAX_OUTBOX_MESSAGES ||
      this.#waitingBytes + delivery.payload.length > MAX_OUTBOX_BYTES
    )
      return 'overflow';
    this.#waiting.push(delivery);
    this.#waitingBytes += delivery.payload.length;
    return 'waits';
  }

  /** The client's PUBACK; false when it acknowledges what it was not sent. */
  acknowledged(packetId: number): boolean {
    if (!this.#inFlight.delete(packetId)) return false;
    while (this.#inFlight.size < this.#window) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#waitingBytes -= next.payload.length;
      this.#send(next);
    }
    return true;
  }

  #send(delivery: Delivery): 'sent' | 'dropped' {
    const packetId = delivery.qos === 0 ? undefined : this.#nextId();
    const bytes = encode(delivery, packetId, this.#mqtt5);
    if (bytes === undefined || bytes.length > this.#maxPacketBytes) return 'dropped';
    if (packetId !== undefined) this.#inFlight.add(packetId);
    this.#socket.write(bytes);
    return 'sent';
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === 0xffff ? 1 : this.#lastId + 1;
    while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }
}

function encode(delivery: Delivery, packetId: number | undefined, mqtt5: boolean): Buffer | undefined {
  const { payload, qos, topic, properties } = delivery;
  try {
    return generate(
      {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
        qos,
        dup: false,
        retain: false,
        ...(packetId === undefined ? {} : { messageId: packetId }),
        ...(mqtt5 && properties !== undefined ? { properties } : {}),
      },
      { protocolVersion: mqtt5 ? 5 : 4 },
    );
  } catch {
    // A publisher's properties that the parser let pass and the generator refuses; the stored message is whole.
    return undefined;
  }
}
