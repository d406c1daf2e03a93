/** A route as data: what it is called, who may call it, what body it takes. One list of these is the whole HTTP surface. */
import type { Request, Response } from 'express';
import type { Access } from '../../analytics/index.ts';
import type { Identity, Role } from '../auth/index.ts';
import type { Services } from '../services.ts';

/** What every handler gets. */
export interface OpenCall {
  readonly req: Request;
  readonly res: Response;
  readonly services: Services;
  readonly requestId: string;
  /** Address of the client. */
  readonly address: string;
  /** Present when a good credential came along. */
  readonly identity: Identity | undefined;
}

/** What a handler behind the guard gets. */
export interface Call extends OpenCall {
  readonly identity: Identity;
  readonly access: Access;
}

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Express path: `/api/v1/zones/:dggrs/:zoneId`. */
  readonly path: string;
  /** One line for the API document. */
  readonly summary: string;
  /** `json` is parsed into `req.body`, `bytes` read whole into a Buffer, `stream` left to the handler. Default: none taken. */
  readonly body?: 'json' | 'bytes' | 'stream';
}

/** A route that asks for no credential. There are few, and a test lists them. */
export interface OpenRoute extends RouteBase {
  readonly roles: 'open';
  /** The answer, sent as JSON; undefined when the handler has answered by itself. */
  handle(call: OpenCall): unknown;
}

/** A route behind the guard. */
export interface GuardedRoute extends RouteBase {
  readonly roles: readonly Role[];
  /** True: a wall seat may call it although it changes something (ending its own session). */
  readonly kioskMayChange?: boolean;
  handle(call: Call): unknown;
}

export type Route = OpenRoute | GuardedRoute;

/** Everybody who reads the city's figures. */
export const READERS = ['admin', 'operator', 'analyst', 'officer'] as const satisfies readonly Role[];
/** Everybody but devices. */
export const PEOPLE = [
  'admin',
  'operator',
  'analyst',
  'officer',
  'auditor',
] as const satisfies readonly Role[];
export const ADMIN = ['admin'] as const satisfies readonly Role[];

/** A handler's answer with a status other than 200. */
export class Answer {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    this.status = status;
    this.body = body;
  }
}
