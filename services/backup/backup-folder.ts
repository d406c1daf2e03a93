/** The folder of a target that holds backups: their names, which are whole, and what interrupted ones left. */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { syncFolder } from './hashed-files.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** A whole backup. */
export interface FoundBackup {
  readonly path: string;
  readonly manifest: Manifest;
}

/** What a process that died may leave is removed after this long even when its number lives again. ms. */
const STALE_MS = 2 * 86_400_000;

const NAME = /^\d{8}T\d{9}Z$/;
const UNDER_WAY = /^\.(?:partial|removing)-.*\.(\d+)$/;

/** Name of a backup begun at this instant: sorts by time, and is a folder name on every system. */
export function backupId(startedAt: number): string {
  return new Date(startedAt).toISOString().replaceAll(/[-:.]/g, '');
}

/** Name of a backup until it is whole: the process that writes it is in it. */
export function underWayName(what: 'partial' | 'removing', id: string): string {
  return `.${what}-${id}-${hostname()}.${process.pid}`;
}

/** Names of the backups of a target, oldest first, whether or not they can be read. */
export async function backupNames(target: string): Promise<readonly string[]> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names.filter((name) => NAME.test(name)).sort();
}

/** Backups of a target whose manifest can be read, oldest first. */
export async function listBackups(target: string): Promise<readonly FoundBackup[]> {
  const found = await Promise.all(
    (await backupNames(target)).map(async (name) => {
      const path = join(target, name);
      const manifest = await readManifest(path).catch(() => undefined);
      return manifest === undefined ? undefined : { path, manifest };
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** Removes what dead processes of this machine left half written or half removed. Returns the names. */
export async function sweepTarget(target: string, now: number): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const name of await readdir(target)) {
    const pid = UNDER_WAY.exec(name)?.[1];
    if (pid === undefined) continue;
    const mine = name.includes(`-${hostname()}.`);
    const path = join(target, name);
    const { mtimeMs } = await stat(path);
    // A process makes one backup at a time: what carries its own number is of an earlier one.
    const dead = mine && (Number(pid) === process.pid || !isAlive(Number(pid)));
    if (!dead && now - mtimeMs < STALE_MS) continue;
    await rm(path, { recursive: true, force: true });
    swept.push(name);
  }
  return swept;
}

/**
 * Removes all but the newest `keep` backups of the same origin. A backup loses its name first, so that one half removed
 * never looks whole.
 *
 * @param keep - At least 1.
 * @returns Ids of those removed, oldest first.
 */
export async function keepNewest(
  target: string,
  origin: Manifest['origin'],
  keep: number,
): Promise<readonly string[]> {
  const ours = (await listBackups(target)).filter(({ manifest }) => isSameOrigin(manifest.origin, origin));
  const old = ours.slice(0, Math.max(0, ours.length - keep));
  for (const { path, manifest } of old) {
    const aside = join(target, underWayName('removing', manifest.id));
    await rename(path, aside);
    await syncFolder(target);
    await rm(aside, { recursive: true, force: true });
  }
  return old.map(({ manifest }) => manifest.id);
}

export function isSameOrigin(a: Manifest['origin'], b: Manifest['origin']): boolean {
  return a.host === b.host && a.dataDir === b.dataDir;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
