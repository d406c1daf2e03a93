/** What a city's devices send by mistake: each is refused with a reason, acknowledged, counted, and the process lives. */
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountsAnswer, RejectionsAnswer } from '../../viz/schema/index.ts';
import { connectDevice, enrolFleet } from '../testing/fleet.ts';
import { removeData, type ServerProcess, startServer, untilIndexed } from '../testing/server-process.ts';

let server: ServerProcess;
let client: MqttClient;
const TOPIC = 'things/probe-00000/observations';
const NOW = Date.now();
const DAY = 86_400_000;

const BAD: readonly { name: string; payload: string | Buffer; topic?: string; code: string }[] = [
  { name: 'malformed JSON', payload: '{"results":{"pm25":41', code: 'malformed' },
  { name: 'a 10 MB payload', payload: Buffer.alloc(10 * 1024 * 1024, 0x20), code: 'too-large' },
  {
    name: 'a topic 300 levels deep',
    topic: `${TOPIC}/${'a/'.repeat(297)}a`,
    payload: '{}',
    code: 'topic-too-deep',
  },
  {
    name: 'a time eight days back',
    payload: JSON.stringify({ time: NOW - 8 * DAY, results: { pm25: 1 } }),
    code: 'time-out-of-range',
  },
  {
    name: 'a time an hour ahead',
    payload: JSON.stringify({ time: NOW + 3_600_000, results: { pm25: 1 } }),
    code: 'time-out-of-range',
  },
  { name: 'NaN', payload: '{"results":{"pm25":NaN}}', code: 'not-a-number' },
  { name: 'latitude 91', payload: '{"location":[104.6,91],"results":{"pm25":1}}', code: 'position-invalid' },
  { name: 'text in a number', payload: '{"results":{"pm25":"41"}}', code: 'not-a-number' },
  {
    name: 'another device',
    topic: 'things/probe-00001/observations',
    payload: '{"results":{"pm25":1}}',
    code: 'topic-not-allowed',
  },
  { name: 'an unknown property', payload: '{"results":{"pm2.5":1}}', code: 'unknown-property' },
  { name: 'a value beyond physics', payload: '{"results":{"pm25":-1}}', code: 'out-of-range' },
];

beforeAll(async () => {
  server = await startServer();
  const [device] = await enrolFleet(server, 2);
  client = await connectDevice(server.mqttUrl, device!);
});
afterAll(async () => {
  await client?.endAsync(true);
  await server?.stop();
  removeData(server.dataDir);
});

describe('refusals at the device port', () => {
  it.each(BAD)(
    '$name is refused as $code once its rejection is on disk, and acknowledged',
    async ({ payload, topic, code }) => {
      const before = await server.json<RejectionsAnswer>('/api/v1/rejections?limit=50');
      await client.publishAsync(topic ?? TOPIC, payload, { qos: 1 });
      await untilIndexed(server);
      const after = await server.json<RejectionsAnswer>('/api/v1/rejections?limit=50');
      expect(after.total).toBe(before.total + 1);
      expect(after.rejections[0]).toMatchObject({ code, disposition: 'refused' });
      expect(after.rejections[0]?.message.length).toBeGreaterThan(20);
    },
  );

  it('counts them all, keeps the good part of a half-good message, and the accounts balance', async () => {
    await client.publishAsync(TOPIC, '{"results":{"pm25":12.5,"noise-level":"loud"}}', { qos: 1 });
    await untilIndexed(server);
    const { accounts } = await server.json<AccountsAnswer>('/api/v1/accounts');
    for (const account of accounts) {
      for (const tally of [account.records, account.readings]) {
        expect(tally.in).toBe(tally.stored + tally.refused + tally.held + tally.duplicates);
      }
    }
    const own = accounts.filter((account) => account.dataset === 'probe-air');
    expect(own.reduce((sum, account) => sum + account.readings.stored, 0)).toBe(1);
    expect(own.reduce((sum, account) => sum + account.partialRecords, 0)).toBe(1);
    expect(accounts.reduce((sum, account) => sum + account.records.in, 0)).toBe(BAD.length + 1);
    const metrics = await (
      await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } })
    ).text();
    for (const { code } of BAD)
      expect(metrics).toMatch(new RegExp(`jingwei_\\w*\\{[^}]*"${code}"[^}]*\\} [1-9]`));
  });

  it('is still alive and still listening to the same connection', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(client.connected).toBe(true);
  });
});
