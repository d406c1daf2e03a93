/** `replay`: tables as the MQTT messages that devices would have sent, with their own times, at a chosen speed. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import mqtt, { type MqttClient } from 'mqtt';
import {
  isIngestError,
  type MqttReplayDoor,
  type ReplayMessage,
  replayMessages,
} from '../../ingest/index.ts';
import { loadConfig } from '../config.ts';
import { balanceOf, MESSAGES, readAccounts, waitForIndex } from './balance.ts';
import { connect } from './client.ts';
import { CommandError, type Invocation, print, required, say, text, UsageError } from './command.ts';
import { datasetsOf, deviceTokens, readDeclarations, registerDeclarations } from './register.ts';

/** Messages of one device that may wait for their PUBACK: under the gateway's own limit. */
const WINDOW = 200;
const SAY_EVERY_MS = 5000;
const CONNECT_MS = 20_000;
/** How long the last acknowledgements may take, ms. */
const FLUSH_MS = 120_000;

/** Runs the command. @returns The exit code: 1 when the accounts do not balance. */
export async function replayTables(invocation: Invocation): Promise<number> {
  const files = invocation.positionals;
  if (files.length === 0) throw new UsageError('A file is wanted');
  const speed = speedOf(invocation);
  const declared = readDeclarations(required(invocation, 'declaration'));
  const { door } = declared;
  if (door.kind !== 'mqtt-replay') throw new UsageError('This declaration is for "jingwei ingest"');
  const client = connect(invocation);
  await registerDeclarations(client, declared);
  const before = await readAccounts(client, [MESSAGES]);
  const tokens = await deviceTokens(client, [...new Set(Object.values(door.things))]);
  const fleet = new Fleet(text(invocation, 'mqtt') ?? localMqtt(), tokens);
  const began = Date.now();
  try {
    await publishAll(inOrder(files, door), fleet, speed);
    await fleet.acknowledged();
  } finally {
    await fleet.close();
  }
  const seconds = (Date.now() - began) / 1000;
  say(`${fleet.sent} messages acknowledged in ${seconds.toFixed(1)} s`);
  const { head } = await client.get<{ head: number }>('/api/v1/position');
  await waitForIndex(client, head);
  const datasets = datasetsOf(declared);
  const balance = balanceOf(before, await readAccounts(client, [MESSAGES]), fleet.sent, (account) =>
    datasets.has(account.dataset),
  );
  print(JSON.stringify({ files: files.length, seconds, ...balance }));
  return balance.balanced ? 0 : 1;
}

function speedOf(invocation: Invocation): number {
  const given = text(invocation, 'speed') ?? 'max';
  const speed = given === 'max' ? Number.POSITIVE_INFINITY : Number(given);
  if (speed > 0) return speed;
  throw new UsageError(`--speed is "${given}": a number above 0 or "max" is wanted`);
}

function localMqtt(): string {
  const { host, port } = loadConfig().config.mqtt;
  return `mqtt://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}

function readTable(file: string): string {
  const content = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
}

/** Messages of several files merged by time; each file by itself is in its own order. */
function* inOrder(files: readonly string[], door: MqttReplayDoor): Generator<ReplayMessage> {
  const heads = files.map((file) => {
    const messages = replayMessages(door, readTable(file));
    return { messages, next: messages.next() };
  });
  for (;;) {
    let first: { messages: Generator<ReplayMessage>; next: IteratorResult<ReplayMessage> } | undefined;
    for (const head of heads) {
      if (head.next.done === true) continue;
      if (!first || head.next.value.timeMs < first.next.value.timeMs) first = head;
    }
    if (!first) return;
    yield first.next.value;
    first.next = first.messages.next();
  }
}

async function publishAll(messages: Generator<ReplayMessage>, fleet: Fleet, speed: number): Promise<void> {
  let start: { readonly at: number; readonly timeMs: number } | undefined;
  let saidAt = Date.now();
  try {
    for (const message of messages) {
      start ??= { at: Date.now(), timeMs: message.timeMs };
      const waitMs = start.at + (message.timeMs - start.timeMs) / speed - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await fleet.publish(message);
      if (Date.now() - saidAt > SAY_EVERY_MS) {
        saidAt = Date.now();
        say(`${fleet.sent} messages sent, at ${new Date(message.timeMs).toISOString()}`);
      }
    }
  } catch (error) {
    if (isIngestError(error)) throw new CommandError(error.message);
    throw error;
  }
}

interface Link {
  readonly client: MqttClient;
  readonly waiting: Set<Promise<unknown>>;
}

/** One connection a device, each opened when it first speaks. */
class Fleet {
  sent = 0;
  readonly #url: string;
  readonly #tokens: ReadonlyMap<string, string>;
  readonly #links = new Map<string, Promise<Link>>();
  #failure: Error | undefined;

  constructor(url: string, tokens: ReadonlyMap<string, string>) {
    this.#url = url;
    this.#tokens = tokens;
  }

  /** Resolves when the window of the device has room again. */
  async publish(message: ReplayMessage): Promise<void> {
    if (this.#failure) throw this.#failure;
    const { client, waiting } = await this.#link(message.principal);
    const done: Promise<unknown> = client
      .publishAsync(message.topic, Buffer.from(message.payload), { qos: 1 })
      .catch((error: unknown) => {
        this.#failure ??= new CommandError(`Publishing as "${message.principal}" failed: ${String(error)}`);
      })
      .finally(() => waiting.delete(done));
    waiting.add(done);
    this.sent += 1;
    if (waiting.size >= WINDOW) await Promise.race(waiting);
  }

  /** Waits for every PUBACK. */
  async acknowledged(): Promise<void> {
    const links = await Promise.all(this.#links.values());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new CommandError(`Not every message was acknowledged within ${FLUSH_MS / 1000} s`);
      timer = setTimeout(() => reject(error), FLUSH_MS);
    });
    await Promise.race([Promise.all(links.flatMap(({ waiting }) => [...waiting])), late]);
    clearTimeout(timer);
    if (this.#failure) throw this.#failure;
  }

  async close(): Promise<void> {
    const links = await Promise.allSettled(this.#links.values());
    await Promise.all(
      links.map((link) => (link.status === 'fulfilled' ? link.value.client.endAsync(true) : undefined)),
    );
  }

  #link(principal: string): Promise<Link> {
    let link = this.#links.get(principal);
    if (!link) {
      link = this.#connect(principal);
      this.#links.set(principal, link);
    }
    return link;
  }

  async #connect(principal: string): Promise<Link> {
    const password = this.#tokens.get(principal);
    if (password === undefined) throw new CommandError(`No credential for "${principal}"`);
    try {
      const client = await mqtt.connectAsync(this.#url, {
        username: principal,
        password,
        clientId: `replay-${principal}`,
        connectTimeout: CONNECT_MS,
        reconnectPeriod: 1000,
      });
      return { client, waiting: new Set() };
    } catch (error) {
      throw new CommandError(`Cannot connect "${principal}" to ${this.#url}: ${String(error)}`);
    }
  }
}
