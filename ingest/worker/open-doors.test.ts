import { access, appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../journal/journal-fixtures.ts';
import { NO_ZONE } from '../model/index.ts';
import type { DoorLog } from './door-log.ts';
import type { Doors } from './doors.ts';
import { CITY, connectDevice, DEVICE, doorsOptions, pullToHead } from './doors-fixtures.ts';
import { openDoors } from './open-doors.ts';

let dir: string;
let remove: () => Promise<void>;
let doors: Doors | undefined;
let lines: Parameters<DoorLog>[];
let client: MqttClient | undefined;

beforeEach(async () => {
  lines = [];
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  await client?.endAsync(true);
  await doors?.close();
  client = undefined;
  doors = undefined;
  await remove();
});

async function open(): Promise<Doors> {
  const options = doorsOptions(dir);
  const inbox = { ...options.inbox, graceMs: 300 };
  doors = await openDoors({ ...options, inbox, onLog: (...line) => lines.push(line) });
  await doors.setPrincipals([DEVICE]);
  return doors;
}

/** Waits until `done` holds, for what another thread does in its own time. */
async function until(done: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('It did not come to pass');
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('openDoors', () => {
  it('openDoors takes QoS 1 messages of a real client, serves them by pull, and again after a reopening', async () => {
    const first = await open();
    expect(await first.declare(CITY)).toMatchObject({ changed: CITY.length });
    client = await connectDevice(first.ports.mqtt);
    const waiting = first.pull((await first.metrics()).head, 1000, 10_000);
    const publish = (payload: string, topic = 'things/air-1/observations') =>
      client!.publishAsync(topic, payload, { qos: 1 });
    await publish('{"results":{"pm25":41.5}}');
    const batch = await waiting;
    expect(batch.observations.n).toBe(1);
    expect(batch.observations.result[0]).toBe(41.5);
    expect(batch.observations.h3[0]).not.toBe(NO_ZONE);
    expect(batch.datastreams).toEqual([{ dataset: 'air', thing: 'air-1', property: 'pm25' }]);
    // A refusal is an answer with a reason, on disk like the rest.
    await expect(publish('{"results":{"pm25":')).rejects.toMatchObject({ code: 0x99 });
    await expect(publish('{"results":{"pm25":1}}', 'things/air-2/observations')).rejects.toThrow();
    await Promise.all(Array.from({ length: 50 }, (_, i) => publish(`{"results":{"pm25":${i}}}`)));
    const before = await pullToHead(first);
    const metrics = await first.metrics();
    expect(metrics.messagesAcknowledged).toBe(53);
    expect(metrics.journalSyncs).toBeLessThan(50);
    expect(metrics.rejected).toMatchObject({ malformed: 1, 'topic-not-allowed': 1 });
    expect(before.flatMap((one) => one.rejections).map((one) => one.code)).toEqual([
      'malformed',
      'topic-not-allowed',
    ]);
    await client.endAsync(true);
    await first.close();

    const second = await open();
    expect((await second.declare(CITY)).changed).toBe(0);
    const after = await pullToHead(second);
    const readings = (batches: typeof before) => batches.flatMap((one) => [...one.observations.result]);
    expect(readings(after)).toEqual(readings(before));
    expect(after.at(-1)!.to).toBe(before.at(-1)!.to);
    expect(await second.declarations()).toHaveLength(CITY.length);
    const malformed = after.flatMap((one) => one.rejections)[0]!;
    const raw = await second.raw(malformed.position);
    expect(new TextDecoder().decode(raw?.bytes)).toBe('{"results":{"pm25":');
  });

  it('openDoors takes files from the inbox: done, held by a rule on the whole delivery, or failed with a reason', async () => {
    const opened = await open();
    await opened.declare(CITY);
    const inbox = join(dir, 'inbox');
    const table = (rows: string[]) => iconv.encode(`id,名称,经度,纬度\r\n${rows.join('\r\n')}`, 'gbk');
    await writeFile(
      join(inbox, 'schools-1.csv'),
      table(['1,第一小学,104.61,35.58', '2,二小,104.62,35.59', '3,三,x,35']),
    );
    await writeFile(
      join(inbox, 'schools-2.csv'),
      table(['4,a,104.6,35.5', '5,b,104.6,35.5', '6,c,104.6,35.5']),
    );
    await writeFile(join(inbox, 'unknown.csv'), 'a,b\n');
    await writeFile(join(inbox, '.hidden.csv'), 'a,b\n');
    await writeFile(join(inbox, 'schools-3.csv.part'), 'a,b\n');
    await until(() => exists(join(inbox, '.failed', 'unknown.csv')));
    await until(() => exists(join(inbox, '.done', 'schools-2.csv')));
    expect(await readFile(join(inbox, '.failed', 'unknown.csv.reason.txt'), 'utf8')).toMatch(
      /No declared mapping/,
    );
    expect((await readdir(inbox)).sort()).toEqual(['.done', '.failed', '.hidden.csv', 'schools-3.csv.part']);
    expect(await readdir(join(dir, 'deliveries'))).toEqual([]);
    const batches = await pullToHead(opened);
    const features = batches.flatMap((one) => one.features);
    expect(features.map((one) => [one.key, one.name])).toEqual([
      ['1', '第一小学'],
      ['2', '二小'],
    ]);
    const rejections = batches.flatMap((one) => one.rejections);
    expect(rejections.map((one) => one.code).sort()).toEqual([
      'position-invalid',
      'rule-held',
      'rule-held',
      'rule-held',
    ]);
  });

  it('onLog tells a repaired tail, refused credentials and files, in words and with names, never with payloads', async () => {
    const first = await open();
    await first.declare(CITY);
    await first.close();
    const [segment] = (await readdir(join(dir, 'journal'))).filter((name) => /^\d/.test(name));
    await appendFile(join(dir, 'journal', segment!), 'half an entry');
    const opened = await open();
    expect(lines).toContainEqual([
      'warn',
      expect.objectContaining({ event: 'journal-torn-tail', position: 2, bytes: 13 }),
      expect.stringMatching(/tail/),
    ]);
    await expect(connectDevice(opened.ports.mqtt, 'air-1', 'a wrong token')).rejects.toThrow();
    client = await connectDevice(opened.ports.mqtt);
    await client.publishAsync('things/air-1/observations', '{"results":{"pm25":41.5}}', { qos: 1 });
    await writeFile(join(dir, 'inbox', 'schools-1.csv'), 'id,x\n1,a secret row\n');
    await until(async () => lines.some(([, { event }]) => event === 'inbox-done'));
    expect(lines.map(([level, { event }]) => `${level} ${event}`).slice(-3)).toEqual([
      'warn mqtt-connect-refused',
      'info inbox-taken',
      'info inbox-done',
    ]);
    expect(lines.at(-3)?.[1]).toMatchObject({
      reason: 'bad-credentials',
      user: 'air-1',
      address: '127.0.0.1',
    });
    expect(JSON.stringify(lines)).not.toMatch(/41\.5|a wrong token|a secret row/);
  });

  it('deliver tells rows, positions and outcome, and progress; accept and deliver reject with the code of the error', async () => {
    const opened = await open();
    await opened.declare(CITY);
    const path = join(dir, 'upload');
    const rows = Array.from({ length: 1200 }, (_, i) => `${i},s${i},${104 + i / 10_000},35.5`);
    await writeFile(path, `id,名称,经度,纬度\n${rows.join('\n')}`);
    await writeFile(path, iconv.encode(`id,名称,经度,纬度\n${rows.join('\n')}`, 'gbk'));
    const progress: number[] = [];
    const report = await opened.deliver(path, 'all schools.csv', 'schools', 'clerk', (done) =>
      progress.push(done),
    );
    expect(report).toMatchObject({ rows: 1200, outcome: 'accepted', mappingId: 'schools' });
    expect(report.endPosition - report.firstPosition).toBe(3);
    expect(progress).toEqual([500, 1000, 1200]);
    const message = join(dir, 'message');
    await writeFile(message, '{"results":{"pm25":3}}');
    const whole = await opened.deliver(message, 'm.json', 'source:jingwei-json:air-1', 'clerk');
    expect(whole).toMatchObject({ rows: 1, outcome: 'accepted', firstPosition: report.endPosition });
    expect((await opened.deliver(message, 'm.json', 'source:jingwei-json', 'clerk')).outcome).toBe('refused');
    await expect(opened.deliver(path, 'f', 'none', 'clerk')).rejects.toMatchObject({
      code: 'unknown-mapping',
    });
    await expect(opened.deliver(path, 'f', 'source:none', 'clerk')).rejects.toMatchObject({
      code: 'unknown-source',
    });
    await expect(opened.deliver(join(dir, 'nowhere'), 'f', 'schools', 'clerk')).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(opened.declare([{ kind: 'thing' } as never])).rejects.toMatchObject({
      code: 'declaration-invalid',
    });
  });

  it('openDoors refuses a second journal in the same folder, and a port that is taken', async () => {
    const opened = await open();
    await expect(openDoors(doorsOptions(dir))).rejects.toMatchObject({ code: 'journal-locked' });
    const other = await temporaryFolder();
    const taken = doorsOptions(other.dir);
    const mqtt = { ...taken.mqtt, port: opened.ports.mqtt };
    const second = await openDoors({ ...taken, mqtt });
    expect(second.ports.mqtt).toBe(0);
    await expect(second.setPrincipals([DEVICE])).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
    // The lock is free again.
    const again = await openDoors(taken);
    await again.close();
    await other.remove();
  });

  it('accept journals a message of the HTTP door; after close every call is refused', async () => {
    const opened = await open();
    await opened.declare(CITY);
    const bytes = Buffer.from('{"results":{"pm25":7}}');
    const origin = {
      transport: 'http',
      principal: 'air-1',
      requestId: 'r',
      contentType: 'application/json',
    } as const;
    const receipt = await opened.accept({ sourceId: 'jingwei-json', origin, receivedAt: Date.now(), bytes });
    expect(receipt).toMatchObject({ outcome: 'accepted', readings: 1 });
    // The caller's bytes are still its own.
    expect(bytes.toString()).toBe('{"results":{"pm25":7}}');
    const faults: Error[] = [];
    opened.onFault((error) => faults.push(error));
    await opened.close();
    await expect(opened.metrics()).rejects.toMatchObject({ code: 'closed' });
    expect(faults).toEqual([]);
  });
});
