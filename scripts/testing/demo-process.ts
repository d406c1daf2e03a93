/** `npm run demo` as a process of its own, on ports and data of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { freePorts, type Ports, temporaryDataDir } from './server-process.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

export interface DemoProcess {
  /** The link that signs in a read-only wall seat. */
  readonly wallUrl: string;
  readonly ports: Ports;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** From the command to the printed link, ms. */
  readonly startMs: number;
  output(): string;
  stop(): Promise<number | null>;
}

export async function startDemo(
  options: { dataDir?: string; env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<DemoProcess> {
  const began = performance.now();
  const dataDir = options.dataDir ?? temporaryDataDir();
  const ports = await freePorts();
  const child = spawn(process.execPath, ['scripts/demo.mjs'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      JINGWEI_DATA_DIR: dataDir,
      JINGWEI_HTTP_PORT: String(ports.http),
      JINGWEI_MQTT_PORT: String(ports.mqtt),
      JINGWEI_RTMP_PORT: String(ports.rtmp),
      JINGWEI_LOG_LEVEL: 'warn',
      ...options.env,
    },
  });
  let written = '';
  const gone = new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)));
  const wallUrl = await new Promise<string>((found, failed) => {
    const timer = setTimeout(
      () => failed(new Error(`No link after ${options.timeoutMs ?? 90_000} ms: ${written}`)),
      options.timeoutMs ?? 90_000,
    );
    const read = (bytes: Buffer) => {
      written += bytes.toString();
      const link = /https?:\/\/\S+\/seat\/\S+/.exec(written)?.[0];
      if (link !== undefined) {
        clearTimeout(timer);
        found(link);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => failed(new Error(`The demo ended with ${code}: ${written}`)));
  });
  return {
    wallUrl,
    ports,
    dataDir,
    child,
    startMs: performance.now() - began,
    output: () => written,
    async stop() {
      child.kill('SIGTERM');
      return await gone;
    },
  };
}
