import type { WebSocket } from 'ws';
import type { Access, CommitDelta, PlaceColumns, Queries } from '../../analytics/index.ts';
import {
  type EventAnswer,
  encodeLiveFrame,
  type Figure,
  type LiveColumn,
  type LiveHeader,
  type LiveStatus,
  type LiveSubscription,
} from '../../viz/schema/index.ts';
import { Pacer } from './pacer.ts';
import type { ZoneView } from './zone-view.ts';

/** Frames of a kind at most every so many ms: four a second. */
export const FRAME_GAP_MS = 250;
/** With more than this waiting in the socket a client gets nothing new until it has drained, then the newest state. Bytes. */
const HIGH_WATER_BYTES = 512 * 1024;
/** Events kept for a client between two frames; older ones are left out: its list shows no more anyway. */
const MAX_EVENTS_WAITING = 200;

/** Where the index stands, as each frame tells it. */
export interface LiveMoment {
  readonly position: number;
  readonly head: number;
  readonly committedAt: number;
}

/**
 * One screen on the live stream. It is sent states, not a queue: what could not be sent in time is replaced by what is
 * true now.
 */
export class LiveClient {
  readonly access: Access;
  readonly accessKey: string;
  subscription: LiveSubscription = { zones: null, things: false, events: false, figures: false };
  #socket: WebSocket;
  #queries: Queries;
  #moment: () => LiveMoment;
  #clock: () => number;
  #seq = 0;
  #view: ZoneView | undefined;
  #viewVersion = 0;
  #events: EventAnswer[] = [];
  #places = new Map<string, readonly [lon: number, lat: number, newest: number]>();
  #placesWhole = false;
  #pacer: Pacer;

  constructor(options: {
    socket: WebSocket;
    access: Access;
    accessKey: string;
    queries: Queries;
    moment: () => LiveMoment;
    clock: () => number;
    /** Told when a frame could not be made; it is sent from a timer, where nobody else would catch it. */
    onFault: (error: unknown) => void;
  }) {
    this.#socket = options.socket;
    this.access = options.access;
    this.accessKey = options.accessKey;
    this.#queries = options.queries;
    this.#moment = options.moment;
    this.#clock = options.clock;
    const { onFault } = options;
    this.#pacer = new Pacer(FRAME_GAP_MS, () => {
      try {
        this.#flush();
      } catch (error) {
        onFault(error);
      }
    });
  }

  /** Replaces what the client sees; everything newly subscribed comes whole. */
  subscribe(subscription: LiveSubscription, view: ZoneView | undefined): void {
    if (subscription.things && !this.subscription.things) this.#placesWhole = true;
    if (!subscription.things) this.#places.clear();
    if (!subscription.events) this.#events = [];
    this.subscription = subscription;
    this.#view = view;
    this.#viewVersion = 0;
    this.#pacer.ask();
  }

  get view(): ZoneView | undefined {
    return this.#view;
  }

  /** A commit happened: remembers what of it concerns this client. */
  note(delta: CommitDelta): void {
    if (this.subscription.events) {
      this.#events.push(...this.#queries.eventsIn(this.access, delta));
      if (this.#events.length > MAX_EVENTS_WAITING)
        this.#events.splice(0, this.#events.length - MAX_EVENTS_WAITING);
    }
    if (this.subscription.things && !this.#placesWhole)
      this.#addPlaces(this.#queries.placesIn(this.access, delta));
    this.#pacer.ask();
  }

  sendFigures(figures: readonly Figure[]): void {
    if (this.subscription.figures && this.#writable) this.#send({ type: 'figures', full: true, figures });
  }

  sendStatus(type: 'hello' | 'status', status: LiveStatus): void {
    if (type === 'hello' || this.#writable) this.#send({ type, full: true, status });
  }

  /** Drops what is older than the sweep: expired zones, without a commit. */
  sweep(): void {
    if (this.#view !== undefined) this.#pacer.ask();
  }

  close(): void {
    this.#pacer.stop();
  }

  get #writable(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount < HIGH_WATER_BYTES;
  }

  #addPlaces(places: PlaceColumns): void {
    places.ids.forEach((id, row) => {
      this.#places.set(id, [places.lon[row]!, places.lat[row]!, places.newest[row]!]);
    });
  }

  #flush(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (!this.#writable) {
      this.#pacer.ask();
      return;
    }
    this.#flushZones();
    if (this.subscription.things) this.#flushPlaces();
    if (this.#events.length > 0) {
      this.#send({ type: 'events', full: false, events: this.#events });
      this.#events = [];
    }
  }

  #flushZones(): void {
    const view = this.#view;
    if (view === undefined) return;
    view.refresh(this.#clock());
    const news = view.since(this.#viewVersion);
    if (news === undefined) return;
    this.#viewVersion = view.version;
    this.#send(
      { type: 'zones', full: news.full, zones: { ...view.subject, level: view.level } },
      news.columns,
    );
  }

  #flushPlaces(): void {
    const full = this.#placesWhole;
    if (full) {
      this.#placesWhole = false;
      this.#places.clear();
      this.#addPlaces(this.#queries.places(this.access));
    }
    if (this.#places.size === 0) return;
    const ids = [...this.#places.keys()];
    const rows = [...this.#places.values()];
    this.#places.clear();
    this.#send(
      { type: 'things', full, ids },
      {
        index: Uint32Array.from(ids.keys()),
        lon: Float64Array.from(rows, (row) => row[0]),
        lat: Float64Array.from(rows, (row) => row[1]),
        newest: Float64Array.from(rows, (row) => row[2]),
      },
    );
  }

  #send(
    part: Pick<LiveHeader, 'type' | 'full'> & Partial<LiveHeader>,
    columns: Readonly<Record<string, LiveColumn>> = {},
  ): void {
    this.#seq += 1;
    const header = { ...part, seq: this.#seq, serverTime: this.#clock(), ...this.#moment() };
    this.#socket.send(encodeLiveFrame(header, columns));
  }
}
