/**
 * `kill -9` at random moments of an index that loads, seals, merges, rolls up, is made again from its parts or brought
 * forward from an old schema. After each the index is opened again and compared with what came in, reading by reading.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../analytics/index.ts';
import { indexFaults, rollupFaults } from './index-check.ts';
import { clockOf, type Doing, openKillStore } from './index-doings.ts';
import { ENTRIES_PER_DAY, journalBatch } from './index-journal.ts';
import { makeOldIndex } from './old-index.ts';
import { seededRandom } from './seeded-random.ts';

/** What happens to the index before the process that is killed is started. */
export type Before =
  | 'nothing'
  /** The index is gone: it is made again from parts and journal. */
  | 'index lost'
  /** The index is a copy from earlier, as after a disk that kept the parts and not the last of the index. */
  | 'index stale'
  /** A new folder with an index of the first schema. */
  | 'old schema';

export interface IndexKillReport {
  readonly rounds: number;
  /** How often it was killed in the middle of what; `nothing` where it ended before. */
  readonly killedWhile: Readonly<Record<string, number>>;
  readonly before: Readonly<Record<string, number>>;
  readonly sealedRows: number;
  readonly entries: number;
  /** In words, with the round; must be empty. */
  readonly faults: readonly string[];
}

export interface IndexKillOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Rounds after which a new folder is begun, so that checking stays quick. Default 12. */
  readonly freshEvery?: number;
  /** Entries that a process has to load, unless it is killed before. Default 48. */
  readonly entries?: number;
  /** Compares the rollups too, which takes longest. Default true. */
  readonly rollups?: boolean;
  readonly log?: (line: string) => void;
}

/** In turns, within one folder. */
const BEFORE: readonly Before[] = ['index lost', 'nothing', 'nothing', 'index stale'];
/** Every so many rounds, and wherever the index was lost, the rollups are built and compared too. */
const ROLLUPS_EVERY = 4;
const CHILD = fileURLToPath(new URL('index-kill-child.ts', import.meta.url));
/** In the middle of what a process is killed; what can go wrong most stands there more often. */
const TARGETS: readonly Doing[] = [
  'seal',
  'seal',
  'seal',
  'load',
  'load',
  'rollup',
  'checkpoint',
  'close',
  'open',
];
/** Longest that it goes on after that, ms. */
const DELAY_MS: Partial<Record<Doing, number>> = { open: 400, seal: 250, close: 60, load: 20 };

/** What the outside has been told: it must hold whatever happens after. */
interface Promised {
  /** Entries below this were acknowledged to be loaded. */
  position: number;
  /** Entries below this are gone from the journal. */
  released: number;
}

export async function indexKillRounds(options: IndexKillOptions): Promise<IndexKillReport> {
  const {
    rounds,
    seed,
    freshEvery = 12,
    entries: more = 2 * ENTRIES_PER_DAY,
    rollups = true,
    log = () => {},
  } = options;
  const random = seededRandom(seed);
  const killedWhile: Record<string, number> = {};
  const before: Record<string, number> = {};
  const faults: string[] = [];
  let sealedRows = 0;
  let entries = 0;
  let folder: string | undefined;
  let promised: Promised = { position: 0, released: 0 };
  for (let round = 1; round <= rounds; round++) {
    const draw = random();
    const fresh = folder === undefined || (round - 1) % freshEvery === 0;
    const prepare: Before = fresh ? (draw < 0.5 ? 'old schema' : 'nothing') : BEFORE[round % BEFORE.length]!;
    if (fresh) {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      folder = mkdtempSync(join(tmpdir(), 'jingwei-kill-'));
      promised = { position: 0, released: 0 };
    }
    await prepareFolder(folder!, prepare, promised);
    if (prepare === 'old schema') promised.position = ENTRIES_PER_DAY;
    const until = promised.position + more;
    const killed = await killOne(folder!, until, Math.floor(random() * 1e9), promised, random);
    const found = await check(
      folder!,
      promised,
      // One that is killed while it is made again is half an index: it is told, moved aside and made once more.
      prepare === 'index stale' || killed.doing === 'open',
      rollups && (round % ROLLUPS_EVERY === 0 || prepare === 'index lost'),
    ).catch((error: unknown) => ({
      faults: [`${error instanceof Error ? error.message : error}`],
      sealedRows: 0,
    }));
    if (killed.fault !== undefined) found.faults.unshift(killed.fault);
    killedWhile[killed.doing] = (killedWhile[killed.doing] ?? 0) + 1;
    before[prepare] = (before[prepare] ?? 0) + 1;
    sealedRows += found.sealedRows;
    entries = Math.max(entries, promised.position);
    for (const fault of found.faults) {
      faults.push(`round ${round} of seed ${seed}, ${prepare}, killed in ${killed.doing}: ${fault}`);
    }
    log(
      `round ${round} of ${rounds}: ${prepare}, killed in ${killed.doing}, at ${promised.position}: ${found.faults.length === 0 ? 'all there' : found.faults.join('; ')}`,
    );
  }
  if (folder !== undefined && faults.length === 0) rmSync(folder, { recursive: true, force: true });
  return { rounds, killedWhile, before, sealedRows, entries, faults };
}

async function prepareFolder(folder: string, prepare: Before, promised: Promised): Promise<void> {
  const index = join(folder, 'index');
  const kept = join(folder, 'stale');
  if (prepare === 'old schema') await makeOldIndex(join(index, 'jingwei.duckdb'), ENTRIES_PER_DAY);
  if (prepare === 'index lost') rmSync(index, { recursive: true, force: true });
  if (prepare === 'index stale' && existsSync(kept)) {
    rmSync(index, { recursive: true, force: true });
    cpSync(kept, index, { recursive: true });
  }
  if (prepare === 'nothing' && existsSync(index) && promised.position > 0) {
    rmSync(kept, { recursive: true, force: true });
    cpSync(index, kept, { recursive: true });
  }
}

/** Starts it, waits for the moment, kills it; what it has said is promised. */
async function killOne(
  folder: string,
  until: number,
  seed: number,
  promised: Promised,
  random: () => number,
): Promise<{ readonly doing: Doing | 'nothing'; readonly fault: string | undefined }> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder, `${until}`, `${seed}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const target = TARGETS[Math.floor(random() * TARGETS.length)]!;
  let passes = target === 'open' || target === 'close' ? 0 : Math.floor(random() * 3);
  const delayMs = random() * (DELAY_MS[target] ?? 100);
  let now: Doing | 'nothing' = 'open';
  let fault: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  // Below this the journal is gone since the round before.
  const begins = promised.released;
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on('exit', (_, signal) => resolve(signal)),
  );
  for await (const line of createInterface({ input: child.stdout! })) {
    const [word, at] = line.split(' ');
    const position = Number(at);
    now = word as Doing;
    if (word === 'opened' && position < begins) fault = asksForGone(position, begins);
    if (word === 'loaded') promised.position = Math.max(promised.position, position);
    if (word === 'released') promised.released = Math.max(promised.released, position);
    if (timer === undefined && (word === 'close' || (word === target && passes-- === 0))) {
      timer = kill(child, delayMs);
    }
  }
  const signal = await ended;
  clearTimeout(timer);
  return { doing: signal === 'SIGKILL' ? now : 'nothing', fault };
}

function kill(child: ChildProcess, delayMs: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), delayMs);
}

function asksForGone(position: number, begins: number): string {
  return `asks for entry ${position}, which was released: the journal begins at ${begins}`;
}

/** Opens it as the product would after the kill, feeds it what the journal still has, and compares. */
async function check(
  folder: string,
  promised: Promised,
  mayBeHalf: boolean,
  rollups: boolean,
): Promise<{ readonly faults: string[]; readonly sealedRows: number }> {
  const faults: string[] = [];
  let store: Store | undefined;
  store = await openKillStore(
    folder,
    clockOf(() => store?.position ?? promised.position),
  );
  try {
    if (store.recovery !== null && !mayBeHalf) {
      faults.push(`taken for damaged: ${store.recovery.reason}`);
    }
    if (store.position < promised.released) faults.push(asksForGone(store.position, promised.released));
    const goal = Math.max(promised.position, store.snapshotPosition);
    while (store.position < goal) {
      await store.load(journalBatch(store.position, Math.min(goal, store.position + 7)));
    }
    promised.position = Math.max(promised.position, store.position);
    for (const { id, reason } of store.parts.damaged) faults.push(`part ${id}: ${reason}`);
    faults.push(...(await indexFaults(store)));
    if (rollups) faults.push(...(await rollupFaults(store)));
    return { faults, sealedRows: store.parts.rows };
  } finally {
    await store.close();
  }
}
