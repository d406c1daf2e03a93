import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLI_TOKEN, type Published, type StandIn, startStandIn } from '../testing/stand-in.ts';
import { runCity } from './city.ts';

/** A small city that talks fast, against a stand-in for the server. */
const DEVICES = 30;
const SEED = 621100;
let server: StandIn;
let folder: string;
let stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'demo-city-'));
  writeFileSync(join(folder, 'token'), `${CLI_TOKEN}\n`);
  server = await startStandIn();
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the city in this process; the returned function stops it. */
function start(): () => Promise<void> {
  const controller = new AbortController();
  const running = runCity(
    {
      url: server.url,
      mqtt: server.mqttUrl,
      rtmp: 'rtmp://127.0.0.1:9',
      inbox: join(folder, 'inbox'),
      tokenFile: join(folder, 'token'),
      state: join(folder, 'state'),
      seed: SEED,
      rate: 20,
      devices: DEVICES,
      video: false,
    },
    controller.signal,
  );
  const stop = async () => {
    controller.abort();
    await running;
  };
  stops.push(stop);
  return stop;
}

async function until(what: string, check: () => boolean, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!check()) {
    if (Date.now() > end) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}

const state = () => JSON.parse(readFileSync(join(folder, 'state', 'state.json'), 'utf8'));
const topicsOf = (principal: string) =>
  new Set(server.published.filter((one) => one.principal === principal).map(({ topic }) => topic));

describe('runCity', () => {
  it('registers, makes credentials, connects every device as itself and publishes with QoS 1; files land in the inbox', async () => {
    start();
    await until(
      'backfill',
      () => existsSync(join(folder, 'state', 'state.json')) && state().backfill === true,
    );
    await until('all connected', () => server.connections() === server.tokens.size);
    await until('Frigate events', () => topicsOf('frigate-anding').has('frigate/events'));
    await until('ONVIF frames', () => server.published.some(({ topic }) => topic.includes('/onvif-mj/')));
    expect(server.declared.has('dataset/demo-air')).toBe(true);
    expect(server.declared.has('mapping/demo-hotline')).toBe(true);
    expect(server.declared.has('thing/air-anding-01')).toBe(true);
    expect(server.tokens.has('frigate-anding')).toBe(true);
    expect(server.published.every(({ qos }) => qos === 1)).toBe(true);
    for (const { principal, topic } of server.published) {
      const own = [`things/${principal}/observations`, `${principal}/onvif-mj/VideoAnalytics/p0/objects`];
      if (principal !== 'frigate-anding') expect(own).toContain(topic);
    }
    expect(
      readdirSync(join(folder, 'inbox'))
        .toSorted()
        .map((name) => name.replace(/\d{8}T\d{6}/, 'T')),
    ).toEqual(
      expect.arrayContaining([
        'enterprises-2026.geojson',
        'hospitals-2026.csv',
        'hotline-T.csv',
        'schools-2026.csv',
      ]),
    );
    expect(statSync(join(folder, 'state', 'device-tokens.json')).mode & 0o777).toBe(0o600);
  });

  it('a restart reuses its tokens and repeats neither the past nor the registers', async () => {
    const stop = start();
    await until(
      'backfill',
      () => existsSync(join(folder, 'state', 'state.json')) && state().backfill === true,
    );
    await stop();
    const tokens = new Map(server.tokens);
    for (const name of readdirSync(join(folder, 'inbox'))) rmSync(join(folder, 'inbox', name));
    server.published.length = 0;
    start();
    await until('all connected', () => server.connections() === tokens.size);
    await until('some messages', () => server.published.length > 200);
    expect(server.tokens).toEqual(tokens);
    expect(server.published.filter(({ payload }) => payload.includes('},{"time"')).length).toBe(0);
    expect(readdirSync(join(folder, 'inbox')).filter((name) => !name.startsWith('hotline-'))).toEqual([]);
  });

  it('asks for new tokens when its own are lost, and starts afresh with a server that knows nothing of it', async () => {
    const stop = start();
    await until('all connected', () => server.connections() === server.tokens.size && server.tokens.size > 0);
    await stop();
    const before = new Map(server.tokens);
    rmSync(join(folder, 'state', 'device-tokens.json'));
    const again = start();
    await until('new tokens', () => server.tokens.get('bus-001') !== before.get('bus-001'));
    await until('all connected', () => server.connections() === server.tokens.size);
    await again();
    server.declared.clear();
    server.tokens.clear();
    rmSync(join(folder, 'inbox'), { recursive: true });
    start();
    await until('registered again', () => server.declared.has('thing/air-anding-01'));
    await until('all connected', () => server.connections() === server.tokens.size && server.tokens.size > 0);
    await until('registers again', () => existsSync(join(folder, 'inbox', 'schools-2026.csv')));
  });

  it('asks for new tokens when the server refuses most of them', async () => {
    const stop = start();
    await until('all connected', () => server.connections() === server.tokens.size && server.tokens.size > 0);
    await stop();
    for (const id of server.tokens.keys()) server.tokens.set(id, 'something else');
    start();
    await until('new tokens', () => server.tokens.get('bus-001') !== 'something else');
    await until('all connected', () => server.connections() === server.tokens.size);
  });

  it('loses nothing over a broker restart: what was not acknowledged comes again, with its own times', async () => {
    start();
    await until(
      'backfill',
      () => existsSync(join(folder, 'state', 'state.json')) && state().backfill === true,
    );
    // Acknowledged so far; from here on the broker takes messages and says nothing.
    const kept = [...server.published];
    server.silent = true;
    await until('unacknowledged', () => server.published.length > kept.length + 100);
    await server.pauseMqtt();
    await new Promise((wake) => setTimeout(wake, 1200));
    server.silent = false;
    server.published.length = 0;
    await server.resume();
    await until('all connected', () => server.connections() === server.tokens.size);
    const bus = (published: readonly Published[]) =>
      published
        .filter(({ topic }) => topic === 'things/bus-001/observations')
        .flatMap(({ payload }): { time: number }[] => [JSON.parse(payload)].flat());
    await until('bus again', () => bus(server.published).length > 10);
    const times = [...new Set(bus([...kept, ...server.published]).map(({ time }) => time))].toSorted(
      (a, b) => a - b,
    );
    // At rate 20 a bus reports every 250 ms; a gap would be a lost report.
    expect(times.slice(1).filter((time, i) => time - times[i]! !== 250)).toEqual([]);
  });
});

describe('main.ts', () => {
  it('ends within two seconds of SIGTERM, and says what is wrong with an argument', async () => {
    const main = fileURLToPath(new URL('../main.ts', import.meta.url));
    const run = (...args: string[]): ChildProcess =>
      spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = (child: ChildProcess) =>
      new Promise<number | null>((done) => {
        child.on('exit', (code) => done(code));
      });
    const wrong = run('--rate', 'fast');
    let words = '';
    wrong.stderr?.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    expect(await ended(wrong)).toBe(2);
    expect(words).toContain('Option --rate is "fast"');

    const child = run(
      ...['--url', server.url, '--mqtt', server.mqttUrl, '--inbox', join(folder, 'inbox'), '--no-video'],
      ...['--token-file', join(folder, 'token'), '--state', join(folder, 'state'), '--devices', '60'],
    );
    await until('connected', () => server.connections() > 20);
    const asked = Date.now();
    const code = ended(child);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    // Two seconds, and a little for a busy machine to notice.
    expect(Date.now() - asked).toBeLessThan(2500);
  });
});
