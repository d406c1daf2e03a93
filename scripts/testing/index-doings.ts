import { join } from 'node:path';
import { openStore, type Store } from '../../analytics/index.ts';
import { arrivalOf, ENTRIES_PER_DAY, journalBatch } from './index-journal.ts';
import { seededRandom } from './seeded-random.ts';

/** What is under way (`load`, `seal`, ...) and what is done (`loaded`, `sealed`, ...). */
export type Doing =
  | 'open'
  | 'opened'
  | 'load'
  | 'loaded'
  | 'seal'
  | 'sealed'
  | 'released'
  | 'rollup'
  | 'rolled'
  | 'checkpoint'
  | 'checkpointed'
  | 'close';

/** Opens the index of a data folder with a policy under which little is much: every run seals and merges. */
export function openKillStore(folder: string, now: () => number): Promise<Store> {
  return openStore({
    path: join(folder, 'index', 'jingwei.duckdb'),
    partsDir: join(folder, 'parts'),
    clock: now,
    rollupIntervalMs: 0,
    sealing: {
      intervalMs: 0,
      quietMs: 0,
      fileRows: 400,
      smallPartRows: 2_000,
      mergeFanIn: 2,
      snapshotEveryMs: 0,
    },
  });
}

/** The clock of a store: the arrival of what it holds, so that days end and fall due as they would. */
export function clockOf(position: () => number): () => number {
  return () => arrivalOf(position()) + 1;
}

/** Loads entries in batches of one to five and does one of the other things now and then, till `until` is loaded. */
export async function indexDoings(
  folder: string,
  until: number,
  seed: number,
  say: (doing: Doing, position: number) => void,
): Promise<void> {
  const random = seededRandom(seed);
  let store: Store | undefined;
  say('open', 0);
  store = await openKillStore(
    folder,
    clockOf(() => store?.position ?? 0),
  );
  say('opened', store.position);
  while (store.position < until) {
    const to = Math.min(until, store.position + 1 + Math.floor(random() * 5));
    say('load', store.position);
    await store.load(journalBatch(store.position, to));
    say('loaded', store.position);
    const chance = random() * ENTRIES_PER_DAY;
    if (chance < 5) {
      say('seal', store.position);
      // Some with what is open still, as a backup does.
      await store.seal(chance < 2 ? { all: true } : {});
      say('sealed', store.position);
      say('released', store.releasable);
    } else if (chance < 6.5) {
      say('rollup', store.position);
      await store.buildRollups(24);
      say('rolled', store.position);
    } else if (chance < 7.5) {
      say('checkpoint', store.position);
      await store.checkpoint();
      say('checkpointed', store.position);
    }
  }
  say('close', store.position);
  await store.close();
}
