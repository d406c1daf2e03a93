import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { DeclarationInput } from '../ingest/model/index.ts';
import type { AccountsAnswer, ThingsAnswer, ZonesAnswer } from '../viz/schema/index.ts';
import { configOf } from './config.ts';
import { createLog } from './log.ts';
import { type Server, startServer } from './main.ts';

const PASSWORD = 'a password for this test';
const DECLARATIONS: readonly DeclarationInput[] = [
  {
    kind: 'dataset',
    body: {
      id: 'test-air',
      titleEn: 'Air',
      titleZh: '空气',
      publisherEn: 'Bureau',
      publisherZh: '局',
      licence: 'CC0-1.0',
      periodMs: 60_000,
      demo: true,
    },
  },
  {
    kind: 'thing',
    body: {
      id: 'air-1',
      dataset: 'test-air',
      nameEn: 'Station 1',
      nameZh: '一号站',
      category: 'air-station',
      position: { lonDeg: 104.61, latDeg: 35.58 },
      datastreams: [{ property: 'pm25', periodMs: 60_000 }],
    },
  },
  {
    kind: 'mapping',
    body: {
      id: 'test-schools',
      dataset: 'test-air',
      format: 'csv',
      position: { lon: 'lon', lat: 'lat' },
      features: { key: ['id'], featureType: 'school', name: 'name' },
    },
  },
];

let folder: string;
let server: Server;
let announced: string[];

function start(): Promise<Server> {
  const config = configOf({
    dataDir: folder,
    adminPassword: PASSWORD,
    http: { port: 0 },
    mqtt: { port: 0 },
    rtmp: { enabled: false },
    duckdb: { memoryMb: 128 },
    journal: { minFreeBytes: 0 },
    inbox: { pollMs: 100, graceMs: 300 },
  });
  announced = [];
  const log = createLog('error', { write: (line) => void process.stderr.write(line) });
  return startServer(config, { log, announce: (line) => announced.push(line) });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-boot-'));
  server = await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const token = () => readFileSync(join(folder, 'secrets', 'cli-token'), 'utf8').trim();

async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { authorization: `Bearer ${token()}`, 'content-type': 'application/json', ...init.headers };
  const answer = await fetch(server.url + path, { ...init, headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}
const post = <T>(path: string, body: unknown) => api<T>(path, { method: 'POST', body: JSON.stringify(body) });

async function indexed(): Promise<void> {
  const { head } = await api<{ head: number }>('/api/v1/position');
  expect(await server.loader.reached(head, 10_000)).toBe(true);
}

describe('startServer', () => {
  it('is alive and ready, and says nothing of a password it was given', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(announced).toEqual([]);
  });

  it('keeps the token of the local command line for its owner alone', () => {
    expect(statSync(join(folder, 'secrets')).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'secrets', 'cli-token')).mode & 0o077).toBe(0);
  });

  it('lets nobody else on the machine read what the city knows', () => {
    for (const part of ['index', 'state', 'secrets', 'tmp'])
      expect([part, statSync(join(folder, part)).mode & 0o077]).toEqual([part, 0]);
  });

  it('takes a reading from MQTT to the screen: login, declare, device, publish, zones, things, live, accounts', async () => {
    const login = await fetch(`${server.url}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password: PASSWORD }),
    });
    expect(login.status).toBe(200);
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!;

    await post('/api/v1/declarations', DECLARATIONS);
    const [device] = await post<{ id: string; token: string }[]>('/api/v1/devices', [
      { id: 'air-1', kind: 'device' },
    ]);
    const frames: string[] = [];
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/live`, { headers: { cookie } });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (bytes: Buffer) => frames.push(bytes.subarray(4).toString('utf8')));
    socket.send(
      JSON.stringify({
        zones: { dggrs: 'h3', level: 7, property: 'pm25' },
        things: true,
        events: false,
        figures: false,
      }),
    );

    const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.ports.mqtt}`, {
      username: 'air-1',
      password: device!.token,
      clientId: 'air-1',
      reconnectPeriod: 0,
    });
    await client.publishAsync('things/air-1/observations', JSON.stringify({ results: { pm25: 41.5 } }), {
      qos: 1,
    });
    await client.publishAsync('things/air-1/observations', 'not json', { qos: 1 });
    await client.endAsync();
    await indexed();

    const headers = { cookie };
    const get = async <T>(path: string) => (await (await fetch(server.url + path, { headers })).json()) as T;
    const zones = await get<ZonesAnswer>('/api/v1/zones?dggrs=h3&level=7&property=pm25');
    expect(zones.zones).toMatchObject([{ count: 1, mean: 41.5 }]);
    expect(zones.provenance).toMatchObject({ datasets: ['test-air'], demo: true });
    const beidou = await get<ZonesAnswer>('/api/v1/zones?dggrs=beidou2d&level=5&property=pm25');
    expect(beidou.zones).toMatchObject([{ count: 1, mean: 41.5 }]);
    const things = await get<ThingsAnswer>('/api/v1/things?category=air-station');
    expect(things.things).toMatchObject([{ id: 'air-1', latest: [{ property: 'pm25', value: 41.5 }] }]);
    await expect
      .poll(() => frames.some((frame) => frame.includes('"type":"zones"')), { timeout: 5000 })
      .toBe(true);
    socket.close();

    const { accounts } = await get<AccountsAnswer>('/api/v1/accounts');
    const sum = (key: 'in' | 'stored' | 'refused') =>
      accounts.reduce((total, one) => total + one.records[key], 0);
    expect([sum('in'), sum('stored'), sum('refused')]).toEqual([2, 1, 1]);
    const { rejections } = await get<{ rejections: { code: string; position: number }[] }>(
      '/api/v1/rejections',
    );
    expect(rejections.map((one) => one.code)).toEqual(['malformed']);
    const raw = await fetch(`${server.url}/api/v1/rejections/${rejections[0]!.position}/raw`, { headers });
    expect(await raw.text()).toBe('not json');
    expect((await fetch(`${server.url}/api/v1/rejections/99999/raw`, { headers })).status).toBe(404);
  });

  it('takes a file over HTTP and a message of a device, and answers a refusal with its reason', async () => {
    const body = 'id,name,lon,lat\n1,First,104.6,35.5\n2,Second,104.7,35.4\n';
    const report = await api<{ rows: number; endPosition: number }>(
      '/api/v1/deliveries/test-schools?name=schools.csv',
      { method: 'POST', body, headers: { 'content-type': 'text/csv' } },
    );
    expect(report.rows).toBe(2);
    expect(await server.loader.reached(report.endPosition, 10_000)).toBe(true);
    const { features } = await api<{ features: unknown[] }>('/api/v1/features?type=school');
    expect(features).toHaveLength(2);

    const [device] = await post<{ token: string }[]>('/api/v1/devices', [
      { id: 'air-1', kind: 'device', rotate: true },
    ]);
    const send = (text: string) =>
      fetch(`${server.url}/api/v1/ingest/jingwei-json`, {
        method: 'POST',
        body: text,
        headers: { authorization: `Bearer ${device!.token}` },
      });
    const refused = await send('{"results": {"pm25": "high"}}');
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'not-a-number' }]);
    const unknown = await fetch(`${server.url}/api/v1/deliveries/none?name=x.csv`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token()}` },
    });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'unknown-mapping' }]);
  });

  it('speaks to Prometheus of every part', async () => {
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token()}` } });
    const text = await answer.text();
    for (const name of [
      'journal_head',
      'doors_up',
      'index_up',
      'loader_commits_total',
      'index_lag_seconds',
      'live_clients',
    ]) {
      expect(text).toMatch(new RegExp(`^jingwei_${name} \\d`, 'm'));
    }
    // What accumulates is a counter and says so by its name; nothing else does.
    const types = [...text.matchAll(/^# TYPE (jingwei_\w+) (\w+)$/gm)].map(([, name, type]) => [
      name!,
      type!,
    ]);
    expect(types.length).toBeGreaterThan(30);
    for (const [name, type] of types)
      expect([name, type === 'counter']).toEqual([name, name!.endsWith('_total')]);
    expect(text).toMatch(/^jingwei_doors_rejected_total\{code="malformed"\} 1$/m);
    const again = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token()}` } });
    expect(await again.text()).toMatch(/^jingwei_doors_rejected_total\{code="malformed"\} 1$/m);
  });

  it('sets a file aside that no mapping takes, after the time it is told to wait', async () => {
    writeFileSync(join(folder, 'inbox', 'nobody-takes-this.csv'), 'a,b\n1,2\n');
    const failed = () => readdirSync(join(folder, 'inbox', '.failed')).join(' ');
    await expect.poll(failed, { timeout: 10_000 }).toContain('nobody-takes-this.csv');
  });

  it('refuses a second server on the same data folder', async () => {
    await expect(start()).rejects.toThrow();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it('stops within its time and starts again with everything it knew', async () => {
    const before = token();
    const began = Date.now();
    await server.stop();
    expect(Date.now() - began).toBeLessThan(10_000);
    server = await start();
    expect(token()).toBe(before);
    const things = await api<ThingsAnswer>('/api/v1/things?category=air-station');
    expect(things.things).toMatchObject([{ id: 'air-1' }]);
    const { lines, brokenAt } = await api<{ lines: { action: string }[]; brokenAt: number | null }>(
      '/api/v1/audit?verify=true',
    );
    expect(brokenAt).toBeNull();
    expect(lines.map((line) => line.action)).toEqual(
      expect.arrayContaining([
        'server-started',
        'server-stopped',
        'login',
        'declared',
        'device-created',
        'ingest-upload',
      ]),
    );
  });

  it('does not take messages that an index ahead of the journal would never load', async () => {
    const [, station] = DECLARATIONS as readonly [unknown, { kind: 'thing'; body: object }];
    await post('/api/v1/declarations', [{ kind: 'thing', body: { ...station.body, id: 'air-2' } }]);
    await indexed();
    await server.stop();
    const journal = join(folder, 'journal');
    for (const file of readdirSync(journal)) rmSync(join(journal, file));
    await expect(start()).rejects.toMatchObject({ code: 'index-ahead' });
    rmSync(join(folder, 'index'), { recursive: true });
    server = await start();
  });
});
