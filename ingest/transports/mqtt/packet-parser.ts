import { isUtf8 } from 'node:buffer';
import { type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';

/** A packet, or why it is none. */
export type Parsed = { readonly packet: Packet } | { readonly fault: string };

const PINGREQ = 12;
const REPLACEMENT = '\ufffd';

/**
 * One control packet at a time through mqtt-packet, with what it lets pass made an error: bytes it does not use, text that
 * is not UTF-8 [MQTT-1.5.3-1], identifiers of 0 [MQTT-2.3.1-1] and exceptions from short packets.
 */
export class PacketParser {
  #protocolVersion: number | undefined;
  #parser = parser();
  #packet: Packet | undefined;
  #fault: string | undefined;

  constructor() {
    this.#listen();
  }

  /** After CONNECT: which version packets are read by. Forgets the CONNECT and the token in it. */
  setProtocolVersion(version: number): void {
    this.#protocolVersion = version;
    this.#renew();
  }

  /** @param bytes - Exactly one packet, as `FrameReader` cuts it. */
  parse(bytes: Buffer): Parsed {
    this.#packet = undefined;
    this.#fault = undefined;
    try {
      this.#parser.parse(bytes);
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
    const packet = this.#packet as Packet | undefined;
    const fault =
      this.#fault ?? (packet === undefined ? 'Packet is incomplete' : semanticFault(packet, bytes));
    if (fault !== undefined || packet === undefined) {
      this.#renew();
      return { fault: fault ?? 'Packet is incomplete' };
    }
    return { packet };
  }

  #renew(): void {
    this.#parser = parser(
      this.#protocolVersion === undefined ? undefined : { protocolVersion: this.#protocolVersion },
    );
    this.#listen();
  }

  #listen(): void {
    this.#parser.on('packet', (packet) => {
      this.#packet = packet;
    });
    this.#parser.on('error', (error: unknown) => {
      this.#fault = error instanceof Error ? error.message : String(error);
    });
  }
}

function semanticFault(packet: Packet, bytes: Buffer): string | undefined {
  switch (packet.cmd) {
    case 'publish':
      if (packet.qos > 0 && !validId(packet.messageId)) return 'Packet identifier is missing or 0';
      return textFault(packet.topic, bytes);
    case 'connect':
      return connectFault(packet, bytes);
    case 'subscribe':
      if (!validId(packet.messageId)) return 'Packet identifier is missing or 0';
      if (packet.subscriptions.length === 0) return 'SUBSCRIBE has no topic filter';
      return packet.subscriptions.map((each) => textFault(each.topic, bytes)).find(Boolean);
    case 'unsubscribe':
      if (!validId(packet.messageId)) return 'Packet identifier is missing or 0';
      if (packet.unsubscriptions.length === 0) return 'UNSUBSCRIBE has no topic filter';
      return packet.unsubscriptions.map((each) => textFault(each, bytes)).find(Boolean);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return validId(packet.messageId) ? undefined : 'Packet identifier is missing or 0';
    default:
      return bytes[0] === PINGREQ << 4 && bytes.length !== 2 ? 'PINGREQ has a body' : undefined;
  }
}

function connectFault(packet: IConnectPacket, bytes: Buffer): string | undefined {
  if (packet.protocolId === 'MQIsdp' && packet.protocolVersion !== 3) return 'Invalid protocolId';
  const texts = [packet.clientId, packet.username ?? '', packet.will?.topic ?? ''];
  const fault = texts.map((text) => textFault(text, bytes)).find(Boolean);
  if (fault !== undefined) return fault;
  if (texts.some((text) => text.includes('\0'))) return 'Text holds a NUL character';
  if ((packet.will?.qos ?? 0) > 2) return 'Will has QoS 3';
  const properties = packet.properties;
  for (const value of [
    properties?.receiveMaximum,
    properties?.maximumPacketSize,
    properties?.sessionExpiryInterval,
  ])
    if (value !== undefined && typeof value !== 'number') return 'A property is given twice';
  if (properties?.receiveMaximum === 0) return 'Receive Maximum is 0';
  if (properties?.maximumPacketSize === 0) return 'Maximum Packet Size is 0';
  return undefined;
}

function validId(id: number | undefined): boolean {
  return id !== undefined && id > 0;
}

/**
 * The parser decodes bad UTF-8 to U+FFFD. That character may also be meant, so where it appears the packet must hold its
 * text as real UTF-8.
 */
function textFault(text: string, bytes: Buffer): string | undefined {
  if (!text.includes(REPLACEMENT)) return undefined;
  return bytes.includes(Buffer.from(text, 'utf8')) ? undefined : 'Text is not UTF-8';
}

/** Text of an oversized packet's topic, or undefined when it is not UTF-8. */
export function utf8(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** Properties that travel with a message to its subscribers unchanged [MQTT-3.3.2-4] and following. */
export function forwardedProperties(packet: IPublishPacket): IPublishPacket['properties'] {
  const given = packet.properties;
  if (given === undefined) return undefined;
  const { topicAlias: _alias, subscriptionIdentifier: _identifier, ...forwarded } = given;
  return forwarded;
}
