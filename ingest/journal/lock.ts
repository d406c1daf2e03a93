/**
 * One writer a journal: a lock file with the holder's pid, its start time and the boot it belongs to. A pid alone lies,
 * since pids are used again after a kill or a reboot; with the start time a dead holder is always recognised.
 */

import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestError } from '../ingest-error.ts';

const LOCK_FILE = 'lock';
/** Two processes that start at once may take each other's place a few times before one sees the other. */
const ATTEMPTS = 5;

/** A held lock. */
export interface JournalLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of `dir`, reclaiming that of a dead process.
 *
 * @param onReclaimed - Told of the dead holder's pid.
 * @throws {IngestError} `journal-locked` when a living process (this one too) holds it.
 */
export async function acquireLock(
  dir: string,
  onReclaimed: (pid: number | undefined) => void = () => undefined,
): Promise<JournalLock> {
  const path = join(dir, LOCK_FILE);
  const mine = JSON.stringify({ ...identify(process.pid), pid: process.pid, nonce: Math.random() });
  let stale: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await tryCreate(path, mine)) {
      if (stale !== undefined) onReclaimed(pidOf(stale));
      return { release: () => releaseIfMine(path, mine) };
    }
    const holder = await readFile(path, 'utf8').catch(() => undefined);
    if (holder === undefined) continue;
    if (isAlive(holder)) {
      throw new IngestError('journal-locked', `Cannot open journal "${dir}": in use by ${holder}`);
    }
    stale = holder;
    await setAside(path, holder);
  }
  throw new IngestError('journal-locked', `Cannot open journal "${dir}": the lock is contended`);
}

/** The content must be there from the first instant, or a reader would take an empty lock for a stale one. */
async function tryCreate(path: string, content: string): Promise<boolean> {
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const handle = await open(own, 'wx', 0o640);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Moves a stale lock away; when another process was quicker and what was moved is its new lock, puts that back. */
async function setAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, 'utf8').catch(() => stale);
  if (moved !== stale) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function releaseIfMine(path: string, mine: string): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === mine) await rm(path, { force: true });
}

/** Start time in clock ticks since boot (field 22 of /proc/pid/stat) and the boot; empty where there is no /proc. */
function identify(pid: number): { startTime: string; boot: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in parentheses and may hold spaces: count fields after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A killed process that nobody has waited for yet is dead all the same.
    if (fields[0] === 'Z') return { startTime: 'dead', boot: '' };
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { startTime: fields[19] ?? '', boot };
  } catch {
    return { startTime: '', boot: '' };
  }
}

function pidOf(holder: string): number | undefined {
  const pid = /"pid":(\d+)/.exec(holder)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function isAlive(holder: string): boolean {
  let parsed: { pid?: unknown; startTime?: unknown; boot?: unknown };
  try {
    parsed = JSON.parse(holder) as typeof parsed;
  } catch {
    return false;
  }
  if (typeof parsed.pid !== 'number') return false;
  try {
    process.kill(parsed.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = identify(parsed.pid);
  if (now.startTime === '' || typeof parsed.startTime !== 'string' || parsed.startTime === '') return true;
  return now.startTime === parsed.startTime && now.boot === parsed.boot;
}
