/** A server for tests: the real application on a free port over a real state store; doors and index answer as told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Queries, Store } from '../../analytics/index.ts';
import type { Doors } from '../../ingest/index.ts';
import type { Principal } from '../../ingest/model/index.ts';
import { createAudit } from '../audit/index.ts';
import {
  createDevices,
  createIdentify,
  createLoginLimit,
  createSessions,
  createTokens,
  createUsers,
  type Role,
} from '../auth/index.ts';
import { loadCity } from '../city/city.ts';
import { openCoding } from '../coding/index.ts';
import { type ConfigInput, configOf } from '../config.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import type { Services } from '../services.ts';
import { openState } from '../state/index.ts';
import { openVideoKeys } from '../video-keys.ts';
import { createApp } from './app.ts';
import type { BodyDeadlines } from './body-deadline.ts';
import type { Route } from './route.ts';

export interface TestServer {
  readonly url: string;
  readonly services: Services;
  /** What `doors.setPrincipals` was last told. */
  principals(): readonly Principal[];
  /** A bearer token of this role; a device's for `device`. */
  tokenOf(role: Role): Promise<string>;
  /** Lines of the log. */
  readonly lines: readonly string[];
  /** Moves the clock, ms. */
  advance(ms: number): void;
  close(): Promise<void>;
}

/** Parts that a test brings itself. */
export interface TestParts {
  readonly doors?: Partial<Doors>;
  readonly queries?: Partial<Queries>;
  readonly routes?: readonly Route[];
  readonly maxDeliveryBytes?: number;
  readonly deadlines?: BodyDeadlines;
  readonly config?: ConfigInput;
  readonly logLevel?: string;
}

/** Starts one; `close` it. */
export async function startTestServer(parts: TestParts = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-http-'));
  const lines: string[] = [];
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const state = await openState(join(folder, 'state', 'jingwei.sqlite'));
  let principals: readonly Principal[] = [];
  const ports = { mqtt: 0 };
  const http = { port: 0, ...(parts.maxDeliveryBytes ? { maxDeliveryBytes: parts.maxDeliveryBytes } : {}) };
  const coding = await openCoding({
    folder: join(folder, 'coding'),
    floorBytes: 0,
    now,
    onFault: (error) => lines.push(String(error)),
  });
  const services: Services = {
    config: configOf({ dataDir: folder, http, journal: { minFreeBytes: 0 }, ...parts.config }),
    log: createLog(parts.logLevel ?? 'info', { write: (line) => lines.push(line) }),
    state,
    audit: createAudit(state),
    users: createUsers(state, now),
    sessions: createSessions(state, now),
    tokens: createTokens(state, now),
    devices: createDevices(
      state,
      async (set) => {
        principals = set;
      },
      now,
    ),
    identify: createIdentify(state, now),
    loginLimit: createLoginLimit(now),
    // The device port is told to be that of HTTP: somebody listens there.
    doors: answering<Doors>({ ports, ...parts.doors }),
    store: answering<Store>({ position: 0 }),
    queries: answering<Queries>(parts.queries),
    loader: {
      status: () => ({
        position: 0,
        head: 0,
        lagMs: 0,
        commits: 0,
        readings: 0,
        failures: 0,
        fault: null,
        lastCommitMs: 0,
        maxCommitMs: 0,
        entriesPerS: 0,
        etaMs: 0,
      }),
    },
    city: loadCity(),
    coding,
    boards: new Map(),
    metrics: createMetrics(),
    live: { metrics: () => ({}) },
    video: undefined,
    videoKeys: openVideoKeys(join(folder, 'stream-keys.json'), () => undefined),
    now,
  };
  const server = createServer(createApp(services, parts.routes, parts.deadlines));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  ports.mqtt = port;
  return {
    url: `http://127.0.0.1:${port}`,
    services,
    principals: () => principals,
    async tokenOf(role) {
      if (role !== 'device') return (await services.tokens.create('test', role, 'test', null)).token;
      const made = await services.devices.create([{ id: 'station-1', kind: 'device', rotate: true }]);
      if (!('made' in made)) throw new Error('the device was not made');
      return made.made[0]!.token;
    },
    lines,
    advance(ms) {
      ahead += ms;
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      services.metrics.close();
      await coding.close();
      await state.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The given parts; any other method answers an empty object, for tests that ask only who may call it. */
function answering<T extends object>(given: Partial<T> = {}): T {
  return new Proxy(given, {
    get: (target, name) => (name in target ? Reflect.get(target, name) : async () => ({})),
  }) as T;
}
