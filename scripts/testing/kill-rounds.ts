/**
 * `kill -9` at random moments under load. The payloads carry neither time nor id, and each is sent twice afresh, so a
 * server that drops by content loses, and one that cannot recognise a redelivery keeps too many.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { enrolFleet, type FleetDevice } from './fleet.ts';
import { seededRandom } from './seeded-random.ts';
import { freePorts, removeData, startServer, temporaryDataDir, untilIndexed } from './server-process.ts';
import { SteadfastPublisher } from './steadfast-publisher.ts';

export interface KillReport {
  readonly rounds: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages acknowledged and not in the index, after everything has settled. Must be 0. */
  readonly missing: number;
  /** Rows beyond the number of times a value was sent. Must be 0. */
  readonly twice: number;
  /** Messages that the clients had to send again, and those of them the server had on disk already. */
  readonly resent: number;
  readonly redeliveries: number;
}

export interface KillOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly devices?: number;
  /** Messages a second over all devices. */
  readonly rate?: number;
  readonly log?: (line: string) => void;
}

/** Values are `n / 1000`, within the range of PM2.5. */
const SCALE = 1000;

export async function killRounds(options: KillOptions): Promise<KillReport> {
  const { rounds, seed, devices = 8, rate = 800, log = () => {} } = options;
  const dataDir = temporaryDataDir();
  const ports = await freePorts();
  const random = seededRandom(seed);
  let server = await startServer({ dataDir, ports });
  const load = new Load(ports.mqtt, await enrolFleet(server, devices), rate);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      load.start();
      await sleep(400 + random() * 2_600);
      await server.kill();
      log(
        `round ${round} of ${rounds}: killed with ${load.sent - load.acknowledged} of ${load.sent} messages waiting`,
      );
      server = await startServer({ dataDir, ports });
    }
    await sleep(1_000);
    await load.finish();
    await untilIndexed(server);
    const { accounts } = await server.json<{ accounts: { records: { duplicates: number } }[] }>(
      '/api/v1/accounts',
    );
    await server.stop();
    const counts = await countValues(`${dataDir}/index/jingwei.duckdb`);
    return {
      rounds,
      sent: load.sent,
      acknowledged: load.acknowledged,
      ...compare(load.times, counts),
      resent: load.resent,
      redeliveries: accounts.reduce((sum, account) => sum + account.records.duplicates, 0),
    };
  } finally {
    load.abandon();
    server.child.kill('SIGKILL');
    removeData(dataDir);
  }
}

/** Publishes at a steady rate through persistent clients that send again what was not acknowledged. */
class Load {
  sent = 0;
  acknowledged = 0;
  /** How many times each value was sent and acknowledged. */
  readonly times = new Map<number, number>();
  #publishers: SteadfastPublisher[];
  #topics: string[];
  #timer: NodeJS.Timeout | undefined;
  #rate: number;

  constructor(mqttPort: number, devices: readonly FleetDevice[], rate: number) {
    this.#rate = rate;
    this.#topics = devices.map((device) => `things/${device.id}/observations`);
    this.#publishers = devices.map((device) => new SteadfastPublisher(mqttPort, device.id, device.token));
  }

  /** Messages that had to be sent again. */
  get resent(): number {
    return this.#publishers.reduce((sum, publisher) => sum + publisher.resent, 0);
  }

  start(): void {
    if (this.#timer !== undefined) return;
    let owed = 0;
    this.#timer = setInterval(() => {
      owed += this.#rate / 100;
      for (; owed >= 1; owed -= 1) this.#publish();
    }, 10);
  }

  #publish(): void {
    const ordinal = this.sent++;
    const value = (ordinal >> 1) / SCALE;
    const slot = (ordinal >> 1) % this.#publishers.length;
    this.#publishers[slot]!.publish(this.#topics[slot]!, JSON.stringify({ pm25: value }), () => {
      this.acknowledged += 1;
      this.times.set(value, (this.times.get(value) ?? 0) + 1);
    });
  }

  /** Stops sending and waits until everything sent has been acknowledged. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    const until = Date.now() + 60_000;
    while (this.acknowledged < this.sent) {
      if (Date.now() > until)
        throw new Error(`${this.sent - this.acknowledged} messages were never acknowledged`);
      await sleep(50);
    }
    this.abandon();
  }

  abandon(): void {
    clearInterval(this.#timer);
    for (const publisher of this.#publishers) publisher.close();
  }
}

async function countValues(path: string): Promise<Map<number, number>> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    'SELECT result, count(*)::INTEGER FROM observation GROUP BY result',
  );
  const counts = new Map(reader.getRows().map(([result, count]) => [Number(result), Number(count)]));
  connection.closeSync();
  instance.closeSync();
  return counts;
}

function compare(
  sent: ReadonlyMap<number, number>,
  stored: ReadonlyMap<number, number>,
): { missing: number; twice: number } {
  let missing = 0;
  let twice = 0;
  for (const [value, times] of sent) missing += Math.max(0, times - (stored.get(value) ?? 0));
  for (const [value, times] of stored) twice += Math.max(0, times - (sent.get(value) ?? 0));
  return { missing, twice };
}

function sleep(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
