import { generate } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectPacket, type Fixture, openFixture, principal, quiet, until } from './gateway-fixture.ts';
import { REASON } from './reason.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const refusedDecoding = {
  code: 'malformed',
  message: 'Cannot read JSON',
  disposition: 'refused',
  readings: 0,
} as const;

describe.each([4, 5] as const)('startMqttGateway with mqtt.js, protocol version %i', (protocolVersion) => {
  it('acknowledges a QoS 1 message only after the sink has it', async () => {
    fixture.sink.auto = false;
    const client = await fixture.client('d1', { protocolVersion });
    let acknowledged = false;
    const published = client.publishAsync('things/d1/observations', '{"pm25":1}', { qos: 1 }).then(() => {
      acknowledged = true;
    });
    await until(() => fixture.sink.entries.length === 1);
    await quiet();
    expect(acknowledged).toBe(false);
    fixture.sink.entries[0]!.resolve();
    await published;
    expect(fixture.gateway.metrics().messagesAcknowledged).toBe(1);
  });

  it('hands on bytes and origin as they came', async () => {
    const client = await fixture.client('d1', { protocolVersion });
    await client.publishAsync('things/d1/observations', '{"pm25":1}', { qos: 1, retain: true });
    await client.publishAsync('things/d1/other', '2', { qos: 0 });
    await until(() => fixture.sink.entries.length === 2);
    const [first, second] = fixture.sink.entries;
    expect(Buffer.from(first!.raw.bytes).toString()).toBe('{"pm25":1}');
    expect(first!.raw).toMatchObject({
      sourceId: 'json',
      receivedAt: 1_700_000_000_000,
      origin: {
        transport: 'mqtt',
        principal: 'd1',
        clientId: 'client-d1',
        topic: 'things/d1/observations',
        qos: 1,
        dup: false,
      },
    });
    expect(first!.raw.origin).toHaveProperty('packetId', expect.any(Number));
    expect(second!.raw.origin).toMatchObject({ qos: 0, packetId: 0 });
  });

  it('acknowledges a refused message, with the reason in MQTT 5', async () => {
    fixture.sink.auto = false;
    const client = await fixture.client('d1', { protocolVersion });
    const published = client.publishAsync('things/d1/observations', 'not json', { qos: 1 });
    await until(() => fixture.sink.entries.length === 1);
    fixture.sink.entries[0]!.resolve('refused', [refusedDecoding]);
    if (protocolVersion === 4) await published;
    else await expect(published).rejects.toMatchObject({ code: REASON.payloadFormatInvalid });
  });

  it('refuses a topic outside the publish filters: journalled, acknowledged', async () => {
    const client = await fixture.client('d1', { protocolVersion });
    const published = client.publishAsync('things/d2/observations', '{}', { qos: 1 });
    if (protocolVersion === 4) await published;
    else await expect(published).rejects.toMatchObject({ code: REASON.notAuthorized });
    expect(fixture.sink.entries[0]!.rejection?.code).toBe('topic-not-allowed');
    expect(fixture.gateway.metrics().rejected).toEqual({ 'topic-not-allowed': 1 });
  });

  it('refuses wrong tokens, unknown names and nobody', async () => {
    for (const wrong of [{ password: 'guess' }, { username: 'stranger' }, { username: '', password: '' }])
      await expect(fixture.client('d1', { protocolVersion, ...wrong })).rejects.toThrow();
    expect(fixture.gateway.metrics().connections).toBe(0);
    expect(fixture.gateway.metrics().connectionsRefused).toBe(3);
  });

  it('delivers stored messages to allowed subscribers only', async () => {
    const listener = await fixture.client('d1', { protocolVersion, clientId: 'listener' });
    const granted = await listener.subscribeAsync('things/d1/#', { qos: 1 });
    expect(granted[0]).toMatchObject({ topic: 'things/d1/#', qos: 1 });
    await expect(listener.subscribeAsync('things/d2/#')).rejects.toThrow();
    await expect(listener.subscribeAsync('#')).rejects.toThrow();
    const heard: string[] = [];
    listener.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    const sender = await fixture.client('d1', { protocolVersion, clientId: 'sender' });
    const other = await fixture.client('d2', { protocolVersion });
    await other.publishAsync('things/d2/observations', 'no', { qos: 1 });
    await sender.publishAsync('things/d1/observations', 'one', { qos: 1 });
    await sender.publishAsync('things/d1/observations', 'two', { qos: 0 });
    await until(() => heard.length === 2);
    expect(heard).toEqual(['things/d1/observations one', 'things/d1/observations two']);
    await listener.unsubscribeAsync('things/d1/#');
    await sender.publishAsync('things/d1/observations', 'three', { qos: 1 });
    await quiet();
    expect(heard).toHaveLength(2);
  });
});

describe('acknowledgements', () => {
  it('leave in the order the messages came, whatever order the disk settles them in', async () => {
    fixture.sink.auto = false;
    const client = await fixture.rawConnected('d1');
    for (const id of [7, 8, 9]) client.publish('things/d1/o', 'x', id);
    await until(() => fixture.sink.entries.length === 3);
    fixture.sink.entries[2]!.resolve();
    fixture.sink.entries[1]!.resolve();
    await quiet();
    expect(client.packets).toEqual([]);
    fixture.sink.entries[0]!.resolve();
    await until(() => client.packets.length === 3);
    expect(client.packets.map((packet) => packet.messageId)).toEqual([7, 8, 9]);
  });

  it('are withheld when the disk refuses; the connection is closed after a while', async () => {
    fixture.sink.auto = false;
    const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
    client.publish('things/d1/o', 'x', 1);
    client.publish('things/d1/o', 'y', 2);
    await until(() => fixture.sink.entries.length === 2);
    fixture.sink.entries[0]!.reject(new Error('ENOSPC'));
    fixture.sink.entries[1]!.resolve();
    client.publish('things/d1/o', 'z', 3);
    await quiet();
    expect(fixture.sink.entries).toHaveLength(2);
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: REASON.serverBusy });
    await client.closed();
    expect(client.packets).toEqual([]);
    expect(fixture.gateway.metrics()).toMatchObject({ diskFaults: 1, messagesAcknowledged: 0 });
  });

  it('reach a client that closed only its sending half', async () => {
    fixture.sink.auto = false;
    const client = await fixture.rawConnected('d1');
    client.publish('things/d1/o', 'x', 1);
    client.socket.end();
    await until(() => fixture.sink.entries.length === 1);
    await quiet();
    fixture.sink.entries[0]!.resolve();
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    await client.closed();
  });

  it('of what is on its way are written before the gateway closes', async () => {
    fixture.sink.auto = false;
    const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
    client.publish('things/d1/o', 'x', 1);
    await until(() => fixture.sink.entries.length === 1);
    const closed = fixture.gateway.close();
    await quiet();
    fixture.sink.entries[0]!.resolve();
    expect(await client.next('puback')).toMatchObject({ messageId: 1 });
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: REASON.serverShuttingDown });
    await closed;
  });
});

describe('sessions', () => {
  it('are taken over by the same principal and client id, and by nobody else', async () => {
    const first = await fixture.rawConnected('d1', { protocolVersion: 5, clientId: 'same' });
    const other = await fixture.rawConnected('d2', { clientId: 'same' });
    const second = await fixture.rawConnected('d1', { clientId: 'same' });
    expect(await first.next('disconnect')).toMatchObject({ reasonCode: REASON.sessionTakenOver });
    await first.closed();
    expect([other.isClosed, second.isClosed]).toEqual([false, false]);
    expect(fixture.gateway.metrics()).toMatchObject({ connections: 2, closedBy: { 'taken-over': 1 } });
  });

  it('end when their principal loses its right, and keep their place when it does not', async () => {
    const gone = await fixture.rawConnected('d1', { protocolVersion: 5 });
    const renewed = await fixture.rawConnected('gw');
    const kept = await fixture.rawConnected('d2');
    fixture.gateway.setPrincipals([principal('d2'), principal('gw', { tokenHash: 'ab'.repeat(32) })]);
    expect(await gone.next('disconnect')).toMatchObject({ reasonCode: REASON.notAuthorized });
    await Promise.all([gone.closed(), renewed.closed()]);
    kept.publish('things/d2/o', 'x', 1);
    await kept.next('puback');
    fixture.gateway.setPrincipals([principal('d2', { disabled: true })]);
    await kept.closed();
  });

  it('lose the subscriptions a changed principal no longer allows', async () => {
    const client = await fixture.rawConnected('d1');
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'things/d1/#', qos: 0 }] });
    await client.next('suback');
    fixture.gateway.setPrincipals([principal('d1', { subscribe: [] })]);
    client.publish('things/d1/o', 'x', 2);
    await client.next('puback');
    await quiet();
    expect(client.packets).toEqual([]);
  });

  it('get an assigned client id, and no session is remembered', async () => {
    const raw = await fixture.raw();
    raw.send(
      connectPacket('d1', {
        protocolVersion: 5,
        clientId: '',
        properties: { sessionExpiryInterval: 100 },
      }),
    );
    expect(await raw.next('connack')).toMatchObject({
      reasonCode: 0,
      sessionPresent: false,
      properties: {
        assignedClientIdentifier: expect.stringMatching(/^auto-/),
        sessionExpiryInterval: 0,
        maximumQoS: 1,
        retainAvailable: false,
        receiveMaximum: 32,
        maximumPacketSize: 256 * 1024,
      },
    });
    const old = await fixture.raw();
    const withoutName = generate(connectPacket('d1', { clientId: '' }));
    withoutName[9]! &= ~2; // Clean Session 0, which the generator refuses to write
    old.write(withoutName);
    expect(await old.next('connack')).toMatchObject({ returnCode: 2 });
    await old.closed();
  });

  it('publish their will when they are lost, not when they say goodbye', async () => {
    const will = { topic: 'things/d1/status', payload: Buffer.from('gone'), qos: 1 as const };
    const polite = await fixture.rawConnected('d1', { will });
    polite.send({ cmd: 'disconnect' });
    await polite.closed();
    expect(fixture.sink.entries).toHaveLength(0);
    const lost = await fixture.rawConnected('d1', { will });
    lost.socket.destroy();
    await until(() => fixture.sink.entries.length === 1);
    expect(fixture.sink.entries[0]!.raw.origin).toMatchObject({
      topic: 'things/d1/status',
      qos: 1,
      packetId: 0,
    });
    const foreign = await fixture.rawConnected('d1', { will: { ...will, topic: 'things/d2/status' } });
    foreign.socket.destroy();
    await until(() => fixture.sink.entries.length === 2);
    expect(fixture.sink.entries[1]!.rejection?.code).toBe('topic-not-allowed');
  });

  it('are closed after one and a half times their keep-alive of silence', async () => {
    const silent = await fixture.rawConnected('d1', { keepalive: 1, protocolVersion: 5 });
    const alive = await fixture.rawConnected('d2', { keepalive: 1 });
    const ping = setInterval(() => alive.send({ cmd: 'pingreq' }), 300);
    expect(await silent.next('disconnect')).toMatchObject({ reasonCode: REASON.keepAliveTimeout });
    await silent.closed();
    clearInterval(ping);
    expect(alive.isClosed).toBe(false);
    await alive.next('pingresp');
  });

  it('above the limit are told to come back later', async () => {
    await fixture.close();
    fixture = await openFixture({ maxConnections: 1 });
    const first = await fixture.rawConnected('d1');
    const second = await fixture.raw();
    second.send(connectPacket('d2'));
    expect(await second.next('connack')).toMatchObject({ returnCode: 3 });
    await second.closed();
    expect(first.isClosed).toBe(false);
    expect(fixture.gateway.metrics().connectionsRefusedBy).toEqual({ 'too-many-connections': 1 });
  });
});

describe('QoS 2', () => {
  it('is answered with DISCONNECT 0x9B in MQTT 5', async () => {
    const client = await fixture.rawConnected('d1', { protocolVersion: 5 });
    client.send({
      cmd: 'publish',
      topic: 'things/d1/o',
      payload: 'x',
      qos: 2,
      dup: false,
      retain: false,
      messageId: 1,
    });
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x9b });
    await client.closed();
    expect(fixture.sink.entries).toEqual([]);
  });

  it('closes a 3.1.1 connection with a line in the log', async () => {
    const client = await fixture.rawConnected('d1');
    client.send({
      cmd: 'publish',
      topic: 'things/d1/o',
      payload: 'x',
      qos: 2,
      dup: false,
      retain: false,
      messageId: 1,
    });
    await client.closed();
    expect(fixture.log.join()).toContain('qos-2');
  });
});
