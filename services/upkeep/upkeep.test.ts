import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountsAnswer } from '../../viz/schema/index.ts';
import { clientOf } from '../cli/client.ts';
import { type Config, configOf } from '../config.ts';
import { type DataFolder, dataFolder } from '../data-folder.ts';
import { createLog } from '../log.ts';
import { type Server, startServer } from '../main.ts';
import { deepCheck, factsAtRest } from './deep-check.ts';
import type { Finding } from './finding.ts';
import { deleteIndex, rebuildIndex } from './rebuild-index.ts';
import { rebuildOutlook } from './rebuild-outlook.ts';

const HOUR = 3_600_000;
/** A whole hour, five days before the test runs: closed days and open ones. */
const FIRST = Math.floor((Date.now() - 5 * 24 * HOUR) / HOUR) * HOUR;
const READINGS = 400;

/** Servers start and stop beside other tests, ms. */
const TIMEOUT = 120_000;

let root: string;
let folder: DataFolder;
let config: Config;
let before: unknown;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'jingwei-upkeep-'));
  folder = dataFolder(root);
  config = configOf({
    dataDir: root,
    adminPassword: 'a password for this test',
    http: { port: 0 },
    mqtt: { port: 0 },
    rtmp: { enabled: false },
    duckdb: { memoryMb: 128 },
    journal: { minFreeBytes: 0 },
  });
  before = await withServer(fill);
}, TIMEOUT);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function withServer<T>(work: (server: Server) => Promise<T>): Promise<T> {
  const log = createLog('error', { write: (line) => void process.stderr.write(line) });
  const server = await startServer(config, { log });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

const clientTo = (server: Server) => clientOf(server.url, readFileSync(folder.cliToken, 'utf8').trim());

/** Three stations, readings of five days, schools, a refusal; sealed in between. */
async function fill(server: Server): Promise<unknown> {
  const client = clientTo(server);
  const station = (i: number) => ({
    kind: 'thing',
    body: {
      id: `air-${i}`,
      dataset: 'air',
      nameEn: `Station ${i}`,
      nameZh: `${i}号站`,
      category: 'air-station',
      position: { lonDeg: 104.6 + i / 50, latDeg: 35.58 },
      datastreams: [{ property: 'pm25', periodMs: HOUR }],
    },
  });
  const dataset = {
    titleEn: 'x',
    titleZh: '某',
    publisherEn: 'Bureau',
    publisherZh: '局',
    licence: 'CC0-1.0',
  };
  const mapping = {
    id: 'schools',
    dataset: 'schools',
    format: 'csv',
    position: { lon: 'lon', lat: 'lat' },
    features: { key: ['id'], featureType: 'school', name: 'name' },
  };
  await client.send('POST', '/api/v1/declarations', [
    { kind: 'dataset', body: { id: 'air', periodMs: HOUR, ...dataset } },
    { kind: 'dataset', body: { id: 'schools', periodMs: HOUR, ...dataset } },
    ...[0, 1, 2].map(station),
    { kind: 'mapping', body: mapping },
  ]);
  const send = (thing: number, from: number, to: number) =>
    client.send(
      'POST',
      `/api/v1/ingest/jingwei-json?principal=air-${thing}`,
      Array.from({ length: to - from }, (_, i) => ({
        time: FIRST + (from + i) * 15 * 60_000,
        results: { pm25: from + i + thing / 7 },
      })),
    );
  for (const thing of [0, 1, 2]) await send(thing, 0, READINGS - 50);
  await caughtUp(server);
  await server.services.store.seal({ all: true });
  for (const thing of [0, 1, 2]) await send(thing, READINGS - 60, READINGS);
  await client.send('POST', '/api/v1/ingest/jingwei-json?principal=air-1', 'no entry').catch(() => undefined);
  for (const name of ['First', 'Renamed']) {
    const body = `id,name,lon,lat\n1,${name},104.6,35.5\n2,Second,104.7,35.4\n`;
    const headers = { authorization: `Bearer ${readFileSync(folder.cliToken, 'utf8').trim()}` };
    const answer = await fetch(`${server.url}/api/v1/deliveries/schools?name=a.csv`, {
      method: 'POST',
      body,
      headers,
    });
    expect(answer.status).toBe(200);
  }
  await caughtUp(server);
  await server.services.store.buildRollups(1000);
  expect(server.services.store.parts.rows).toBe(3 * (READINGS - 50));
  return ask(server);
}

async function caughtUp(server: Server): Promise<void> {
  const { head } = await server.services.doors.metrics();
  expect(await server.loader.reached(head, 20_000)).toBe(true);
}

/** Figures that a rebuild has to bring back. */
async function ask(server: Server): Promise<unknown> {
  const client = clientTo(server);
  const span = { from: String(FIRST), to: String(FIRST + READINGS * 15 * 60_000) };
  const { accounts } = await client.get<AccountsAnswer>('/api/v1/accounts', { by: 'delivery', limit: '100' });
  const zones = await client.get<{ zones: { id: string; mean: number }[] }>('/api/v1/zones', {
    dggrs: 'h3',
    level: '9',
    property: 'pm25',
    ...span,
  });
  const things = await client.get<{ things: { id: string; latest: { value: number }[] }[] }>(
    '/api/v1/things',
  );
  const features = await client.get<{ features: { name: string }[] }>('/api/v1/features', { type: 'school' });
  const refused = await client.get<{ rejections: unknown[] }>('/api/v1/rejections');
  return {
    accounts: accounts.map(({ newestAt: _, ...one }) => JSON.stringify(one)).sort(),
    // Sums are added in another order.
    zones: zones.zones.map((zone) => JSON.stringify({ ...zone, mean: zone.mean.toPrecision(12) })).sort(),
    latest: things.things.map(({ id, latest }) => `${id} ${latest[0]?.value}`).sort(),
    names: features.features.map(({ name }) => name).sort(),
    refused: refused.rejections.length,
  };
}

async function findings(): Promise<readonly Finding[]> {
  const report = await deepCheck(folder, { facts: () => factsAtRest(folder, existsSync(folder.index)) });
  return report.findings.filter(({ severity }) => severity !== 'note');
}

/** Flips a bit, looks, and puts the file back. */
async function withDamage(path: string, look: () => Promise<void>): Promise<void> {
  const bytes = readFileSync(path);
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1]! ^= 1;
  writeFileSync(path, flipped);
  await look();
  writeFileSync(path, bytes);
}

describe('deepCheck', { timeout: TIMEOUT }, () => {
  it('finds nothing wrong where nothing is, and names the damaged file of a part, of a snapshot, of the journal', async () => {
    expect(await findings()).toEqual([]);
    const parts = join(folder.parts, 'observations', 'air');
    const file = readdirSync(parts).find((name) => name.endsWith('.parquet'))!;
    await withDamage(join(parts, file), async () => {
      const found = await findings();
      expect(found).toContainEqual(
        expect.objectContaining({ severity: 'error', part: 'parts', found: expect.stringContaining(file) }),
      );
    });
    const state = join(folder.parts, 'state');
    const snapshot = join(state, readdirSync(state).at(-1)!);
    await withDamage(join(snapshot, 'account.parquet'), async () => {
      expect(await findings()).toContainEqual(
        expect.objectContaining({
          part: 'snapshot',
          where: snapshot,
          found: expect.stringContaining('account'),
        }),
      );
    });
    const segment = readdirSync(folder.journal).filter((name) => /\.jw[jz]$/.test(name))[0]!;
    await withDamage(join(folder.journal, segment), async () => {
      expect(await findings()).toContainEqual(
        expect.objectContaining({ part: 'journal', where: `journal/${segment}` }),
      );
    });
  });

  it('finds rows that are missing, rows twice, and a rollup that says something else', async () => {
    const change = async (sql: string) => {
      const instance = await DuckDBInstance.create(folder.index);
      const connection = await instance.connect();
      await connection.run(sql);
      connection.closeSync();
      instance.closeSync();
    };
    const [table] = await tables();
    await change(`INSERT INTO ${table} SELECT * FROM ${table}`);
    expect(await findings()).toContainEqual(
      expect.objectContaining({
        part: 'index',
        where: 'dataset "air"',
        means: expect.stringContaining('more than once'),
      }),
    );
    await change(`DELETE FROM ${table}`);
    expect(await findings()).toContainEqual(
      expect.objectContaining({
        part: 'index',
        where: 'dataset "air"',
        means: expect.stringContaining('missing'),
      }),
    );
    await change('UPDATE rollup_hour_h3_7 SET n = n + 1');
    const rollups = (await findings()).filter(({ part }) => part === 'rollups');
    expect(rollups.length).toBeGreaterThan(0);
    expect(rollups[0]!.where).toMatch(/^dataset "air", pm25, hour /);
  });
});

describe('rebuild', { timeout: TIMEOUT }, () => {
  it('makes the same index again of state, parts and the rest of the journal, whatever the old one had become', async () => {
    const outlook = await rebuildOutlook(folder, false);
    expect(outlook).toMatchObject({ from: 'parts', losses: [], journal: { from: 0 } });
    expect(outlook.snapshot).toBeGreaterThan(0);
    expect(outlook.entries).toBeLessThan(outlook.journal.to);
    await deleteIndex(root);
    const report = await rebuildIndex(config, false, () => undefined);
    expect(report.position).toBe(outlook.journal.to);
    expect(report.partRows).toBe(3 * (READINGS - 50));
    expect(await withServer(ask)).toEqual(before);
    expect(await findings()).toEqual([]);
  });

  it('says what would be lost, where the journal does not go back far enough', async () => {
    expect(await rebuildOutlook(folder, true)).toMatchObject({ from: 'journal', replayFrom: 0, losses: [] });
    const [oldest] = readdirSync(folder.journal).filter((name) => /\.jw[jz]$/.test(name));
    const later = oldest!.replace(/^\d+/, '00000000000000000003');
    renameSync(join(folder.journal, oldest!), join(folder.journal, later));
    expect((await rebuildOutlook(folder, true)).losses).toEqual([
      expect.stringContaining('begins at entry 3'),
    ]);
    renameSync(join(folder.parts, 'state'), join(folder.parts, 'state-away'));
    expect((await rebuildOutlook(folder, false)).losses).toEqual([
      expect.stringContaining('no state snapshot'),
    ]);
    renameSync(join(folder.parts, 'state-away'), join(folder.parts, 'state'));
    renameSync(join(folder.journal, later), join(folder.journal, oldest!));
  });
});

/** Hot tables that hold rows. */
async function tables(): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create(folder.index, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const names = (await connection.runAndReadAll('SELECT name FROM observation_part')).getRows();
  const held: string[] = [];
  for (const [name] of names) {
    const [row] = (
      await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${name as string}`)
    ).getRows();
    if ((row![0] as number) > 0) held.push(name as string);
  }
  connection.closeSync();
  instance.closeSync();
  return held;
}
