import { randomUUID } from 'node:crypto';
import { generate, type IConnackPacket, type IConnectPacket } from 'mqtt-packet';
import type { Principal } from '../../model/index.ts';
import type { Credentials } from './credentials.ts';
import type { GuessGuard } from './guess-guard.ts';
import type { Message } from './incoming.ts';
import { MAX_CLIENT_ID_BYTES } from './limits.ts';
import { REASON, RETURN_CODE } from './reason.ts';
import { topicNameFault } from './topic-filter.ts';

/** Why a CONNECT was not taken; also the label in the metrics. */
export type ConnectRefusal =
  | 'protocol-version'
  | 'client-id'
  | 'anonymous'
  | 'bad-credentials'
  | 'backoff'
  | 'auth-method'
  | 'will'
  | 'too-many-connections';

/** What a session knows about its client once it is let in. */
export interface Admitted {
  readonly principal: Principal;
  readonly clientId: string;
  readonly assignedClientId: boolean;
  readonly mqtt5: boolean;
  /** Seconds; 0 means none. */
  readonly keepAliveS: number;
  readonly will: Message | undefined;
  readonly receiveMaximum: number;
  readonly maxPacketBytes: number;
  readonly wantsReasons: boolean;
  readonly askedForExpiry: boolean;
}

export type ConnectDecision =
  | { readonly admitted: Admitted }
  | { readonly refusal: ConnectRefusal; readonly answer: Buffer; readonly delayMs: number };

interface RefusalCodes {
  /** MQTT 3.1.1 return code. */
  readonly v4: number;
  readonly v5: number;
}

const CODES: Readonly<Record<ConnectRefusal, RefusalCodes>> = {
  'protocol-version': {
    v4: RETURN_CODE.unacceptableProtocolVersion,
    v5: REASON.unsupportedProtocolVersion,
  },
  'client-id': { v4: RETURN_CODE.identifierRejected, v5: REASON.clientIdentifierNotValid },
  anonymous: { v4: RETURN_CODE.notAuthorized, v5: REASON.notAuthorized },
  'bad-credentials': { v4: RETURN_CODE.notAuthorized, v5: REASON.badUserNameOrPassword },
  // The same answer as a wrong token: whoever guesses learns nothing from it.
  backoff: { v4: RETURN_CODE.notAuthorized, v5: REASON.badUserNameOrPassword },
  'auth-method': { v4: RETURN_CODE.notAuthorized, v5: REASON.badAuthenticationMethod },
  will: { v4: RETURN_CODE.notAuthorized, v5: REASON.topicNameInvalid },
  'too-many-connections': { v4: RETURN_CODE.serverUnavailable, v5: REASON.serverBusy },
};

/** Decides whether a client is let in. The user name is the principal's id, the password its token. */
export function decideConnect(
  packet: IConnectPacket,
  address: string,
  now: number,
  credentials: Credentials,
  guard: GuessGuard,
): ConnectDecision {
  const mqtt5 = packet.protocolVersion === 5;
  const refuse = (refusal: ConnectRefusal, delayMs = 0): ConnectDecision => ({
    refusal,
    answer: encodeRefusal(refusal, mqtt5),
    delayMs,
  });
  if (packet.protocolVersion === 3) return refuse('protocol-version');
  if (packet.properties?.authenticationMethod !== undefined) return refuse('auth-method');
  if (Buffer.byteLength(packet.clientId) > MAX_CLIENT_ID_BYTES) return refuse('client-id');
  // [MQTT-3.1.3-8]: without a name there is no session to come back to.
  if (packet.clientId === '' && !mqtt5 && packet.clean === false) return refuse('client-id');
  const { username, password } = packet;
  if (username === undefined || username === '' || password === undefined) return refuse('anonymous');
  if (!guard.mayTry(address, username, now)) return refuse('backoff');
  const principal = credentials.verify(username, password);
  if (principal === undefined) return refuse('bad-credentials', guard.failed(address, username, now));
  guard.succeeded(address, username);
  const will = packet.will;
  if (will !== undefined) {
    if (topicNameFault(will.topic) !== undefined) return refuse('will');
    if (will.qos === 2 && mqtt5)
      return { refusal: 'will', answer: encodeConnack(5, REASON.qosNotSupported), delayMs: 0 };
  }
  return {
    admitted: {
      principal,
      clientId: packet.clientId === '' ? `auto-${randomUUID()}` : packet.clientId,
      assignedClientId: packet.clientId === '',
      mqtt5,
      keepAliveS: packet.keepalive ?? 0,
      will:
        will === undefined
          ? undefined
          : {
              topic: will.topic,
              payload: Buffer.from(will.payload ?? ''),
              qos: will.qos === 0 || will.qos === undefined ? 0 : 1,
              packetId: 0,
              dup: false,
            },
      receiveMaximum: packet.properties?.receiveMaximum ?? 0xffff,
      maxPacketBytes: packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
      wantsReasons: packet.properties?.requestProblemInformation !== false,
      askedForExpiry: (packet.properties?.sessionExpiryInterval ?? 0) > 0,
    },
  };
}

/**
 * CONNACK that lets a client in. It states what this gateway does not do: QoS 2, retained messages, shared subscriptions,
 * and sessions that outlive their connection.
 */
export function encodeAccept(
  admitted: Admitted,
  limits: { readonly maxPacketBytes: number; readonly maxInFlight: number },
): Buffer {
  if (!admitted.mqtt5) return encodeConnack(4, RETURN_CODE.accepted);
  return encodeConnack(5, REASON.success, {
    receiveMaximum: Math.max(1, Math.min(limits.maxInFlight, 0xffff)),
    maximumQoS: 1,
    retainAvailable: false,
    maximumPacketSize: limits.maxPacketBytes,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
    ...(admitted.assignedClientId ? { assignedClientIdentifier: admitted.clientId } : {}),
    ...(admitted.askedForExpiry ? { sessionExpiryInterval: 0 } : {}),
  });
}

/** CONNACK that refuses. */
export function encodeRefusal(refusal: ConnectRefusal, mqtt5: boolean): Buffer {
  const codes = CODES[refusal];
  return mqtt5 ? encodeConnack(5, codes.v5) : encodeConnack(4, codes.v4);
}

function encodeConnack(version: 4 | 5, code: number, properties?: IConnackPacket['properties']): Buffer {
  return generate(
    {
      cmd: 'connack',
      sessionPresent: false,
      ...(version === 5 ? { reasonCode: code } : { returnCode: code }),
      ...(properties === undefined ? {} : { properties }),
    },
    { protocolVersion: version },
  );
}
