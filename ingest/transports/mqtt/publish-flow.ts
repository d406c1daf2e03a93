import type { Receipt, RejectionCode } from '../../model/index.ts';
import { AckQueue, encodePubacks, type PendingAck } from './ack-queue.ts';
import { count, type Hub } from './hub.ts';
import type { Incoming } from './incoming.ts';
import type { Delivery } from './outbox.ts';
import { REASON } from './reason.ts';
import type { Session } from './session.ts';

/** The connection as its flow of messages sees it. */
export interface FlowOwner {
  readonly session: Session;
  /** Writes to the client; false when it is gone. */
  write(bytes: Buffer): boolean;
  /** Some messages were answered: there may be room for more. */
  onProgress(): void;
  /** The disk refused a message; called once. */
  onDiskFault(error: unknown): void;
}

/** How PUBACKs are written for one client. */
export interface AckFormat {
  readonly mqtt5: boolean;
  readonly maxPacketBytes: number;
  readonly wantsReasons: boolean;
}

/**
 * Messages of one connection between its socket and the disk. Each is answered only after the sink has it, in the order they
 * came; after the first one the disk refuses no acknowledgement leaves any more.
 */
export class PublishFlow {
  readonly #hub: Hub;
  readonly #owner: FlowOwner;
  readonly #format: AckFormat;
  readonly #acks = new AckQueue();
  #flushScheduled = false;
  #faulted = false;
  #onIdle: (() => void) | undefined;

  constructor(hub: Hub, owner: FlowOwner, format: AckFormat) {
    this.#hub = hub;
    this.#owner = owner;
    this.#format = format;
  }

  /** Messages not yet answered. */
  get waiting(): number {
    return this.#acks.size;
  }

  /** The disk refused a message of this connection. */
  get faulted(): boolean {
    return this.#faulted;
  }

  /** @param delivery - What subscribers get once the message is stored. */
  submit(incoming: Incoming, qos: 0 | 1, packetId: number, delivery: Delivery | undefined): void {
    const ack = this.#acks.add(qos, packetId);
    this.#hub.counters.messagesReceived++;
    store(this.#hub, incoming).then(
      (receipt) => {
        this.#settle(ack, receipt);
        if (delivery !== undefined && wasStored(receipt)) this.#hub.deliver(delivery, this.#owner.session);
      },
      (error: unknown) => {
        this.#hub.counters.diskFaults++;
        if (this.#faulted) return;
        this.#faulted = true;
        this.#onIdle?.();
        this.#owner.onDiskFault(error);
      },
    );
  }

  /** Resolves when nothing is on its way to the disk, or never will arrive there. */
  idle(): Promise<void> {
    if (this.#acks.size === 0 || this.#faulted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #settle(ack: PendingAck, receipt: Receipt): void {
    ack.done = true;
    if (receipt.outcome === 'refused') {
      const rejection = receipt.rejections[0];
      ack.reasonCode = reasonOf(rejection?.code);
      if (this.#format.wantsReasons) ack.reasonString = rejection?.message;
    }
    // A group commit settles many messages at once: their PUBACKs leave in one write.
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    const acks = this.#acks.takeDone();
    const bytes = encodePubacks(acks, this.#format.mqtt5, this.#format.maxPacketBytes);
    if (bytes.length > 0 && this.#owner.write(bytes))
      for (const ack of acks) this.#hub.counters.messagesAcknowledged += ack.qos;
    if (this.#acks.size === 0) this.#onIdle?.();
    this.#owner.onProgress();
  }
}

/** What is wrong: the right to the topic, the topic, or else what was sent on it. */
function reasonOf(code: RejectionCode | undefined): number {
  switch (code) {
    case 'topic-not-allowed':
      return REASON.notAuthorized;
    case 'topic-too-deep':
    case 'unknown-source':
      return REASON.topicNameInvalid;
    default:
      return REASON.payloadFormatInvalid;
  }
}

/** Hands a message to the sink; a sink that throws at once is a sink that rejects. */
export async function store(hub: Hub, incoming: Incoming): Promise<Receipt> {
  if (incoming.verdict === 'accept') return hub.sink.accept(incoming.raw);
  count(hub.counters.rejected, incoming.rejection.code);
  return hub.sink.refuse(incoming.raw, incoming.rejection, incoming.full);
}

/** Whether subscribers may have the message: not when refused, held for a person, or delivered before. */
export function wasStored(receipt: Receipt): boolean {
  return receipt.outcome === 'accepted' || receipt.outcome === 'partial';
}
