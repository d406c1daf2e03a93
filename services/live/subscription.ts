import { z } from 'zod';
import type { LiveSubscription } from '../../viz/schema/index.ts';

/** Longest text a client may send, bytes: a subscription is some 200. */
export const MAX_SUBSCRIPTION_BYTES = 4096;

const schema = z.strictObject({
  zones: z
    .strictObject({
      dggrs: z.enum(['h3', 'beidou2d']),
      level: z.number().int().min(1).max(12),
      property: z.string().min(1).max(128),
    })
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
