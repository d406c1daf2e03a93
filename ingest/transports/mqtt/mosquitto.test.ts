import { spawn, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openFixture, until } from './gateway-fixture.ts';

const present = spawnSync('mosquitto_pub', ['--help']).error === undefined;
const name = present
  ? 'the gateway with mosquitto_pub and mosquitto_sub'
  : 'the gateway with mosquitto_pub and mosquitto_sub: not run, package mosquitto-clients is missing';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

function run(command: string, args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(command, ['-h', '127.0.0.1', '-p', String(fixture.gateway.port), ...args]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })));
}

const login = ['-u', 'd1', '-P', 'token-of-d1'];

describe.skipIf(!present).each(['311', '5'])(`${name}, version %s`, (version) => {
  it('takes QoS 0 and 1, refuses a wrong token', async () => {
    for (const qos of ['0', '1']) {
      const { code } = await run('mosquitto_pub', [
        '-V',
        version,
        ...login,
        '-t',
        'things/d1/o',
        '-m',
        qos,
        '-q',
        qos,
      ]);
      expect(code).toBe(0);
    }
    await until(() => fixture.sink.entries.length === 2);
    const wrong = await run('mosquitto_pub', [
      '-V',
      version,
      '-u',
      'd1',
      '-P',
      'x',
      '-t',
      'things/d1/o',
      '-m',
      'x',
    ]);
    expect(wrong.code).not.toBe(0);
    expect(fixture.sink.entries).toHaveLength(2);
  });

  it('delivers to a subscriber', async () => {
    const heard = run('mosquitto_sub', [
      '-V',
      version,
      ...login,
      '-t',
      'things/d1/#',
      '-q',
      '1',
      '-C',
      '2',
      '-v',
      '-W',
      '8',
    ]);
    await until(() => fixture.gateway.metrics().connections === 1);
    // A retained message would be there for a late subscriber; here both must come after SUBACK, so repeat until heard.
    const publish = (text: string) =>
      run('mosquitto_pub', [
        '-V',
        version,
        ...login,
        '-t',
        'things/d1/o',
        '-m',
        text,
        '-q',
        '1',
        '-i',
        'pub',
      ]);
    let done = false;
    const finished = heard.then((result) => {
      done = true;
      return result;
    });
    while (!done) await publish('hello');
    expect((await finished).out.trim().split('\n')).toEqual(['things/d1/o hello', 'things/d1/o hello']);
  });
});
