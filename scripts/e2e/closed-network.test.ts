import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';

/** Root makes a network namespace as it is; others need a user namespace for it. */
const UNSHARE = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
const INSIDE = 'ip link set lo up && exec node --import tsx scripts/testing/closed-network-probe.ts';

it('npm run demo draws its overview with loopback as the only network', { timeout: 180_000 }, async () => {
  const child = spawn('unshare', [...UNSHARE, 'sh', '-c', INSIDE], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  const code = await new Promise((settle) => child.once('exit', settle));
  expect(code, err).toBe(0);
  const seen = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as {
    interfaces: string[];
    origins: string[];
    own: string;
    failures: string[];
    demoTag: boolean;
  };
  expect(seen.interfaces).toEqual(['lo']);
  expect(seen.origins.filter((origin) => !origin.startsWith('blob:') && !origin.startsWith('data:'))).toEqual(
    [seen.own],
  );
  expect(seen.failures).toEqual([]);
  expect(seen.demoTag).toBe(true);
});
