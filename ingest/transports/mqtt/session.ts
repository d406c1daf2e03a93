import type { Socket } from 'node:net';
import { generate, type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { Principal } from '../../model/index.ts';
import { type TopicAccess, topicAccess } from './acl.ts';
import { type Admitted, decideConnect, encodeAccept, encodeRefusal } from './connect.ts';
import { type Frame, FrameReader } from './framing.ts';
import { hangUp } from './hang-up.ts';
import { type CloseReason, count, type Hub } from './hub.ts';
import { judge, judgeOversize, type Sender } from './incoming.ts';
import {
  CONNECT_TIMEOUT_MS,
  FAULT_CLOSE_MS,
  KEEPALIVE_GRACE_MS,
  MAX_CONNECT_BYTES,
  WRITE_HIGH_WATER_BYTES,
  WRITE_STALL_MS,
} from './limits.ts';
import { type Delivery, Outbox } from './outbox.ts';
import type { OversizePublishHead } from './oversize-publish.ts';
import { forwardedProperties, PacketParser, utf8 } from './packet-parser.ts';
import { PublishFlow, store, wasStored } from './publish-flow.ts';
import { REASON } from './reason.ts';
import { decideSubscribe, encodeSuback, encodeUnsuback } from './subscribe.ts';
import { topicNameFault } from './topic-filter.ts';

/** Reasons after which a will is not published: the client said goodbye, lost its rights, or we are the ones who leave. */
const NO_WILL: ReadonlySet<CloseReason> = new Set(['client', 'revoked', 'shutdown']);
/** Everyday ends that need no line in the log. */
const NO_LOG: ReadonlySet<CloseReason> = new Set(['client', 'lost', 'shutdown', 'connect-refused']);

/** What exists once a client is let in. */
interface Open {
  readonly admitted: Admitted;
  readonly key: string;
  readonly flow: PublishFlow;
  readonly outbox: Outbox;
  readonly filters: Set<string>;
  access: TopicAccess;
}

/**
 * One connection, from its first byte to its end. Reads only as fast as its messages reach the disk: frames are pulled from
 * the reader while fewer than `maxInFlight` messages wait, the sink is not full and the client takes its answers.
 */
export class Session implements Sender {
  readonly #hub: Hub;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #parser = new PacketParser();
  readonly #openedAt: number;
  #state: 'stranger' | 'open' | 'draining' | 'closed' = 'stranger';
  #open: Open | undefined;
  #lastSeen: number;
  #held = 0;
  #peerEnded = false;
  #pumping = false;
  #writeProgress: { flushed: number; at: number };

  constructor(hub: Hub, socket: Socket) {
    this.#hub = hub;
    this.#socket = socket;
    this.#openedAt = hub.now();
    this.#lastSeen = this.#openedAt;
    this.#writeProgress = { flushed: 0, at: this.#openedAt };
    this.#reader = new FrameReader(Math.min(hub.options.maxPacketBytes, MAX_CONNECT_BYTES));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.pump());
    socket.on('end', () => {
      this.#peerEnded = true;
      this.#endIfDone();
    });
    socket.on('error', () => undefined); // 'close' follows and tells all we need
    socket.on('close', () => this.close('lost'));
  }

  get principal(): string {
    return this.#open?.admitted.principal.id ?? '';
  }

  get clientId(): string {
    return this.#open?.admitted.clientId ?? '';
  }

  mayPublish(topic: string): boolean {
    return this.#open?.access.mayPublish(topic) ?? false;
  }

  #onData(chunk: Buffer): void {
    if (this.#state === 'closed') return;
    this.#hub.counters.bytesReceived += chunk.length;
    this.#lastSeen = this.#hub.now();
    this.#reader.append(chunk);
    this.pump();
  }

  /** Handles frames until none is left or something says wait. Safe to call at any time. */
  pump(): void {
    if (this.#pumping || !this.#live()) return;
    this.#pumping = true;
    let blocked = this.#blocked();
    while (!blocked && this.#live()) {
      const frame = this.#reader.next();
      if (frame === undefined) break;
      this.#onFrame(frame);
      blocked = this.#blocked();
    }
    this.#pumping = false;
    this.#accountForHeld();
    if (!this.#live()) return;
    if (blocked) this.#socket.pause();
    else {
      this.#socket.resume();
      this.#endIfDone();
    }
  }

  #live(): boolean {
    return this.#state === 'stranger' || this.#state === 'open';
  }

  #blocked(): boolean {
    const flow = this.#open?.flow;
    if (flow === undefined) return false;
    return (
      flow.faulted ||
      flow.waiting >= this.#hub.options.maxInFlight ||
      this.#socket.writableLength > WRITE_HIGH_WATER_BYTES ||
      this.#hub.congested(this)
    );
  }

  #accountForHeld(): void {
    const held = this.#state === 'closed' ? 0 : this.#reader.heldBytes;
    const delta = held - this.#held;
    if (delta === 0) return;
    this.#held = held;
    if (!this.#hub.hold(delta) && delta > 0) this.close('memory', REASON.quotaExceeded);
  }

  #onFrame(frame: Frame): void {
    if (frame.kind === 'broken') {
      const code = frame.fault === 'malformed' ? REASON.malformedPacket : REASON.packetTooLarge;
      this.close(frame.fault, code, frame.message);
      return;
    }
    if (frame.kind === 'oversize') {
      if (this.#open !== undefined) this.#onOversize(frame.publish, this.#open);
      return;
    }
    const parsed = this.#parser.parse(frame.bytes);
    if ('fault' in parsed) this.#onFault(parsed.fault);
    else if (this.#open !== undefined) this.#onPacket(parsed.packet, this.#open);
    else if (parsed.packet.cmd === 'connect') this.#onConnect(parsed.packet);
    else this.close('protocol-error');
  }

  #onFault(fault: string): void {
    // [MQTT-3.1.2-2]: an unknown version is told so before the connection closes.
    if (this.#open === undefined && fault === 'Invalid protocol version') {
      count(this.#hub.counters.connectionsRefused, 'protocol-version');
      this.#write(encodeRefusal('protocol-version', false));
      this.close('connect-refused');
    } else this.close('malformed', REASON.malformedPacket, fault);
  }

  #onPacket(packet: Packet, open: Open): void {
    switch (packet.cmd) {
      case 'publish':
        this.#onPublish(packet, open);
        break;
      case 'puback':
        open.outbox.acknowledged(packet.messageId ?? 0);
        break;
      case 'subscribe': {
        if (packet.properties?.subscriptionIdentifier !== undefined) {
          this.close('protocol-error', REASON.subscriptionIdentifiersNotSupported);
          break;
        }
        const grants = decideSubscribe(packet, open.access, open.filters, this.#hub.options.maxTopicLevels);
        if ('fault' in grants) {
          this.close('malformed', REASON.malformedPacket, grants.fault);
          break;
        }
        for (const { filter, code, subscription } of grants) {
          if (code > 1) continue;
          open.filters.add(filter);
          this.#hub.subscriptions.add(filter, this, subscription);
        }
        this.#write(encodeSuback(packet.messageId!, grants, open.admitted.mqtt5));
        break;
      }
      case 'unsubscribe': {
        const existed = packet.unsubscriptions.map((filter) => this.#unsubscribe(filter, open));
        this.#write(encodeUnsuback(packet.messageId!, existed, open.admitted.mqtt5));
        break;
      }
      case 'pingreq':
        this.#write(Buffer.from([0xd0, 0]));
        break;
      case 'pubrel':
        // What is left of a QoS 2 exchange with another server: ended here, nothing is held for it.
        this.#write(
          generate(
            { cmd: 'pubcomp', messageId: packet.messageId!, reasonCode: REASON.packetIdentifierNotFound },
            { protocolVersion: open.admitted.mqtt5 ? 5 : 4 },
          ),
        );
        break;
      case 'disconnect':
        // Reason 0x04: goodbye, but publish the will (MQTT 5.0, table 3-10).
        this.close(open.admitted.mqtt5 && packet.reasonCode === 4 ? 'lost' : 'client');
        break;
      default:
        this.close('protocol-error', REASON.protocolError, `${packet.cmd} is not expected here`);
    }
  }

  #onConnect(packet: IConnectPacket): void {
    const hub = this.#hub;
    const address = this.#socket.remoteAddress ?? '';
    const decision = decideConnect(packet, address, hub.now(), hub.credentials, hub.guard);
    if ('refusal' in decision) {
      count(hub.counters.connectionsRefused, decision.refusal);
      hub.log('mqtt-connect-refused', { reason: decision.refusal, address, user: packet.username });
      this.#refuse(decision.answer, decision.delayMs, address);
      return;
    }
    const { admitted } = decision;
    const key = `${admitted.principal.id}\0${admitted.clientId}`;
    if (!hub.admit(this, key)) {
      count(hub.counters.connectionsRefused, 'too-many-connections');
      hub.log('mqtt-connect-refused', { reason: 'too-many-connections', address, user: packet.username });
      this.#refuse(encodeRefusal('too-many-connections', admitted.mqtt5), 0, address);
      return;
    }
    const owner = {
      session: this,
      write: (bytes: Buffer) => this.#state !== 'closed' && this.#write(bytes),
      onProgress: () => this.pump(),
      onDiskFault: (error: unknown) => this.#onDiskFault(error),
    };
    this.#open = {
      admitted,
      key,
      flow: new PublishFlow(hub, owner, admitted),
      outbox: new Outbox(this.#socket, admitted),
      filters: new Set(),
      access: topicAccess(admitted.principal),
    };
    this.#parser.setProtocolVersion(admitted.mqtt5 ? 5 : 4);
    this.#reader.mqtt5 = admitted.mqtt5;
    this.#reader.maxBytes = hub.options.maxPacketBytes;
    this.#reader.skipOversize = true;
    this.#state = 'open';
    this.#write(encodeAccept(admitted, hub.options));
  }

  /** Answers a refused CONNECT, late when a guess was wrong; not at all when too many wait from that address. */
  #refuse(answer: Buffer, delayMs: number, address: string): void {
    this.#state = 'draining';
    this.#socket.pause();
    if (delayMs === 0) this.#write(answer);
    if (delayMs === 0 || !this.#hub.guard.wait(address)) {
      this.close('connect-refused');
      return;
    }
    setTimeout(() => {
      this.#hub.guard.answered(address);
      if (this.#state !== 'closed') this.#write(answer);
      this.close('connect-refused');
    }, delayMs).unref();
  }

  #onPublish(packet: IPublishPacket, open: Open): void {
    if (packet.properties?.topicAlias !== undefined) {
      this.close('protocol-error', REASON.topicAliasInvalid, 'No topic alias was announced');
      return;
    }
    const qos = this.#acceptableQos(packet.qos);
    if (qos === undefined || !this.#acceptableTopic(packet.topic)) return;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const { topic, dup, messageId: packetId = 0 } = packet;
    const message = { topic, payload, qos, packetId, dup };
    const incoming = judge(message, this, this.#hub.rules, this.#hub.clock());
    open.flow.submit(incoming, qos, packetId, {
      topic,
      payload,
      qos,
      properties: forwardedProperties(packet),
    });
  }

  #onOversize(publish: OversizePublishHead, open: Open): void {
    const topic = utf8(publish.topic);
    if (topic === undefined || (publish.qos > 0 && publish.packetId === 0)) {
      this.close('malformed', REASON.malformedPacket, 'Topic is not UTF-8 or packet identifier is 0');
      return;
    }
    const qos = this.#acceptableQos(publish.qos);
    if (qos === undefined || !this.#acceptableTopic(topic)) return;
    const incoming = judgeOversize(publish, topic, qos, this, this.#hub.rules, {
      maxPacketBytes: this.#hub.options.maxPacketBytes,
      receivedAt: this.#hub.clock(),
    });
    open.flow.submit(incoming, qos, publish.packetId, undefined);
  }

  #acceptableQos(qos: number): 0 | 1 | undefined {
    if (qos === 0 || qos === 1) return qos;
    this.close('qos-2', REASON.qosNotSupported, 'QoS 2 is not supported');
    return undefined;
  }

  #acceptableTopic(topic: string): boolean {
    const fault = topicNameFault(topic);
    if (fault !== undefined) this.close('topic-invalid', REASON.topicNameInvalid, fault);
    return fault === undefined;
  }

  /** The disk refused: no acknowledgement, no more reading, and after a while the client must connect and send again. */
  #onDiskFault(error: unknown): void {
    if (this.#state === 'closed') return;
    this.#hub.log('mqtt-disk-fault', { principal: this.principal, detail: String(error) });
    this.#socket.pause();
    setTimeout(() => this.close('disk-fault', REASON.serverBusy), FAULT_CLOSE_MS).unref();
  }

  /** Offers a stored message; a subscriber that is too slow for it is disconnected. */
  offer(delivery: Delivery): void {
    if (this.#state !== 'open' || this.#open === undefined) return;
    const outcome = this.#open.outbox.offer(delivery);
    if (outcome === 'overflow') this.close('slow-subscriber');
    else if (outcome !== 'dropped') this.#hub.counters.messagesDelivered++;
  }

  #unsubscribe(filter: string, open: Open): boolean {
    this.#hub.subscriptions.remove(filter, this);
    return open.filters.delete(filter);
  }

  /** Applies a changed principal: a session that lost its right to be here is closed, lost subscriptions end. */
  recheck(principal: Principal | undefined): void {
    const open = this.#open;
    if (open === undefined) return;
    if (principal === undefined || principal.tokenHash !== open.admitted.principal.tokenHash) {
      this.close('revoked', REASON.notAuthorized);
      return;
    }
    open.access = topicAccess(principal);
    for (const filter of [...open.filters])
      if (!open.access.maySubscribe(filter)) this.#unsubscribe(filter, open);
  }

  /** Time limits; called a few times a second. */
  sweep(now: number): void {
    if (this.#state === 'stranger' && now - this.#openedAt > CONNECT_TIMEOUT_MS)
      this.close('connect-timeout');
    const waiting = this.#socket.writableLength;
    const flushed = this.#socket.bytesWritten - waiting;
    if (waiting === 0 || flushed !== this.#writeProgress.flushed) this.#writeProgress = { flushed, at: now };
    else if (now - this.#writeProgress.at > WRITE_STALL_MS) this.close('write-stalled');
    if (this.#state !== 'open') return;
    // While we do not read, silence is ours.
    if (this.#socket.isPaused()) this.#lastSeen = now;
    // [MQTT-3.1.2-22]: one and a half times the keep-alive.
    const limit = (this.#open?.admitted.keepAliveS ?? 0) * 1500;
    if (limit > 0 && now - this.#lastSeen > limit + KEEPALIVE_GRACE_MS)
      this.close('keep-alive', REASON.keepAliveTimeout);
  }

  /** Stops reading and resolves when every message taken is on disk and its acknowledgement written. */
  async drain(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'draining';
    this.#socket.pause();
    await this.#open?.flow.idle();
  }

  /**
   * Ends the connection. Publishes the will unless the reason forbids it.
   *
   * @param code - Reason code of the DISCONNECT that an MQTT 5 client gets first.
   */
  close(reason: CloseReason, code?: number, message?: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#accountForHeld();
    count(this.#hub.counters.closed, reason);
    if (!NO_LOG.has(reason))
      this.#hub.log('mqtt-closed', {
        reason,
        principal: this.principal,
        client: this.clientId,
        detail: message,
      });
    const open = this.#open;
    for (const filter of open?.filters ?? []) this.#hub.subscriptions.remove(filter, this);
    this.#hub.left(this, open?.key);
    if (open !== undefined && !NO_WILL.has(reason)) this.#publishWill(open.admitted);
    // What waits for a client that takes nothing would only be kept longer.
    if (reason === 'slow-subscriber' || reason === 'write-stalled') this.#socket.destroy();
    else {
      const goodbye = open?.admitted.mqtt5 === true && code !== undefined;
      hangUp(this.#socket, goodbye ? Buffer.from([0xe0, 2, code, 0]) : undefined);
    }
  }

  #publishWill({ will }: Admitted): void {
    if (will === undefined) return;
    this.#hub.counters.messagesReceived++;
    store(this.#hub, judge(will, this, this.#hub.rules, this.#hub.clock())).then(
      (receipt) => {
        if (wasStored(receipt)) this.#hub.deliver({ ...will, properties: undefined }, this);
      },
      (error: unknown) => {
        this.#hub.counters.diskFaults++;
        this.#hub.log('mqtt-will-lost', { principal: this.principal, detail: String(error) });
      },
    );
  }

  /** The peer closed its half: answer what is on its way to the disk, then close ours. */
  #endIfDone(): void {
    if (this.#peerEnded && (this.#open?.flow.waiting ?? 0) === 0) this.close('lost');
  }

  #write(bytes: Buffer): boolean {
    if (!this.#socket.writable) return false;
    this.#socket.write(bytes);
    return true;
  }
}
