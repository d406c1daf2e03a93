import type { Socket } from 'node:net';
import type { IConnectPacket } from 'mqtt-packet';
import type { Principal } from '../../model/index.ts';
import { AdmittedClient } from './admitted-client.ts';
import { decideConnect, encodeAccept, encodeRefusal } from './connect.ts';
import { type Frame, FrameReader } from './framing.ts';
import { hangUp } from './hang-up.ts';
import { type CloseReason, count, type Hub } from './hub.ts';
import {
  CONNECT_TIMEOUT_MS,
  FAULT_CLOSE_MS,
  KEEPALIVE_GRACE_MS,
  MAX_CONNECT_BYTES,
  WRITE_HIGH_WATER_BYTES,
  WRITE_STALL_MS,
} from './limits.ts';
import type { Delivery } from './outbox.ts';
import { PacketParser } from './packet-parser.ts';
import { REASON } from './reason.ts';

/** Reasons after which a will is not published: the client said goodbye, lost its rights, or we are the ones who leave. */
const NO_WILL: ReadonlySet<CloseReason> = new Set(['client', 'revoked', 'shutdown']);
/** Everyday ends that need no line in the log. */
const NO_LOG: ReadonlySet<CloseReason> = new Set(['client', 'lost', 'shutdown', 'connect-refused']);

/**
 * One connection, from its first byte to its end. Reads only as fast as its messages reach the disk: frames are pulled from
 * the reader while fewer than `maxInFlight` messages wait, the sink is not full and the client takes its answers.
 */
export class Session {
  readonly #hub: Hub;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #parser = new PacketParser();
  readonly #openedAt: number;
  #state: 'stranger' | 'open' | 'draining' | 'closed' = 'stranger';
  #client: AdmittedClient | undefined;
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
    return this.#client?.principal ?? '';
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
    const client = this.#client;
    if (client === undefined) return false;
    return (
      client.blocked || this.#socket.writableLength > WRITE_HIGH_WATER_BYTES || this.#hub.congested(this)
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
      this.#client?.onOversize(frame.publish);
      return;
    }
    const parsed = this.#parser.parse(frame.bytes);
    if ('fault' in parsed) this.#onFault(parsed.fault);
    else if (this.#client !== undefined) this.#client.onPacket(parsed.packet);
    else if (parsed.packet.cmd === 'connect') this.#onConnect(parsed.packet);
    else this.close('protocol-error');
  }

  #onFault(fault: string): void {
    // [MQTT-3.1.2-2]: an unknown version is told so before the connection closes.
    if (this.#client === undefined && fault === 'Invalid protocol version') {
      const address = this.#socket.remoteAddress ?? '';
      count(this.#hub.counters.connectionsRefused, 'protocol-version');
      this.#hub.log('mqtt-connect-refused', { reason: 'protocol-version', address });
      this.#write(encodeRefusal('protocol-version', false));
      this.close('connect-refused');
    } else this.close('malformed', REASON.malformedPacket, fault);
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
      socket: this.#socket,
      close: (reason: CloseReason, code?: number, message?: string) => this.close(reason, code, message),
      write: (bytes: Buffer) => this.#state !== 'closed' && this.#write(bytes),
      onProgress: () => this.pump(),
      onDiskFault: (error: unknown) => this.#onDiskFault(error),
    };
    this.#client = new AdmittedClient(hub, owner, admitted, key);
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

  /** The disk refused: no acknowledgement, no more reading, and after a while the client must connect and send again. */
  #onDiskFault(error: unknown): void {
    if (this.#state === 'closed') return;
    this.#hub.log('mqtt-disk-fault', { principal: this.principal, detail: String(error) });
    this.#socket.pause();
    setTimeout(() => this.close('disk-fault', REASON.serverBusy), FAULT_CLOSE_MS).unref();
  }

  /** Offers a message that is on disk. */
  offer(delivery: Delivery): void {
    if (this.#state === 'open') this.#client?.offer(delivery);
  }

  /** Applies a changed principal. */
  recheck(principal: Principal | undefined): void {
    this.#client?.recheck(principal);
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
    const limit = (this.#client?.admitted.keepAliveS ?? 0) * 1500;
    if (limit > 0 && now - this.#lastSeen > limit + KEEPALIVE_GRACE_MS)
      this.close('keep-alive', REASON.keepAliveTimeout);
  }

  /** Stops reading and resolves when every message taken is on disk and its acknowledgement written. */
  async drain(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'draining';
    this.#socket.pause();
    await this.#client?.idle();
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
    const client = this.#client;
    if (!NO_LOG.has(reason)) {
      const who = { principal: client?.principal, client: client?.clientId };
      const address = this.#socket.remoteAddress;
      this.#hub.log('mqtt-closed', { reason, ...who, address, detail: message });
    }
    this.#hub.left(this, client?.key);
    client?.left(!NO_WILL.has(reason));
    // What waits for a client that takes nothing would only be kept longer.
    if (reason === 'slow-subscriber' || reason === 'write-stalled') this.#socket.destroy();
    else {
      const goodbye = client?.admitted.mqtt5 === true && code !== undefined;
      hangUp(this.#socket, goodbye ? Buffer.from([0xe0, 2, code, 0]) : undefined);
    }
  }

  /** The peer closed its half: answer what is on its way to the disk, then close ours. */
  #endIfDone(): void {
    if (this.#peerEnded && (this.#client?.waiting ?? 0) === 0) this.close('lost');
  }

  #write(bytes: Buffer): boolean {
    if (!this.#socket.writable) return false;
    this.#socket.write(bytes);
    return true;
  }
}
