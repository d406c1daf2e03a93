/**
 * The demo city at ten times its rate, watched for growth. The processes outlive one piece of the run (each under 30
 * minutes): their ports and pids are kept in a file between the pieces.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { freePorts, type Ports, removeData, temporaryDataDir } from './server-process.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const STATE_DIR = `${ROOT}node_modules/.cache/jingwei-soak`;
const STATE = `${STATE_DIR}/state.json`;
const SAMPLE_EVERY_MS = 10_000;

interface SoakState {
  readonly dataDir: string;
  readonly ports: Ports;
  readonly pid: number;
  readonly samples: SoakSample[];
}

export interface SoakSample {
  readonly at: number;
  /** Resident set of every process of the demo but ffmpeg, MB. */
  readonly rssMb: number;
  readonly byProcess: Readonly<Record<string, number>>;
  readonly position: number;
  readonly behind: number;
}

/** Starts `npm run demo` at ten times the rate, detached. */
export async function startSoak(): Promise<void> {
  stopSoak();
  const dataDir = temporaryDataDir();
  const ports = await freePorts();
  const child = spawn(process.execPath, ['scripts/demo.mjs'], {
    cwd: ROOT,
    detached: true,
    stdio: 'ignore',
    env: {
      ...process.env,
      JINGWEI_DATA_DIR: dataDir,
      JINGWEI_HTTP_PORT: String(ports.http),
      JINGWEI_MQTT_PORT: String(ports.mqtt),
      JINGWEI_RTMP_PORT: String(ports.rtmp),
      JINGWEI_DEMO_RATE: '10',
      JINGWEI_LOG_LEVEL: 'warn',
    },
  });
  child.unref();
  mkdirSync(STATE_DIR, { recursive: true });
  save({ dataDir, ports, pid: child.pid!, samples: [] });
}

/** Watches for `minutes`, keeping the samples when `keep` says so. */
export async function watchSoak(minutes: number, keep: boolean): Promise<readonly SoakSample[]> {
  const until = Date.now() + minutes * 60_000;
  const state = load();
  while (Date.now() < until) {
    await new Promise((wake) => setTimeout(wake, SAMPLE_EVERY_MS));
    const sample = await takeSample(state);
    if (keep) {
      state.samples.push(sample);
      save(state);
    }
    console.error(
      `  ${new Date(sample.at).toISOString()} ${sample.rssMb.toFixed(0)} MB, position ${sample.position}, behind ${sample.behind}`,
      JSON.stringify(sample.byProcess),
    );
  }
  return state.samples;
}

export function stopSoak(): void {
  if (!existsSync(STATE)) return;
  const state = load();
  try {
    process.kill(-state.pid, 'SIGTERM');
  } catch {
    // Gone already: nothing to stop.
  }
  spawn('sh', ['-c', `sleep 15; kill -9 -${state.pid} 2>/dev/null; rm -rf '${state.dataDir}'`], {
    detached: true,
    stdio: 'ignore',
  }).unref();
  rmSync(STATE_DIR, { recursive: true, force: true });
  if (!existsSync(state.dataDir)) removeData(state.dataDir);
}

/** Least-squares slope of the resident set, MB an hour, and its range. */
export function summary(samples: readonly SoakSample[]): {
  samples: number;
  minutes: number;
  mbMin: number;
  mbMax: number;
  slopeMbPerHour: number;
  messagesPerSecond: number;
} {
  const n = samples.length;
  const t = samples.map((sample) => (sample.at - samples[0]!.at) / 3_600_000);
  const y = samples.map((sample) => sample.rssMb);
  const meanT = t.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  const covariance = t.reduce((sum, value, index) => sum + (value - meanT) * (y[index]! - meanY), 0);
  const variance = t.reduce((sum, value) => sum + (value - meanT) ** 2, 0);
  const hours = t[n - 1]!;
  return {
    samples: n,
    minutes: Math.round(hours * 60),
    mbMin: Math.round(Math.min(...y)),
    mbMax: Math.round(Math.max(...y)),
    slopeMbPerHour: Math.round((covariance / variance) * 10) / 10,
    messagesPerSecond: Math.round((samples[n - 1]!.position - samples[0]!.position) / (hours * 3600)),
  };
}

async function takeSample(state: SoakState): Promise<SoakSample> {
  const byProcess: Record<string, number> = {};
  for (const { pid, command } of processesOf(state.pid)) {
    if (/ffmpeg|chrom/.test(command)) continue;
    const name = /demo-city/.test(command)
      ? 'city'
      : /video-child/.test(command)
        ? 'video'
        : /services\/cli/.test(command)
          ? 'server'
          : `other-${pid}`;
    byProcess[name] = Math.round((byProcess[name] ?? 0) + residentMb(pid));
  }
  const token = readFileSync(`${state.dataDir}/secrets/cli-token`, 'utf8').trim();
  const answer = await fetch(`http://127.0.0.1:${state.ports.http}/api/v1/position`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { index, head } = (await answer.json()) as { index: number; head: number };
  const rssMb = Object.values(byProcess).reduce((sum, mb) => sum + mb, 0);
  return { at: Date.now(), rssMb, byProcess, position: index, behind: head - index };
}

/** Every process of the session that the demo leads, from /proc. */
function processesOf(leader: number): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[2]) !== leader) continue;
      found.push({
        pid: Number(name),
        command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
      });
    } catch {
      // The process ended while we were looking.
    }
  }
  return found;
}

function residentMb(pid: number): number {
  try {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kb ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function load(): SoakState {
  return JSON.parse(readFileSync(STATE, 'utf8')) as SoakState;
}

function save(state: SoakState): void {
  writeFileSync(STATE, JSON.stringify(state));
}
