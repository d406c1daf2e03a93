/**
 * One device's own connection: MQTT 5, QoS 1, its id as user name and its token as password. It keeps a few messages in
 * flight and the rest in a bounded memory of its own, which it sends later with their own times.
 */
import mqtt, { type MqttClient } from 'mqtt';
import { mix, textKey } from '../city/random.ts';
import type { CityMessage } from '../emitter.ts';

/** Counts over all links. */
export interface LinkCounters {
  published: number;
  acknowledged: number;
  /** Refused by the server with a reason (MQTT 5 reason code 0x80 or more). */
  refused: number;
  /** Found no room in the device's memory: the oldest were given up. */
  skipped: number;
  lastRefusal: string;
}

export interface LinkLimits {
  /** Messages that may wait for their acknowledgement. */
  readonly inFlight: number;
  /** Messages the device remembers while it cannot send. */
  readonly backlog: number;
}

/** An outgoing message and whom to tell when it is safe. */
interface Kept {
  readonly message: CityMessage;
  readonly onAcknowledged: (() => void) | undefined;
}

/** Remembered readings go out several to a message, at most so many and so large. */
const MERGE_MESSAGES = 20;
const MERGE_CHARS = 32_768;
const KEEPALIVE_S = 60;
const CONNECT_TIMEOUT_MS = 15_000;

export class DeviceLink {
  readonly id: string;
  readonly #limits: LinkLimits;
  readonly #counters: LinkCounters;
  readonly #backlog: Kept[] = [];
  #client: MqttClient | undefined;
  #inFlight = 0;
  #refusedAs: string | undefined;

  constructor(id: string, limits: LinkLimits, counters: LinkCounters) {
    this.id = id;
    this.#limits = limits;
    this.#counters = counters;
  }

  get connected(): boolean {
    return this.#client?.connected === true;
  }

  /** Messages not yet acknowledged, in flight or remembered. */
  get waiting(): number {
    return this.#inFlight + this.#backlog.length;
  }

  /** Why the server last refused this device, while it is not connected. */
  get refusedAs(): string | undefined {
    return this.connected ? undefined : this.#refusedAs;
  }

  /** Starts (or, with a new token, starts again); resolves at the first answer of the server, good or bad. */
  connect(url: string, token: string): Promise<void> {
    this.#client?.end(true);
    this.#inFlight = 0;
    this.#refusedAs = undefined;
    const client = mqtt.connect(url, {
      clientId: this.id,
      username: this.id,
      password: token,
      protocolVersion: 5,
      clean: true,
      keepalive: KEEPALIVE_S,
      // Devices do not come back all at once after a restart of the server.
      reconnectPeriod: 3000 + (mix(textKey(this.id)) % 6000),
      connectTimeout: CONNECT_TIMEOUT_MS,
      queueQoSZero: false,
      resubscribe: false,
    });
    this.#client = client;
    return new Promise((answered) => {
      client.on('connect', () => {
        this.#refusedAs = undefined;
        answered();
        this.#drain();
      });
      client.on('error', (error) => {
        this.#refusedAs = error.message;
        answered();
      });
      client.on('close', () => answered());
    });
  }

  /** Takes a message on; it leaves now or later, in order. */
  offer(message: CityMessage, onAcknowledged?: () => void): void {
    this.#backlog.push({ message, onAcknowledged });
    this.#drain();
    while (this.#backlog.length > this.#limits.backlog) {
      this.#backlog.shift();
      this.#counters.skipped += 1;
    }
  }

  /** Leaves: waits for what is in flight until the deadline passes, then cuts the line. */
  async close(deadlineMs: number): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(() => client.end(true, {}, () => done()), deadlineMs);
      client.end(!client.connected, {}, () => {
        clearTimeout(timer);
        done();
      });
    });
  }

  #drain(): void {
    const client = this.#client;
    if (client === undefined) return;
    while (client.connected && this.#inFlight < this.#limits.inFlight && this.#backlog.length > 0) {
      this.#send(client, takeMerged(this.#backlog));
    }
  }

  #send(client: MqttClient, kept: readonly Kept[]): void {
    const { topic } = kept[0]!.message;
    const payload = kept.length === 1 ? kept[0]!.message.payload : merged(kept);
    this.#inFlight += 1;
    this.#counters.published += kept.length;
    client.publish(topic, payload, { qos: 1 }, (error) => {
      // A client that was replaced answers for nobody any more.
      if (client !== this.#client) return;
      this.#inFlight -= 1;
      if (error === undefined || error === null) {
        this.#counters.acknowledged += kept.length;
        for (const one of kept) one.onAcknowledged?.();
      } else {
        this.#counters.refused += kept.length;
        this.#counters.lastRefusal = `${this.id}: ${error.message}`;
      }
      this.#drain();
    });
  }
}

/** The oldest message, with its followers when all are Jingwei JSON for one topic and there is room. */
function takeMerged(backlog: Kept[]): readonly Kept[] {
  const first = backlog.shift()!;
  const taken = [first];
  if (!first.message.topic.endsWith('/observations')) return taken;
  let chars = first.message.payload.length;
  while (taken.length < MERGE_MESSAGES && backlog[0]?.message.topic === first.message.topic) {
    chars += backlog[0].message.payload.length;
    if (chars > MERGE_CHARS) break;
    taken.push(backlog.shift()!);
  }
  return taken;
}

/** Objects and arrays of Jingwei JSON as one array. */
function merged(kept: readonly Kept[]): string {
  const inner = kept.map(({ message: { payload } }) =>
    payload.startsWith('[') ? payload.slice(1, -1) : payload,
  );
  return `[${inner.join(',')}]`;
}
