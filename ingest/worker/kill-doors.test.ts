import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import mqtt, { type IPublishPacket, Store } from 'mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../journal/journal-fixtures.ts';
import { connectDevice, doorsOptions, pullToHead } from './doors-fixtures.ts';
import { openDoors } from './open-doors.ts';

const ROUNDS = 3;
const CLIENTS = 4;

let dir: string;
let remove: () => Promise<void>;
let child: ChildProcess | undefined;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await remove();
});

async function startDoors(port: number): Promise<number> {
  const script = new URL('./kill-child.ts', import.meta.url).pathname;
  child = spawn(process.execPath, ['--import', 'tsx', script, dir, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [told] = (await once(child.stdout!, 'data')) as [Buffer];
  return Number(told.toString());
}

async function kill(): Promise<void> {
  child!.kill('SIGKILL');
  await once(child!, 'exit');
}

/**
 * [MQTT-3.3.1-1]: DUP must be set when a PUBLISH is sent again. The client library sends what it kept as it was, so what it
 * keeps says so already.
 */
class DupStore extends Store {
  override put(packet: Parameters<Store['put']>[0], callback: Parameters<Store['put']>[1]): this {
    const kept = packet.cmd === 'publish' ? ({ ...packet, dup: true } satisfies IPublishPacket) : packet;
    return super.put(kept, callback);
  }
}

it('kill -9 under load: every acknowledged message is there once, though payloads carry neither time nor id', {
  timeout: 120_000,
}, async () => {
  const port = await startDoors(0);
  const first = await connectDevice(port, 'probe');
  await first.endAsync();
  let value = 0;
  let publishing = true;
  const acknowledged: number[] = [];
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    mqtt.connect({
      host: '127.0.0.1',
      port,
      clientId: `device-${i}`,
      username: 'air-1',
      password: 'a token',
      clean: false,
      reconnectPeriod: 50,
      outgoingStore: new DupStore(),
    }),
  );
  const senders = clients.map(async (client) => {
    client.on('error', () => undefined);
    while (publishing) {
      const burst = Array.from({ length: 8 }, async () => {
        // A value of its own each: only the test can tell the messages apart by it.
        const mine = value++;
        const payload = JSON.stringify({ results: { pm25: mine / 100 } });
        await client.publishAsync('things/air-1/observations', payload, { qos: 1 });
        acknowledged.push(mine);
      });
      await Promise.all(burst);
    }
  });
  for (let round = 0; round < ROUNDS; round++) {
    const before = acknowledged.length;
    while (acknowledged.length < before + 300 + 137 * round) await new Promise((done) => setTimeout(done, 3));
    await kill();
    await startDoors(port);
  }
  publishing = false;
  await Promise.all(senders);
  await Promise.all(clients.map((client) => client.endAsync()));
  await kill();

  const doors = await openDoors(doorsOptions(dir));
  const batches = await pullToHead(doors);
  const metrics = await doors.metrics();
  await doors.close();
  const times = new Map<number, number>();
  for (const batch of batches) {
    for (const result of batch.observations.result) {
      const mine = Math.round(result * 100);
      times.set(mine, (times.get(mine) ?? 0) + 1);
    }
  }
  expect(acknowledged.length).toBeGreaterThan(300 * ROUNDS);
  expect(acknowledged.filter((mine) => times.get(mine) !== 1)).toEqual([]);
  // Everything sent was acknowledged in the end, so there is nothing else.
  expect(times.size).toBe(value);
  // The accounts: every entry that is not a control entry is a record, stored or recognised as sent again.
  const records = batches.flatMap((batch) => batch.records);
  expect(records.filter((one) => !one.redelivery)).toHaveLength(value);
  expect(metrics.head).toBe(batches.at(-1)!.to);
});
