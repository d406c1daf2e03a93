import { generate, type ISubscribePacket } from 'mqtt-packet';
import type { TopicAccess } from './acl.ts';
import { MAX_SUBSCRIPTIONS } from './limits.ts';
import { REASON } from './reason.ts';
import type { Subscription } from './subscriptions.ts';
import { topicFilterFault, topicLevels } from './topic-filter.ts';

/** What becomes of one topic filter of a SUBSCRIBE. */
export interface Grant {
  readonly filter: string;
  /** QoS granted, or a reason code from 0x80. */
  readonly code: number;
  readonly subscription: Subscription;
}

/**
 * Decides each filter of a SUBSCRIBE. Subscribing to QoS 2 is granted QoS 1 [MQTT-3.8.4-7].
 *
 * @param held - Filters the session has already.
 * @returns The grants, or why the packet breaks the protocol.
 */
export function decideSubscribe(
  packet: ISubscribePacket,
  access: TopicAccess,
  held: { readonly size: number; has(filter: string): boolean },
  maxTopicLevels: number,
): readonly Grant[] | { readonly fault: string } {
  const grants: Grant[] = [];
  let size = held.size;
  for (const { topic: filter, qos, nl } of packet.subscriptions) {
    const fault = topicFilterFault(filter);
    if (fault !== undefined) return { fault };
    const code = grantCode(filter, qos);
    if (code <= 1 && !held.has(filter)) size++;
    grants.push({ filter, code, subscription: { qos: qos === 0 ? 0 : 1, noLocal: nl === true } });
  }
  return grants;

  function grantCode(filter: string, qos: number): number {
    if (filter.startsWith('$share/')) return REASON.sharedSubscriptionsNotSupported;
    if (topicLevels(filter) > maxTopicLevels) return REASON.topicFilterInvalid;
    if (!access.maySubscribe(filter)) return REASON.notAuthorized;
    if (!held.has(filter) && size >= MAX_SUBSCRIPTIONS) return REASON.quotaExceeded;
    return Math.min(qos, 1);
  }
}

/** SUBACK; MQTT 3.1.1 knows one failure code, 0x80. */
export function encodeSuback(packetId: number, grants: readonly Grant[], mqtt5: boolean): Buffer {
  const granted = grants.map(({ code }) => (mqtt5 || code < 0x80 ? code : 0x80));
  return generate({ cmd: 'suback', messageId: packetId, granted }, { protocolVersion: mqtt5 ? 5 : 4 });
}

/** UNSUBACK with a code for each filter in MQTT 5. */
export function encodeUnsuback(packetId: number, existed: readonly boolean[], mqtt5: boolean): Buffer {
  const granted = existed.map((was) => (was ? REASON.success : REASON.noSubscriptionExisted));
  return generate({ cmd: 'unsuback', messageId: packetId, granted }, { protocolVersion: mqtt5 ? 5 : 4 });
}
