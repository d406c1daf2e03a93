import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectPacket, type Fixture, openFixture, principal, quiet, until } from './gateway-fixture.ts';
import { CONNECT_TIMEOUT_MS, SINK_HIGH_WATER_BYTES } from './limits.ts';
import { REASON } from './reason.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await fixture.close();
});

/** The gateway still serves a fresh client. */
async function expectAlive(): Promise<void> {
  const client = await fixture.rawConnected('gw', { clientId: 'alive' });
  client.publish('shared/x', 'ok', 1);
  await client.next('puback');
  client.socket.destroy();
}

describe('malformed input', () => {
  it('never kills the gateway: random bytes before and after CONNECT', async () => {
    const hello = generate(connectPacket('d1', { protocolVersion: 5, clientId: '' }), { protocolVersion: 5 });
    // Bytes that begin like real packets go deeper than pure noise.
    const packetLike = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 100 }))
      .map(([first, body]) => Buffer.from([first, body.length, ...body]));
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const stream = fc
      .array(fc.oneof(packetLike, noise), { maxLength: 4 })
      .map((parts) => Buffer.concat(parts));
    await fc.assert(
      fc.asyncProperty(stream, fc.boolean(), async (bytes, connected) => {
        const client = await fixture.raw();
        client.socket.end(connected ? Buffer.concat([hello, bytes]) : bytes);
        await client.closed();
      }),
      { numRuns: 150 },
    );
    await expectAlive();
    await until(() => fixture.gateway.metrics().connections === 0);
    expect(fixture.gateway.metrics().heldBytes).toBe(0);
    expect(fixture.gateway.metrics().closedBy.malformed).toBeGreaterThan(0);
  });

  it('closes only the connection it came on, with the reason in MQTT 5', async () => {
    const bystander = await fixture.rawConnected('d2');
    const broken: readonly [Buffer, number][] = [
      [Buffer.from([0x82, 3, 0, 0, 0]), REASON.malformedPacket], // SUBSCRIBE with identifier 0
      [Buffer.from([0x32, 7, 0, 1, 0x61, 0, 0, 0, 0x78]), REASON.malformedPacket], // PUBLISH QoS 1 with identifier 0
      [Buffer.from([0x30, 5, 0, 2, 0xc3, 0x28, 0]), REASON.malformedPacket], // topic is not UTF-8
      [Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1]), REASON.malformedPacket], // QoS 3
      [Buffer.from([0x20, 2, 0, 0]), REASON.protocolError], // CONNACK from a client
      [Buffer.from([0x30, 4, 0, 1, 0x23, 0]), REASON.topicNameInvalid], // topic "#"
      [Buffer.from([0x30, 3, 0, 0, 0]), REASON.topicNameInvalid], // empty topic
      [Buffer.from([0x30, 4, 0, 1, 0, 0]), REASON.topicNameInvalid], // NUL
      [Buffer.from([0x82, 0xff, 0xff, 0x7f]), REASON.packetTooLarge],
    ];
    for (const [bytes, reasonCode] of broken) {
      const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
      client.write(bytes);
      expect(await client.next('disconnect')).toMatchObject({ reasonCode });
      await client.closed();
    }
    expect(fixture.sink.entries).toEqual([]);
    bystander.publish('things/d2/o', 'x', 1);
    await bystander.next('puback');
  });

  it('tells a client of an unknown version so, and a first packet that is no CONNECT nothing', async () => {
    const future = await fixture.raw();
    future.write(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 0, 0, 0]));
    expect(await future.next('connack')).toMatchObject({ returnCode: 1 });
    const mute = await fixture.raw();
    mute.write(Buffer.from([0xc0, 0]));
    await mute.closed();
    expect(mute.packets).toEqual([]);
  });
});

describe('what is too much', () => {
  it.each([4, 5] as const)(
    'a 10 MB payload is streamed past, refused, acknowledged; version %i',
    async (version) => {
      const client = await fixture.rawConnected('d1', { protocolVersion: version });
      const payload = Buffer.alloc(10_000_000, 'jingwei ');
      let held = 0;
      const watch = setInterval(() => {
        held = Math.max(held, fixture.gateway.metrics().heldBytes);
      }, 0);
      client.publish('things/d1/o', payload, 5);
      const ack = await client.next('puback');
      clearInterval(watch);
      expect(ack).toMatchObject({
        messageId: 5,
        ...(version === 5 ? { reasonCode: REASON.payloadFormatInvalid } : {}),
      });
      const [entry] = fixture.sink.entries;
      expect(entry).toMatchObject({
        rejection: { code: 'too-large', disposition: 'refused' },
        full: { length: 10_000_000, sha256: createHash('sha256').update(payload).digest('hex') },
      });
      expect(entry!.raw.bytes).toHaveLength(65_536);
      expect(held).toBeLessThan(256 * 1024);
      client.publish('things/d1/o', 'small', 6);
      expect(await client.next('puback')).toMatchObject({ messageId: 6 });
    },
  );

  it('a topic of 300 levels is refused, journalled and acknowledged', async () => {
    const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
    client.publish(`things/d1/${'a/'.repeat(297)}a`, 'x', 1);
    expect(await client.next('puback')).toMatchObject({
      reasonCode: REASON.topicNameInvalid,
      properties: { reasonString: expect.stringContaining('300 levels') },
    });
    expect(fixture.sink.entries[0]!.rejection?.code).toBe('topic-too-deep');
  });

  it('a topic no source reads is refused; what it held beyond 64 KiB goes by length and hash', async () => {
    const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
    const payload = Buffer.alloc(100_000, 7);
    client.publish('things/d1/nobody', payload, 1);
    expect(await client.next('puback')).toMatchObject({ reasonCode: REASON.topicNameInvalid });
    expect(fixture.sink.entries[0]).toMatchObject({
      raw: { sourceId: '' },
      rejection: { code: 'unknown-source' },
      full: { length: 100_000, sha256: createHash('sha256').update(payload).digest('hex') },
    });
    expect(fixture.sink.entries[0]!.raw.bytes).toHaveLength(65_536);
  });

  it.each([0, 1] as const)('QoS %i messages beyond maxInFlight stay in the socket', async (qos) => {
    fixture.sink.auto = false;
    const client = await fixture.rawConnected('d1');
    for (let id = 1; id <= 100; id++) client.publish('things/d1/o', `m${id}`, qos * id);
    await until(() => fixture.sink.entries.length === 32);
    await quiet();
    expect(fixture.sink.entries).toHaveLength(32);
    fixture.sink.auto = true;
    for (const entry of fixture.sink.entries) entry.resolve();
    await until(() => fixture.sink.entries.length === 100);
    expect(fixture.sink.entries.map(({ raw }) => Buffer.from(raw.bytes).toString())).toEqual(
      Array.from({ length: 100 }, (_, index) => `m${index + 1}`),
    );
  });

  it('a full sink stops all reading, and reading goes on when it has emptied', async () => {
    const client = await fixture.rawConnected('d1');
    fixture.sink.pendingBytes = SINK_HIGH_WATER_BYTES + 1;
    client.publish('things/d1/o', 'x', 1);
    await quiet();
    expect(fixture.sink.entries).toEqual([]);
    fixture.sink.pendingBytes = SINK_HIGH_WATER_BYTES - 1; // still above the low-water mark
    await quiet();
    expect(fixture.sink.entries).toEqual([]);
    fixture.sink.pendingBytes = 0;
    await client.next('puback');
  });
});

describe('slow clients', () => {
  it('a frozen subscriber is disconnected, its memory bounded, and others are served', async () => {
    const frozen = await fixture.rawConnected('gw', { clientId: 'frozen' });
    frozen.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'shared/#', qos: 0 }] });
    await frozen.next('suback');
    frozen.socket.pause();
    const healthy = await fixture.client('gw', { clientId: 'healthy' });
    let heard = 0;
    healthy.on('message', () => heard++);
    await healthy.subscribeAsync('shared/#', { qos: 0 });
    const sender = await fixture.client('gw', { clientId: 'sender' });
    const payload = Buffer.alloc(100_000);
    let sent = 0;
    while (fixture.gateway.metrics().closedBy['slow-subscriber'] === undefined && sent < 300) {
      await sender.publishAsync('shared/x', payload, { qos: 1 });
      sent++;
    }
    expect(fixture.gateway.metrics().closedBy).toMatchObject({ 'slow-subscriber': 1 });
    await until(() => heard === sent);
    expect(fixture.gateway.metrics().connections).toBe(2);
  });

  it('a subscriber that never acknowledges is disconnected once its outbox is full', async () => {
    const mute = await fixture.rawConnected('gw', { clientId: 'mute' });
    mute.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'shared/#', qos: 1 }] });
    await mute.next('suback');
    const sender = await fixture.client('gw', { clientId: 'sender' });
    for (let sent = 0; sent < 1_200; sent += 100)
      await Promise.all(Array.from({ length: 100 }, () => sender.publishAsync('shared/x', 'x', { qos: 1 })));
    await mute.closed();
    // 100 in flight were written, the rest waited within its bound and went with the connection.
    expect(mute.packets.filter((packet) => packet.cmd === 'publish')).toHaveLength(100);
    expect(fixture.gateway.metrics().closedBy).toEqual({ 'slow-subscriber': 1 });
  });

  it('a publisher that does not read its acknowledgements is no longer read from, and closed in the end', async () => {
    await fixture.close();
    fixture = await openFixture({ maxInFlight: 5_000 });
    const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
    client.socket.pause();
    // Refusals explain themselves, so these answers are many times what all socket buffers hold (11 MB).
    const refused = generate(
      {
        cmd: 'publish',
        topic: `things/d2/${'x'.repeat(150)}`,
        payload: '',
        qos: 1,
        dup: false,
        retain: false,
        messageId: 1,
      },
      { protocolVersion: 5 },
    );
    client.write(Buffer.alloc(refused.length * 60_000, refused));
    let received = -1;
    while (received !== fixture.gateway.metrics().messagesReceived) {
      received = fixture.gateway.metrics().messagesReceived;
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    expect(received).toBeGreaterThan(5_000);
    expect(received).toBeLessThan(60_000);
    await expectAlive();
    // Every look at the clock is 10 s after the one before: some sweeps later the stall has lasted too long.
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 10_000;
      return now;
    });
    await vi.waitFor(() => expect(fixture.gateway.metrics().closedBy['write-stalled']).toBe(1), {
      timeout: 8_000,
    });
  });

  it('a socket that says nothing, or only half a CONNECT, is closed after 10 s', async () => {
    const silent = await fixture.raw();
    const half = await fixture.raw();
    half.write(generate(connectPacket('d1')).subarray(0, 20));
    const welcome = await fixture.rawConnected('d2');
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now + CONNECT_TIMEOUT_MS + 1_000);
    await Promise.all([silent.closed(), half.closed()]);
    clock.mockRestore();
    expect(fixture.gateway.metrics()).toMatchObject({ connections: 1, closedBy: { 'connect-timeout': 2 } });
    expect(welcome.isClosed).toBe(false);
  });
});

describe('guessing', () => {
  it('blocks a name for a while, without locking out its neighbours behind the same address', async () => {
    const guess = (password: string) => fixture.client('d1', { password, clientId: 'guesser' });
    await expect(guess('wrong')).rejects.toThrow();
    fixture.gateway.setPrincipals([principal('d1'), principal('d2')]);
    for (let round = 0; round < 3; round++) await expect(guess('wrong')).rejects.toThrow();
    await fixture.client('d2');
    const refused = fixture.gateway.metrics().connectionsRefusedBy;
    expect((refused['bad-credentials'] ?? 0) + (refused.backoff ?? 0)).toBe(4);
  });
});
