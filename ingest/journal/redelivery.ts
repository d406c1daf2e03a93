/**
 * Recognises redeliveries. MQTT has no message id: a PUBLISH with DUP set, from the same client, with the same packet id
 * and the same topic and bytes as the newest entry of that packet id, is the one already held [MQTT-3.3.1-1]. Bytes sent
 * afresh (no DUP) are a new message, however like an older one they look.
 *
 * One ring of typed arrays for all clients, 26 bytes an entry; the entries of one client are chained from newest to
 * oldest. A lookup walks the chain; for a client with a long one it builds a map by packet id, once.
 */
import type { Position } from '../model/index.ts';
import type { Hash64 } from './hash64.ts';

/** Entries remembered over all clients: 26 MB, at 2,000 messages a second the last 8 minutes. */
export const DEFAULT_REDELIVERY_ENTRIES = 1_048_576;
/** A chain up to this long is walked at each DUP: a few microseconds. */
const WALK_ENTRIES = 256;
/** Maps kept; each holds at most 65,535 packet ids. */
const MAX_MAPS = 32;
const NONE = 0xffff_ffff;

export interface RedeliveryRecogniser {
  /** Remembers a journalled QoS 1 message. `client` is a `clientKey`; positions grow. */
  remember(client: string, packetId: number, hash: Hash64, position: Position): void;
  /** Position of the entry that this DUP repeats; undefined: it is new. */
  find(client: string, packetId: number, hash: Hash64): Position | undefined;
  /** Forgets entries at and above `head`: the disk refused them. */
  rollBack(head: Position): void;
  readonly size: number;
  readonly capacity: number;
  readonly clients: number;
}

/** @param capacity - Entries remembered; the oldest make room. */
export function createRedeliveryRecogniser(capacity = DEFAULT_REDELIVERY_ENTRIES): RedeliveryRecogniser {
  // Written once now, so that the process has its size from the start and does not seem to grow for the first million messages.
  const client = new Uint32Array(capacity).fill(NONE);
  const packet = new Uint16Array(capacity).fill(0);
  const lo = new Uint32Array(capacity).fill(0);
  const hi = new Uint32Array(capacity).fill(0);
  const at = new Float64Array(capacity).fill(0);
  /** Slot of the same client's entry before this one; meaningful only within the client's count of live entries. */
  const previous = new Uint32Array(capacity).fill(0);
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const newest: number[] = [];
  const counts: number[] = [];
  const free: number[] = [];
  const maps = new Map<number, Map<number, number>>();
  let next = 0;
  let size = 0;

  function numberOf(clientId: string): number {
    const known = numbers.get(clientId);
    if (known !== undefined) return known;
    const number = free.pop() ?? names.length;
    numbers.set(clientId, number);
    names[number] = clientId;
    newest[number] = NONE;
    counts[number] = 0;
    return number;
  }

  function drop(slot: number): void {
    const number = client[slot]!;
    client[slot] = NONE;
    size--;
    counts[number]!--;
    if (counts[number] === 0) {
      numbers.delete(names[number]!);
      names[number] = '';
      maps.delete(number);
      free.push(number);
    }
  }

  /** Newest slot of this packet id, by the client's map or by walking its chain. */
  function slotOf(number: number, packetId: number): number | undefined {
    const map = maps.get(number) ?? (counts[number]! > WALK_ENTRIES ? buildMap(number) : undefined);
    if (map !== undefined) {
      const slot = map.get(packetId);
      return slot !== undefined && client[slot] === number && packet[slot] === packetId ? slot : undefined;
    }
    let slot = newest[number]!;
    for (let left = counts[number]!; left > 0; left--, slot = previous[slot]!) {
      if (packet[slot] === packetId) return slot;
    }
    return undefined;
  }

  function buildMap(number: number): Map<number, number> {
    const map = new Map<number, number>();
    let slot = newest[number]!;
    for (let left = counts[number]!; left > 0; left--, slot = previous[slot]!) {
      if (!map.has(packet[slot]!)) map.set(packet[slot]!, slot);
    }
    if (maps.size >= MAX_MAPS) maps.delete(maps.keys().next().value!);
    maps.set(number, map);
    return map;
  }

  return {
    remember(clientId, packetId, hash, position) {
      const number = numberOf(clientId);
      // Counted before the oldest goes, so that a client whose only entry is overwritten by its own keeps its number.
      counts[number]!++;
      size++;
      if (client[next] !== NONE) drop(next);
      client[next] = number;
      packet[next] = packetId;
      lo[next] = hash.lo;
      hi[next] = hash.hi;
      at[next] = position;
      previous[next] = newest[number]!;
      newest[number] = next;
      maps.get(number)?.set(packetId, next);
      next = next + 1 === capacity ? 0 : next + 1;
    },

    find(clientId, packetId, hash) {
      const number = numbers.get(clientId);
      if (number === undefined) return undefined;
      const slot = slotOf(number, packetId);
      return slot !== undefined && lo[slot] === hash.lo && hi[slot] === hash.hi ? at[slot] : undefined;
    },

    rollBack(head) {
      for (;;) {
        const slot = next === 0 ? capacity - 1 : next - 1;
        if (client[slot] === NONE || at[slot]! < head) return;
        const number = client[slot]!;
        newest[number] = previous[slot]!;
        maps.delete(number);
        drop(slot);
        next = slot;
      }
    },

    capacity,
    get size() {
      return size;
    },
    get clients() {
      return numbers.size;
    },
  };
}
