/** The command line's way to a running server: HTTP with a bearer token. */
import { readToken } from '../auth/cli-token.ts';
import { loadConfig } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { CommandError, type Invocation, type ParseArgsOptionsConfig, text } from './command.ts';

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
  /** Sends bytes or a stream as they are. */
  upload<T>(
    path: string,
    body: ReadableStream | Uint8Array<ArrayBuffer>,
    contentType: string,
    token?: string,
  ): Promise<T>;
  /** The answer itself, whatever its status. */
  raw(path: string, init?: RequestInit): Promise<Response>;
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
  const raw = async (path: string, init: RequestInit = {}, bearer = token): Promise<Response> => {
    const headers = { authorization: `Bearer ${bearer}`, ...init.headers };
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
    raw,
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
    async upload<T>(
      path: string,
      body: ReadableStream | Uint8Array<ArrayBuffer>,
      contentType: string,
      bearer?: string,
    ) {
      // A stream needs `duplex`, which the DOM's type of the options does not know.
      const init: RequestInit & { duplex: 'half' } = {
        method: 'POST',
        body,
        headers: { 'content-type': contentType },
        duplex: 'half',
      };
      return read<T>(await raw(path, init, bearer));
    },
  };
}

async function read<T>(answer: Response): Promise<T> {
  const body = await answer.text();
  if (answer.ok) return (body === '' ? undefined : JSON.parse(body)) as T;
  let problem: Record<string, unknown> = {};
  try {
    problem = JSON.parse(body) as Record<string, unknown>;
  } catch {
    // Not one of ours: the status has to do.
  }
  const code = typeof problem.code === 'string' ? problem.code : String(answer.status);
  const detail = typeof problem.detail === 'string' ? problem.detail : answer.statusText;
  throw new RefusedError(answer.status, code, `The server refused (${code}): ${detail}`, problem);
}

function localUrl(): string {
  const { http } = loadConfig().config;
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
}

function localToken(): string | undefined {
  return readToken(dataFolder(loadConfig().config.dataDir).cliToken);
}
