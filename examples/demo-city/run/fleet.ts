/** All device connections of the city. */
import type { CityMessage } from '../emitter.ts';
import { DeviceLink, type LinkCounters, type LinkLimits } from './device-link.ts';
import { pause } from './say.ts';

/** A sensor sends one message at a time and a half; a video server has many cameras behind it. */
const DEVICE_LIMITS: LinkLimits = { inFlight: 4, backlog: 200 };
const GATEWAY_LIMITS: LinkLimits = { inFlight: 200, backlog: 4000 };
/** Connections opened at a time: a city does not wake up in one millisecond, and a listen queue is finite. */
const CONNECT_BATCH = 50;

export interface Fleet {
  readonly counters: Readonly<LinkCounters>;
  readonly size: number;
  connected(): number;
  /** Messages offered and neither acknowledged nor given up. */
  waiting(): number;
  /** Ids the server has refused, with its last word. */
  refused(): readonly { readonly id: string; readonly as: string }[];
  connect(
    tokens: ReadonlyMap<string, string>,
    only: readonly string[],
    onProgress: (connected: number, of: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  offer(message: CityMessage, onAcknowledged?: () => void): void;
  close(deadlineMs: number): Promise<void>;
}

/** @param gateways - Ids among `ids` that speak for many Things. */
export function makeFleet(mqttUrl: string, ids: readonly string[], gateways: ReadonlySet<string>): Fleet {
  const counters: LinkCounters = { published: 0, acknowledged: 0, refused: 0, skipped: 0, lastRefusal: '' };
  const links = new Map(
    ids.map((id) => [id, new DeviceLink(id, gateways.has(id) ? GATEWAY_LIMITS : DEVICE_LIMITS, counters)]),
  );
  const sum = (value: (link: DeviceLink) => number) =>
    [...links.values()].reduce((total, link) => total + value(link), 0);
  const connected = () => sum((link) => (link.connected ? 1 : 0));
  return {
    counters,
    size: links.size,
    connected,
    waiting: () => sum((link) => link.waiting),
    refused: () =>
      [...links.values()].flatMap(({ id, refusedAs }) =>
        refusedAs === undefined ? [] : [{ id, as: refusedAs }],
      ),
    async connect(tokens, only, onProgress, signal) {
      for (let from = 0; from < only.length && !signal.aborted; from += CONNECT_BATCH) {
        const batch = only.slice(from, from + CONNECT_BATCH);
        await Promise.race([
          Promise.all(batch.map((id) => links.get(id)?.connect(mqttUrl, tokens.get(id) ?? ''))),
          pause(20_000, signal),
        ]);
        onProgress(connected(), links.size);
      }
    },
    offer(message, onAcknowledged) {
      links.get(message.principal)?.offer(message, onAcknowledged);
    },
    async close(deadlineMs) {
      await Promise.all([...links.values()].map((link) => link.close(deadlineMs)));
    },
  };
}
