/** Wires the rooms into one server: index, state, doors, loader, live stream, HTTP; and takes them apart again in order. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createQueries, openStore, type Store } from '../analytics/index.ts';
import { openDoors } from '../ingest/index.ts';
import type { Doors } from '../ingest/worker/doors.ts';
import { type Arrivals, watchArrivals } from './arrivals.ts';
import { type Audit, createAudit } from './audit/index.ts';
import {
  accessOf,
  createDevices,
  createIdentify,
  createLoginLimit,
  createSessions,
  createTokens,
  createUsers,
  provideCliToken,
  type Sessions,
} from './auth/index.ts';
import { loadBoards } from './boards.ts';
import { loadCity } from './city/city.ts';
import type { Config } from './config.ts';
import { type DataFolder, prepareDataFolder } from './data-folder.ts';
import { createApp } from './http/app.ts';
import { READERS } from './http/route.ts';
import { attachLive, type Live } from './live/index.ts';
import { type Loader, startLoader } from './loader.ts';
import { createLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Services } from './services.ts';
import { openState, type State } from './state/index.ts';
import { type RunningVideo, startVideoDoor } from './video-door.ts';
import { openVideoKeys } from './video-keys.ts';

/** A running server. */
export interface Server {
  readonly url: string;
  /** Ports actually listened on; RTMP null without video. */
  readonly ports: { readonly http: number; readonly mqtt: number; readonly rtmp: number | null };
  /** Everything inside, for tests and for the command line. */
  readonly services: Services;
  readonly loader: Loader;
  /** Resolves once with the reason when a part died that the server cannot live without. */
  readonly fault: Promise<Error>;
  /** Stops in order: no new requests, index up to date as far as time allows, everything on disk. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log?: Logger;
  /** Told the generated password of the first admin, once. Default: standard error. */
  readonly announce?: (line: string) => void;
}

const SWEEP_EVERY_MS = 600_000;
/** While stopping, how long the index may catch up. What it does not reach is loaded at the next start. */
const DRAIN_MS = 3000;
/** While stopping, how long running HTTP answers may take. */
const HTTP_END_MS = 1500;
/** Time for a client to send its request line and headers: a slow one must not hold a connection. */
const HEADERS_TIMEOUT_MS = 20_000;

/**
 * Starts the server.
 *
 * @throws When a part cannot start (port taken, data folder in use, settings wrong); what had started is closed again.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<Server> {
  const log = options.log ?? createLog(config.log.level);
  const undo = new Undo(log);
  try {
    return await start(config, log, options.announce ?? announceOnStandardError, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function start(
  config: Config,
  log: Logger,
  announce: (line: string) => void,
  undo: Undo,
): Promise<Server> {
  const now = Date.now;
  const city = loadCity(config.city);
  const boards = loadBoards((file, reason) => log.error({ file, reason }, 'not a board'));
  const folder = prepareDataFolder(config.dataDir);
  // The index first: DuckDB locks its file, so a second server on the same folder ends here.
  const store = await openIndex(config, folder, log, city.timezone);
  undo.add('index', () => store.close());
  const state = await openState(folder.state, now());
  undo.add('state', () => state.destroy());
  const audit = createAudit(state);
  const users = createUsers(state, now);
  const password = await users.createFirstAdmin(config.adminPassword);
  if (password !== null) announce(`First start: user "admin", password "${password}" (shown only now)`);
  await provideCliToken(state, folder.cliToken, now);

  const doors = await openDoors({ dataDir: folder.root, ...doorOptions(config, folder) });
  undo.add('doors', () => doors.close());
  const fault = new Promise<Error>((resolve) => doors.onFault(resolve));
  const devices = createDevices(state, (principals) => doors.setPrincipals(principals), now);
  await doors.setPrincipals(await devices.principals());

  const queries = createQueries(store);
  const metrics = createMetrics();
  const arrivals = watchArrivals(doors);
  let video: RunningVideo | undefined;
  const videoKeys = openVideoKeys(folder.videoKeys, (keys) => video?.setKeys(keys));
  video = await startVideoDoor(config, videoKeys.all(), log);
  if (video) undo.add('video', async () => video?.close());
  const sessions = createSessions(state, now);
  const identify = createIdentify(state, now);

  let live: Live | undefined;
  const loader = startLoader({
    doors,
    store,
    publish: (delta) => live?.publish(delta),
    maxReadings: config.loader.maxReadings,
    commitMs: config.loader.commitMs,
    log,
  });
  undo.add('loader', () => loader.stop());
  const services: Services = {
    config,
    log,
    state,
    audit,
    users,
    sessions,
    tokens: createTokens(state, now),
    devices,
    identify,
    loginLimit: createLoginLimit(now),
    doors,
    store,
    queries,
    loader,
    city,
    boards,
    metrics,
    live: { metrics: () => live?.metrics() ?? {} },
    video,
    videoKeys,
    now,
  };
  const http = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, createApp(services));
  http.maxConnections = config.http.maxConnections;
  live = attachLive({
    server: http,
    store,
    queries,
    log,
    arrivals: () => arrivals.now(),
    async authenticate(request) {
      const identity = await identify(request.headers);
      const reads = identity !== undefined && READERS.some((role) => role === identity.role);
      return reads ? accessOf(identity) : undefined;
    },
  });
  await listen(http, config);
  const port = (http.address() as AddressInfo).port;
  const sweep = setInterval(() => sessions.sweep().catch(() => undefined), SWEEP_EVERY_MS);
  const ports = { http: port, mqtt: doors.ports.mqtt, rtmp: video?.port ?? null };
  await record(audit, 'server-started', ports);
  log.info({ ...ports, dataDir: folder.root }, 'server is listening');

  const parts = {
    log,
    http,
    live,
    loader,
    arrivals,
    sweep,
    video,
    audit,
    doors,
    store,
    state,
    metrics,
    sessions,
  };
  let stopping: Promise<void> | undefined;
  return {
    url: `http://${hostInUrl(config.http.host)}:${port}`,
    ports,
    services,
    loader,
    fault,
    stop() {
      stopping ??= stopParts(parts);
      return stopping;
    },
  };
}

interface Parts {
  readonly log: Logger;
  readonly http: HttpServer;
  readonly live: Live;
  readonly loader: Loader;
  readonly arrivals: Arrivals;
  readonly sweep: NodeJS.Timeout;
  readonly video: RunningVideo | undefined;
  readonly audit: Audit;
  readonly doors: Doors;
  readonly store: Store;
  readonly state: State;
  readonly metrics: Metrics;
  readonly sessions: Sessions;
}

/** One step after the other; a step that fails is logged and the next one is still taken. */
async function stopParts(parts: Parts): Promise<void> {
  const { log, http, loader, doors, store } = parts;
  const step = async (name: string, act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      log.error({ err: error, step: name }, 'stopping: a step failed');
    }
  };
  log.info('server is stopping');
  clearInterval(parts.sweep);
  parts.arrivals.close();
  await step('live', () => parts.live.close());
  await step('http', () => closeHttp(http));
  await step('video', () => parts.video?.close());
  await step('audit', () => record(parts.audit, 'server-stopped', {}));
  await step('drain', async () => loader.reached((await doors.metrics()).head, DRAIN_MS));
  await step('loader', () => loader.stop());
  await step('doors', () => doors.close());
  await step('index', () => store.close());
  await step('state', () => parts.state.destroy());
  parts.metrics.close();
  log.info('server has stopped');
}

async function openIndex(config: Config, folder: DataFolder, log: Logger, timezone: string): Promise<Store> {
  const store = await openStore({
    path: folder.index,
    memoryLimitMb: config.duckdb.memoryMb,
    threads: config.duckdb.threads,
    timezone: config.timezone ?? timezone,
    log,
  });
  if (store.recovery)
    log.warn({ ...store.recovery }, 'the index could not be read and is rebuilt from the journal');
  return store;
}

function doorOptions(config: Config, folder: DataFolder) {
  return {
    mqtt: config.mqtt,
    inbox: { dir: folder.inbox, pollMs: config.inbox.pollMs },
    journal: config.journal,
  };
}

function listen(http: HttpServer, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(config.http.port, config.http.host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Lets answers under way end, then cuts what is left: a video viewer would never end. */
async function closeHttp(http: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  const timer = setTimeout(() => http.closeAllConnections(), HTTP_END_MS);
  await closed;
  clearTimeout(timer);
}

function record(
  audit: Audit,
  action: 'server-started' | 'server-stopped',
  detail: Record<string, number | null>,
): Promise<void> {
  return audit.record({
    who: 'server',
    action,
    subject: 'server',
    detail,
    sourceAddress: '',
    at: Date.now(),
  });
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function announceOnStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What has been started and must be closed again when a later part fails. */
class Undo {
  readonly #steps: { readonly name: string; readonly act: () => Promise<void> }[] = [];
  readonly #log: Logger;
  constructor(log: Logger) {
    this.#log = log;
  }
  add(name: string, act: () => Promise<void>): void {
    this.#steps.push({ name, act });
  }
  /** Newest first. */
  async run(): Promise<void> {
    for (const { name, act } of this.#steps.reverse()) {
      await act().catch((error: unknown) =>
        this.#log.error({ err: error, part: name }, 'could not be closed'),
      );
    }
  }
}
