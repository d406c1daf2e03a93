import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { EventLog } from '../../event-log.ts';
import type { Principal, Sink } from '../../model/index.ts';
import type { DoorsOptions } from '../../worker/doors.ts';
import { Credentials } from './credentials.ts';
import { GuessGuard } from './guess-guard.ts';
import type { Counters, Hub } from './hub.ts';
import {
  CLOSE_WAIT_MS,
  MAX_PARTIAL_BYTES,
  MAX_STRANGERS,
  SINK_HIGH_WATER_BYTES,
  SINK_LOW_WATER_BYTES,
  SINK_POLL_MS,
  SWEEP_MS,
} from './limits.ts';
import type { Delivery } from './outbox.ts';
import { REASON } from './reason.ts';
import { Session } from './session.ts';
import { SubscriptionTree } from './subscriptions.ts';

/** What the gateway needs from the house. */
export interface MqttGatewayDeps {
  /** The source that reads messages of this topic. */
  sourceForTopic(topic: string): string | undefined;
  /** Wall clock, ms since 1970. */
  clock(): number;
  /** Where events worth a line go; nowhere by default. */
  readonly log?: EventLog;
}

/** Figures of the gateway since its start. */
export interface MqttGatewayMetrics {
  /** Clients let in and connected now. */
  readonly connections: number;
  /** PUBLISH packets and wills taken. */
  readonly messagesReceived: number;
  /** PUBACKs written. */
  readonly messagesAcknowledged: number;
  readonly bytesReceived: number;
  /** Messages sent, or waiting to be sent, to subscribers. */
  readonly messagesDelivered: number;
  readonly connectionsRefused: number;
  readonly connectionsRefusedBy: Readonly<Record<string, number>>;
  /** Connections ended, by reason. */
  readonly closedBy: Readonly<Record<string, number>>;
  /** Refusals made at the door, by rejection code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Messages the disk refused. */
  readonly diskFaults: number;
  /** Bytes of incomplete packets held now. */
  readonly heldBytes: number;
}

/** The device port. */
export interface MqttGateway {
  /** Port listened on. */
  readonly port: number;
  /** Replaces who may connect; sessions of principals that are gone, disabled or have a new token are closed. */
  setPrincipals(principals: readonly Principal[]): void;
  metrics(): MqttGatewayMetrics;
  /** Stops reading, acknowledges what reaches the disk within 5 s, closes. Wills are not published. */
  close(): Promise<void>;
}

/**
 * Opens the MQTT door: 3.1.1 and 5.0 over TCP, QoS 0 and 1. A PUBACK is written strictly after the sink has the message, or
 * its refusal, on disk. Nobody may connect until `setPrincipals` was called.
 *
 * @throws {Error} As `net.Server.listen`: port taken, address not ours.
 */
export async function startMqttGateway(
  options: DoorsOptions['mqtt'],
  sink: Sink,
  deps: MqttGatewayDeps,
): Promise<MqttGateway> {
  const gateway = new Gateway(options, sink, deps);
  await gateway.listen();
  return gateway;
}

class Gateway implements MqttGateway, Hub {
  readonly options: DoorsOptions['mqtt'];
  readonly sink: Sink;
  readonly rules: Hub['rules'];
  readonly credentials = new Credentials();
  readonly guard = new GuessGuard();
  readonly subscriptions = new SubscriptionTree<Session>();
  readonly counters: Counters = {
    messagesReceived: 0,
    messagesAcknowledged: 0,
    bytesReceived: 0,
    messagesDelivered: 0,
    diskFaults: 0,
    connectionsRefused: {},
    closed: {},
    rejected: {},
  };
  readonly log: EventLog;
  readonly #deps: MqttGatewayDeps;
  readonly #server: Server;
  /** All sockets, strangers included, oldest first. */
  readonly #sessions = new Set<Session>();
  readonly #strangers = new Set<Session>();
  readonly #admitted = new Map<string, Session>();
  readonly #resting = new Set<Session>();
  #congested = false;
  #heldBytes = 0;
  #closing: Promise<void> | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #poller: NodeJS.Timeout | undefined;

  constructor(options: DoorsOptions['mqtt'], sink: Sink, deps: MqttGatewayDeps) {
    this.options = options;
    this.sink = sink;
    this.#deps = deps;
    this.rules = {
      maxTopicLevels: options.maxTopicLevels,
      sourceForTopic: (topic) => deps.sourceForTopic(topic),
    };
    this.log = deps.log ?? (() => undefined);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#onSocket(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.options.port, this.options.host, () => {
        this.#server.off('error', reject);
        // Out of file descriptors, say: the listener goes on, those connected are not harmed.
        this.#server.on('error', (error) => this.log('mqtt-listener', { detail: error.message }));
        resolve();
      });
    });
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  clock(): number {
    return this.#deps.clock();
  }

  now(): number {
    return performance.now();
  }

  #onSocket(socket: Socket): void {
    if (this.#closing !== undefined) {
      socket.destroy();
      return;
    }
    const session = new Session(this, socket);
    this.#sessions.add(session);
    this.#strangers.add(session);
    if (this.#strangers.size > MAX_STRANGERS) {
      const [oldest] = this.#strangers;
      oldest?.close('stranger-dropped');
    }
  }

  #sweep(): void {
    const now = this.now();
    for (const session of this.#sessions) session.sweep(now);
  }

  admit(session: Session, key: string): boolean {
    const older = this.#admitted.get(key);
    if (older === undefined && this.#admitted.size >= this.options.maxConnections) return false;
    this.#strangers.delete(session);
    older?.close('taken-over', REASON.sessionTakenOver);
    this.#admitted.set(key, session);
    return true;
  }

  left(session: Session, key: string | undefined): void {
    this.#sessions.delete(session);
    this.#strangers.delete(session);
    this.#resting.delete(session);
    if (key !== undefined && this.#admitted.get(key) === session) this.#admitted.delete(key);
  }

  hold(delta: number): boolean {
    this.#heldBytes += delta;
    return this.#heldBytes <= MAX_PARTIAL_BYTES;
  }

  congested(session: Session): boolean {
    const pending = this.sink.pendingBytes;
    this.#congested = this.#congested ? pending > SINK_LOW_WATER_BYTES : pending > SINK_HIGH_WATER_BYTES;
    if (!this.#congested) return false;
    this.#resting.add(session);
    this.#poller ??= setInterval(() => this.#poll(), SINK_POLL_MS);
    return true;
  }

  #poll(): void {
    if (this.sink.pendingBytes > SINK_LOW_WATER_BYTES) return;
    this.#congested = false;
    clearInterval(this.#poller);
    this.#poller = undefined;
    const resting = [...this.#resting];
    this.#resting.clear();
    for (const session of resting) session.pump();
  }

  deliver(delivery: Delivery, from: Session | undefined): void {
    for (const [session, wish] of this.subscriptions.match(delivery.topic)) {
      if (wish.noLocal && session === from) continue;
      session.offer(wish.qos < delivery.qos ? { ...delivery, qos: wish.qos } : delivery);
    }
  }

  setPrincipals(principals: readonly Principal[]): void {
    this.credentials.replace(principals);
    for (const session of [...this.#admitted.values()])
      session.recheck(this.credentials.current(session.principal));
  }

  metrics(): MqttGatewayMetrics {
    const { connectionsRefused, closed, rejected, ...figures } = this.counters;
    return {
      ...figures,
      connections: this.#admitted.size,
      connectionsRefused: Object.values(connectionsRefused).reduce((sum, each) => sum + each, 0),
      connectionsRefusedBy: { ...connectionsRefused },
      closedBy: { ...closed },
      rejected: { ...rejected },
      heldBytes: this.#heldBytes,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WAIT_MS);
    });
    await Promise.race([Promise.all([...this.#sessions].map((session) => session.drain())), late]);
    clearTimeout(timer);
    for (const session of [...this.#sessions]) session.close('shutdown', REASON.serverShuttingDown);
    clearInterval(this.#sweeper);
    clearInterval(this.#poller);
    await closed;
  }
}
