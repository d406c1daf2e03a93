/** Wires the rooms into one server: index, state, doors, loader, live stream, HTTP. */
import type { Logger } from 'pino';
import { createQueries, openStore, type Store } from '../analytics/index.ts';
import { type Doors, openDoors } from '../ingest/index.ts';
import { watchArrivals } from './arrivals.ts';
import { createAudit } from './audit/index.ts';
import {
  accessOf,
  createDevices,
  createIdentify,
  createLoginLimit,
  createSessions,
  createTokens,
  createUsers,
  type Identify,
  provideCliToken,
} from './auth/index.ts';
import { loadBoards } from './boards.ts';
import { divisionsOf, loadCity } from './city/city.ts';
import { openCoding } from './coding/index.ts';
import type { Config } from './config.ts';
import { clearUploads, type DataFolder, prepareDataFolder } from './data-folder.ts';
import { createApp } from './http/app.ts';
import { closeHttpServer, createHttpServer, listen } from './http/listen.ts';
import { READERS } from './http/route.ts';
import { attachLive, type Live } from './live/index.ts';
import { type Loader, startLoader } from './loader.ts';
import { doorLog, openLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { releaseJournal } from './release-journal.ts';
import type { Services } from './services.ts';
import { IndexAheadError } from './start-failure.ts';
import { openState } from './state/index.ts';
import { createTeardown, type Teardown } from './teardown.ts';
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
  /** Resolves with the reason when a part died that the server cannot live without. */
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
/** While stopping, how long the index may catch up. What it does not reach is loaded at the next start. ms. */
const DRAIN_MS = 3000;

/**
 * Starts the server.
 *
 * @throws When a part cannot start (port taken, data folder in use, settings wrong); what had started is closed again.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<Server> {
  const log = options.log ?? openLog(config.log);
  const teardown = createTeardown(log);
  try {
    return await start(config, log, options.announce ?? announceOnStandardError, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(
  config: Config,
  log: Logger,
  announce: (line: string) => void,
  teardown: Teardown,
): Promise<Server> {
  const now = Date.now;
  const city = loadCity(config.city);
  const boards = loadBoards((file, reason) => log.error({ file, reason }, 'not a board'));
  const folder = prepareDataFolder(config.dataDir);
  // The index first: DuckDB locks its file, so a second server on the same folder ends here.
  const store = await openIndex(config, folder, log, city.timezone, teardown);
  clearUploads(folder);
  const state = await openState(folder.state, now());
  teardown.add('state', () => state.destroy());
  const users = createUsers(state, now);
  const password = await users.createFirstAdmin(config.adminPassword);
  if (password !== null) announce(`First start: user "admin", password "${password}" (shown only now)`);
  await provideCliToken(state, folder.cliToken, now);

  let video: RunningVideo | undefined;
  const videoKeys = openVideoKeys(folder.videoKeys, (keys) => video?.setKeys(keys));
  // Two processes' worth of start-up: side by side.
  const [opening, starting] = await Promise.allSettled([
    openDoorThread(config, folder, log, teardown),
    startVideoDoor(config, videoKeys.all(), log),
  ]);
  video = starting.status === 'fulfilled' ? starting.value : undefined;
  teardown.add('video', () => video?.close());
  if (opening.status === 'rejected') throw opening.reason;
  const doors = opening.value;
  const fault = new Promise<Error>((resolve) => doors.onFault(resolve));
  // Before a device may connect: what it sent would be acknowledged and never shown.
  const { head } = await doors.metrics();
  if (store.position > head) throw new IndexAheadError(store.position, head);
  const devices = createDevices(state, (principals) => doors.setPrincipals(principals), now);
  await doors.setPrincipals(await devices.principals());

  const audit = createAudit(state);
  const identify = createIdentify(state, now);
  const sessions = createSessions(state, now);
  const queries = createQueries(store, { divisions: divisionsOf(city) });
  const metrics = createMetrics();
  teardown.add('metrics', () => metrics.close());
  const coding = await openCoding({
    folder: folder.coding,
    floorBytes: 2 * config.journal.minFreeBytes,
    now,
    onFault: (error, what) => log.error({ err: error }, what),
  });
  teardown.add('coding', () => coding.close());
  let live: Live | undefined;
  const loader = startIndexing(config, log, doors, store, (delta) => live?.publish(delta), teardown);
  teardown.add(
    'release',
    releaseJournal({
      doors,
      store,
      everyMs: config.index.sealEveryMs,
      onError: (error) => log.warn({ err: error }, 'the journal could not be told what it may let go'),
    }),
  );
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
    coding,
    boards,
    metrics,
    live: { metrics: () => live?.metrics() ?? {} },
    video,
    videoKeys,
    now,
  };
  const http = createHttpServer(config, createApp(services));
  teardown.add('http', () => closeHttpServer(http));
  const arrivals = watchArrivals(doors);
  teardown.add('arrivals', () => arrivals.close());
  live = attachLive({
    server: http,
    store,
    queries,
    log,
    arrivals: () => arrivals.now(),
    authenticate: (request) => readerOf(identify, request.headers),
  });
  const stream = live;
  teardown.add('live', () => stream.close());
  const port = await listen(http, config.http.host, config.http.port);
  const sweep = setInterval(() => sessions.sweep().catch(() => undefined), SWEEP_EVERY_MS);
  teardown.add('sweep', () => clearInterval(sweep));
  const ports = { http: port, mqtt: doors.ports.mqtt, rtmp: video?.port ?? null };
  const note = { who: 'server', subject: 'server', sourceAddress: '' };
  await audit.record({ ...note, action: 'server-started', detail: ports, at: now() });
  teardown.add('audit', () => audit.record({ ...note, action: 'server-stopped', detail: {}, at: now() }));
  log.info({ ...ports, dataDir: folder.root }, 'server is listening');
  return {
    url: `http://${hostInUrl(config.http.host)}:${port}`,
    ports,
    services,
    loader,
    fault,
    async stop() {
      log.info('server is stopping');
      await teardown.run();
      log.info('server has stopped');
    },
  };
}

async function openIndex(
  config: Config,
  folder: DataFolder,
  log: Logger,
  timezone: string,
  teardown: Teardown,
): Promise<Store> {
  const store = await openStore({
    path: folder.index,
    partsDir: folder.parts,
    sealing: {
      intervalMs: config.index.sealEveryMs,
      sealAfterMs: config.index.sealAfterMs,
      lateAfterMs: config.index.lateAfterMs,
      quietMs: config.index.quietMs,
      maxHotRows: config.index.maxHotRows,
      snapshotEveryMs: config.index.snapshotEveryMs,
    },
    retentionDays: config.index.retentionDays === 0 ? null : config.index.retentionDays,
    memoryLimitMb: config.duckdb.memoryMb,
    threads: config.duckdb.threads,
    timezone: config.timezone ?? timezone,
    log,
  });
  teardown.add('index', () => store.close());
  if (store.recovery) {
    log.warn({ ...store.recovery }, 'the index could not be read and is rebuilt from the journal');
  }
  return store;
}

async function openDoorThread(
  config: Config,
  folder: DataFolder,
  log: Logger,
  teardown: Teardown,
): Promise<Doors> {
  const doors = await openDoors({
    dataDir: folder.root,
    mqtt: config.mqtt,
    inbox: { dir: folder.inbox, ...config.inbox },
    journal: config.journal,
    onLog: doorLog(log),
  });
  teardown.add('doors', () => doors.close());
  return doors;
}

function startIndexing(
  config: Config,
  log: Logger,
  doors: Doors,
  store: Store,
  publish: Parameters<typeof startLoader>[0]['publish'],
  teardown: Teardown,
): Loader {
  const loader = startLoader({ doors, store, publish, ...config.loader, log });
  teardown.add('loader', async () => {
    // A dead door thread has no head to catch up with.
    const head = await doors.metrics().then(
      (metrics) => metrics.head,
      () => 0,
    );
    await loader.reached(head, DRAIN_MS);
    await loader.stop();
  });
  return loader;
}

/** Who may open the live stream: everybody who reads. */
async function readerOf(identify: Identify, headers: Parameters<Identify>[0]) {
  const identity = await identify(headers);
  const reads = identity !== undefined && READERS.some((role) => role === identity.role);
  return reads ? accessOf(identity) : undefined;
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function announceOnStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
