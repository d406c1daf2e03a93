/**
 * Power cuts of the index: one run that loads, seals, merges and writes its state down is recorded call by call, and cut at
 * random points. What was not synced is gone, or there by luck. After each the index is opened and fed what the journal still
 * has: nothing is lost, nothing is there twice, and damage is told.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../analytics/index.ts';
import { indexFaults } from './index-check.ts';
import { clockOf, openKillStore } from './index-doings.ts';
import { journalBatch } from './index-journal.ts';
import { PowerDisk } from './power-disk.ts';
import { seededRandom } from './seeded-random.ts';
import { recordWrites, type WriteEvent } from './write-log.ts';

export interface PowerReport {
  readonly events: number;
  readonly syncs: number;
  readonly cuts: number;
  /** Cuts after which the index was found damaged, said so and was made again. */
  readonly recovered: number;
  /** Cuts after which the journal had been released up to some entry: what is below it was in parts and state alone. */
  readonly afterRelease: number;
  readonly faults: readonly string[];
}

const CHILD = fileURLToPath(new URL('index-kill-child.ts', import.meta.url));
const LUCK = 0.5;

export async function powerCuts(
  entries: number,
  cuts: number,
  seed: number,
  log: (line: string) => void = () => {},
): Promise<PowerReport> {
  const root = mkdtempSync(join(tmpdir(), 'jingwei-power-'));
  const folder = join(root, 'data');
  mkdirSync(folder);
  const random = seededRandom(seed);
  const events = await recordWrites(folder, ['--import', 'tsx', CHILD, folder, `${entries}`, `${seed}`]);
  const points = new Set(pointsOf(events, cuts, random));
  const faults: string[] = [];
  const disk = new PowerDisk(folder);
  let released = 0;
  let recovered = 0;
  let afterRelease = 0;
  let cut = 0;
  for (const [index, event] of events.entries()) {
    disk.apply(event);
    if (event.kind === 'said') released = Math.max(released, releasedBy(event.line));
    if (!points.has(index)) continue;
    cut += 1;
    if (released > 0) afterRelease += 1;
    const luck = cut % 2 === 0 ? LUCK : 0;
    const left = join(root, `cut-${cut}`);
    disk.cut(left, luck, random);
    const found = await check(left, released, entries).catch((error: unknown) => ({
      recovery: null,
      faults: [`${error instanceof Error ? error.message : error}`],
    }));
    if (found.recovery !== null) recovered += 1;
    const when = `cut ${cut} of seed ${seed}, after ${describe(event, folder)}, ${luck === 0 ? 'nothing' : 'some'} of the unsynced kept`;
    for (const fault of found.faults) faults.push(`${when}: ${fault}`);
    log(`${when}: ${found.faults.join('; ') || found.recovery || 'all there'}`);
    rmSync(left, { recursive: true, force: true });
  }
  rmSync(root, { recursive: true, force: true });
  const syncs = events.filter(({ kind }) => kind === 'sync').length;
  return { events: events.length, syncs, cuts: cut, recovered, afterRelease, faults };
}

/** Half of them anywhere, half right behind a sync, a rename or a removal, where one order is told from another. */
function pointsOf(events: readonly WriteEvent[], cuts: number, random: () => number): readonly number[] {
  const turning = events.flatMap(({ kind }, index) =>
    kind === 'sync' || kind === 'rename' || kind === 'remove' ? [index] : [],
  );
  return Array.from({ length: cuts }, (_, i) =>
    i % 2 === 0 ? Math.floor(random() * events.length) : turning[Math.floor(random() * turning.length)]!,
  );
}

function releasedBy(line: string): number {
  return line.startsWith('released ') ? Number(line.slice('released '.length)) : 0;
}

function describe(event: WriteEvent, folder: string): string {
  if (event.kind === 'said') return `"${event.line}"`;
  const path = event.kind === 'rename' ? event.to : event.path;
  return `${event.kind} ${path.slice(folder.length + 1)}`;
}

/** The journal is on another disk and begins at `released`; it has everything from there on. */
async function check(
  folder: string,
  released: number,
  entries: number,
): Promise<{ readonly recovery: string | null; readonly faults: readonly string[] }> {
  let store: Store | undefined;
  store = await openKillStore(
    folder,
    clockOf(() => store?.position ?? entries),
  );
  try {
    const faults: string[] = [];
    if (store.position < released) {
      faults.push(`asks for entry ${store.position}, which was released: the journal begins at ${released}`);
    }
    while (store.position < entries) {
      await store.load(journalBatch(store.position, Math.min(entries, store.position + 7)));
    }
    for (const { id, reason } of store.parts.damaged) faults.push(`part ${id}: ${reason}`);
    faults.push(...(await indexFaults(store)));
    return { recovery: store.recovery?.reason ?? null, faults };
  } finally {
    await store.close();
  }
}
