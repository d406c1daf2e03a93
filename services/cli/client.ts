/** The command line's way to a running server: HTTP with a bearer token. */
import type { Readable } from 'node:stream';
import { readToken } from '../auth/cli-token.ts';
import { loadConfig } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { CommandError, type Invocation, type ParseArgsOptionsConfig, text } from './command.ts';
import { upload } from './upload.ts';

/** Options of every command that asks a server. */
export const CLIENT_OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** What `--help` says of them. */
export const CLIENT_HELP = `  --url <url>       Server; default JINGWEI_URL, else the configured address
  --token <token>   Bearer token; default JINGWEI_TOKEN, else the local token in the data folder`;

export interface Client {
  readonly url: string;
  /** @throws {CommandError} The server's problem details, or that it cannot be reached. */
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** Posts and hands on each line of an NDJSON answer as it comes. */
  follow<T>(path: string, body: unknown, onLine: (line: T) => void): Promise<void>;
  /** Sends a stream as it is and waits as long as it takes. */
  upload<T>(path: string, body: Readable, contentType: string): Promise<T>;
}

/** A server's refusal, with its status and code. */
export class RefusedError extends CommandError {
  readonly status: number;
  readonly code: string;
  readonly problem: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, message: string, problem: Readonly<Record<string, unknown>>) {
    super(message);
    this.name = 'RefusedError';
    this.status = status;
    this.code = code;
    this.problem = problem;
  }
}

/** Connects by the options, the environment or the local settings, in this order. */
export function connect(invocation: Invocation): Client {
  const env = process.env;
  const url = (text(invocation, 'url') ?? env.JINGWEI_URL ?? localUrl()).replace(/\/+$/, '');
  const token = text(invocation, 'token') ?? env.JINGWEI_TOKEN ?? localToken();
  if (token === undefined) {
    throw new CommandError(
      'No token: start the server once on this machine, or give --token or JINGWEI_TOKEN',
    );
  }
  return clientOf(url, token);
}

/** A client for one server and one token. */
export function clientOf(url: string, token: string): Client {
  const raw = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    try {
      return await fetch(`${url}${path}`, { ...init, headers });
    } catch (error) {
      const cause =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CommandError(`Cannot reach the server at ${url}: ${cause}`);
    }
  };
  return {
    url,
    async get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}) {
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const search = new URLSearchParams(given).toString();
      return read<T>(await raw(search === '' ? path : `${path}?${search}`));
    },
    async send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown) {
      const json =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      return read<T>(await raw(path, { method, ...json }));
    },
    async follow<T>(path: string, body: unknown, onLine: (line: T) => void) {
      const headers = { 'content-type': 'application/json' };
      const answer = await raw(path, { method: 'POST', body: JSON.stringify(body), headers });
      if (!answer.ok || answer.body === null) return read<void>(answer);
      const decoder = new TextDecoder();
      let rest = '';
      try {
        for await (const bytes of answer.body) {
          const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line !== '') onLine(JSON.parse(line) as T);
        }
      } catch (error) {
        throw new CommandError(
          `The connection to ${url} was cut: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
    async upload<T>(path: string, body: Readable, contentType: string) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
      const { status, text } = await upload(`${url}${path}`, body, headers).catch((error: unknown) => {
        throw new CommandError(
          `Sending to ${url} failed: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
      return readAnswer<T>(status, text);
    },
  };
}

async function read<T>(answer: Response): Promise<T> {
  return readAnswer<T>(answer.status, await answer.text());
}

function readAnswer<T>(status: number, body: string): T {
  if (status >= 200 && status < 300) return (body === '' ? undefined : JSON.parse(body)) as T;
  let problem: Record<string, unknown> = {};
  try {
    problem = JSON.parse(body) as Record<string, unknown>;
  } catch {
    // Not one of ours: the status has to do.
  }
  const code = typeof problem.code === 'string' ? problem.code : String(status);
  const detail = typeof problem.detail === 'string' ? problem.detail : 'no reason given';
  throw new RefusedError(status, code, `The server refused (${code}): ${detail}`, problem);
}

function localUrl(): string {
  const { http } = loadConfig().config;
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
}

function localToken(): string | undefined {
  return readToken(dataFolder(loadConfig().config.dataDir).cliToken);
}
