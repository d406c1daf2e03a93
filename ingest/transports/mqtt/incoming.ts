import { createHash } from 'node:crypto';
import type { RawRecord, Rejection } from '../../model/index.ts';
import { REFUSAL_HEAD_BYTES } from './limits.ts';
import type { OversizePublishHead } from './oversize-publish.ts';
import { topicLevels } from './topic-filter.ts';

/** A message on its way to the sink: to be decoded, or refused here with its reason. */
export type Incoming =
  | { readonly verdict: 'accept'; readonly raw: RawRecord }
  | {
      readonly verdict: 'refuse';
      readonly raw: RawRecord;
      readonly rejection: Rejection;
      readonly full?: { readonly length: number; readonly sha256: string };
    };

/** A PUBLISH or a will, whatever packet it came in. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  /** 0 for QoS 0 and for a will. */
  readonly packetId: number;
  readonly dup: boolean;
}

/** Who sent it and what they may do. */
export interface Sender {
  readonly principal: string;
  readonly clientId: string;
  mayPublish(topic: string): boolean;
}

export interface TopicRules {
  readonly maxTopicLevels: number;
  sourceForTopic(topic: string): string | undefined;
}

/** Applies the rules a topic must meet before anybody decodes the payload. */
export function judge(message: Message, sender: Sender, rules: TopicRules, receivedAt: number): Incoming {
  const sourceId = rules.sourceForTopic(message.topic);
  const raw: RawRecord = {
    sourceId: sourceId ?? '',
    origin: {
      transport: 'mqtt',
      principal: sender.principal,
      clientId: sender.clientId,
      topic: message.topic,
      qos: message.qos,
      packetId: message.packetId,
      dup: message.dup,
    },
    receivedAt,
    bytes: message.payload,
  };
  const rejection = topicRejection(message.topic, sourceId, sender, rules.maxTopicLevels);
  if (rejection === undefined) return { verdict: 'accept', raw };
  if (message.payload.length <= REFUSAL_HEAD_BYTES) return { verdict: 'refuse', raw, rejection };
  return {
    verdict: 'refuse',
    raw: { ...raw, bytes: message.payload.subarray(0, REFUSAL_HEAD_BYTES) },
    rejection,
    full: {
      length: message.payload.length,
      sha256: createHash('sha256').update(message.payload).digest('hex'),
    },
  };
}

/** The refusal of a packet that was streamed past. */
export function judgeOversize(
  publish: OversizePublishHead,
  topic: string,
  qos: 0 | 1,
  sender: Sender,
  rules: TopicRules,
  limits: { readonly maxPacketBytes: number; readonly receivedAt: number },
): Incoming {
  const message: Message = {
    topic,
    payload: publish.head,
    qos,
    packetId: publish.packetId,
    dup: publish.dup,
  };
  const { raw } = judge(message, sender, rules, limits.receivedAt);
  return {
    verdict: 'refuse',
    raw,
    rejection: refused(
      'too-large',
      `Cannot take a payload of ${publish.payloadLength} bytes: a packet holds at most ${limits.maxPacketBytes}`,
    ),
    full: { length: publish.payloadLength, sha256: publish.sha256 },
  };
}

function topicRejection(
  topic: string,
  sourceId: string | undefined,
  sender: Sender,
  maxTopicLevels: number,
): Rejection | undefined {
  const levels = topicLevels(topic);
  if (levels > maxTopicLevels)
    return refused(
      'topic-too-deep',
      `Cannot take topic "${shortened(topic)}" with ${levels} levels: at most ${maxTopicLevels}`,
    );
  if (!sender.mayPublish(topic))
    return refused('topic-not-allowed', `"${sender.principal}" may not publish to "${shortened(topic)}"`);
  if (sourceId === undefined)
    return refused('unknown-source', `No source reads the topic "${shortened(topic)}"`);
  return undefined;
}

function refused(code: Rejection['code'], message: string): Rejection {
  return { code, message, disposition: 'refused', readings: 0 };
}

function shortened(topic: string): string {
  return topic.length <= 120 ? topic : `${topic.slice(0, 117)}...`;
}
