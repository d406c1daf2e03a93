import type { EpochMs } from './time.ts';

/** Which door a message came through and who brought it. Kept in the journal with the bytes. */
export type Origin =
  | {
      readonly transport: 'mqtt';
      /** Authenticated principal: a Thing id or a gateway id. */
      readonly principal: string;
      readonly clientId: string;
      readonly topic: string;
      readonly qos: 0 | 1 | 2;
      /** Packet identifier, 0 for QoS 0. */
      readonly packetId: number;
      readonly dup: boolean;
    }
  | {
      readonly transport: 'http';
      readonly principal: string;
      /** Request id, also in the access log. */
      readonly requestId: string;
      readonly contentType: string;
    }
  | {
      /** One chunk of a delivered file: from the inbox, an upload or the command line. */
      readonly transport: 'file';
      readonly principal: string;
      /** `<first 16 hex of SHA-256>-<file name>`: one delivery, one id. */
      readonly delivery: string;
      readonly fileName: string;
      /** Ordinal of the chunk in the delivery, from 0, and of its first row in the file, from 1. */
      readonly chunk: number;
      readonly firstRow: number;
      /**
       * What the rules on the whole delivery said before any of its rows was taken; absent when they had nothing to say.
       * It rides with every chunk, so that a replay gives the same answer.
       */
      readonly verdict?: DeliveryVerdict;
    };

/** Outcome of a rule on a whole delivery: `flag` marks every row, the others keep every row out of the index. */
export interface DeliveryVerdict {
  readonly disposition: 'refused' | 'held' | 'flag';
  /** Sentence case, no full stop: which rule, current value and wanted one. */
  readonly message: string;
}

/** What arrived, before anything was understood of it. */
export interface RawRecord {
  /** Source (decoder) by which it is read; chosen by the door from topic, route or mapping. */
  readonly sourceId: string;
  /** Table mapping for the `table` source. */
  readonly mappingId?: string;
  readonly origin: Origin;
  readonly receivedAt: EpochMs;
  readonly bytes: Uint8Array;
}
