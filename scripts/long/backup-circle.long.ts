/**
 * The whole circle with the command line: a server under load, `backup` meanwhile, kill -9, `restore` elsewhere, start,
 * compare; then a backup with no server there, and one bit wrong.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackupReport, RestoreReport } from '../../services/backup/index.ts';
import { clientOf } from '../../services/cli/client.ts';
import { configOf } from '../../services/config.ts';
import { createLog } from '../../services/log.ts';
import { startServer } from '../../services/main.ts';
import type { DeepReport } from '../../services/upkeep/deep-check.ts';
import type { AccountsAnswer } from '../../viz/schema/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MINUTE = 60_000;
/** A whole minute yesterday: days that are over and days that are open lie on both sides of a midnight. */
const FIRST = Math.floor((Date.now() - 86_400_000) / MINUTE) * MINUTE;

let folder = '';
let data: string;
let target: string;
let env: NodeJS.ProcessEnv;
let server: ChildProcess | undefined;
let url: string;

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

function jingwei(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'services/cli/main.ts', ...args], {
      cwd: ROOT,
      env,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

const token = (dir: string) => readFileSync(join(dir, 'secrets/cli-token'), 'utf8').trim();
const admin = () => clientOf(url, token(data));

async function prepare(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-circle-'));
  data = join(folder, 'data');
  target = join(folder, 'backups');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const { JINGWEI_URL: _, JINGWEI_TOKEN: __, ...rest } = process.env;
  env = {
    ...rest,
    JINGWEI_DATA_DIR: data,
    JINGWEI_HTTP_PORT: String(port),
    JINGWEI_MQTT_PORT: '0',
    JINGWEI_RTMP_ENABLED: 'false',
    JINGWEI_JOURNAL_MIN_FREE_BYTES: '0',
    JINGWEI_JOURNAL_SEGMENT_BYTES: String(1024 * 1024),
    JINGWEI_ADMIN_PASSWORD: 'a password for this test',
    JINGWEI_LOG_LEVEL: 'error',
  };
  server = spawn(process.execPath, ['--import', 'tsx', 'services/cli/main.ts', 'serve'], { cwd: ROOT, env });
  server.stderr?.on('data', (bytes: Buffer) => process.stderr.write(bytes));
  await until(() => ready(url));
}

async function ready(at: string): Promise<boolean> {
  const answer = await fetch(`${at}/readyz`).catch(() => undefined);
  return answer?.status === 200;
}

async function until(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${holds} did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Everything that is asked of both servers. Provenance and ages move; the figures do not. */
async function answers(client: ReturnType<typeof clientOf>, to: number): Promise<unknown> {
  const span = { from: String(FIRST - MINUTE), to: String(to) };
  const accounts = await client.get<AccountsAnswer>('/api/v1/accounts', { by: 'delivery', limit: '1000' });
  const things = await client.get<{ things: { id: string; latest: { time?: unknown; value: number }[] }[] }>(
    '/api/v1/things',
  );
  const zones = await client.get<{ zones: unknown[] }>('/api/v1/zones', {
    dggrs: 'h3',
    level: '9',
    property: 'pm25',
    ...span,
  });
  const totals = await client.get<Record<string, unknown>>('/api/v1/totals', {
    dataset: 'test-air',
    dggrs: 'beidou2d',
    level: '5',
    ...span,
  });
  const features = await client.get<{ features: unknown[] }>('/api/v1/features', {
    type: 'school',
    limit: '1000',
  });
  const users = await client.get<unknown>('/api/v1/users');
  const devices = await client.get<unknown>('/api/v1/devices');
  const { provenance: _, ...figures } = totals;
  // No order is promised where none was asked for.
  const sorted = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();
  return {
    // `newestAt` is of the batch that a record was loaded with, and batches differ.
    accounts: sorted(accounts.accounts.map(({ newestAt: _, ...account }) => account)),
    things: things.things.map(({ id, latest }) => ({ id, latest: latest.map(({ value }) => value) })),
    zones: sorted(zones.zones),
    totals: Object.fromEntries(
      Object.entries(figures).map(([key, value]) => [key, Array.isArray(value) ? sorted(value) : value]),
    ),
    features: sorted(features.features),
    users,
    devices,
  };
}

/** Starts a server in this process on a restored folder, waits for its index, and asks. */
async function withRestored<T>(
  dir: string,
  ask: (client: ReturnType<typeof clientOf>) => Promise<T>,
): Promise<T> {
  const config = configOf({
    dataDir: dir,
    http: { port: 0 },
    mqtt: { port: 0 },
    rtmp: { enabled: false },
    journal: { minFreeBytes: 0, segmentBytes: 1024 * 1024 },
  });
  const log = createLog('error', { write: (line) => void process.stderr.write(line) });
  const running = await startServer(config, { log });
  try {
    const { head } = await running.services.doors.metrics();
    assert(await running.loader.reached(head, 60_000));
    return await ask(clientOf(running.url, token(dir)));
  } finally {
    await running.stop();
  }
}

/** Nothing is wrong, as far as everything that is kept can tell. */
async function checked(when: string): Promise<void> {
  const deep = await jingwei('doctor', '--deep', '--json');
  assert.equal(deep.code, 0, `${when}: ${deep.out}${deep.err}`);
  const { findings, index } = JSON.parse(deep.out) as DeepReport;
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== 'note'),
    [],
    when,
  );
  assert(index !== null, when);
  console.error(`  ${when}: nothing wrong`);
}

function says(run: { code: number | null; err: string }, code: number, text: string): void {
  assert.equal(run.code, code, run.err);
  assert(run.err.includes(text), run.err);
}

async function circle(): Promise<void> {
  const station = (i: number) => ({
    kind: 'thing',
    body: {
      id: `air-${i}`,
      dataset: 'test-air',
      nameEn: `Station ${i}`,
      nameZh: `${i}号站`,
      category: 'air-station',
      position: { lonDeg: 104.6 + i / 100, latDeg: 35.58 },
      datastreams: [{ property: 'pm25', periodMs: MINUTE }],
    },
  });
  const dataset = {
    id: 'test-air',
    titleEn: 'Air',
    titleZh: '空气',
    publisherEn: 'Bureau',
    publisherZh: '局',
    licence: 'CC0-1.0',
    periodMs: MINUTE,
  };
  const mapping = {
    id: 'test-schools',
    dataset: 'test-air',
    format: 'csv',
    position: { lon: 'lon', lat: 'lat' },
    features: { key: ['id'], featureType: 'school', name: 'name' },
  };
  await admin().send('POST', '/api/v1/declarations', [
    { kind: 'dataset', body: dataset },
    ...[0, 1, 2, 3].map(station),
    { kind: 'mapping', body: mapping },
  ]);
  await admin().send('POST', '/api/v1/users', {
    name: 'wang',
    role: 'analyst',
    password: 'another password',
  });
  await admin().send('POST', '/api/v1/devices', [{ id: 'air-0', kind: 'device' }]);
  // A delivery of more than one segment: the backup has closed ones to link.
  const rows = Array.from({ length: 600 }, (_, i) => `${i},${'school '.repeat(300)}${i},104.6,35.${500 + i}`);
  await fetch(`${url}/api/v1/deliveries/test-schools?name=schools.csv`, {
    method: 'POST',
    body: `id,name,lon,lat\n${rows.join('\n')}\n`,
    headers: { authorization: `Bearer ${token(data)}`, 'content-type': 'text/csv' },
  }).then(async (answer) => assert.equal(answer.status, 200, await answer.text()));

  const receipts: { position: number; minute: number; thing: number; acknowledgedAt: number }[] = [];
  let loading = true;
  let minute = 0;
  const load = Array.from({ length: 4 }, async (_, thing) => {
    while (loading) {
      const at = minute++;
      const receipt = await admin().send<{ position: number }>(
        'POST',
        `/api/v1/ingest/jingwei-json?principal=air-${thing}`,
        { time: new Date(FIRST + at * MINUTE).toISOString(), results: { pm25: at } },
      );
      receipts.push({ position: receipt.position, minute: at, thing, acknowledgedAt: Date.now() });
    }
  });
  await until(() => receipts.length > 100);
  const beganAt = Date.now();
  const under = await jingwei('backup', target);
  assert.equal(under.code, 0, under.err);
  const first = JSON.parse(under.out) as BackupReport;
  loading = false;
  await Promise.all(load);
  const before = receipts.filter(({ acknowledgedAt }) => acknowledgedAt < beganAt);
  assert(before.every(({ position }) => position < first.position));
  assert(receipts.some(({ position }) => position >= first.position));

  // At rest, so that both servers can be asked the same; the segments of the first backup are not copied again.
  const still = await jingwei('backup', target, '--keep', '2');
  const second = JSON.parse(still.out) as BackupReport;
  assert(second.reusedBytes > 1024 * 1024);
  await until(
    async () => (await admin().get<{ index: number }>('/api/v1/position')).index >= second.position,
  );
  const to = FIRST + minute * MINUTE;
  const expected = await answers(admin(), to);
  const { lines } = await admin().get<{ lines: { action: string }[] }>('/api/v1/audit', { limit: '5' });
  for (const action of ['backup-started', 'backup-made'])
    assert(lines.some((line) => line.action === action));
  await checked('beside the server');
  says(await jingwei('rebuild'), 1, 'stop it first');
  server?.kill('SIGKILL');
  await new Promise((resolve) => server?.once('close', resolve));

  // The same folder again: refused without a word to set aside what is there.
  const full = await jingwei('restore', target);
  says(full, 1, '--replace');
  const into = join(folder, 'restored');
  const back = await jingwei('restore', target, '--into', into);
  says(back, 0, `entry ${second.position}`);
  assert.equal((JSON.parse(back.out) as RestoreReport).position, second.position);
  await withRestored(into, async (client) => {
    assert.deepEqual(await answers(client, to), expected);
    const audit = await client.get<{ brokenAt: number | null }>('/api/v1/audit?verify=true');
    assert.equal(audit.brokenAt, null);
    // What people decided holds: the password of then signs in.
    const login = await fetch(`${client.url}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'wang', password: 'another password' }),
    });
    assert.equal(login.status, 200);
  });

  // The backup under load: exactly the readings that were acknowledged below its position.
  const loaded = join(folder, 'under-load');
  assert.equal((await jingwei('restore', first.path, '--into', loaded)).code, 0);
  const below = receipts.filter(({ position }) => position < first.position);
  await withRestored(loaded, async (client) => {
    const { accounts } = await client.get<AccountsAnswer>('/api/v1/accounts', {
      by: 'delivery',
      delivery: '-',
    });
    assert.equal(
      accounts.reduce((sum, { readings }) => sum + readings.stored, 0),
      below.length,
    );
    const { things } = await client.get<{ things: { id: string; latest: { value: number }[] }[] }>(
      '/api/v1/things',
    );
    for (const thing of [0, 1, 2, 3]) {
      const newest = Math.max(...below.filter((one) => one.thing === thing).map((one) => one.minute));
      assert.equal(things.find(({ id }) => id === `air-${thing}`)?.latest[0]?.value, newest);
    }
  });

  await checked('after the kill');
  const outlook = await jingwei('rebuild', '--check');
  assert.equal(outlook.code, 0, outlook.err);
  const rebuilt = await jingwei('rebuild', '--all');
  assert.equal(rebuilt.code, 0, rebuilt.err);
  await checked('after the rebuild');

  // A backup of the killed server's folder: everything that was acknowledged, with no server there.
  const rest = await jingwei('backup', target);
  assert.equal(rest.code, 0, rest.err);
  assert((JSON.parse(rest.out) as BackupReport).position >= second.position);
  assert.equal((await jingwei('backup', target, '--verify')).code, 0);

  const segment = readdirSync(join(second.path, 'journal'))[0]!;
  const file = join(second.path, 'journal', segment);
  const bytes = readFileSync(file);
  bytes[statSync(file).size >> 1]! ^= 4;
  rmSync(file);
  writeFileSync(file, bytes);
  const refused = await jingwei('restore', second.path, '--into', join(folder, 'none'));
  says(refused, 1, `"journal/${segment}"`);
  const verified = await jingwei('backup', second.path, '--verify');
  says(verified, 1, `"journal/${segment}"`);
}

await prepare();
try {
  await circle();
  console.log(JSON.stringify({ circle: 'closed' }));
} finally {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
