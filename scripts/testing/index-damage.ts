/**
 * Torn and bit-flipped files of an index at rest: what is damaged is told by name, what is not is all there. Nothing wrong
 * is ever answered in silence once the files have been verified.
 */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { isQueryError, type Store } from '../../analytics/index.ts';
import { findParts, partDamage } from '../../analytics/store/parts/part-files.ts';
import { indexFaults } from './index-check.ts';
import { clockOf, indexDoings, openKillStore } from './index-doings.ts';
import { journalBatch, originOf } from './index-journal.ts';
import { seededRandom } from './seeded-random.ts';

/** What became of a damage. */
export type Fate =
  /** The index was moved aside or a part was marked, with the reason, when it was opened; everything else was there. */
  | 'told at open'
  /** A question was refused with the name of the part. */
  | 'told when asked'
  /** Comparing hashes, as `doctor` and backups do, names it. */
  | 'told by verification'
  /** All readings are there all the same: the file was made again, or the byte meant nothing. */
  | 'mended'
  | 'WRONG';

export interface DamageReport {
  readonly trials: number;
  readonly fates: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

type Kind = 'torn' | 'flipped';

export async function damageTrials(
  trials: number,
  seed: number,
  entries: number,
  log: (line: string) => void = () => {},
): Promise<DamageReport> {
  const random = seededRandom(seed);
  const root = mkdtempSync(join(tmpdir(), 'jingwei-damage-'));
  const sound = join(root, 'sound');
  await indexDoings(sound, entries, seed, () => {});
  const fates: Record<string, number> = {};
  const faults: string[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    const folder = join(root, 'damaged');
    rmSync(folder, { recursive: true, force: true });
    cpSync(sound, folder, { recursive: true });
    const path = pick(folder, random);
    const kind: Kind = random() < 0.5 ? 'torn' : 'flipped';
    damage(path, kind, random);
    // With and without the index: a rebuild reads snapshots and sidecars, an open index does not.
    const lost = !path.includes('.duckdb') && random() < 0.5;
    if (lost) rmSync(join(folder, 'index'), { recursive: true, force: true });
    const name = `${relative(folder, path)} ${kind}${lost ? ', index lost' : ''}`;
    const verified = await verify(join(folder, 'parts'), path);
    // What shows itself in the middle of work only is noted, and told at the next start.
    const { fate, why } = await judge(folder, verified, entries)
      .catch(() => judge(folder, verified, entries))
      .catch((error: unknown) => ({
        fate: 'WRONG' as const,
        why: `${error instanceof Error ? error.message : error}`,
      }));
    fates[fate] = (fates[fate] ?? 0) + 1;
    if (fate === 'WRONG') faults.push(`trial ${trial} of seed ${seed}, ${name}: ${why}`);
    log(`trial ${trial} of ${trials}: ${name}: ${fate}${why === '' ? '' : ` (${why})`}`);
  }
  rmSync(root, { recursive: true, force: true });
  return { trials, fates, faults };
}

/** A file of one of the kinds there are, each kind as likely. */
function pick(folder: string, random: () => number): string {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > 0);
  const kinds = new Map<string, string[]>();
  for (const path of all) {
    const where = path.includes('/state/') ? 'state' : path.includes('/index/') ? 'index' : 'part';
    const kind = `${where} ${basename(path).replace(/^.*?\./, '.')}`.replace(/\.\d+\.parquet/, '.parquet');
    kinds.set(kind, [...(kinds.get(kind) ?? []), path]);
  }
  const lists = [...kinds.values()];
  const list = lists[Math.floor(random() * lists.length)]!;
  return list[Math.floor(random() * list.length)]!;
}

function damage(path: string, kind: Kind, random: () => number): void {
  const { size } = statSync(path);
  if (kind === 'torn') {
    truncateSync(path, Math.floor(random() * size));
    return;
  }
  const bytes = readFileSync(path);
  const at = Math.floor(random() * size);
  bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
  writeFileSync(path, bytes);
}

/** @param verified - What comparing hashes said before the store was opened, which may sweep away what is of no use. */
async function judge(
  folder: string,
  verified: string | null,
  entries: number,
): Promise<{ readonly fate: Fate; readonly why: string }> {
  let store: Store | undefined;
  store = await openKillStore(
    folder,
    clockOf(() => store?.position ?? 0),
  );
  try {
    const told = store.recovery?.reason ?? store.parts.damaged.map(({ reason }) => reason)[0];
    while (store.position < entries) {
      await store.load(journalBatch(store.position, Math.min(entries, store.position + 7)));
    }
    const damaged = store.parts.damaged.map(({ dataset }) => dataset);
    const faults = await indexFaults(store, (result) => damaged.includes(originOf(result).dataset)).catch(
      (error: unknown) => {
        if (isQueryError(error)) return error;
        throw error;
      },
    );
    if (isQueryError(faults)) {
      return faults.message.includes('part') || told !== undefined
        ? { fate: told === undefined ? 'told when asked' : 'told at open', why: faults.message }
        : { fate: 'WRONG', why: `refused without a name: ${faults.message}` };
    }
    if (faults.length === 0) return { fate: told === undefined ? 'mended' : 'told at open', why: told ?? '' };
    if (told !== undefined && damaged.length > 0) return { fate: 'told at open', why: told };
    if (verified !== null) return { fate: 'told by verification', why: verified };
    return { fate: 'WRONG', why: faults.join('; ') };
  } finally {
    await store.close();
  }
}

/** What comparing hashes says of the file; null when it finds nothing. */
async function verify(partsDir: string, path: string): Promise<string | null> {
  const { parts, unreadable } = await findParts(partsDir);
  for (const { id, reason } of unreadable) if (path.includes(id)) return reason;
  for (const part of parts) {
    const reason = await partDamage(partsDir, part, true);
    if (reason !== null) return reason;
  }
  return null;
}
