import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from './journal-fixtures.ts';
import { acquireLock } from './lock.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

async function holdInChild(): Promise<ChildProcess> {
  const script = `
    import { acquireLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    await acquireLock(${JSON.stringify(dir)});
    console.log('held');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

describe('acquireLock', () => {
  it('acquireLock refuses while a living process holds the lock and reclaims it after kill -9', async () => {
    const child = await holdInChild();
    await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'journal-locked' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await acquireLock(dir);
    await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'journal-locked' });
    await lock.release();
    await (await acquireLock(dir)).release();
  });

  it('acquireLock takes a lock for stale when the pid lives but began at another time or boot', async () => {
    const lock = await acquireLock(dir);
    const held = JSON.parse(await readFile(join(dir, 'lock'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(dir, 'lock'), JSON.stringify({ ...held, startTime: '1' }));
    const second = await acquireLock(dir);
    await writeFile(join(dir, 'lock'), JSON.stringify({ ...held, boot: 'another' }));
    const third = await acquireLock(dir);
    // A release by one who lost the lock leaves the new holder's alone.
    await lock.release();
    await second.release();
    await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'journal-locked' });
    await third.release();
  });

  it('acquireLock lets exactly one of many have a stale lock', async () => {
    await writeFile(join(dir, 'lock'), '{"pid":999999999,"startTime":"1","boot":"x"}');
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(dir)));
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });
});
