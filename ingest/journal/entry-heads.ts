/**
 * What stands before the payload of an entry: who sent it and, as JSON, whence it came. Messages of one client have one head,
 * so a head is parsed once and shared by the entries that have it: nobody edits an entry.
 */
import { IngestError } from '../ingest-error.ts';
import type { Declaration, JournalEntry, Origin, Position, RawRecord, Rejection } from '../model/index.ts';

export const KINDS = ['message', 'refusal', 'redelivery', 'control'] as const;
export type EntryKind = (typeof KINDS)[number];

/** The meta of an entry as it is stored. */
export type Meta = {
  s?: string;
  m?: string;
  o?: StoredOrigin;
  r?: Rejection;
  n?: number;
  h?: string;
  of?: number;
  d?: readonly string[];
  snap?: boolean;
};

type MqttOrigin = Extract<Origin, { transport: 'mqtt' }>;
/** Principal, client id and packet id stand in the header of the body already. */
export type StoredOrigin =
  | Exclude<Origin, MqttOrigin>
  | Omit<MqttOrigin, 'principal' | 'clientId' | 'packetId'>;

/** A head, parsed. */
export interface EntryHead {
  readonly kind: EntryKind;
  /** As `clientKey` makes it; empty where no MQTT client sent it. */
  readonly client: string;
  readonly principal: string;
  readonly clientId: string;
  readonly meta: Meta;
}

/** Reads a head. @throws {IngestError} `journal-corrupt` for a kind that there is not. */
export function parseHead(kindCode: number, client: string, metaText: string, position: Position): EntryHead {
  const kind = KINDS[kindCode - 1];
  if (kind === undefined) {
    throw new IngestError('journal-corrupt', `Cannot read entry ${position}: unknown kind ${kindCode}`);
  }
  const cut = client.indexOf('\0');
  const meta = JSON.parse(metaText) as Meta;
  return { kind, client, principal: client.slice(0, cut), clientId: client.slice(cut + 1), meta };
}

/** Heads kept; a city has some thousands of devices. */
const MAX_HEADS = 8192;

interface KnownHead {
  readonly kindCode: number;
  readonly clientBytes: number;
  readonly head: EntryHead;
}

/** Parsed heads by their bytes. */
export class HeadCache {
  readonly #heads = new Map<string, KnownHead>();

  /** The head whose client and meta stand in `buffer[clientStart, metaEnd)`, parsed or known. */
  at(
    buffer: Buffer,
    kindCode: number,
    clientStart: number,
    clientEnd: number,
    metaEnd: number,
    position: Position,
  ): EntryHead {
    const clientBytes = clientEnd - clientStart;
    const text = buffer.toString('latin1', clientStart, metaEnd);
    const usual = this.#heads.get(text);
    if (usual?.kindCode === kindCode && usual.clientBytes === clientBytes) return usual.head;
    // The same bytes of another kind, or cut elsewhere, go under a longer name.
    const name = usual === undefined ? text : `${kindCode}:${clientBytes}:${text}`;
    const known = usual === undefined ? undefined : this.#heads.get(name);
    if (known?.kindCode === kindCode && known.clientBytes === clientBytes) return known.head;
    const client = buffer.toString('utf8', clientStart, clientEnd);
    const head = parseHead(kindCode, client, buffer.toString('utf8', clientEnd, metaEnd), position);
    if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
    this.#heads.set(name, { kindCode, clientBytes, head });
    return head;
  }
}

/**
 * The entry of a head.
 *
 * @param at - Instant of the entry, epoch ms.
 * @param payload - Kept by the entry: nobody may change these bytes later. Not kept of a control entry.
 */
export function entryOf(
  head: EntryHead,
  at: number,
  packetId: number,
  payload: Uint8Array,
  position: Position,
): JournalEntry {
  const { kind, meta } = head;
  if (kind === 'control') {
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');
    const declarations = JSON.parse(text) as Declaration[];
    return { position, kind, at, snapshot: meta.snap === true, declarations };
  }
  const origin = restoreOrigin(head, packetId);
  if (kind === 'redelivery') {
    return {
      position,
      kind,
      sourceId: meta.s!,
      origin,
      receivedAt: at,
      of: meta.of!,
      ...(meta.d === undefined ? {} : { datasets: meta.d }),
      ...(meta.n === undefined ? {} : { byteLength: meta.n }),
    };
  }
  const raw: RawRecord =
    meta.m === undefined
      ? { sourceId: meta.s!, origin, receivedAt: at, bytes: payload }
      : { sourceId: meta.s!, mappingId: meta.m, origin, receivedAt: at, bytes: payload };
  if (kind === 'message') return { position, kind, raw };
  return { position, kind, raw, rejection: meta.r!, fullLength: meta.n!, sha256: meta.h! };
}

function restoreOrigin(head: EntryHead, packetId: number): Origin {
  const stored = head.meta.o!;
  if (stored.transport !== 'mqtt') return stored;
  return {
    transport: 'mqtt',
    principal: head.principal,
    clientId: head.clientId,
    topic: stored.topic,
    qos: stored.qos,
    packetId,
    dup: stored.dup,
  };
}
