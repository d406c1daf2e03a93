/** Everything the routes work with, made once by `main.ts` and handed down. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Queries, Store } from '../analytics/index.ts';
import type { Doors } from '../ingest/index.ts';
import type { BoardDeclaration } from '../viz/schema/index.ts';
import type { Audit } from './audit/index.ts';
import type { Devices, Identify, LoginLimit, Sessions, Tokens, Users } from './auth/index.ts';
import type { City } from './city/city.ts';
import type { Coding } from './coding/index.ts';
import type { Config } from './config.ts';
import type { LoaderStatus } from './loader.ts';
import type { Metrics } from './metrics.ts';
import type { State } from './state/index.ts';
import type { VideoKeys } from './video-keys.ts';

/** The video process as the routes see it; absent when it is off or could not start. */
export interface VideoDoor {
  /** Names of the live streams and what is known of them. */
  streams(): Promise<readonly VideoStream[]>;
  /** Answers a viewer with the FLV of one stream. */
  proxyFlv(req: IncomingMessage, res: ServerResponse, name: string): void | Promise<void>;
  /** Figures for `/metrics`, by name. */
  metrics(): Readonly<Record<string, number>>;
}

export interface VideoStream {
  readonly name: string;
}

export interface Services {
  readonly config: Config;
  readonly log: Logger;
  readonly state: State;
  readonly audit: Audit;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly devices: Devices;
  readonly identify: Identify;
  readonly loginLimit: LoginLimit;
  readonly doors: Doors;
  readonly store: Store;
  readonly queries: Queries;
  readonly loader: { status(): LoaderStatus };
  readonly city: City;
  readonly coding: Coding;
  readonly boards: ReadonlyMap<string, BoardDeclaration>;
  readonly metrics: Metrics;
  readonly live: { metrics(): Readonly<Record<string, number>> };
  readonly video: VideoDoor | undefined;
  readonly videoKeys: VideoKeys;
  /** Clock, UTC ms. */
  now(): number;
}
