import { z } from 'zod';
import { BEIDOU_POINT_LEVEL, H3_POINT_LEVEL } from '../../ingest/model/index.ts';
import type { LiveSubscription } from '../../viz/schema/index.ts';

/** Longest text a client may send, bytes: a subscription is some 200. */
export const MAX_SUBSCRIPTION_BYTES = 4096;

const property = z.string().min(1).max(128);
const level = (finest: number) => z.number().int().min(1).max(finest);

const schema = z.strictObject({
  zones: z
    .discriminatedUnion('dggrs', [
      z.strictObject({ dggrs: z.literal('h3'), level: level(H3_POINT_LEVEL), property }),
      z.strictObject({ dggrs: z.literal('beidou2d'), level: level(BEIDOU_POINT_LEVEL), property }),
    ])
    .nullable(),
  things: z.boolean(),
  events: z.boolean(),
  figures: z.boolean(),
});

/** Reads what a client wants to see; undefined for anything else. */
export function parseSubscription(text: string): LiveSubscription | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
