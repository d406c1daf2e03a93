/** Files as departments deliver them: written beside, then renamed, so that nobody reads half a file. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CITY_OFFSET_MS, HOUR_MS } from '../city/clock.ts';
import { featureFiles } from '../records/features.ts';
import { hotlineDelivery } from '../records/hotline.ts';
import type { Memory } from './memory.ts';
import { pause, reason, say } from './say.ts';

/** How far back the first hotline delivery, or the one after a pause, reaches. */
const CATCH_UP_MS = 6 * HOUR_MS;
const HOTLINE_PERIOD_MS = 60_000;

/** Puts a file into the inbox under its final name in one step. */
export function drop(inbox: string, name: string, bytes: Uint8Array): void {
  mkdirSync(inbox, { recursive: true });
  const part = join(inbox, `${name}.part`);
  writeFileSync(part, bytes);
  renameSync(part, join(inbox, name));
}

/** The registers, once. */
export function dropRegisters(inbox: string, seed: number, memory: Memory): void {
  if (memory.done.registers === true) return;
  const files = featureFiles(seed);
  for (const file of files) drop(inbox, file.name, file.bytes);
  memory.note({ registers: true });
  say(`dropped ${files.map(({ name, rows }) => `${name} (${rows} rows)`).join(', ')}`);
}

/** Hotline deliveries for ever: what is new or changed since the last one, every minute at rate 1. */
export async function runHotline(
  inbox: string,
  seed: number,
  rate: number,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Whole seconds: the file's times are no finer, and a case must fall into exactly one delivery.
    const until = Math.floor(Date.now() / 1000) * 1000;
    const from = Math.max(memory.done.hotlineUntil ?? 0, until - CATCH_UP_MS);
    try {
      const text = until > from ? hotlineDelivery(seed, from, until) : undefined;
      if (text !== undefined) drop(inbox, `hotline-${stamp(until)}.csv`, Buffer.from(text, 'utf8'));
      memory.note({ hotlineUntil: until });
    } catch (error) {
      say(`hotline delivery failed, will be made up for: ${reason(error)}`);
    }
    await pause(Math.max(1000, HOTLINE_PERIOD_MS / rate), signal);
  }
}

/** `20261122T180500` in local time. */
function stamp(instant: number): string {
  return new Date(instant + CITY_OFFSET_MS).toISOString().slice(0, 19).replace(/[-:]/g, '');
}
