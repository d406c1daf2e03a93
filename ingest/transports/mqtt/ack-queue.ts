import { generate } from 'mqtt-packet';
import { MAX_REASON_CHARS } from './limits.ts';
import { REASON } from './reason.ts';

/** One message on its way to the disk. */
export interface PendingAck {
  readonly qos: 0 | 1;
  readonly packetId: number;
  done: boolean;
  reasonCode: number;
  reasonString: string | undefined;
}

/**
 * Messages of one connection in the order they came. An acknowledgement leaves only when all before it are on disk, so PUBACKs
 * keep the order of the PUBLISHes [MQTT-4.6.0-2]. QoS 0 messages take part for the sake of back-pressure.
 */
export class AckQueue {
  #pending: PendingAck[] = [];
  #head = 0;

  /** Messages not yet answered. */
  get size(): number {
    return this.#pending.length - this.#head;
  }

  add(qos: 0 | 1, packetId: number): PendingAck {
    const ack: PendingAck = {
      qos,
      packetId,
      done: false,
      reasonCode: REASON.success,
      reasonString: undefined,
    };
    this.#pending.push(ack);
    return ack;
  }

  /** Removes and returns all that may be answered now, oldest first. */
  takeDone(): readonly PendingAck[] {
    const from = this.#head;
    while (this.#pending[this.#head]?.done === true) this.#head++;
    const taken = this.#pending.slice(from, this.#head);
    if (this.#head > 256 || this.#head === this.#pending.length) {
      this.#pending = this.#pending.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}

/** The PUBACK packets of the QoS 1 messages among `acks`, in one buffer. Reasons only in MQTT 5. */
export function encodePubacks(acks: readonly PendingAck[], mqtt5: boolean, maxPacketBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (const ack of acks) {
    if (ack.qos === 0) continue;
    const { packetId } = ack;
    if (!mqtt5 || ack.reasonCode === REASON.success)
      parts.push(Buffer.from([0x40, 2, packetId >> 8, packetId & 0xff]));
    else parts.push(encodeRefusal(ack, maxPacketBytes));
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function encodeRefusal(ack: PendingAck, maxPacketBytes: number): Buffer {
  const plain = Buffer.from([0x40, 3, ack.packetId >> 8, ack.packetId & 0xff, ack.reasonCode]);
  if (ack.reasonString === undefined) return plain;
  const explained = generate(
    {
      cmd: 'puback',
      messageId: ack.packetId,
      reasonCode: ack.reasonCode,
      properties: { reasonString: ack.reasonString.slice(0, MAX_REASON_CHARS) },
    },
    { protocolVersion: 5 },
  );
  return explained.length <= maxPacketBytes ? explained : plain;
}
