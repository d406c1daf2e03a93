import { execFileSync } from 'node:child_process';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../journal/journal-fixtures.ts';
import type { DoorLog } from './door-log.ts';
import type { Doors } from './doors.ts';
import { CITY, connectDevice, DEVICE, doorsOptions, pullToHead } from './doors-fixtures.ts';
import { openDoors } from './open-doors.ts';

const DISK_BYTES = 8 * 1024 * 1024;

/** A disk of its own, small enough to be filled; false where this process may not mount one. */
function mount(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function canMount(): Promise<boolean> {
  const { dir, remove } = await temporaryFolder();
  const can = mount(dir);
  if (can) execFileSync('umount', [dir]);
  await remove();
  return can;
}

const mountable = await canMount();

/** Sends value after value and each again, with DUP and a new connection, until it is acknowledged. */
class Sender {
  readonly acknowledged: number[] = [];
  stopped = false;
  done: Promise<void>;
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
    this.done = this.#send();
  }

  async #send(): Promise<void> {
    let client: MqttClient | undefined;
    for (let value = 0; !this.stopped; value++) {
      for (let acknowledged = false; !acknowledged && !this.stopped; ) {
        client ??= await connect(this.#port);
        if (client === undefined) continue;
        const payload = JSON.stringify({ results: { pm25: value / 100 } });
        acknowledged = await acknowledgedBy(client, payload);
        if (acknowledged) this.acknowledged.push(value);
        else client = undefined;
      }
    }
    await client?.endAsync(true);
  }
}

async function connect(port: number): Promise<MqttClient | undefined> {
  const client = await connectDevice(port).catch(() => undefined);
  return client?.on('error', () => undefined);
}

/** False when the connection ends before the PUBACK. */
function acknowledgedBy(client: MqttClient, payload: string): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (acknowledged: boolean) => {
      client.off('close', onClose);
      resolve(acknowledged);
    };
    const onClose = () => end(false);
    client.once('close', onClose);
    client.publish('things/air-1/observations', payload, { qos: 1 }, (error) => end(!error));
  });
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 800; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('It did not come to pass');
}

const faultOf = async (doors: Doors) => (await doors.metrics()).journalFault;

it.skipIf(!mountable)(
  'openDoors on a full disk withholds PUBACKs, says so, serves readers, and gets well by itself with nothing lost or twice (skipped where no tmpfs may be mounted)',
  { timeout: 90_000 },
  async () => {
    const { dir, remove } = await temporaryFolder();
    mount(dir);
    const lines: string[] = [];
    const onLog: DoorLog = (_level, { event }) => lines.push(String(event));
    let doors: Doors | undefined;
    let sender: Sender | undefined;
    try {
      doors = await openDoors({ ...doorsOptions(dir), onLog });
      await doors.declare(CITY);
      await doors.setPrincipals([DEVICE]);
      const running = doors;
      const sending = new Sender(doors.ports.mqtt);
      sender = sending;
      await until(() => sending.acknowledged.length > 50);
      expect(await faultOf(doors)).toBeNull();

      // Somebody else fills the disk to its last byte, and the journal fills what it had begun of its last page.
      const ballast = join(dir, 'ballast');
      await writeFile(ballast, Buffer.alloc(2 * DISK_BYTES)).catch((error: NodeJS.ErrnoException) => {
        expect(error.code).toBe('ENOSPC');
      });
      expect((await stat(ballast)).size).toBeGreaterThan(DISK_BYTES / 2);
      await until(async () => (await faultOf(running)) !== null);
      expect(await faultOf(doors)).toMatch(/ENOSPC/);
      const before = sending.acknowledged.length;
      const { head, messagesAcknowledged, messagesReceived } = await doors.metrics();
      const read = await pullToHead(doors);
      expect(read.at(-1)!.to).toBe(head);
      // Long enough for the connection to be given up and for several attempts after it.
      await until(async () => (await running.metrics()).messagesReceived > messagesReceived);
      expect(sending.acknowledged.length).toBe(before);
      expect(await doors.metrics()).toMatchObject({ head, messagesAcknowledged });
      expect(await faultOf(doors)).not.toBeNull();

      await rm(ballast);
      await until(() => sending.acknowledged.length > before + 50);
      expect(await faultOf(doors)).toBeNull();
      sending.stopped = true;
      await sending.done;
      const told = lines.filter((event) => event === 'journal-fault' || event === 'journal-recovered');
      expect(told).toEqual(['journal-fault', 'journal-recovered']);

      await doors.close();
      doors = await openDoors(doorsOptions(dir));
      const results = (await pullToHead(doors)).flatMap((batch) => [...batch.observations.result]);
      expect(results.map((result) => Math.round(result * 100))).toEqual(sending.acknowledged);
    } finally {
      if (sender !== undefined) sender.stopped = true;
      await sender?.done;
      await doors?.close();
      execFileSync('umount', ['-l', dir]);
      await remove();
    }
  },
);

it.skipIf(!mountable)(
  'openDoors on a disk that was full is ready again though nobody publishes (skipped where no tmpfs may be mounted)',
  { timeout: 60_000 },
  async () => {
    const { dir, remove } = await temporaryFolder();
    mount(dir);
    const doors = await openDoors(doorsOptions(dir));
    try {
      await doors.declare(CITY);
      const ballast = join(dir, 'ballast');
      await writeFile(ballast, Buffer.alloc(2 * DISK_BYTES)).catch(() => undefined);
      const large = Buffer.alloc(64 * 1024, '{');
      const origin = { transport: 'http', principal: 'air-1', requestId: 'r', contentType: '' } as const;
      const raw = { sourceId: 'jingwei-json', origin, receivedAt: 0, bytes: large };
      await expect(doors.accept(raw)).rejects.toMatchObject({ code: 'journal-full' });
      expect(await faultOf(doors)).not.toBeNull();
      await rm(ballast);
      await until(async () => (await faultOf(doors)) === null);
    } finally {
      await doors.close();
      execFileSync('umount', ['-l', dir]);
      await remove();
    }
  },
);
