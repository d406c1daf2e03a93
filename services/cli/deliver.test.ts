import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf } from '../config.ts';
import { createLog } from '../log.ts';
import { type Server, startServer } from '../main.ts';
import { type Balance, balanceOf } from './balance.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DATASET = `
  - kind: dataset
    body:
      id: sample
      titleEn: Sample
      titleZh: 样例
      publisherEn: Test
      publisherZh: 测试
      licence: CC0-1.0
      periodMs: 3600000
      timeRange: { mode: archive, from: '2020-01-01T00:00:00Z', to: '2021-01-01T00:00:00Z' }`;

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-deliver-'));
  const config = configOf({
    dataDir: join(folder, 'data'),
    adminPassword: 'not used in here',
    http: { port: 0 },
    mqtt: { port: 0 },
    rtmp: { enabled: false },
    journal: { minFreeBytes: 0 },
  });
  server = await startServer(config, { log: createLog('error') });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function jingwei(...args: string[]) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'services/cli/main.ts', ...args], {
      cwd: ROOT,
      env: { ...process.env, JINGWEI_DATA_DIR: join(folder, 'data'), JINGWEI_URL: server.url },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      err += bytes.toString();
    });
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

describe('jingwei ingest and replay', () => {
  it('deliver a packed table by its mapping and balance, also the second time', async () => {
    const declaration = file(
      'cases.yaml',
      `declarations:${DATASET}
  - kind: mapping
    body:
      id: sample-cases
      dataset: sample
      format: csv
      position: { lon: lon, lat: lat }
      events: { key: [id], eventType: case, category: kind, start: { columns: [at], formats: [iso] } }
door:
  kind: file
  deliveries: [{ match: 'cases*', mapping: sample-cases }]
`,
    );
    const rows = [
      'a,noise,2020-03-01T00:00:00Z,104.6,35.5',
      'b,light,2020-03-01T01:00:00Z,104.6,99',
      'c,noise,never,1,1',
    ];
    const table = file('cases.csv.gz', gzipSync(`id,kind,at,lon,lat\n${rows.join('\n')}\n`));
    for (const wanted of [
      { in: 3, stored: 1, refused: 2, duplicates: 0 },
      { in: 3, stored: 0, refused: 2, duplicates: 1 },
    ]) {
      const { code, out, err } = await jingwei('ingest', table, '--declaration', declaration);
      expect([code, err]).toEqual([0, expect.stringContaining('3 rows')]);
      const balance = JSON.parse(out) as Balance;
      expect(balance).toMatchObject({
        balanced: true,
        sent: 3,
        accounts: [{ dataset: 'sample', records: wanted }],
      });
    }
  });

  it('totals come whole, page by page, for a program and for a table', async () => {
    const declaration = file(
      'days.yaml',
      `declarations:${DATASET.replace('id: sample', 'id: days')}
  - kind: mapping
    body:
      id: days-cases
      dataset: days
      format: csv
      position: { lon: lon, lat: lat }
      events: { key: [id], eventType: case, category: kind, start: { columns: [at], formats: [iso] } }
door:
  kind: file
  deliveries: [{ match: 'days*', mapping: days-cases }]
`,
    );
    const at = (i: number) => new Date(Date.UTC(2020, 0, 1 + i * 3)).toISOString();
    const rows = Array.from({ length: 100 }, (_, i) => `${i},noise,${at(i)},104.6,35.5`);
    const table = file('days.csv', `id,kind,at,lon,lat\n${rows.join('\n')}\n`);
    expect((await jingwei('ingest', table, '--declaration', declaration)).code).toBe(0);
    const ask = ['--dataset', 'days', '--dggrs', 'h3', '--level', '7'];
    // Pages of seven rows: the walk has to put fifteen of them together.
    const lines = (await jingwei('query', 'totals', ...ask, '--limit', '7', '--format', 'ndjson')).out;
    const read = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { bucket: number; count: number });
    expect(read.map((row) => [new Date(row.bucket).toISOString(), row.count])).toEqual(
      rows.map((_, i) => [at(i), 1]),
    );
    const out = join(folder, 'totals.csv');
    expect((await jingwei('export', 'totals', ...ask, '--format', 'csv', '--out', out)).err).toContain(
      '100 totals exported',
    );
    expect(readFileSync(out, 'utf8').trim().split('\r\n')).toHaveLength(101);
  });

  it('publish a table as the devices it names, and export what was declared', async () => {
    const declaration = file(
      'air.yaml',
      `declarations:${DATASET}
  - kind: thing
    body:
      id: st-1
      dataset: sample
      nameEn: One
      nameZh: 一
      category: air-station
      position: { lonDeg: 104.6, latDeg: 35.5 }
      datastreams: [{ property: pm25, periodMs: 3600000 }]
door:
  kind: mqtt-replay
  thingColumn: station
  things: { One: st-1 }
  time: { columns: [at], formats: [iso], timezone: Asia/Shanghai }
  values: [{ column: pm, property: pm25 }]
`,
    );
    const table = file(
      'air.csv',
      'station,at,pm\nOne,2020-03-01T00:00:00Z,40\nOne,2020-03-01T01:00:00Z,42\nOne,2020-03-01T02:00:00Z,high\n',
    );
    const gateway = `mqtt://127.0.0.1:${server.ports.mqtt}`;
    const replay = await jingwei('replay', table, '--declaration', declaration, '--mqtt', gateway);
    expect([replay.code, replay.err]).toEqual([0, expect.stringContaining('3 messages acknowledged')]);
    expect(JSON.parse(replay.out)).toMatchObject({
      balanced: true,
      sent: 3,
      accounts: [{ dataset: 'sample', readings: { in: 3, stored: 2, refused: 1 } }],
    });
    const out = join(folder, 'declarations.yaml');
    expect((await jingwei('export', 'declarations', '--out', out)).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('id: st-1');
  });
});

describe('balanceOf', () => {
  const tally = (records: number, stored: number) => ({
    in: records,
    stored,
    refused: 0,
    held: 0,
    duplicates: 0,
  });
  const account = (records: number, stored: number) => ({
    dataset: 'd',
    source: 's',
    delivery: '',
    records: tally(records, stored),
    readings: tally(records, stored),
    partialRecords: 0,
  });

  it('sees a lost record, whether the accounts show it or not', () => {
    expect(balanceOf([account(5, 5)], [account(8, 8)], 3, () => true).balanced).toBe(true);
    expect(balanceOf([account(5, 5)], [account(8, 7)], 3, () => true).balanced).toBe(false);
    expect(balanceOf([account(5, 5)], [account(7, 7)], 3, () => true).balanced).toBe(false);
    expect(balanceOf([], [account(3, 3)], 3, () => false).balanced).toBe(false);
  });
});
