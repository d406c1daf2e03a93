/**
 * Do long questions and sealing hold up acknowledgements, and does a stream of 20,000 rows a second hold up questions? The real
 * server in a process of its own with its MQTT gateway; a lean MQTT client in another (it takes a fifth of a core); the
 * questions come over HTTP from this one. First the questions alone, then with the stream, while everything there is to seal is
 * sealed again and again.
 *
 * Bars: ack p50 < 5 ms, p99 < 25 ms; rollup questions at most 2 x their time alone + 20 ms; raw questions p50 at most 1.5 x,
 * p99 < 300 ms.
 *
 * Estimate before the first run: on two cores of which the stream takes one: ack p50 2 ms and p99 15 ms; rollup 1.5 x, raw 1.4 x.
 *
 * Run: node --import tsx bench/flow-isolation.bench.ts [seconds, default 60] [fleet 0..2, default 1]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../ingest/journal/file-journal.ts';
import { configOf } from '../services/config.ts';
import type { LoaderStatus } from '../services/loader.ts';
import { BUSES, declarationsOf, messageOf, STATIONS, TAXIS } from './flow/city-messages.ts';
import type { SenderOptions, SenderReport } from './flow/mqtt-sender.ts';

const SECONDS = Number(process.argv[2] ?? 60);
const FLEET = [TAXIS, BUSES, STATIONS][Number(process.argv[3] ?? 1)]!;
const ROWS_PER_S = Number(process.env.RATE ?? 20_000);
/** What is in the index before: so many messages over the last hours. */
const HISTORY_MESSAGES = Number(process.env.HISTORY ?? 400_000);
const HISTORY_MS = 30 * 3_600_000;
const SEAL_EVERY_MS = 10_000;
const GATEWAY = 'bench-gateway';
/** Questions a second of each kind; how often each is asked alone. */
const ASKED_PER_S = 4;
const ALONE = Number(process.env.ALONE ?? 60);

const here = (file: string) => new URL(file, import.meta.url);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function fill(dir: string): Promise<void> {
  const declarations = declarationsOf(FLEET).map((one) =>
    one.kind === 'thing' ? { ...one, body: { ...one.body, gateway: GATEWAY } } : one,
  );
  const journal = await openJournal({
    dir: join(dir, 'journal'),
    ...configOf({}).journal,
    clock: Date.now,
    snapshot: () => declarations,
    onControl: () => undefined,
  });
  journal.listen({ onSegment: () => undefined, onDurable: () => undefined, onRefused: () => undefined });
  const begin = Date.now() - HISTORY_MS;
  let last: Promise<unknown> = Promise.resolve();
  for (let i = 0; i < HISTORY_MESSAGES; i++) {
    const receivedAt = begin + (i * HISTORY_MS) / HISTORY_MESSAGES;
    const { topic, text } = messageOf(FLEET, i, Math.round(receivedAt) - 400);
    const origin = {
      transport: 'mqtt',
      principal: GATEWAY,
      clientId: GATEWAY,
      topic,
      qos: 1,
      packetId: 1 + (i % 65_535),
      dup: false,
    } as const;
    const raw = { sourceId: 'jingwei-json', origin, receivedAt, bytes: Buffer.from(text) };
    last = journal.enqueue({ kind: 'message', raw }, { lo: i, hi: 1 }).durable;
    if (i % 5000 === 0) await last;
  }
  await last;
  await journal.close();
}

interface Status {
  readonly loader: LoaderStatus;
  readonly doors: {
    readonly head: number;
    readonly eventLoopDelayMsP99: number;
    readonly journalSyncMsMax: number;
  };
}

/** The server, and a way to ask it. */
class City {
  readonly child: ChildProcess;
  readonly token: string;
  readonly url: string;
  readonly mqtt: number;

  private constructor(child: ChildProcess, dir: string, ready: { url: string; mqtt: number }) {
    this.child = child;
    this.url = ready.url;
    this.mqtt = ready.mqtt;
    this.token = readFileSync(join(dir, 'secrets', 'cli-token'), 'utf8').trim();
  }

  static async start(dir: string): Promise<City> {
    const child = fork(here('./flow/city-server.ts'), [dir], {
      execArgv: ['--max-semi-space-size=4', '--import', 'tsx'],
      env: { ...process.env, UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2' },
    });
    const { ready } = (await answerOf(child, 'ready')) as { ready: { url: string; mqtt: number } };
    return new City(child, dir, ready);
  }

  async ask(ask: 'seal' | 'status'): Promise<Record<string, unknown>> {
    const answer = answerOf(this.child, ask === 'seal' ? 'sealed' : 'status');
    this.child.send({ ask });
    return answer;
  }

  async status(): Promise<Status> {
    return (await this.ask('status')).status as Status;
  }

  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const answer = await fetch(this.url + path, { ...init, headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.send({ ask: 'stop' });
    await gone;
  }
}

function answerOf(child: ChildProcess, name: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`The server ended with ${code}`));
    child.once('exit', onExit);
    child.on('message', function onAnswer(message: Record<string, unknown>) {
      if (!(name in message)) return;
      child.off('message', onAnswer);
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** The questions: of closed hours a rollup answers, of minutes or of a fine grid only the rows. */
function questions(now: number) {
  const hour = Math.floor(now / HOUR) * HOUR;
  const property = FLEET.properties[0]!;
  const span = (from: number, to: number) => `property=${property}&from=${iso(from)}&to=${iso(to)}`;
  return {
    rollup: `/api/v1/zones?dggrs=h3&level=7&${span(hour - 12 * HOUR, hour - HOUR)}`,
    raw: `/api/v1/zones?dggrs=h3&level=11&${span(hour - 6 * HOUR + 60_000, hour - HOUR - 60_000)}`,
  } as const;
}

async function timed(city: City, path: string): Promise<readonly [ms: number, from: string, zones: number]> {
  const began = performance.now();
  const answer = await city.json<{ zones: unknown[]; provenance: { answeredFrom: string } }>(path);
  return [performance.now() - began, answer.provenance.answeredFrom, answer.zones.length];
}

const percentile = (list: number[], share: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;

const began = new Date();
console.log(
  `${began.toISOString().slice(0, 16)}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'} x ${availableParallelism()}, load before ${loadavg()[0]!.toFixed(1)}`,
);
const dir = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), 'jingwei-bench-'));
try {
  await fill(dir);
  const city = await City.start(dir);
  const [device] = await city.json<{ token: string }[]>('/api/v1/devices', {
    method: 'POST',
    body: JSON.stringify([
      { id: GATEWAY, kind: 'gateway', publish: ['things/+/observations'], subscribe: [] },
    ]),
  });
  for (;;) {
    const { loader, doors } = await city.status();
    if (loader.position >= doors.head) break;
    await sleep(500);
  }
  // Rollups of the closed hours are built a few seconds later.
  await sleep(20_000);

  const alone = { rollup: [] as number[], raw: [] as number[] };
  for (let i = 0; i < ALONE; i++) {
    for (const kind of ['rollup', 'raw'] as const) {
      const [ms, from, zones] = await timed(city, questions(Date.now())[kind]);
      if (i === 0) console.log(`${kind} questions: ${zones} zones, answered from ${from}`);
      if (i >= 5) alone[kind].push(ms);
    }
  }

  const sender = fork(here('./flow/mqtt-sender.ts'), [], { execArgv: ['--import', 'tsx'] });
  const reported = new Promise<SenderReport>((resolve, reject) => {
    sender.once('message', (report) => resolve(report as SenderReport));
    sender.once('exit', (code) => reject(new Error(`The sender ended with ${code}`)));
  });
  sender.send({
    port: city.mqtt,
    username: GATEWAY,
    password: device!.token,
    fleet: FLEET,
    messagesPerS: ROWS_PER_S / FLEET.properties.length,
    seconds: SECONDS,
    connections: 40,
  } satisfies SenderOptions);
  let sending = true;
  const sealed: string[] = [];
  const sealing = (async () => {
    while (sending) {
      const { sealed: one } = (await city.ask('seal')) as {
        sealed: { report: { rows: number } | string; ms: number };
      };
      const { report, ms } = one;
      sealed.push(`${typeof report === 'string' ? report : `${report.rows} rows`} in ${ms.toFixed(0)} ms`);
      await sleep(SEAL_EVERY_MS);
    }
  })();
  const under = { rollup: [] as number[], raw: [] as number[] };
  const asking = (['rollup', 'raw'] as const).map(async (kind) => {
    await sleep(2000);
    while (sending) {
      const [ms] = await timed(city, questions(Date.now())[kind]);
      under[kind].push(ms);
      await sleep(Math.max(0, 1000 / ASKED_PER_S - ms));
    }
  });
  const acks = await reported;
  sending = false;
  await Promise.all([...asking, sealing]);
  const { loader, doors } = await city.status();
  await city.stop();

  const f = (ms: number) => ms.toFixed(1);
  console.log(
    `${FLEET.name}, ${ROWS_PER_S} rows/s for ${SECONDS} s, load after ${loadavg()[0]!.toFixed(1)}; sealed meanwhile: ${sealed.join(', ')}`,
  );
  console.log(
    `acks: ${acks.acknowledged} of ${acks.sent}, p50 ${f(acks.p50)} ms, p99 ${f(acks.p99)}, p99.9 ${f(acks.p999)}, most ${f(acks.max)} ` +
      `(the sender itself was late by ${f(acks.lateP99)} at p99): ${acks.p50 < 5 && acks.p99 < 25 ? 'holds' : 'MISSES'} 5 / 25 ms`,
  );
  for (const kind of ['rollup', 'raw'] as const) {
    const [a50, a99] = [percentile(alone[kind], 0.5), percentile(alone[kind], 0.99)];
    const [u50, u99] = [percentile(under[kind], 0.5), percentile(under[kind], 0.99)];
    const holds =
      kind === 'rollup' ? u50 <= 2 * a50 + 20 && u99 <= 2 * a99 + 20 : u50 <= 1.5 * a50 && u99 < 300;
    console.log(
      `${kind.padEnd(6)} alone p50 ${f(a50)} p99 ${f(a99)} ms; under load p50 ${f(u50)} p99 ${f(u99)} ms (${under[kind].length} asked): ${holds ? 'holds' : 'MISSES'}`,
    );
  }
  console.log(
    `index ${doors.head - loader.position} entries behind at the end, longest commit ${f(loader.maxCommitMs)} ms; door thread: event loop p99 ${f(doors.eventLoopDelayMsP99)} ms, longest sync ${f(doors.journalSyncMsMax)} ms`,
  );
} finally {
  await rm(dir, { recursive: true, force: true });
}
