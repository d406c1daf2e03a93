import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contentOf, openTestJournal, temporaryFolder } from './journal-fixtures.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

/** Runs the child until it told `acknowledgements` of them and some ms more, kills it; all that it told. */
async function runAndKill(round: number, acknowledgements: number, laterMs: number): Promise<string[]> {
  const script = new URL('./kill-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  let due = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (due || told.split('\n').length < acknowledgements) return;
    due = true;
    setTimeout(() => child.kill('SIGKILL'), laterMs);
  });
  await once(child, 'close');
  // The last line may have been cut by the kill; the ones before it were told whole.
  return told.split('\n').slice(1, -1);
}

it('openJournal after kill -9 holds every acknowledged entry exactly once, three times over', async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const told = await runAndKill(round, 500 + round * 700, round * 7);
    expect(told.length).toBeGreaterThan(400);
    acknowledged.push(...told);
    const journal = await openTestJournal(dir);
    const held = new Map<string, number>();
    for (let at = journal.tail; at < journal.head; ) {
      const entries = await journal.read(at, 1000);
      for (const entry of entries) {
        const text = contentOf(entry).replace(/\.+$/, '');
        if (entry.kind === 'message') held.set(text, (held.get(text) ?? 0) + 1);
      }
      at += entries.length;
    }
    await journal.close();
    expect(acknowledged.filter((text) => held.get(text) !== 1)).toEqual([]);
    expect([...held.values()].every((times) => times === 1)).toBe(true);
    // What was written and not yet told is at most what 20 senders had under way, each round.
    expect(held.size - acknowledged.length).toBeLessThanOrEqual(20 * (round + 1));
  }
});
