import type { EventLog } from '../../event-log.ts';
import type { Sink } from '../../model/index.ts';
import type { DoorsOptions } from '../../worker/doors.ts';
import type { ConnectRefusal } from './connect.ts';
import type { Credentials } from './credentials.ts';
import type { GuessGuard } from './guess-guard.ts';
import type { TopicRules } from './incoming.ts';
import type { Delivery } from './outbox.ts';
import type { Session } from './session.ts';
import type { SubscriptionTree } from './subscriptions.ts';

/** Why a connection ended; also the label in the metrics. */
export type CloseReason =
  | 'client' // DISCONNECT
  | 'lost' // the network connection went away
  | 'connect-timeout'
  | 'connect-refused'
  | 'stranger-dropped'
  | 'malformed'
  | 'packet-too-large'
  | 'protocol-error'
  | 'topic-invalid'
  | 'qos-2'
  | 'keep-alive'
  | 'taken-over'
  | 'slow-subscriber'
  | 'write-stalled'
  | 'memory'
  | 'disk-fault'
  | 'revoked'
  | 'shutdown';

/** Counters since the start. */
export interface Counters {
  messagesReceived: number;
  messagesAcknowledged: number;
  bytesReceived: number;
  messagesDelivered: number;
  diskFaults: number;
  connectionsRefused: Partial<Record<ConnectRefusal, number>>;
  closed: Partial<Record<CloseReason, number>>;
  /** Refusals made at the door, by rejection code. */
  rejected: Record<string, number>;
}

/** What all sessions of one gateway share. */
export interface Hub {
  readonly options: DoorsOptions['mqtt'];
  readonly sink: Sink;
  readonly rules: TopicRules;
  readonly credentials: Credentials;
  readonly guard: GuessGuard;
  readonly counters: Counters;
  readonly subscriptions: SubscriptionTree<Session>;
  readonly log: EventLog;
  /** Wall clock, for `receivedAt`. */
  clock(): number;
  /** Monotonic clock for time limits, ms. */
  now(): number;
  /** Too much is on its way to the disk; the session is pumped again when that is over. */
  congested(session: Session): boolean;
  /** Lets a session in, ending an older one of the same principal and client id; false when there are too many. */
  admit(session: Session, key: string): boolean;
  /** The session's connection is over. */
  left(session: Session, key: string | undefined): void;
  /** Accounts for bytes of incomplete packets; false when all connections together hold too many. */
  hold(delta: number): boolean;
  deliver(delivery: Delivery, from: Session | undefined): void;
}

/** Adds one to a labelled counter. */
export function count<K extends string>(counters: Partial<Record<K, number>>, label: K): void {
  counters[label] = (counters[label] ?? 0) + 1;
}
