import { generate, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { Principal } from '../../model/index.ts';
import { type TopicAccess, topicAccess } from './acl.ts';
import type { Admitted } from './connect.ts';
import type { CloseReason, Hub } from './hub.ts';
import { judge, judgeOversize, type Sender } from './incoming.ts';
import { type Delivery, Outbox } from './outbox.ts';
import type { OversizePublishHead } from './oversize-publish.ts';
import { forwardedProperties, utf8 } from './packet-parser.ts';
import { type FlowOwner, PublishFlow, store, wasStored } from './publish-flow.ts';
import { REASON } from './reason.ts';
import { decideSubscribe, encodeSuback, encodeUnsuback } from './subscribe.ts';
import { topicNameFault } from './topic-filter.ts';

/** The connection as the client on it sees it. */
export interface ClientOwner extends FlowOwner {
  readonly socket: ConstructorParameters<typeof Outbox>[0];
  close(reason: CloseReason, code?: number, message?: string): void;
}

/** A client that was let in: what it may do, what it publishes and what it is subscribed to. */
export class AdmittedClient implements Sender {
  readonly admitted: Admitted;
  /** Principal and client id: a newer connection with the same ends this one. */
  readonly key: string;
  readonly #hub: Hub;
  readonly #owner: ClientOwner;
  readonly #flow: PublishFlow;
  readonly #outbox: Outbox;
  readonly #filters = new Set<string>();
  #access: TopicAccess;

  constructor(hub: Hub, owner: ClientOwner, admitted: Admitted, key: string) {
    this.admitted = admitted;
    this.key = key;
    this.#hub = hub;
    this.#owner = owner;
    this.#flow = new PublishFlow(hub, owner, admitted);
    this.#outbox = new Outbox(owner.socket, admitted);
    this.#access = topicAccess(admitted.principal);
  }

  get principal(): string {
    return this.admitted.principal.id;
  }

  get clientId(): string {
    return this.admitted.clientId;
  }

  /** Messages not yet answered. */
  get waiting(): number {
    return this.#flow.waiting;
  }

  /** Nothing more may be read for now: enough waits for the disk, or the disk refused. */
  get blocked(): boolean {
    return this.#flow.faulted || this.#flow.waiting >= this.#hub.options.maxInFlight;
  }

  mayPublish(topic: string): boolean {
    return this.#access.mayPublish(topic);
  }

  /** Resolves when nothing is on its way to the disk, or never will arrive there. */
  idle(): Promise<void> {
    return this.#flow.idle();
  }

  onPacket(packet: Packet): void {
    const owner = this.#owner;
    switch (packet.cmd) {
      case 'publish':
        this.#onPublish(packet);
        break;
      case 'puback':
        this.#outbox.acknowledged(packet.messageId ?? 0);
        break;
      case 'subscribe':
        this.#onSubscribe(packet);
        break;
      case 'unsubscribe': {
        const existed = packet.unsubscriptions.map((filter) => this.#unsubscribe(filter));
        owner.write(encodeUnsuback(packet.messageId!, existed, this.admitted.mqtt5));
        break;
      }
      case 'pingreq':
        owner.write(Buffer.from([0xd0, 0]));
        break;
      case 'pubrel':
        // What is left of a QoS 2 exchange with another server: ended here, nothing is held for it.
        owner.write(
          generate(
            { cmd: 'pubcomp', messageId: packet.messageId!, reasonCode: REASON.packetIdentifierNotFound },
            { protocolVersion: this.admitted.mqtt5 ? 5 : 4 },
          ),
        );
        break;
      case 'disconnect':
        // Reason 0x04: goodbye, but publish the will (MQTT 5.0, table 3-10).
        owner.close(this.admitted.mqtt5 && packet.reasonCode === 4 ? 'lost' : 'client');
        break;
      default:
        owner.close('protocol-error', REASON.protocolError, `${packet.cmd} is not expected here`);
    }
  }

  /** A PUBLISH of which only the beginning was kept: refused with its reason, and acknowledged. */
  onOversize(publish: OversizePublishHead): void {
    const topic = utf8(publish.topic);
    if (topic === undefined || (publish.qos > 0 && publish.packetId === 0)) {
      const fault = 'Topic is not UTF-8 or packet identifier is 0';
      this.#owner.close('malformed', REASON.malformedPacket, fault);
      return;
    }
    const qos = this.#acceptableQos(publish.qos);
    if (qos === undefined || !this.#acceptableTopic(topic)) return;
    const incoming = judgeOversize(publish, topic, qos, this, this.#hub.rules, {
      maxPacketBytes: this.#hub.options.maxPacketBytes,
      receivedAt: this.#hub.clock(),
    });
    this.#flow.submit(incoming, qos, publish.packetId, undefined);
  }

  /** Offers a stored message; a subscriber that is too slow for it is disconnected. */
  offer(delivery: Delivery): void {
    const outcome = this.#outbox.offer(delivery);
    if (outcome === 'overflow') this.#owner.close('slow-subscriber');
    else if (outcome !== 'dropped') this.#hub.counters.messagesDelivered++;
  }

  /** Applies a changed principal: a client that lost its right to be here is closed, lost subscriptions end. */
  recheck(principal: Principal | undefined): void {
    if (principal === undefined || principal.tokenHash !== this.admitted.principal.tokenHash) {
      this.#owner.close('revoked', REASON.notAuthorized);
      return;
    }
    this.#access = topicAccess(principal);
    for (const filter of [...this.#filters])
      if (!this.#access.maySubscribe(filter)) this.#unsubscribe(filter);
  }

  /** The connection is over: its subscriptions end, and its will is published where it should be. */
  left(publishWill: boolean): void {
    for (const filter of this.#filters) this.#hub.subscriptions.remove(filter, this.#owner.session);
    if (publishWill) this.#publishWill();
  }

  #onPublish(packet: IPublishPacket): void {
    if (packet.properties?.topicAlias !== undefined) {
      this.#owner.close('protocol-error', REASON.topicAliasInvalid, 'No topic alias was announced');
      return;
    }
    const qos = this.#acceptableQos(packet.qos);
    if (qos === undefined || !this.#acceptableTopic(packet.topic)) return;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const { topic, dup, messageId: packetId = 0 } = packet;
    const message = { topic, payload, qos, packetId, dup };
    const incoming = judge(message, this, this.#hub.rules, this.#hub.clock());
    const properties = forwardedProperties(packet);
    this.#flow.submit(incoming, qos, packetId, { topic, payload, qos, properties });
  }

  #acceptableQos(qos: number): 0 | 1 | undefined {
    if (qos === 0 || qos === 1) return qos;
    this.#owner.close('qos-2', REASON.qosNotSupported, 'QoS 2 is not supported');
    return undefined;
  }

  #acceptableTopic(topic: string): boolean {
    const fault = topicNameFault(topic);
    if (fault !== undefined) this.#owner.close('topic-invalid', REASON.topicNameInvalid, fault);
    return fault === undefined;
  }

  #onSubscribe(packet: Extract<Packet, { cmd: 'subscribe' }>): void {
    if (packet.properties?.subscriptionIdentifier !== undefined) {
      this.#owner.close('protocol-error', REASON.subscriptionIdentifiersNotSupported);
      return;
    }
    const { maxTopicLevels } = this.#hub.options;
    const grants = decideSubscribe(packet, this.#access, this.#filters, maxTopicLevels);
    if ('fault' in grants) {
      this.#owner.close('malformed', REASON.malformedPacket, grants.fault);
      return;
    }
    for (const { filter, code, subscription } of grants) {
      if (code > 1) continue;
      this.#filters.add(filter);
      this.#hub.subscriptions.add(filter, this.#owner.session, subscription);
    }
    this.#owner.write(encodeSuback(packet.messageId!, grants, this.admitted.mqtt5));
  }

  #unsubscribe(filter: string): boolean {
    this.#hub.subscriptions.remove(filter, this.#owner.session);
    return this.#filters.delete(filter);
  }

  #publishWill(): void {
    const { will } = this.admitted;
    if (will === undefined) return;
    this.#hub.counters.messagesReceived++;
    store(this.#hub, judge(will, this, this.#hub.rules, this.#hub.clock())).then(
      (receipt) => {
        if (wasStored(receipt)) this.#hub.deliver({ ...will, properties: undefined }, this.#owner.session);
      },
      (error: unknown) => {
        this.#hub.counters.diskFaults++;
        this.#hub.log('mqtt-will-lost', { principal: this.principal, detail: String(error) });
      },
    );
  }
}
