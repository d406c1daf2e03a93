/** The real server as a process of its own, for end-to-end tests, long runs and benchmarks: started, asked, killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const READY_TIMEOUT_MS = 60_000;

export interface ServerProcess {
  readonly url: string;
  readonly mqttUrl: string;
  readonly rtmpUrl: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Everything the process has written to stdout and stderr. */
  output(): string;
  /** HTTP with the local admin token. Throws for an answer that is not 2xx. */
  json<T>(path: string, init?: RequestInit): Promise<T>;
  readonly token: string;
  /** SIGKILL, as a power cut would. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface ServerOptions {
  /** Kept when given; else a temporary folder that `removeData` deletes. */
  readonly dataDir?: string;
  /** Same ports as an earlier process, for restarts that clients should survive. */
  readonly ports?: Ports;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ports {
  readonly http: number;
  readonly mqtt: number;
  readonly rtmp: number;
}

export async function freePorts(): Promise<Ports> {
  const [http, mqtt, rtmp] = await Promise.all([freePort(), freePort(), freePort()]);
  return { http, mqtt, rtmp };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('No port to be had');
  return address.port;
}

export function temporaryDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'jingwei-e2e-'));
}

export function removeData(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
}

/** Starts the server and resolves when `/readyz` says so. */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const dataDir = options.dataDir ?? temporaryDataDir();
  const ports = options.ports ?? (await freePorts());
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=4', '--import', 'tsx', 'services/cli/main.ts', 'serve'],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        UV_THREADPOOL_SIZE: '16',
        MALLOC_ARENA_MAX: '2',
        ...process.env,
        JINGWEI_DATA_DIR: dataDir,
        JINGWEI_HTTP_PORT: String(ports.http),
        JINGWEI_MQTT_PORT: String(ports.mqtt),
        JINGWEI_RTMP_PORT: String(ports.rtmp),
        JINGWEI_ADMIN_PASSWORD: 'a-password-for-tests-only',
        JINGWEI_LOG_LEVEL: 'warn',
        ...options.env,
      },
    },
  );
  const written: string[] = [];
  child.stdout?.on('data', (bytes: Buffer) => written.push(bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => written.push(bytes.toString()));
  const url = `http://127.0.0.1:${ports.http}`;
  await untilReady(url, child, written);
  const token = readFileSync(join(dataDir, 'secrets', 'cli-token'), 'utf8').trim();
  const gone = new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)));
  return {
    url,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    rtmpUrl: `rtmp://127.0.0.1:${ports.rtmp}`,
    dataDir,
    child,
    token,
    output: () => written.join(''),
    async json<T>(path: string, init: RequestInit = {}) {
      const answer = await fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path} answered ${answer.status}: ${text}`);
      return JSON.parse(text) as T;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      child.kill('SIGTERM');
      return await gone;
    },
  };
}

async function untilReady(url: string, child: ChildProcess, written: readonly string[]): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null)
      throw new Error(`The server ended with ${child.exitCode}: ${written.join('')}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`The server was not ready in ${READY_TIMEOUT_MS} ms: ${written.join('')}`);
}

/** Waits until the index has taken everything the journal holds. */
export async function untilIndexed(server: ServerProcess, timeoutMs = 60_000): Promise<number> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const { index, head } = await server.json<{ index: number; head: number }>('/api/v1/position');
    if (index >= head) return index;
    if (Date.now() > until) throw new Error(`The index stands at ${index} of ${head} after ${timeoutMs} ms`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
