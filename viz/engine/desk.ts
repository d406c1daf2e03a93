/**
 * Everything a board knows, outside React: what was fetched, what the live stream changed since, and how the link is doing.
 * Components watch the stores; the map reads the zone table when it draws.
 */
import type {
  CityAnswer,
  EventAnswer,
  EventsAnswer,
  FeatureAnswer,
  FeaturesAnswer,
  Figure,
  FiguresAnswer,
  IndicatorCard,
  IndicatorsAnswer,
  LiveStatus,
  SessionAnswer,
  ThingAnswer,
  ThingsAnswer,
} from '../schema/api.ts';
import type { BoardDeclaration } from '../schema/board.ts';
import type { LiveFrame } from '../schema/live-frame.ts';
import { ApiError, type ApiErrorCode, getJson } from './api-client.ts';
import { type ServerClock, startClock } from './clock.ts';
import { type County, readCounties } from './county.ts';
import { mergeEvents } from './event-list.ts';
import { type LinkPhase, type LiveClient, openLive } from './live-client.ts';
import { createStore, type Store } from './store.ts';
import { type ZoneKey, ZoneTable } from './zone-table.ts';

/** What the server is for this browser right now. */
export type Phase =
  | { readonly name: 'loading' }
  | { readonly name: 'signed-out' }
  | { readonly name: 'failed'; readonly code: ApiErrorCode; readonly message: string }
  | {
      readonly name: 'ready';
      readonly city: CityAnswer;
      readonly board: BoardDeclaration;
      readonly session: SessionAnswer;
    };

export interface Link {
  readonly phase: LinkPhase;
  /** Server time when it was lost; null while it stands. */
  readonly lostAt: number | null;
  readonly seq: number;
  readonly position: number;
  readonly head: number;
  readonly committedAt: number;
  readonly status: LiveStatus | null;
}

/** When the server was lost, or null. */
export const lostAtOf = (link: Link): number | null => link.lostAt;
export const statusOf = (link: Link): LiveStatus | null => link.status;

export interface Desk {
  readonly clock: ServerClock;
  readonly phase: Store<Phase>;
  readonly link: Store<Link>;
  readonly counties: Store<readonly County[]>;
  readonly cards: Store<ReadonlyMap<string, IndicatorCard>>;
  /** Null until the first answer. */
  readonly figures: Store<ReadonlyMap<string, Figure> | null>;
  readonly things: Store<readonly ThingAnswer[]>;
  readonly events: Store<readonly EventAnswer[] | null>;
  readonly features: Store<readonly FeatureAnswer[]>;
  readonly zones: ZoneTable;
  /** Raised with every zones frame, for those who watch the table. */
  readonly zonesChanged: Store<number>;
  /** Which zones the live stream should carry; null for none. */
  watchZones(key: ZoneKey | null): void;
  /** Fetches again now: after signing in, or by the person's wish. */
  start(boardId: string): void;
  stop(): void;
}

const NO_LINK: Link = {
  phase: 'connecting',
  lostAt: null,
  seq: 0,
  position: 0,
  head: 0,
  committedAt: 0,
  status: null,
};

/** Latest values of things are not in the live stream: they are fetched again this often, ms. */
const THINGS_EVERY_MS = 30_000;
const FEATURES_EVERY_MS = 300_000;
const RETRY_MS = 3000;

export function createDesk(): Desk {
  const clock = startClock();
  const zones = new ZoneTable();
  const phase = createStore<Phase>({ name: 'loading' });
  const link = createStore<Link>(NO_LINK);
  const counties = createStore<readonly County[]>([]);
  const cards = createStore<ReadonlyMap<string, IndicatorCard>>(new Map());
  const figures = createStore<ReadonlyMap<string, Figure> | null>(null);
  const things = createStore<readonly ThingAnswer[]>([]);
  const events = createStore<readonly EventAnswer[] | null>(null);
  const features = createStore<readonly FeatureAnswer[]>([]);
  const zonesChanged = createStore(0);
  let live: LiveClient | null = null;
  let zoneKey: ZoneKey | null = null;
  let timers: ReturnType<typeof setInterval>[] = [];
  let retry: ReturnType<typeof setTimeout> | undefined;
  let boardId = '';

  /** Fetches one thing; a lost server is the link's business, a lost session ends the board. */
  const take = async <T>(path: string, put: (answer: T) => void, again = true): Promise<void> => {
    try {
      put(await getJson<T>(path));
    } catch (error) {
      if (error instanceof ApiError && error.code === 'signed-out') phase.set({ name: 'signed-out' });
      // While the link is lost its return fetches everything; a busy server is asked again until it answers.
      else if (again && phase.get().name === 'ready' && link.get().lostAt === null)
        setTimeout(() => void take(path, put), RETRY_MS);
    }
  };
  const takeThings = (): Promise<void> => take<ThingsAnswer>('api/v1/things', (a) => things.set(a.things));
  const takeFeatures = (): Promise<void> =>
    take<FeaturesAnswer>('api/v1/features', (a) => features.set(a.features));
  const takeAll = (): void => {
    void take<FiguresAnswer>(`api/v1/figures?board=${boardId}`, (a) =>
      figures.set(new Map(a.figures.map((f) => [f.id, f]))),
    );
    for (const type of eventTypesOf(phase.get()))
      void take<EventsAnswer>(`api/v1/events?type=${encodeURIComponent(type)}&limit=200`, (a) =>
        events.set(mergeEvents(events.get() ?? [], a.events)),
      );
    void takeThings();
    void takeFeatures();
  };

  const subscribe = (): void =>
    live?.subscribe({ zones: zoneKey, things: true, events: true, figures: true });

  const onFrame = (frame: LiveFrame): void => {
    const h = frame.header;
    clock.sync(h.serverTime);
    if (h.type === 'zones') {
      zones.apply(frame);
      zonesChanged.set(zones.revision);
    } else if (h.type === 'things') things.set(moveThings(things.get(), frame));
    else if (h.type === 'events') events.set(mergeEvents(events.get() ?? [], h.events ?? []));
    else if (h.type === 'figures')
      figures.set(
        new Map([
          ...(h.full ? [] : (figures.get() ?? [])),
          ...(h.figures ?? []).map((f) => [f.id, f] as const),
        ]),
      );
    const before = link.get();
    link.set({
      ...before,
      seq: h.seq,
      position: h.position,
      head: h.head,
      committedAt: h.committedAt,
      status: h.status ?? before.status,
    });
  };

  const onPhase = (next: LinkPhase): void => {
    const before = link.get();
    if (before.phase === next) return;
    if (next === 'live' && before.lostAt !== null) takeAll();
    link.set({
      ...before,
      phase: next,
      lostAt: next === 'live' ? null : next === 'lost' ? (before.lostAt ?? clock.now()) : before.lostAt,
    });
    // A session that ended looks like a lost server from the socket: ask.
    if (next === 'lost') void take<SessionAnswer>('api/v1/session', () => {}, false);
  };

  const openStream = (): void => {
    live?.close();
    link.set(NO_LINK);
    live = openLive({ url: liveUrl(), onFrame, onPhase });
    subscribe();
  };

  const start = async (): Promise<void> => {
    clearTimeout(retry);
    for (const timer of timers) clearInterval(timer);
    timers = [];
    try {
      const session = await getJson<SessionAnswer>('api/v1/session');
      const [city, board, indicators] = await Promise.all([
        getJson<CityAnswer>('api/v1/city'),
        getJson<BoardDeclaration>(`api/v1/boards/${boardId}`),
        getJson<IndicatorsAnswer>('api/v1/indicators'),
      ]);
      clock.sync(city.serverTime);
      counties.set(readCounties(city.outlines));
      cards.set(new Map(indicators.indicators.map((c) => [c.id, c])));
      phase.set({ name: 'ready', city, board, session });
      takeAll();
      openStream();
      timers = [setInterval(takeThings, THINGS_EVERY_MS), setInterval(takeFeatures, FEATURES_EVERY_MS)];
    } catch (error) {
      const fault = error instanceof ApiError ? error : new ApiError('server', 0, String(error));
      if (fault.code === 'signed-out') return phase.set({ name: 'signed-out' });
      phase.set({ name: 'failed', code: fault.code, message: fault.message });
      retry = setTimeout(() => void start(), RETRY_MS);
    }
  };

  phase.watch(() => {
    if (phase.get().name === 'ready') return;
    live?.close();
    live = null;
  });

  return {
    clock,
    phase,
    link,
    counties,
    cards,
    figures,
    things,
    events,
    features,
    zones,
    zonesChanged,
    watchZones(key) {
      zoneKey = key;
      subscribe();
    },
    start(id) {
      boardId = id;
      void start();
    },
    stop() {
      clearTimeout(retry);
      for (const timer of timers) clearInterval(timer);
      live?.close();
      clock.stop();
    },
  };
}

/** Event types that the board shows anywhere: each is asked for by itself, so that none crowds out another. */
function eventTypesOf(phase: Phase): readonly string[] {
  if (phase.name !== 'ready') return [];
  const { map, left, right } = phase.board;
  const named = [...map.layers, ...left, ...right].flatMap((x) =>
    x.type === 'event-points' || x.type === 'events' ? x.eventTypes : [],
  );
  return [...new Set(named)];
}

function liveUrl(): string {
  const url = new URL('api/v1/live', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Things with the places and newest times of a frame; those it does not name are the same objects as before. */
function moveThings(held: readonly ThingAnswer[], frame: LiveFrame): readonly ThingAnswer[] {
  const { index, lon, lat, newest } = frame.columns;
  const ids = frame.header.ids;
  if (!ids || !index || !lon || !lat || !newest) return held;
  const moved = new Map<string, number>();
  for (let i = 0; i < index.length; i++) {
    const id = ids[Number(index[i])];
    if (id !== undefined) moved.set(id, i);
  }
  if (moved.size === 0) return held;
  return held.map((thing) => {
    const i = moved.get(thing.id);
    if (i === undefined) return thing;
    const [x, y, t] = [Number(lon[i]), Number(lat[i]), Number(newest[i])];
    return {
      ...thing,
      lonLat: Number.isFinite(x) && Number.isFinite(y) ? ([x, y] as const) : thing.lonLat,
      newestPhenomenonTime: Number.isFinite(t) ? t : thing.newestPhenomenonTime,
    };
  });
}
